"""How many examples do I need?"""

from types import SimpleNamespace

from scipy import stats

from plaw.report import claims


def measure() -> SimpleNamespace:
    """The forecasts for the large sets."""
    return SimpleNamespace(forecasts=claims.forecasts())


def check(measured: SimpleNamespace) -> None:
    """The chapter's sentences hold as long as these do."""
    inside = {(forecast.large, forecast.n): forecast.inside for forecast in measured.forecasts}
    outside = [key for key, is_inside in inside.items() if not is_inside]
    assert outside == [("large-crosses", 960), ("large-crosses", 4400)], "only networks with crosses leave the bands"
    assert len(inside) - len(outside) == 6, "the other six lie in the bands"


def numbers(measured: SimpleNamespace) -> dict[str, str]:
    """The numbers that the chapter quotes."""
    excess = {
        f"over at {forecast.n}": f"{forecast.measured / forecast.value - 1:.0%}"
        for forecast in measured.forecasts
        if not forecast.inside
    }
    return {"student": f"{stats.t.ppf(0.975, 1):.1f}"} | excess
