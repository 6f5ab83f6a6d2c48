"""Put to the test."""

from types import SimpleNamespace

import numpy as np
from scipy import stats

from plaw.report import tested
from plaw.study import results
from plaw.study.experiments import get


def measure() -> SimpleNamespace:
    """All tests, the depths side by side, and what carried hyper-parameters cost."""
    last, large = tested.last_sizes(), tested.large_sets()
    chosen = results.choices("fig3-1") | results.choices("large-1")
    return SimpleNamespace(
        last=last,
        large=large,
        depths=tested.depths(),
        carried=list(tested.carried()),
        steps=steps(),
        rates={n: choice["parameters"]["rate"] for n, choice in chosen.items()},
    )


def steps() -> float:
    """How many times the steps of a search at figure 3's sizes one at 4,400 per label takes, at as many trials."""
    small, large = tested.search_steps("fig3-1"), tested.search_steps("large-1")
    return large[4400] / small[60]


def cost_of_carrying(measured: SimpleNamespace) -> str:
    """What it costs to carry hyper-parameters to large sets, as far as it is recorded."""
    if not measured.carried:
        return "These runs are not recorded yet."
    said = []
    for origin in sorted({origin for _, _, origin, _, _ in measured.carried}):
        ratios = [w / s for _, n, chosen_at, w, s in measured.carried if (n, chosen_at) == (4400, origin)]
        if ratios:
            times = f"{min(ratios):.2f}" + (f" to {max(ratios):.2f}" if len(ratios) > 1 else "")
            said.append(f"with the choice at {origin} per label {times} times")
    return f"At 4,400 per label the error is, {', '.join(said)} that of a search there."


def cost(measured: SimpleNamespace, network: str, origin: int) -> float:
    """The error at 4,400 per label with the choice of a small size, over that of a search there."""
    [ratio] = [w / s for name, n, at, w, s in measured.carried if (name, n, at) == (network, 4400, origin)]
    return float(ratio)


def pairs_of_sizes(measured: SimpleNamespace) -> list[tuple[tested.Test, tested.Test]]:
    """The tests of experiments that measured two large sizes: the nearer and the farther one."""
    by_name: dict[str, list[tested.Test]] = {}
    for test in measured.large:
        by_name.setdefault(test.name, []).append(test)
    return [(tests[0], tests[-1]) for tests in by_name.values() if len(tests) > 1]


def farther_misses_more(measured: SimpleNamespace) -> list[tuple[tested.Test, tested.Test]]:
    """Those where the straight line misses the farther one by more."""
    return [(a, b) for a, b in pairs_of_sizes(measured) if abs(a.miss(a.line)) < abs(b.miss(b.line))]


def with_crosses(measured: SimpleNamespace) -> list[tested.Test]:
    """The last sizes of networks with crosses."""
    return [test for test in measured.last if get(test.name).architecture.crosses]


def of_three_layers(measured: SimpleNamespace) -> list[tested.Test]:
    """The last sizes of networks of three hidden layers and one epoch."""
    some = [(test, get(test.name)) for test in measured.last]
    return [test for test, of in some if len(of.architecture.hidden) == 3 and of.epochs == 1]


def lower_of_three(measured: SimpleNamespace) -> list[tested.Test]:
    """Those of them that are lower than the line predicts."""
    return [test for test in of_three_layers(measured) if test.miss(test.line) < 0]


def leader(errors: dict[int, tuple[float, float]]) -> int:
    """The depth of the lowest error."""
    return min(errors, key=lambda depth: errors[depth][0])


def check(measured: SimpleNamespace) -> None:
    """The chapter's sentences hold as long as these do."""
    assert len(measured.last) >= 15, "many curves are tested at their last size"
    assert len(farther_misses_more(measured)) > 2 / 3 * len(pairs_of_sizes(measured)), "far forecasts miss by more"
    assert all(leader(errors) == 1 for n, errors in measured.depths.items() if n >= 480), "one layer leads throughout"
    higher = sum(test.miss(test.line) > 0 for test in measured.last)
    assert stats.binomtest(higher, len(measured.last)).pvalue > 0.05, "no more errors are higher than chance allows"
    crossed = with_crosses(measured)
    assert len(crossed) >= 8 and all(test.miss(test.line) > 0 for test in crossed), "with crosses all are higher"
    assert len(lower_of_three(measured)) > 0.6 * len(of_three_layers(measured)), "most of three layers are lower"
    for depth in ("2 hidden", "3 hidden"):
        assert cost(measured, depth, 60) > cost(measured, "1 hidden", 60), "deeper networks pay more"
    for network, n, origin, with_them, searched in measured.carried:
        assert with_them > searched, f"the choice of {origin} costs at {n}, {network}"
    assert measured.rates[240] > 1.5 * measured.rates[4400], "small sets choose larger rates"
    largest = max(measured.depths)
    for deep, size in ((2, 30), (3, 240)):
        early, late = (measured.depths[n][deep][0] / measured.depths[n][deep - 1][0] for n in (size, largest))
        assert 1 < late < early, "deeper networks have come closer and have not overtaken"


def numbers(measured: SimpleNamespace) -> dict[str, str]:
    """The numbers that the chapter quotes."""
    hits = {kind: tested.share_of_hits(some) for kind, some in (("last", measured.last), ("large", measured.large))}
    largest = max(measured.depths)
    ratio = measured.depths[largest][2][0] / measured.depths[largest][1][0]
    deeper = measured.depths[largest][3][0] / measured.depths[largest][2][0]
    return {
        "curves": str(len(measured.last)),
        "line hits": f"{hits['last'][0]:.0%}",
        "planner hits": f"{hits['last'][1]:.0%}",
        "line miss": f"{np.median(np.abs([test.miss(test.line) for test in measured.last])):.1%}",
        "crossed": str(len(with_crosses(measured))),
        "three layers": f"{len(lower_of_three(measured))} of {len(of_three_layers(measured))}",
        "farther": f"{len(farther_misses_more(measured))} of {len(pairs_of_sizes(measured))}",
        "higher": str(sum(test.miss(test.line) > 0 for test in measured.last)),
        "large": str(len(measured.large)),
        "line hits large": f"{hits['large'][0]:.0%}",
        "planner hits large": f"{hits['large'][1]:.0%}",
        "line miss large": f"{np.median(np.abs([test.miss(test.line) for test in measured.large])):.1%}",
        "sign": f"{sum(test.miss(test.line) > 0 for test in measured.large)}",
        "two over one": f"{ratio:.2f}",
        "three over two": f"{deeper:.2f}",
        "farthest": f"{max(test.distance for test in measured.large):.0f}",
        "largest": f"{largest:,}",
        "carrying": cost_of_carrying(measured),
        "rate ratio": f"{measured.rates[240] / measured.rates[4400]:.1f}",
        "steps": f"{measured.steps:.0f}",
    }
