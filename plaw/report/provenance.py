"""Where the numbers come from: what each file of records holds, and when, with what and where it was made."""

import warnings
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from plaw.errors import PlawError
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
