"""The paper's results in one small file that travels with the package, so that `plaw scoreboard` shows them anywhere.

It holds what the scoreboard, the fits and `plaw status` read of the records: of each experiment the chosen
hyper-parameters and, by size, the errors of all networks. After the records in book/results have changed,

    python -m plaw.study.summarise book/results

writes it again; a test compares the two.
"""

import json
from functools import cache
from pathlib import Path

FILE = Path(__file__).with_name("summary.json")


@cache
def records(experiment_id: str) -> tuple[dict, ...]:
    """The summary's records of an experiment, as plaw.study.store.read gives them.

    Choices with their parameters, and networks with their errors.
    """
    return _expand(_content().get(experiment_id, {}))


@cache
def _content() -> dict:
    return json.loads(FILE.read_text(encoding="ascii"))


def _expand(condensed: dict) -> tuple[dict, ...]:
    choices = [{"kind": "choice", "n": int(n), "parameters": p} for n, p in condensed.get("choices", {}).items()]
    networks = []
    for n, columns in condensed.get("networks", {}).items():
        for row, sample in enumerate(columns["sample"]):
            values = {key: columns[key][row] for key in ("error", "committee_error") if key in columns}
            by_epoch = {epoch: (errors or columns["error"])[row] for epoch, errors in columns["errors"].items()}
            networks.append({"kind": "network", "n": int(n), "sample": sample, **values, "errors": by_epoch})
    return (*choices, *networks)
