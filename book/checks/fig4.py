"""Figure 4: without crosses."""

from types import SimpleNamespace

from checks import ends, rows_of
from plaw.report import published
from plaw.study import results

DEPTHS = 1, 2, 3


def measure() -> SimpleNamespace:
    """What the records say of the chapter's sentences."""
    return SimpleNamespace(
        rows=rows_of("T12", "T13", "T16"),
        committee_fit=results.fit("fig4-committee"),
        committee=_means("fig4-committee"),
        alone=_means("fig4-committee", committee=False),
        rates=[_rates(name) for name in ("fig4-committee", "fig3-2")],
        slopes=[rho for rho, _ in results.local_exponents("fig4-committee").values()],
        laws={depth: results.fit(f"fig4-{depth}").params for depth in DEPTHS},
        errors={depth: _means(f"fig4-{depth}") for depth in DEPTHS},
        errors_once={depth: _means(f"fig3-{depth}") for depth in (1, 3)},
        by_epoch={depth: results.by_epoch(f"fig4-{depth}") for depth in (1, 3)},
    )


def _means(name: str, committee: bool = True) -> dict[int, float]:
    return {n: sample.mean() for n, sample in results.errors(name, committee=committee).items()}


def _rates(name: str) -> list[float]:
    """The effective rate chosen at each size."""
    return [choice["parameters"]["rate"] for choice in results.choices(name).values()]


def gains(measured: SimpleNamespace) -> dict[int, float]:
    """By which share a committee's error is lower than that of its members, at each size."""
    return {n: 1 - error / measured.alone[n] for n, error in measured.committee.items()}


def distances(measured: SimpleNamespace) -> list[float]:
    """How far the errors of one layer are from the published line, relative to it."""
    return [abs(ratio - 1) for ratio in published.over_line("fig4-1", measured.errors[1]).values()]


def gaps(measured: SimpleNamespace, depth: int) -> list[float]:
    """By which share a deeper network's errors are above those of one layer, from the smallest size to the largest."""
    return [measured.errors[depth][n] / error - 1 for n, error in measured.errors[1].items()]


def three_over_one(errors: dict[int, dict[int, float]]) -> float:
    """The error of three layers over that of one, at 60 per label."""
    return errors[3][60] / errors[1][60]


def after_ten(measured: SimpleNamespace, depth: int) -> float:
    """By which share the error after ten epochs is above that after 150, at 60 per label."""
    return measured.by_epoch[depth][60][10] / measured.by_epoch[depth][60][150] - 1


def check(measured: SimpleNamespace) -> None:
    """The chapter's sentences hold as long as these do."""
    _check_committees(measured)
    _check_one_layer(measured)
    _check_depth(measured)
    _check_time(measured)


def _check_committees(measured: SimpleNamespace) -> None:
    gained = gains(measured)
    assert 0.1 < min(gained.values()) and max(gained.values()) < 0.5, "committees have lower errors at every size"
    falling = measured.slopes == sorted(measured.slopes, reverse=True)
    assert falling, "the slope of committees falls from size to size"
    of_committee, alone = measured.rates
    assert all(one > 1.2 * other for one, other in zip(of_committee, alone)), "committees want larger rates"


def _check_one_layer(measured: SimpleNamespace) -> None:
    rows = measured.rows
    assert rows["T13", "rho, 1 layer"].verdict == "agrees", f"one layer: rho {rows['T13', 'rho, 1 layer'].verdict}"
    assert rows["T13", "eps(6000), 1 layer"].verdict == "compatible", "one layer: the error at 6,000"
    assert max(distances(measured)) < 0.05, "every error of one layer is near the published line"
    assert abs(measured.laws[1]["rho"] - 0.4) < 0.015, "the exponent of one layer is the published one"


def _check_depth(measured: SimpleNamespace) -> None:
    rows = measured.rows
    for quantity in ("rho", "eps(6000)"):
        row = rows["T13", f"{quantity}, 2 layers"]
        assert row.verdict == "agrees", f"two layers: {quantity} {row.verdict}"
    assert rows["T13", "eps(6000), 3 layers"].verdict == "compatible", "three layers: the error at 6,000"
    assert rows["T13", "rho, 3 layers"].verdict == "agrees", "three layers: the exponent, with its rounding"
    assert rows["T13", "rho, 3 layers"].ours.low > 0.4, "three layers: the exponent is above the published one"
    assert rows["T13", "rho, 3 layers - 1 layer"].ours.low > 0, "three layers are steeper than one"
    two_steeper = rows["T13", "rho, 2 layers - 1 layer"].ours
    assert two_steeper.low < 0 < two_steeper.high, "two layers may be as steep as one"
    two, three = (rows["T13", f"error, {layers} layers / 1 layer"].ours for layers in (2, 3))
    assert three.low > 1.05 and 1.05 < two.value < 1.1, "deeper networks have higher errors"
    once, often = three_over_one(measured.errors_once), three_over_one(measured.errors)
    assert once > 2 > 1.3 > often, "many epochs take most of the burden of depth away"
    two_gaps, three_gaps = gaps(measured, 2), gaps(measured, 3)
    assert two_gaps == sorted(two_gaps, reverse=True), "the gap of two layers falls with the size"
    assert three_gaps[-1] == min(three_gaps) > 0.05, "that of three is smallest on the largest set"
    built = rows["T16", "error, 3 layers built / 2 layers"]
    assert built.verdict == "agrees", "three layers that are built are as good as two"
    assert built.ours.low < 1 < built.ours.high < three.value / two.value, "and better than three that are trained"


def _check_time(measured: SimpleNamespace) -> None:
    assert after_ten(measured, 1) < 0.05 < 0.3 < after_ten(measured, 3), "three layers need more epochs than one"


def numbers(measured: SimpleNamespace) -> dict[str, str]:
    """The numbers that the chapter quotes."""
    rows, laws, fit = measured.rows, measured.laws, measured.committee_fit
    built, steeper = (
        rows[key].ours for key in (("T16", "error, 3 layers built / 2 layers"), ("T13", "rho, 3 layers - 1 layer"))
    )
    two, three = (rows["T13", f"error, {layers} layers / 1 layer"].ours for layers in (2, 3))
    two_gaps, three_gaps = gaps(measured, 2), gaps(measured, 3)
    committee_rates, single_rates = (", ".join(f"{rate:.2f}" for rate in rates) for rates in measured.rates)
    return {
        "committee rates": committee_rates,
        "single rates": single_rates,
        "rho of one": f"{laws[1]['rho']:.3f}",
        "c0 of one": f"{laws[1]['c0']:.2f}",
        "most off": f"{max(distances(measured)):.0%}",
        "rho of two": f"{laws[2]['rho']:.2f}",
        "rho of three": f"{laws[3]['rho']:.2f}",
        "built": f"{built.value:.2f}",
        "built interval": ends(built),
        "steeper": f"{steeper.value:.2f}",
        "steeper interval": ends(steeper),
        "two more": f"{two.value - 1:.0%}",
        "three more": f"{three.value - 1:.0%}",
        "two first": f"{two_gaps[0]:.0%}",
        "two last": f"{two_gaps[-1]:.0%}",
        "three first": f"{three_gaps[0]:.0%}",
        "three last": f"{three_gaps[-1]:.0%}",
        "once": f"{three_over_one(measured.errors_once):.1f}",
        "often": f"{three_over_one(measured.errors):.2f}",
        "one after ten": f"{after_ten(measured, 1):.0%}",
        "three after ten": f"{after_ten(measured, 3):.0%}",
        "rho": f"{fit.params['rho']:.2f}",
        "interval": "{:.2f} to {:.2f}".format(*fit.interval()["rho"]),
        "first slope": f"{measured.slopes[0]:.2f}",
        "last slope": f"{measured.slopes[-1]:.2f}",
        "least gain": f"{min(gains(measured).values()):.0%}",
        "most gain": f"{max(gains(measured).values()):.0%}",
    }
