"""Write the summary of the records that travels with the package: python -m plaw.study.summarise book/results."""

import json
import sys
from pathlib import Path

from plaw.study import store, summary
from plaw.study.experiments import EXPERIMENTS, VARIANTS


def summarise(folder: Path) -> str:
    """The summary of the records in a folder, as text."""
    content = {key: _condense(store.read(folder, key)) for key in EXPERIMENTS}
    content |= {key: _condense(records) for key in VARIANTS if (records := store.read(folder, key))}
    return json.dumps(content, separators=(",", ":")).replace('},"', '},\n"') + "\n"


def _condense(records: list[dict]) -> dict:
    """An experiment's records as the summary keeps them: the last choice of each size, and the networks as columns."""
    choices = {record["n"]: record["parameters"] for record in records if record["kind"] == "choice"}
    networks: dict[int, list[dict]] = {}
    for record in records:
        if record["kind"] == "network":
            networks.setdefault(record["n"], []).append(record)
    return {"choices": choices, "networks": {n: _columns(of_size) for n, of_size in networks.items()}}


def _columns(networks: list[dict]) -> dict:
    """The values of all networks by key; errors after an epoch: None where they are those after the last."""
    columns = {
        key: [record[key] for record in networks]
        for key in ("sample", "error", "committee_error")
        if key in networks[0]
    }
    by_epoch = {epoch: [record["errors"][epoch] for record in networks] for epoch in networks[0]["errors"]}
    return columns | {
        "errors": {epoch: None if errors == columns["error"] else errors for epoch, errors in by_epoch.items()}
    }


if __name__ == "__main__":
    summary.FILE.write_text(summarise(Path(sys.argv[1])), encoding="ascii")
