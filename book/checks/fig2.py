"""Figure 2: one epoch, with crosses."""

from types import SimpleNamespace

import numpy as np

from checks import rows_of
from plaw.report import published
from plaw.study import results

NAMES = "fig2-momentum", "fig2-momentum-committee", "fig2-accelerated", "fig2-accelerated-committee"


def measure() -> SimpleNamespace:
    """What the records say of the chapter's sentences."""
    return SimpleNamespace(
        rows=rows_of("T4", "T5", "T6", "T7", "T14", "T15"),
        fit=results.fit("fig2-momentum"),
        accelerated_fit=results.fit("fig2-accelerated"),
        accelerated_fit_to_120=results.fit("fig2-accelerated", largest=120),
        errors={name: _means(name) for name in (*NAMES, "fig3-2", "large-2", "large-crosses")},
        alone={name: _means(name, committee=False) for name in (NAMES[1], NAMES[3])},
        slopes={name: [rho for rho, _ in results.local_exponents(name).values()] for name in NAMES},
        laws={
            "straight": results.fit("fig2-momentum"),
            "floor": results.fit("fig2-momentum", law="power_offset"),
        },
        all_sizes={
            law: results.fit("fig2-momentum", law=law, larger="large-crosses")
            for law in ("power", "power_offset", "broken")
        },
    )


def _means(name: str, committee: bool = True) -> dict[int, float]:
    return {n: sample.mean() for n, sample in results.errors(name, committee=committee).items()}


def gains(measured: SimpleNamespace, name: str) -> dict[int, float]:
    """By which share a committee's error is lower than that of its members, at each size."""
    alone = measured.alone[name]
    return {n: 1 - error / alone[n] for n, error in measured.errors[name].items()}


def leads(measured: SimpleNamespace, name: str, other_name: str) -> list[float]:
    """By which share the errors of one experiment are lower than those of another, from small sizes to large."""
    return [1 - error / measured.errors[other_name][n] for n, error in measured.errors[name].items()]


def large_slopes(measured: SimpleNamespace) -> tuple[float, float]:
    """The slopes with crosses from 240 to 960 and from there to 4,400 per label."""
    at_240, large = measured.errors["fig2-momentum"][240], measured.errors["large-crosses"]
    to_960 = np.log(at_240 / large[960]) / np.log(960 / 240)
    to_4400 = np.log(large[960] / large[4400]) / np.log(4400 / 960)
    return float(to_960), float(to_4400)


def saved_at_4400(measured: SimpleNamespace) -> float:
    """The error that crosses save at 4,400 per label."""
    return measured.errors["large-2"][4400] - measured.errors["large-crosses"][4400]


def check(measured: SimpleNamespace) -> None:
    """The chapter's sentences hold as long as these do."""
    _check_momentum(measured)
    _check_committees(measured)
    _check_accelerated(measured)
    _check_accelerated_committees(measured)
    _check_large_sets(measured)


def _check_momentum(measured: SimpleNamespace) -> None:
    rows, errors, slopes = measured.rows, measured.errors["fig2-momentum"], measured.slopes["fig2-momentum"]
    below = published.over_line("fig2-momentum", errors)
    rho = rows["T4", "rho"]
    assert rho.ours.high < rho.number.value and rho.verdict == "differs", "the exponent is below the published one"
    assert rows["T4", "eps(6000)"].verdict == "compatible", "the error at 6,000 is compatible with the published one"
    assert slopes == sorted(slopes, reverse=True), "the slope falls with the size"
    assert below[15] < below[240] < 0.85, "our networks have lower errors than the published line"
    assert 0.45 < np.log(errors[15] / errors[60]) / np.log(4) < 0.53, "from 15 to 60, the published exponent"
    saved = rows["T14", "gain of eps(6000) by crosses"]
    assert saved.direction == "holds" and saved.verdict == "differs", "crosses lower the error at 6,000"
    assert saved.ours.high < 0.028, "by less than published"


def _check_committees(measured: SimpleNamespace) -> None:
    rows, gained = measured.rows, gains(measured, "fig2-momentum-committee").values()
    for quantity in ("rho", "eps(6000)"):
        assert rows["T5", quantity].verdict == "compatible", f"T5's {quantity} {rows['T5', quantity].verdict}"
    c0 = rows["T5", "c0"]
    assert c0.ours.high < c0.number.value, "the committees are better than published on small sets"
    assert 0.1 < min(gained) and max(gained) < 0.35, "a committee gains a tenth to a third"


def _check_accelerated(measured: SimpleNamespace) -> None:
    rows, errors = measured.rows, measured.errors["fig2-accelerated"]
    ahead = leads(measured, "fig2-accelerated", "fig2-momentum")
    rho, lead = rows["T6", "rho"], rows["T6", "eps(6000) / T4's"]
    assert rho.ours.high < rho.number.value and rho.verdict == "differs", "the exponent is below the published one"
    assert rows["T6", "eps(6000)"].verdict == "compatible", "the error at 6,000 is compatible with the published one"
    assert lead.ours.low < lead.number.value < 1 < lead.ours.high, "whether it leads at 6,000 is open"
    assert 0.05 < min(ahead) and max(ahead) < 0.2, "the accelerated rule is ahead at every size"
    assert max(published.over_line("fig2-accelerated", errors).values()) < 0.8, "below the line"
    until, fit = measured.accelerated_fit_to_120.params["rho"], measured.accelerated_fit.params["rho"]
    assert ahead[-1] == min(ahead) and until > fit + 0.03, "its lead is smallest at 240, which lowers its exponent"


def _check_accelerated_committees(measured: SimpleNamespace) -> None:
    rows = measured.rows
    for quantity in ("rho", "eps(6000)"):
        assert rows["T7", quantity].verdict == "compatible", f"T7's {quantity} {rows['T7', quantity].verdict}"
    assert max(slopes[-1] for slopes in measured.slopes.values()) < 0.37, "all four curves flatten"
    ahead = leads(measured, "fig2-accelerated-committee", "fig2-momentum-committee")
    assert 0 < min(ahead) and max(ahead) < 0.1, "its committees are ahead of momentum's"
    accelerated, momentum = gains(measured, "fig2-accelerated-committee"), gains(measured, "fig2-momentum-committee")
    assert np.mean(list(accelerated.values())) < np.mean([momentum[n] for n in accelerated]), "and gain less than these"
    assert rows["T15", "smallest size with an error below 0.1"].ours.value == 60, "below 0.1 at 60 per label"


def _check_large_sets(measured: SimpleNamespace) -> None:
    large = measured.errors["large-crosses"]
    for n, error in large.items():
        above, below = measured.laws["straight"].band(n)[1, 0], measured.laws["floor"].band(n)[0, 0]
        assert above < error < below, f"at {n} per label the error lies between both laws"
    assert large[4400] > published.line_at("fig2-momentum", 4400), "at 4,400 per label, above the published line"
    last, (to_960, to_4400) = measured.slopes["fig2-momentum"][-1], large_slopes(measured)
    assert last > to_960 > to_4400 > last - 0.1, "the slope goes on falling, slowly"
    chi2 = {law: fit.chi2 / fit.dof for law, fit in measured.all_sizes.items()}
    assert chi2["power"] > chi2["power_offset"] > 5 and chi2["broken"] < 3, "of all sizes only the broken law is true"
    rho = measured.all_sizes["power_offset"].params["rho"]
    assert abs(rho - 0.49) < 0.02 and abs(measured.slopes["fig2-momentum"][0] - 0.49) < 0.02, "the published exponent"
    assert 0.01 < saved_at_4400(measured) < 0.028, "crosses save less at 4,400 than published at 6,000"


def numbers(measured: SimpleNamespace) -> dict[str, str]:
    """The numbers that the chapter quotes."""
    return _of_large_sets(measured) | _of_momentum(measured) | _of_accelerated(measured)


def _of_large_sets(measured: SimpleNamespace) -> dict[str, str]:
    large, laws = measured.errors["large-crosses"], measured.laws
    to_960, to_4400 = large_slopes(measured)
    return {
        "at 960": f"{large[960]:.4f}",
        "at 4400": f"{large[4400]:.4f}",
        "times straight": f"{large[4400] / laws['straight'].predict(4400)[0]:.1f}",
        "times floor": f"{large[4400] / laws['floor'].predict(4400)[0]:.1f}",
        "line at 4400": f"{published.line_at('fig2-momentum', 4400):.4f}",
        "slope to 240": f"{measured.slopes['fig2-momentum'][-1]:.2f}",
        "slope to 960": f"{to_960:.2f}",
        "slope to 4400": f"{to_4400:.2f}",
        "saved": f"{saved_at_4400(measured):.3f}",
        "predicted gain": f"{measured.rows['T14', 'gain of eps(6000) by crosses'].ours.value:.3f}",
    }


def _of_momentum(measured: SimpleNamespace) -> dict[str, str]:
    fit, errors, slopes = measured.fit, measured.errors["fig2-momentum"], measured.slopes["fig2-momentum"]
    gained = gains(measured, "fig2-momentum-committee").values()
    return {
        "rho": f"{fit.params['rho']:.2f}",
        "interval": "{:.2f} to {:.2f}".format(*fit.interval()["rho"]),
        "steepest": f"{slopes[0]:.2f}",
        "flattest": f"{slopes[-1]:.2f}",
        "at 15": f"{errors[15]:.3f}",
        "line at 15": f"{published.line_at('fig2-momentum', 15):.2f}",
        "at 240": f"{errors[240]:.3f}",
        "line at 240": f"{published.line_at('fig2-momentum', 240):.3f}",
        "predicted": f"{fit.predict(6000)[0]:.4f}",
        "crosses save": f"{1 - errors[240] / measured.errors['fig3-2'][240]:.0%}",
        "least gain": f"{min(gained):.0%}",
        "most gain": f"{max(gained):.0%}",
    }


def _of_accelerated(measured: SimpleNamespace) -> dict[str, str]:
    fit = measured.accelerated_fit
    ahead = leads(measured, "fig2-accelerated", "fig2-momentum")
    together_ahead = leads(measured, "fig2-accelerated-committee", "fig2-momentum-committee")
    gained = gains(measured, "fig2-accelerated-committee").values()
    last = [slopes[-1] for slopes in measured.slopes.values()]
    return {
        "least ahead": f"{min(ahead):.0%}",
        "most ahead": f"{max(ahead):.0%}",
        "least last": f"{min(last):.2f}",
        "most last": f"{max(last):.2f}",
        "rho until 120": f"{measured.accelerated_fit_to_120.params['rho']:.2f}",
        "rho fast interval": "{:.2f} to {:.2f}".format(*fit.interval()["rho"]),
        "rho fast": f"{fit.params['rho']:.2f}",
        "predicted fast": f"{fit.predict(6000)[0]:.4f}",
        "interval fast": "{:.3f} to {:.3f}".format(*fit.band(6000)[:, 0]),
        "least fast gain": f"{min(gained):.0%}",
        "most fast gain": f"{max(gained):.0%}",
        "least together": f"{min(together_ahead):.0%}",
        "most together": f"{max(together_ahead):.0%}",
        "at 60 together": f"{measured.errors['fig2-accelerated-committee'][60]:.3f}",
    }
