"""How good are the forecasts? Real curves, fitted to their small sizes and asked about their large ones.

The curves are of Alabdulmohsin, Neyshabur & Zhai 2022 (images, BIG-Bench; the authors' own split) and of LCDB 1.1 (Yan,
Mohr & Viering 2025; the first half of the sizes is fitted). They are read from the folder `curves` of $PLAW_DATA:
scaling-benchmark*.csv with the columns Domain, Task, Model, Seen Examples, Loss, Training, and lcdb*.csv with dataset,
learner, n, error, stderr. Where there is no such folder, the former are downloaded from the authors' repository, at a
fixed commit and checked by their sha256; those of their tasks are kept that the recorded table was made from.

`plaw calibrate` makes the table. The only number that is learnt from the curves is the widening of the law's spread;
each data set is forecast with the widening learnt from all the others.
"""

import csv
import hashlib
import json
import math
import os
import urllib.request
import warnings
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import platformdirs
from scipy import optimize

from plaw.curves.arrays import FloatArray
from plaw.curves.curve import Curve, make_curve
from plaw.curves.fitting import Fit, fit_curve
from plaw.curves.forecast import Forecast, forecast_curve
from plaw.curves.laws import LAWS, get_law
from plaw.curves.planning import ASSURANCE, SHOWN, choose_law
from plaw.errors import PlawError
from plaw.report.calibration import CASES, NOISES, TARGET_AT

RESULTS = "forecasts.json"
WIDENINGS = (1.0, 1.25, 1.5, 1.75, 2.0)
ORIGIN = "https://raw.githubusercontent.com/google-research/google-research"
COMMIT = "9853680c781781bd8d3de20aa61c7373ce059913"
SHA256 = {
    "vision": "23b00692d71e58aa5a2a941e831d57688e0977fdcf5f5125ff7b64283b5d9e83",
    "lang": "63c346db00a66b692e1ea9a0f71a2f2b267e55f74be5b863a92e199dffbf0983",
}
MOST_BYTES = 16 * 1024**2
DATA_SETS = {"IC": ("c", "cal"), "BB": ()}  # of the benchmark; no names: all of them
ONE_LAW = {"M1: power": "power", "M2: power_offset": "power_offset", "M3: shifted_power": "shifted_power", "M4": "m4"}
BENT = {"BNSL, one break": "broken"}  # fitted to the benchmark's curves only: it takes long
LEVEL = 0.95
STAYS = 0.95  # of an error: what has not fallen below has levelled off
SIMULATIONS = 100  # of each case
MOST_SIZES = 20  # of a curve at which intervals are looked at, evenly among those to predict
DOMAINS = {"IC": "image classification", "BB": "BIG-Bench", "LM": "language models", "NMT": "translation"}
TABULAR = "LCDB"
MEASURES = {
    "rmsle": "RMSLE", "law": "law holds", "new": "new holds", "assured": "below 80% quantile", "size": "true n inside",
    "endless": "no upper end", "log_density": "log density",
}  # fmt: skip
FORMATS = {"rmsle": "{:.4f}", "log_density": "{:.2f}"}


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
    size : float
        Whether the interval of the size for the last measured error holds the last size, 0 or 1.
    endless : float
        Whether that interval has no upper end, 0 or 1.
    assured : float
        Share of measured errors below the 80% quantile of the forecast of a new measurement.
    log_density : float
        Mean logarithm of the density of the measured errors, per unit of error.
    """

    domain: str
    data_set: str
    name: str
    rmsle: float
    law: float = math.nan
    new: float = math.nan
    size: float = math.nan
    endless: float = math.nan
    assured: float = math.nan
    log_density: float = math.nan


def curves_folder() -> Path:
    """The folder with the curves: that of PLAW_DATA, or where they are downloaded to.

    Raises
    ------
    PlawError
        Where they cannot be had.
    """
    folder = Path(os.environ.get("PLAW_DATA", "")) / "curves"
    if os.environ.get("PLAW_DATA") and any(folder.glob("*.csv")):
        return folder
    cache = Path(platformdirs.user_cache_dir("plaw")) / "curves" / COMMIT
    for part, sha256 in SHA256.items():
        path = cache / f"scaling-benchmark.{part}.csv"
        if not path.is_file() or hashlib.sha256(path.read_bytes()).hexdigest() != sha256:
            _download(f"{ORIGIN}/{COMMIT}/revisiting_neural_scaling_laws/data/benchmark.{part}.csv", path, sha256)
    return cache


def _download(address: str, path: Path, sha256: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        with urllib.request.urlopen(address, timeout=30) as answer:
            content = answer.read(MOST_BYTES)
        if hashlib.sha256(content).hexdigest() != sha256:
            raise OSError(f"its {len(content):,} bytes have another sha256 than the published file")
    except OSError as error:
        raise PlawError(
            f"plaw calibrate needs real curves, and {address} cannot be read ({error}): set PLAW_DATA to a folder with "
            "curves/scaling-benchmark.csv (that file) or curves/lcdb.csv (LCDB 1.1) in it."
        ) from None
    partial = path.with_suffix(".part")
    partial.write_bytes(content)
    partial.replace(path)


def read_curves(folder: Path) -> list[RealCurve]:
    """The curves of the benchmark files in a folder; of the image tasks, those of DATA_SETS."""
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
        if domain not in DATA_SETS or (DATA_SETS[domain] and data_set not in DATA_SETS[domain]):
            continue
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
    x, y = _looked_at(real)
    held = [((low <= y) & (y <= high)).mean() for low, high in (source.band(x, LEVEL), source.new_band(x, LEVEL))]
    size = source.invert(float(y[-1]), LEVEL)
    inside, endless = float(size.low <= x[-1] <= size.high), float(size.high == math.inf)
    bare = replace(_bare_score(real, source.predict(real.large.x)), law=float(held[0]), new=float(held[1]))
    if isinstance(source, Fit):
        return replace(bare, size=inside, endless=endless)
    assured = float((y <= source.new_band(x, 2 * ASSURANCE - 1)[1]).mean())
    density = float(source.log_density(x, y).mean())
    return replace(bare, size=inside, endless=endless, assured=assured, log_density=density)


def _coverage(real: RealCurve, forecast: Forecast) -> Score:
    """A score of nothing but the interval of a new measurement."""
    x, y = _looked_at(real)
    low, high = forecast.new_band(x, LEVEL)
    return Score(real.domain, real.data_set, real.name, math.nan, new=float(((low <= y) & (y <= high)).mean()))


def _looked_at(real: RealCurve) -> tuple[FloatArray, FloatArray]:
    """At most MOST_SIZES of the sizes to predict, and the errors there."""
    chosen = np.unique(np.linspace(0, len(real.large.y) - 1, MOST_SIZES).round().astype(int))
    return real.large.x[chosen], real.large.y[chosen]


def _bare_score(real: RealCurve, predicted: FloatArray) -> Score:
    misses = np.log(predicted) - np.log(real.large.y)
    return Score(real.domain, real.data_set, real.name, float(np.sqrt((misses**2).mean())))


def _fitted_law(real: RealCurve, name: str) -> Score:
    """The score of a law that is fitted as `fit_law` does; with too few sizes for it, of the simplest."""
    enough = len(np.unique(real.small.x)) >= len(get_law(name).parameters)
    return _bare_score(real, fit_curve(get_law(name if enough else "power"), real.small).predict(real.large.x))


def _scipy(real: RealCurve) -> Score:
    """SciPy's curve_fit of c0 n^-rho + e_inf, on errors, from c0 = the first error, rho = 0.5, e_inf = 0.

    Sizes count in units of the smallest. Where it does not converge, the last error is the forecast.
    """
    unit = real.small.x[0]

    def law(n: FloatArray, c0: float, rho: float, e_inf: float) -> FloatArray:
        return c0 * n**-rho + e_inf

    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        try:
            found, _ = optimize.curve_fit(
                law, real.small.x / unit, real.small.y, (real.small.y[0], 0.5, 0), maxfev=5000
            )
            predicted = law(real.large.x / unit, *found)
        except (RuntimeError, TypeError, ValueError):
            predicted = np.full(len(real.large.x), real.small.y[-1])
    return _bare_score(real, np.where(predicted > 0, predicted, real.small.y[-1]))


def _last_third(real: RealCurve) -> Score:
    """A straight line of the logarithms through the last third of the points."""
    count = max(2, len(real.small.y) // 3)
    log_x, log_y = real.small.log_x[-count:], np.log(real.small.y[-count:])
    slope, level = np.polyfit(log_x, log_y, 1) if np.ptp(log_x) > 0 else (0.0, log_y.mean())
    return _bare_score(real, np.exp(level + slope * real.large.log_x))


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


def calibrate(
    curves: list[RealCurve], simulations: int = SIMULATIONS, on_progress: Callable[[str], None] = lambda line: None
) -> dict:
    """The benchmark of all curves: the table by domain, before and after, and the widening.

    Returns
    -------
    dict
        "widening": learnt from all curves. "rows": one per method and domain, with the number of curves and the means
        of `Score`; the average's rows leave each data set out of the widening that forecasts it. "levelled"
        and "simulated": see `levelled` and `simulate`.
    """
    scores: dict[float, list[Score]] = {w: [] for w in WIDENINGS}
    rivals: dict[str, list[Score]] = defaultdict(list)
    forecasts = []
    for number, real in enumerate(curves):
        forecast = forecast_curve(real.small)
        forecasts.append(forecast)
        for widening, rows in scores.items():
            rows.append(_coverage(real, forecast.widened(widening)))
        rivals["SciPy curve_fit of M2"].append(_scipy(real))
        rivals["a line through the last third"].append(_last_third(real))
        for method, law in (ONE_LAW if real.domain == TABULAR else ONE_LAW | BENT).items():
            rivals[method].append(_fitted_law(real, law))
        rivals["one law, by Akaike"].append(score(real, choose_law(real.small, candidates=SHOWN)[0]))
        if not number % 20:
            on_progress(f"{number} of {len(curves)} curves")
    widenings = {name: learnt_widening(scores, name) for name in {real.data_set for real in curves}}
    averaged = [score(real, f.widened(widenings[real.data_set])) for real, f in zip(curves, forecasts)]
    table = [row for method, rows in rivals.items() for row in _means(method, rows)]
    table += _means("average over laws", averaged)
    widening = round(learnt_widening(scores), 3)
    simulated = simulate(widening, simulations, on_progress)
    return {
        "widening": widening, "level": LEVEL, "rows": table, "levelled": levelled(curves), "simulated": simulated,
    }  # fmt: skip


def levelled(curves: list[RealCurve]) -> dict[str, float]:
    """By domain, the share of curves whose last error is above 95% of the last one that was fitted."""
    shares = defaultdict(list)
    for real in curves:
        shares[real.domain].append(real.large.y[-1] > STAYS * real.small.y[-1])
    return {domain: round(float(np.mean(each)), 4) for domain, each in shares.items()}


def simulate(widening: float, simulations: int, on_progress: Callable[[str], None] = lambda line: None) -> list[dict]:
    """How often the average's intervals hold the truth where a law is exactly true: the cases of the calibration.

    Returns
    -------
    list of dict
        "case"; "prediction" and "size": shares of the 95% intervals, of the error at 10 times the largest size and of
        the size for the error at 4 times the largest, that hold the truth; "endless": of the latter without upper end.
    """
    rows = []
    for case in CASES:
        if case.x.ndim > 1 or LAWS[case.law].variables != ("n",):
            continue
        far, wanted = 10 * case.x[-1], TARGET_AT * case.x[-1]
        at_far, target = (float(LAWS[case.law](n, **case.params)[0]) for n in (far, wanted))
        truth, rng = LAWS[case.law](case.x, **case.params), np.random.default_rng([case.seed, 15])
        hits = []
        for _ in range(simulations):
            forecast = forecast_curve(make_curve(case.x, *NOISES[case.noise](truth, rng)), widening)
            (low, high), size = forecast.band(far, LEVEL)[:, 0], forecast.invert(target, LEVEL)
            hits.append((low <= at_far <= high, size.low <= wanted <= size.high, math.isinf(size.high)))
        shares = dict(zip(("prediction", "size", "endless"), np.mean(hits, axis=0).round(4).tolist()))
        rows.append({"case": case.name, "simulations": simulations, **shares})
        on_progress(f"simulated: {case.name}")
    return rows


def _means(method: str, scores: list[Score]) -> list[dict]:
    by_domain = defaultdict(list)
    for one in scores:
        by_domain[one.domain].append(one)
    return [
        {"method": method, "domain": domain, "curves": len(rows)}
        | {key: _rounded(np.mean([getattr(row, key) for row in rows])) for key in MEASURES}
        for domain, rows in by_domain.items()
    ]


def _rounded(value: float) -> float | None:
    return None if np.isnan(value) else round(float(value), 4)


def markdown(result: dict) -> str:
    """The table of a result, as Markdown."""
    heads = ["domain", "curves", "method", *MEASURES.values()]
    lines = [heads, ["---"] * len(heads)]
    for row in sorted(result["rows"], key=lambda row: row["domain"]):
        numbers = ["" if row[key] is None else FORMATS.get(key, "{:.0%}").format(row[key]) for key in MEASURES]
        lines.append([row["domain"], str(row["curves"]), row["method"], *numbers])
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def markdown_of_simulations(result: dict) -> str:
    """The simulations of a result, as Markdown."""
    heads = [
        "law, points, noise",
        "error at 10 times the largest size",
        "size for the error at 4 times",
        "no upper end",
    ]
    lines = [heads, ["---"] * len(heads)]
    for row in result["simulated"]:
        lines.append([row["case"], *(f"{row[key]:.0%}" for key in ("prediction", "size", "endless"))])
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def save(result: dict, folder: Path) -> Path:
    """Store a result as forecasts.json in a folder."""
    path = folder / RESULTS
    path.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    return path


def load(folder: Path) -> dict:
    """The stored result."""
    return json.loads((folder / RESULTS).read_text(encoding="utf-8"))
