"""Put to the test."""

from types import SimpleNamespace

import numpy as np
from scipy import stats

from plaw.report import tested
from plaw.study import results


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


def leader(errors: dict[int, tuple[float, float]]) -> int:
    """The depth of the lowest error."""
    return min(errors, key=lambda depth: errors[depth][0])


def check(measured: SimpleNamespace) -> None:
    """The chapter's sentences hold as long as these do."""
    assert len(measured.last) >= 15, "many curves are tested at their last size"
    near, far = (np.abs([test.miss(test.line) for test in some]) for some in (measured.last, measured.large))
    assert near.mean() < far.mean(), "near forecasts miss by less"
    assert all(leader(errors) == 1 for n, errors in measured.depths.items() if n >= 480), "one layer leads throughout"
    higher = sum(test.miss(test.line) > 0 for test in measured.last)
    assert stats.binomtest(higher, len(measured.last)).pvalue < 0.05, "more errors are higher than predicted than lower"
    assert higher > len(measured.last) / 2, "curves bend up"
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
        "line miss": f"{np.mean(np.abs([test.miss(test.line) for test in measured.last])):.1%}",
        "higher": str(sum(test.miss(test.line) > 0 for test in measured.last)),
        "large": str(len(measured.large)),
        "line hits large": f"{hits['large'][0]:.0%}",
        "planner hits large": f"{hits['large'][1]:.0%}",
        "line miss large": f"{np.mean(np.abs([test.miss(test.line) for test in measured.large])):.1%}",
        "sign": f"{sum(test.miss(test.line) > 0 for test in measured.large)}",
        "two over one": f"{ratio:.2f}",
        "three over two": f"{deeper:.2f}",
        "farthest": f"{max(test.distance for test in measured.large):.0f}",
        "largest": f"{largest:,}",
        "carrying": cost_of_carrying(measured),
        "rate ratio": f"{measured.rates[240] / measured.rates[4400]:.1f}",
        "steps": f"{measured.steps:.0f}",
    }
