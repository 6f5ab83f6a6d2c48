"""The paper's figures, then and now: how far our measured errors lie from the published lines."""

from types import SimpleNamespace

from plaw.report import claims, gallery, published
from plaw.study import results


def measure() -> SimpleNamespace:
    """What the records say of the page's sentences."""
    return SimpleNamespace(
        ratios={
            curve: published.over_line(curve, results.errors(curve))
            for panel in gallery.PANELS
            for curve in panel.curves.values()
        },
        forecasts=claims.forecasts(),
    )


def check(measured: SimpleNamespace) -> None:
    """The page's sentences hold as long as these do."""
    ratio = measured.ratios
    assert all(0.95 < r < 1.1 for n, r in ratio["fig1-momentum"].items() if n <= 60), "figure 1 lies on its line"
    for curve in ("fig2-momentum", "fig2-momentum-committee", "fig2-accelerated", "fig2-accelerated-committee"):
        values = list(ratio[curve].values())
        assert max(values) < 0.95 and values[-1] > values[0], "figure 2: lower than published, and flatter"
    one, two, three = (ratio[f"fig3-{depth}"].values() for depth in (1, 2, 3))
    assert max(one) < 0.85 and max(two) < 0.95 < min(three), "figure 3: one and two layers below, three above"
    assert max(ratio["fig4-committee"].values()) < 1, "figure 4a: below the published line"
    assert all(0.95 < r < 1.05 for r in ratio["fig4-1"].values()), "figure 4b: one layer on the published line"
    for deep in ("fig4-2", "fig4-3"):
        values = list(ratio[deep].values())
        assert min(values) > 1.04 and values[0] > values[-1] - 0.01, "deeper ones above it, and they approach it"
    crosses = [forecast for forecast in measured.forecasts if forecast.large == "large-crosses"]
    assert crosses and not any(forecast.inside for forecast in crosses), "the forecast with crosses fails"


def numbers(measured: SimpleNamespace) -> dict[str, str]:
    """The numbers that the page quotes: the range of each figure's ratios."""

    def span(*curves: str) -> str:
        values = [r for curve in curves for r in measured.ratios[curve].values()]
        return f"{min(values):.2f} to {max(values):.2f}"

    inside = sum(forecast.inside for forecast in measured.forecasts)
    return {
        "figure 1": span("fig1-momentum"),
        "figure 1 committee": span("fig1-committee"),
        "figure 2": span("fig2-momentum", "fig2-accelerated"),
        "figure 2 committees": span("fig2-momentum-committee", "fig2-accelerated-committee"),
        "figure 3, 1": span("fig3-1"),
        "figure 3, 2": span("fig3-2"),
        "figure 3, 3": span("fig3-3"),
        "figure 4 committee": span("fig4-committee"),
        "figure 4, 1": span("fig4-1"),
        "figure 4, 3": span("fig4-3"),
        "forecasts inside": str(inside),
        "forecasts": str(len(measured.forecasts)),
    }
