"""How good are the forecasts? Real curves, fitted to their small sizes and asked about their large ones.

The curves are of Alabdulmohsin, Neyshabur & Zhai 2022 (images, BIG-Bench; the authors' own split) and of LCDB 1.1 (Yan,
Mohr & Viering 2025; the first half of the sizes is fitted). They are read from the folder `curves` of $PLAW_DATA:
scaling-benchmark*.csv with the columns Domain, Task, Model, Seen Examples, Loss, Training, and lcdb*.csv with dataset,
learner, n, error, stderr.

`plaw calibrate` makes the table. The only number that is learnt from the curves is the widening of the law's spread;
each data set is forecast with the widening learnt from all the others.
"""

import csv
import json
import os
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from plaw.curves.curve import Curve, make_curve
from plaw.curves.fitting import Fit
from plaw.curves.forecast import Forecast, forecast_curve
from plaw.curves.planning import SHOWN, choose_law
from plaw.errors import PlawError

RESULTS = "forecasts.json"
WIDENINGS = (1.0, 1.25, 1.5, 1.75, 2.0)
LEVEL = 0.95
MOST_SIZES = 20  # of a curve at which intervals are looked at, evenly among those to predict
DOMAINS = {"IC": "image classification", "BB": "BIG-Bench", "LM": "language models", "NMT": "translation"}
TABULAR = "LCDB"


@dataclass(frozen=True, eq=False)
class RealCurve:
    """One real curve, cut in two.

    Attributes
    ----------
    domain, data_set, name : str
    small, large : Curve
        The sizes to fit, and those to predict.
    """

    domain: str
    data_set: str
    name: str
    small: Curve
    large: Curve


@dataclass(frozen=True)
class Score:
    """How well one curve was forecast.

    Attributes
    ----------
    domain, data_set, name : str
    rmsle : float
        Root mean square of log(median forecast / measured).
    law, new : float
        Share of (at most MOST_SIZES) measured errors in the 95% interval of the law, and of a new measurement.
    size : bool
        Whether the interval of the size for the last measured error holds the last size.
    log_density : float
        Mean logarithm of the density of the measured errors, per unit of error; NaN for one law.
    """

    domain: str
    data_set: str
    name: str
    rmsle: float
    law: float
    new: float
    size: bool
    log_density: float


def curves_folder() -> Path:
    """The folder with the curves. Raises PlawError where there is none."""
    folder = Path(os.environ.get("PLAW_DATA", "")) / "curves"
    if not os.environ.get("PLAW_DATA") or not any(folder.glob("*.csv")):
        raise PlawError(
            "plaw calibrate needs real curves: set PLAW_DATA to a folder with curves/scaling-benchmark.csv "
            "(google-research, revisiting_neural_scaling_laws) or curves/lcdb.csv (LCDB 1.1) in it."
        )
    return folder


def read_curves(folder: Path) -> list[RealCurve]:
    """Every curve of the benchmark files in a folder."""
    curves = [*_benchmark(_rows(folder, "scaling-benchmark*.csv")), *_lcdb(_rows(folder, "lcdb*.csv"))]
    if not curves:
        raise PlawError(f"{folder} has neither scaling-benchmark*.csv nor lcdb*.csv with curves in it.")
    return curves


def _rows(folder: Path, pattern: str) -> Iterable[dict[str, str]]:
    for path in sorted(folder.glob(pattern)):
        with open(path, newline="", encoding="utf-8") as file:
            yield from csv.DictReader(file)


def _benchmark(rows: Iterable[dict[str, str]]) -> Iterable[RealCurve]:
    points = defaultdict(list)
    for row in rows:
        point = float(row["Seen Examples"]), float(row["Loss"]), row["Training"] == "1"
        points[row["Domain"], row["Task"], row["Model"]].append(point)
    for (domain, task, model), values in points.items():
        small, large = ([v[:2] for v in values if v[2] == wanted] for wanted in (True, False))
        data_set = task.split("_")[0] if domain == "IC" else task.split(",")[0]
        yield RealCurve(DOMAINS.get(domain, domain), data_set, f"{task} {model}", _curve(small), _curve(large))


def _lcdb(rows: Iterable[dict[str, str]]) -> Iterable[RealCurve]:
    points = defaultdict(list)
    for row in rows:
        if float(row["error"]) > 0:
            points[row["dataset"], row["learner"]].append(tuple(float(row[k]) for k in ("n", "error", "stderr")))
    for (data_set, learner), values in points.items():
        table = np.array(sorted(values))
        # a standard error of zero, five equal runs, is no certainty: it gets the curve's usual relative one
        relative = table[:, 2] / table[:, 1]
        usual = np.median(relative[relative > 0]) if (relative > 0).any() else 0.05
        table[:, 2] = np.where(relative > 0, relative, usual) * table[:, 1]
        half = (len(table) + 1) // 2
        yield RealCurve(TABULAR, data_set, f"{data_set} {learner}", _curve(table[:half]), _curve(table[half:]))


def _curve(points: Sequence | np.ndarray) -> Curve:
    table = np.asarray(points, float)
    return make_curve(table[:, 0], table[:, 1], table[:, 2] if table.shape[1] > 2 else None)


def score(real: RealCurve, source: Forecast | Fit) -> Score:
    """The score of a forecast, or of one law, made from the small sizes of a curve."""
    misses = np.log(source.predict(real.large.x)) - np.log(real.large.y)
    looked_at = np.unique(np.linspace(0, len(misses) - 1, MOST_SIZES).round().astype(int))
    x, y = real.large.x[looked_at], real.large.y[looked_at]
    held = [((low <= y) & (y <= high)).mean() for low, high in (source.band(x, LEVEL), source.new_band(x, LEVEL))]
    size = source.invert(float(y[-1]), LEVEL)
    density = source.log_density(x, y).mean() if isinstance(source, Forecast) else np.nan
    return Score(
        real.domain, real.data_set, real.name, float(np.sqrt((misses**2).mean())), float(held[0]), float(held[1]),
        bool(size.low <= x[-1] <= size.high), float(density),
    )  # fmt: skip


def learnt_widening(scores: dict[float, list[Score]], without: str = "") -> float:
    """The least widening whose intervals hold 95% of the errors, averaged over domains; interpolated, at least 1.

    Parameters
    ----------
    scores : dict of float to list of Score
        The scores of all curves, by widening.
    without : str
        A data set that is left out.
    """
    held = []
    for rows in scores.values():
        by_domain = defaultdict(list)
        for row in rows:
            if row.data_set != without:
                by_domain[row.domain].append(row.new)
        held.append(np.mean([np.mean(shares) for shares in by_domain.values()]))
    return float(np.interp(LEVEL, np.maximum.accumulate(held), list(scores)))


def calibrate(curves: list[RealCurve], on_progress: Callable[[str], None] = lambda line: None) -> dict:
    """The benchmark of all curves: the table by domain, before and after, and the widening.

    Returns
    -------
    dict
        "widening": learnt from all curves. "rows": one per method and domain, with the number of curves and the means
        of `Score`; the average's rows leave each data set out of the widening that forecasts it.
    """
    scores: dict[float, list[Score]] = {w: [] for w in WIDENINGS}
    single: list[Score] = []
    forecasts = []
    for number, real in enumerate(curves):
        forecast = forecast_curve(real.small)
        forecasts.append(forecast)
        for widening, rows in scores.items():
            rows.append(score(real, forecast.widened(widening)))
        single.append(score(real, choose_law(real.small, candidates=SHOWN)[0]))
        if not number % 20:
            on_progress(f"{number} of {len(curves)} curves")
    widenings = {name: learnt_widening(scores, name) for name in {real.data_set for real in curves}}
    averaged = [score(real, f.widened(widenings[real.data_set])) for real, f in zip(curves, forecasts)]
    table = [*_means("one law, by Akaike", single), *_means("average over laws", averaged)]
    return {"widening": round(learnt_widening(scores), 3), "level": LEVEL, "rows": table}


def _means(method: str, scores: list[Score]) -> list[dict]:
    by_domain = defaultdict(list)
    for one in scores:
        by_domain[one.domain].append(one)
    return [
        {"method": method, "domain": domain, "curves": len(rows)}
        | {key: round(float(np.mean([getattr(r, key) for r in rows])), 4) for key in ("rmsle", "law", "new", "size")}
        | {"log_density": None if np.isnan(rows[0].log_density) else round(np.mean([r.log_density for r in rows]), 3)}
        for domain, rows in by_domain.items()
    ]


def markdown(result: dict) -> str:
    """The table of a result, as Markdown."""
    heads = ["domain", "curves", "method", "RMSLE", "law holds", "new holds", "true n inside", "log density"]
    lines = [heads, ["---"] * len(heads)]
    for row in sorted(result["rows"], key=lambda row: row["domain"]):
        shares = [f"{row[key]:.0%}" for key in ("law", "new", "size")]
        density = "" if row["log_density"] is None else f"{row['log_density']:.2f}"
        lines.append([row["domain"], str(row["curves"]), row["method"], f"{row['rmsle']:.4f}", *shares, density])
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def save(result: dict, folder: Path) -> Path:
    """Store a result as forecasts.json in a folder."""
    path = folder / RESULTS
    path.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    return path


def load(folder: Path) -> dict:
    """The stored result."""
    return json.loads((folder / RESULTS).read_text(encoding="utf-8"))
