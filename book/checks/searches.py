"""The searches of all figures."""

from itertools import pairwise
from types import SimpleNamespace

from plaw.study import results

DEPTHS = 1, 2, 3
NAMES = "fig1-momentum", "fig1-accelerated", "fig2-momentum", "fig2-accelerated"


def measure() -> SimpleNamespace:
    """What the records say of the chapter's sentences."""
    return SimpleNamespace(
        choices={name: results.choices(name) for name in (*NAMES, *_of_depths("fig3"), *_of_depths("fig4"))},
        luck=[results.search_luck(name) for name in _of_depths("fig3")],
        late_gains=[results.late_gain(name, n) for name in _of_depths("fig4")[1:] for n in results.errors(name)],
    )


def _of_depths(figure: str) -> list[str]:
    return [f"{figure}-{depth}" for depth in DEPTHS]


def check(measured: SimpleNamespace) -> None:
    """The chapter's sentences hold as long as these do."""
    edges = {name: _edges(measured, name) for name in measured.choices}
    mu, rate = chosen(measured, "fig1-momentum", "mu"), chosen(measured, "fig1-momentum", "rate")
    assert edges["fig1-momentum"] == {30: ["amp_1"], 60: ["alpha"]}, "figure 1, momentum: choices on an edge"
    at_ends = {9: ["beta_1"], 15: ["mu"], 30: ["amp_1"], 60: ["beta_1"]}
    assert edges["fig1-accelerated"] == at_ends, "figure 1, accelerated: choices on an edge"
    assert min(mu[:2]) > 0.6 > 0.4 > max(mu[2:]), "momentum: mu falls with the size"
    assert rate == sorted(rate, reverse=True) and 2 < rate[0] / rate[-1] < 3, "momentum: the rate falls with the size"
    assert max(chosen(measured, "fig1-accelerated", "mu")) < 0.15, "the accelerated rule hardly uses its momentum"
    assert edges["fig2-accelerated"] == {30: ["A_2"]}, "figure 2, accelerated: choices on an edge"
    rises = [
        after > before
        for name in ("tau", "A_1", "A_3")
        for before, after in pairwise(chosen(measured, "fig2-accelerated", name))
    ]
    assert sum(rises) == 1, "tau, A_1 and A_3 fall at every step but one"
    rate = chosen(measured, "fig2-momentum", "rate")
    assert rate[1:] == sorted(rate[1:], reverse=True), "larger sets are learned with smaller rates"
    assert {name: edges[name] for name in _of_depths("fig4")} == {"fig4-1": {}, "fig4-2": {}, "fig4-3": {15: ["mu"]}}, (
        "figure 4: one choice lies on an edge"
    )
    assert max(measured.late_gains) < 0.03, "a longer search would hardly lower the errors of two and three layers"
    assert max(measured.luck) < 0.01, "independent searches agree within a per cent"


def _edges(measured: SimpleNamespace, name: str) -> dict[int, list[str]]:
    """The hyper-parameters of each size that lie on the edge of their range, where there are any."""
    return {n: choice["edges"] for n, choice in measured.choices[name].items() if choice["edges"]}


def chosen(measured: SimpleNamespace, name: str, parameter: str) -> list[float]:
    """The chosen values of a hyper-parameter, from the smallest size to the largest."""
    return [choice["parameters"][parameter] for choice in measured.choices[name].values()]


def numbers(measured: SimpleNamespace) -> dict[str, str]:
    """The numbers that the chapter quotes."""
    mu, rate = chosen(measured, "fig1-momentum", "mu"), chosen(measured, "fig1-momentum", "rate")
    count = sum("amp_1" in names for names in _edges(measured, "fig3-3").values())
    return {
        "luck": f"{max(measured.luck):.1%}",
        "amp edges": {1: "one", 2: "two", 3: "three", 4: "all"}.get(count, "none"),
        "first mu": f"{mu[0]:.2f}",
        "last mu": f"{mu[-1]:.2f}",
        "rate falls": f"{rate[0] / rate[-1]:.1f}",
        "largest mu": f"{max(chosen(measured, 'fig1-accelerated', 'mu')):.2f}",
        "searched": f"{max(measured.late_gains):.0%}",
    }
