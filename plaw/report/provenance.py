"""Where the numbers come from: what each file of records holds, and when, with what and where it was made."""

import warnings
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from plaw import __version__
from plaw.errors import PlawError
from plaw.report.published import NUMBERS
from plaw.study import store
from plaw.study.experiments import EXPERIMENTS, VARIANTS

HEADS = ("file", "rows", "searched", "networks", "recorded", "plaw", "processors", "engine", "hours")


@dataclass(frozen=True)
class Origin:
    """One file of records.

    kinds: how many records of each kind; rows: the published numbers that rest on it; the others: every value that
    occurs, in the order of the first, dates as YYYY-MM-DD; seconds: of all trainings that state theirs (trials of
    searches do not).
    """

    file: str
    kinds: dict[str, int]
    rows: tuple[str, ...]
    dates: tuple[str, ...]
    versions: tuple[str, ...]
    processors: tuple[str, ...]
    engines: tuple[str, ...]
    seconds: float


def origins(folder: Path | None = None) -> list[Origin]:
    """All files of records in a folder: those of the experiments, their variants, then the others.

    A file that holds something else is left out, with a warning."""
    folder = folder or store.folder()
    others = sorted({file.stem for file in Path(folder).glob("*.jsonl")} - set(EXPERIMENTS))
    files = [(name, store.read(folder, name)) for name in (*EXPERIMENTS, *VARIANTS)]
    for name in others:
        try:
            files.append((name, store.read(folder, name)))
        except PlawError as error:
            warnings.warn(f"Left out: {error}", stacklevel=2)
    return [_origin(name, records) for name, records in files if records]


def markdown(folder: Path | None = None) -> str:
    """The origins as a Markdown table."""
    lines = ["| " + " | ".join(HEADS) + " |", "|---" * len(HEADS) + "|"]
    return "\n".join([*lines, *("| " + " | ".join(_cells(origin)) + " |" for origin in origins(folder))])


DEVIATIONS = (
    "hyper-parameters are chosen on held-out training digits, never on the test digits",
    "the largest balanced set of MNIST has 5,421 examples per label, so that 6,000 is always an extrapolation",
    "what the paper leaves open is our choice: initial weights and biases, the exact role of Amp, the running mean",
    "supplementary appendices of the paper were not available",
)


def front_matter(folder: Path | None = None) -> str:
    """What was reproduced, with which version, when, on which machine and with which deviations, as a Markdown table.

    All of it is read from the records, but for the deviations.
    """
    recorded = [origin for origin in origins(folder) if origin.rows]
    dates = sorted(date for origin in recorded for date in origin.dates)
    files = {origin.file.removesuffix(".jsonl") for origin in recorded}
    rows = {number.id for number in NUMBERS if files.intersection(number.experiments)}
    networks = sum(origin.kinds.get("network", 0) for origin in recorded)
    hours = sum(origin.seconds for origin in recorded) / 3600
    lines = {
        "Original": "Meir et al., Scientific Reports 10, 19628 (2020) {cite}`meir2020`",
        "Reproduced": f"{len(rows)} curves and claims (T1 to T17 of [the scoreboard](scoreboard.md)) of figures 1 to "
        "4, the text and appendix F, from the raw digits",
        "Runs": f"{networks:,} networks and committees, {hours:.1f} hours of training without the searches, "
        + " to ".join(dict.fromkeys((dates[0], dates[-1]))),
        "Code": f"plaw {', '.join(_distinct(recorded, 'versions'))} recorded the runs; "
        f"plaw {__version__} built this page",
        "Machines": ", ".join(_distinct(recorded, "processors")),
        "Deviations": "; ".join(DEVIATIONS),
        "Cite as": f"plaw contributors ({dates[-1][:4]}). *plaw: power-law scaling of test errors with the size of the "
        f"training set*, version {__version__}. MIT licence. `CITATION.cff` has the entry; cite the paper with it",
    }
    return "\n".join(["| | |", "|---|---|", *(f"| **{name}** | {text}. |" for name, text in lines.items())])


def _distinct(recorded: list[Origin], field: str) -> list[str]:
    return list(dict.fromkeys(value for origin in recorded for value in getattr(origin, field)))


def _origin(name: str, records: list[dict]) -> Origin:
    def values(key: str) -> tuple[str, ...]:
        return tuple(dict.fromkeys(record[key] for record in records if key in record))

    versions = dict.fromkeys(version for record in records if (version := record.get("versions", {}).get("plaw")))
    cards = dict.fromkeys(record["gpu"]["name"] for record in records if "gpu" in record)
    return Origin(
        file=f"{name}.jsonl",
        kinds=dict(Counter(record["kind"] for record in records)),
        rows=EXPERIMENTS[name].rows if name in EXPERIMENTS else (),
        dates=tuple(sorted({date[:10] for date in values("date")})),
        versions=tuple(dict.fromkeys((*values("version"), *versions))),
        processors=(*values("processor"), *cards),
        engines=tuple(filter(None, dict.fromkeys(map(_engine, records)))),
        seconds=sum(record.get("seconds", 0.0) for record in records),
    )


def _engine(record: dict) -> str:
    return ", ".join(record[key] for key in ("engine", "backend") if key in record)


def _cells(origin: Origin) -> list[str]:
    kinds = dict(origin.kinds)
    trials, choices, networks = (kinds.pop(kind, 0) for kind in ("trial", "choice", "network"))
    others = ", ".join(f"{count} × {kind}" for kind, count in kinds.items())
    return [
        f"`{origin.file}`",
        ", ".join(origin.rows),
        f"{trials} trials, {choices} sizes" if trials else "",
        f"{networks}" if networks else others,
        " to ".join(dict.fromkeys((origin.dates[0], origin.dates[-1]))) if origin.dates else "",
        ", ".join(origin.versions),
        ", ".join(origin.processors),
        "; ".join(origin.engines),
        f"{origin.seconds / 3600:.2f}" if origin.seconds else "",
    ]
