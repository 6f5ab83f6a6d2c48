"""What remains: the counts and ratios that the conclusion quotes."""

from types import SimpleNamespace

from plaw.report import claims, scoreboard


def measure() -> SimpleNamespace:
    """What the records say of the page's sentences."""
    rows = scoreboard.rows()
    many = next(row for row in rows if (row.number.id, row.number.quantity) == ("T1", "eps(6000) / T4's"))
    return SimpleNamespace(
        rho=[row for row in rows if row.number.measure == "rho"],
        many=scoreboard.measured_side(many.number),
        forecasts=claims.forecasts(),
    )


def check(measured: SimpleNamespace) -> None:
    """The page's sentences hold as long as these do."""
    missed = [forecast for forecast in measured.forecasts if not forecast.inside]
    assert missed and all(forecast.measured > forecast.high for forecast in missed), "real curves bend upwards"
    assert measured.many and measured.many.high < 0.75, "many epochs beat one by more than a quarter"


def numbers(measured: SimpleNamespace) -> dict[str, str]:
    """The numbers that the page quotes."""
    verdicts = [row.verdict for row in measured.rho]
    return {
        "curves": str(len(verdicts)),
        "agree": str(verdicts.count("agrees")),
        "compatible": str(verdicts.count("compatible")),
        "differ": str(verdicts.count("differs")),
        "inside": str(sum(forecast.inside for forecast in measured.forecasts)),
        "forecasts": str(len(measured.forecasts)),
        "many epochs": f"{1 - measured.many.value:.0%}",
    }
