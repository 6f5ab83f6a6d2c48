"""The page of the scoreboard: two rows that measurements contradict."""

from types import SimpleNamespace

from checks import rows_of
from plaw.report import published
from plaw.study import results

LARGEST = 4400  # examples per label


def measure() -> SimpleNamespace:
    """What the records say of the page's sentences."""
    return SimpleNamespace(
        rows=rows_of("T4", "T11"),
        fitted=float(results.fit("fig2-momentum").predict(LARGEST)[0]),
        largest={name: results.errors(f"large-{name}")[LARGEST].mean() for name in ("1", "2", "crosses")},
    )


def check(measured: SimpleNamespace) -> None:
    """The page's sentences hold as long as these do."""
    line = published.line_at("fig2-momentum", LARGEST)
    assert measured.rows["T4", "eps(6000)"].verdict == "compatible", "the extrapolations are compatible"
    assert measured.largest["crosses"] > 1.1 * max(line, measured.fitted), "and both lines are too low at 4,400"
    assert measured.rows["T11", "crossing of 1 and 2 layers"].number.value < LARGEST, "the published lines have crossed"
    assert measured.largest["1"] < measured.largest["2"], "one layer is ahead at 4,400"


def numbers(measured: SimpleNamespace) -> dict[str, str]:
    """The numbers that the page quotes."""
    return {
        "crosses measured": f"{measured.largest['crosses']:.4f}",
        "crosses fitted": f"{measured.fitted:.4f}",
        "crosses published": f"{published.line_at('fig2-momentum', LARGEST):.4f}",
    }
