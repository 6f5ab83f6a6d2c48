"""The first page: what holds, what does not, and what nobody had shown."""

from itertools import pairwise
from types import SimpleNamespace

from plaw.report import claims, published, scoreboard
from plaw.report.published import NUMBERS
from plaw.study import results

DEPTHS = (1, 2, 3)


def measure() -> SimpleNamespace:
    """What the records say of the page's sentences."""
    rows = {(row.number.id, row.number.quantity): row for row in scoreboard.rows()}
    return SimpleNamespace(
        rows=rows,
        rho=[rows[number.id, number.quantity] for number in NUMBERS if number.measure == "rho"],
        forecasts=claims.forecasts(),
        depth={d: results.fit(f"fig3-{d}", larger=results.larger(f"fig3-{d}")) for d in DEPTHS},
        gain={d: results.fit(f"fig3-{d}/gain") for d in DEPTHS},
        ours={d: results.fit(f"fig3-{d}") for d in DEPTHS},
        bold={d: results.fit(f"fig3-{d}/scale-3") for d in DEPTHS},
    )


def check(measured: SimpleNamespace) -> None:
    """The page's sentences hold as long as these do."""
    rows = measured.rows
    intervals = [measured.depth[d].interval()["rho"] for d in DEPTHS]
    assert all(low[1] < high[0] for low, high in pairwise(intervals)), "depth raises the exponent"
    for key in (("T4", "eps(6000) / T9's"), ("T5", "eps(6000) / T4's"), ("T12", "eps(6000) / T9's"),
                ("T6", "eps(6000) / T4's"), ("T1", "eps(6000) / T4's")):  # fmt: skip
        assert rows[key].direction == "holds", key
    different = [row for row in measured.rho if row.verdict == "differs"]
    assert all(row.ours.high < row.number.value for row in different), "the exponents that differ are smaller"
    assert rows["T7", "eps(6000) / T5's"].direction == "undecided", "the accelerated rule hardly helps committees"
    far = _far(measured)
    assert not far.inside and far.measured > 1.2 * far.value, "with crosses the forecast fails"
    deep = rows["T13", "error, 3 layers / 1 layer"]
    assert deep.verdict == "differs" and deep.ours.low > 1, "depth costs after many epochs"
    bold = [measured.bold[d].interval()["rho"] for d in DEPTHS]
    assert max(low for low, _ in bold) < min(high for _, high in bold), "with larger weights all exponents are alike"
    for d in DEPTHS:
        low, high = measured.gain[d].interval()["rho"]
        assert low < measured.ours[d].params["rho"] < high, "the two readings of Amp cannot be told apart here"


def _far(measured: SimpleNamespace) -> claims.Forecast:
    """The forecast with crosses for the largest set."""
    return max((f for f in measured.forecasts if f.large == "large-crosses"), key=lambda forecast: forecast.n)


def numbers(measured: SimpleNamespace) -> dict[str, str]:
    """The numbers that the page quotes."""

    def listed(fits: dict) -> str:
        values = [f"{fit.params['rho']:.2f}" for fit in fits.values()]
        return f"{', '.join(values[:-1])} and {values[-1]}"

    far = _far(measured)
    printed = [row.number.text for row in measured.rho if row.number.id in ("T8", "T9", "T10")]
    return {
        "curves": str(len(measured.rho)),
        "agree": str(sum(row.verdict == "agrees" for row in measured.rho)),
        "compatible": str(sum(row.verdict == "compatible" for row in measured.rho)),
        "exponents that differ": str(sum(row.verdict == "differs" for row in measured.rho)),
        "rho by depth": listed(measured.depth),
        "inside": str(sum(forecast.inside for forecast in measured.forecasts)),
        "forecasts": str(len(measured.forecasts)),
        "far size": f"{far.n:,}",
        "far measured": f"{far.measured:.3f}",
        "far forecast": f"{far.value:.3f}",
        "deep": f"{measured.rows['T13', 'error, 3 layers / 1 layer'].ours.value - 1:.0%}",
        "epochs": f"{measured.rows['T1', 'epochs to saturate'].ours.value:.0f}",
        "bold": listed(measured.bold),
        "ours": listed(measured.ours),
        "gain": listed(measured.gain),
        "published": ", ".join(published.LESS_PRECISE.get(text, text) for text in printed),
    }
