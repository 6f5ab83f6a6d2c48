"""What one epoch costs."""

from types import SimpleNamespace

from checks import ends, rows_of
from plaw.report import published
from plaw.study import results

PAIRS = {
    "momentum": ("fig2-momentum", "fig1-momentum"),
    "best": ("fig2-accelerated-committee", "fig1-committee"),
}
TARGET = 0.02


def measure() -> SimpleNamespace:
    """What the records say of the chapter's sentences: one epoch over many, at each size that both have."""
    once, often = PAIRS["best"]
    best = _ratios(once, often)
    return SimpleNamespace(
        rows=rows_of("T1", "T3"),
        laws=[results.fit(name).params for name in PAIRS["momentum"]],
        momentum=_ratios(*PAIRS["momentum"]),
        best=best,
        best_lines={n: published.line_at(once, n) / published.line_at(often, n) for n in best},
    )


def _ratios(once: str, often: str) -> dict[int, float]:
    after_one, after_many = results.errors(once), results.errors(often)
    return {n: after_one[n].mean() / after_many[n].mean() for n in after_one if n in after_many}


def ratios_by_size(measured: SimpleNamespace) -> dict[str, dict[int, float]]:
    """The error of many epochs over that of one, by pair of curves and size."""
    once_over_many = {"momentum": measured.momentum, "best": measured.best}
    return {pair: {n: 1 / ratio for n, ratio in ratios.items()} for pair, ratios in once_over_many.items()}


def price(measured: SimpleNamespace) -> float:
    """How many times the examples an error of 0.02 takes, seen once."""
    once, often = ((law["c0"] / TARGET) ** (1 / law["rho"]) for law in measured.laws)
    return once / often


def check(measured: SimpleNamespace) -> None:
    """The chapter's sentences hold as long as these do."""
    cost = measured.rows["T1", "eps(6000) / T4's"]
    assert cost.direction == "holds" and cost.verdict == "differs", "many epochs beat one, by less than published"
    assert cost.number.value < cost.ours.low < cost.ours.high < 1, "many over one lies above the published figure"
    assert all(1.35 < ratio < 1.55 for ratio in measured.momentum.values()), "momentum: the same factor on all sizes"
    assert 2.5 < price(measured) < 4, "an error of 0.02 takes about three times the examples"
    best_cost, best = measured.rows["T3", "eps(6000) / T7's"].ours, list(measured.best.values())
    published_cost = measured.rows["T3", "eps(6000) / T7's"].number.value
    assert best_cost.low < published_cost < 1 < best_cost.high, "the best over the best is open at 6,000"
    assert list(measured.best) == [15, 30, 60, 120], "the sizes that both have"
    assert 1.05 < min(best) and max(best) < 1.25, "on these sets a single look costs little"
    assert min(measured.best_lines.values()) > 1.5, "the published lines are further apart"
    assert max(best[2:]) < min(best[:2]) and best[-1] == min(best), "it costs the least on the larger sets"


def numbers(measured: SimpleNamespace) -> dict[str, str]:
    """The numbers that the chapter quotes."""
    cost, best_cost = measured.rows["T1", "eps(6000) / T4's"].ours, measured.rows["T3", "eps(6000) / T7's"].ours
    return {
        "least best": f"{min(measured.best.values()):.2f}",
        "most best": f"{max(measured.best.values()):.2f}",
        "least line": f"{min(measured.best_lines.values()):.2f}",
        "most line": f"{max(measured.best_lines.values()):.2f}",
        "best over best": f"{best_cost.value:.2f}",
        "best interval": ends(best_cost),
        "many over one": f"{cost.value:.2f}",
        "interval": ends(cost),
        "least": f"{min(measured.momentum.values()):.2f}",
        "most": f"{max(measured.momentum.values()):.2f}",
        "price": f"{price(measured):.1f}",
    }
