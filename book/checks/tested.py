"""Put to the test."""

from types import SimpleNamespace

import numpy as np
from scipy import stats

from plaw.report import tested


def measure() -> SimpleNamespace:
    """All tests, the depths side by side, and what carried hyper-parameters cost."""
    last, large = tested.last_sizes(), tested.large_sets()
    return SimpleNamespace(
        last=last, large=large, depths=tested.depths(), carried=list(tested.carried()), steps=steps()
    )


def steps() -> float:
    """How many times the steps of a search at figure 3's sizes one at 4,400 per label takes, at as many trials."""
    small, large = tested.search_steps("fig3-1"), tested.search_steps("large-1")
    return large[4400] / small[60]


def cost_of_carrying(measured: SimpleNamespace) -> str:
    """What it costs to carry hyper-parameters to large sets, as far as it is recorded."""
    if not measured.carried:
        return "These runs are not recorded yet."
    ratios = [np.log(with_them / searched) for _, n, _, with_them, searched in measured.carried if n == 4400]
    return (
        f"At 4,400 per label the error with carried hyper-parameters is {np.exp(min(ratios)):.2f} to "
        f"{np.exp(max(ratios)):.2f} times that of a search there ({len(ratios)} comparisons)."
    )


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
        "steps": f"{measured.steps:.0f}",
    }
