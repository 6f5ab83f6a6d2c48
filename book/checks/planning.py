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
    crosses, two = [("large-crosses", 960), ("large-crosses", 4400)], [("large-2", 960), ("large-2", 4400)]
    assert outside == [*two, *crosses], "only two layers and networks with crosses leave the bands"
    assert len(inside) - len(outside) == 4, "the other four lie in the bands"
    misses = {(forecast.large, forecast.n): forecast.measured / forecast.value for forecast in measured.forecasts}
    assert min(misses[key] for key in crosses) > max(misses[key] for key in two) > 1, "and those with crosses by more"


def numbers(measured: SimpleNamespace) -> dict[str, str]:
    """The numbers that the chapter quotes."""
    names = {"large-crosses": "over", "large-2": "two"}
    excess = {
        f"{names[forecast.large]} at {forecast.n}": f"{forecast.measured / forecast.value - 1:.0%}"
        for forecast in measured.forecasts
        if not forecast.inside
    }
    return {"student": f"{stats.t.ppf(0.975, 1):.1f}"} | excess
