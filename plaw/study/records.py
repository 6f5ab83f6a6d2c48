"""What a record holds, as plaw.study.store keeps it: one JSON object a line, checked when it is read.

These types are the schema: `parse` compares a line with them. Keys beyond those named are allowed.
"""

from typing import Annotated, Any, Literal, NotRequired, TypedDict

import msgspec
from msgspec import Meta

Error = Annotated[float, Meta(ge=0, le=1)]  # a share of examples
Count = Annotated[int, Meta(ge=0)]
Size = Annotated[int, Meta(ge=1, le=10**9)]  # examples per label
Errors = Annotated[list[Error], Meta(min_length=1)]


class Trial(TypedDict):
    """One trial of a search: the errors on held-out digits, one for each sample of a group.

    Searches recorded before version 0.3 went size by size. They had a state, "complete" or "pruned", in the place of
    rounds and groups.
    """

    kind: Literal["trial"]
    n: Size
    round: NotRequired[Count]
    number: Count
    group: NotRequired[Count]
    parameters: dict[str, float]
    errors: Errors
    state: NotRequired[Literal["complete", "pruned"]]


class Candidate(TypedDict):
    """Hyper-parameters trained on fresh samples, and what the surrogate predicts for them.

    source: "surrogate", its optimum; "trial", one of the best; "surrogate at 30", its optimum at another size.
    predicted: the error at the median of the posterior; deviation: the posterior's, of the log error.
    """

    source: NotRequired[str]
    parameters: NotRequired[dict[str, float]]
    errors: NotRequired[Errors]
    predicted: NotRequired[float]
    deviation: NotRequired[float]


class Choice(TypedDict):
    """What a search chose. edges: the hyper-parameters that lie on the edge of their range."""

    kind: Literal["choice"]
    n: Size
    parameters: dict[str, float]
    strategy: NotRequired[dict[str, Any]]
    error: NotRequired[Error]
    candidates: NotRequired[list[Candidate]]
    trials: NotRequired[Count]
    edges: NotRequired[list[str]]


class _Origin(TypedDict, total=False):
    """When, with what and where a record was made."""

    engine: str
    backend: str
    version: str
    date: str
    seconds: Annotated[float, Meta(ge=0)]
    processor: str


class NetworkRecord(_Origin):
    """One reported network or committee.

    error: of the networks alone; errors: the same after each recorded epoch; committee_errors: of the first few of
    them as a committee; held_out_error: that of the networks on the held-out digits; task: where it is not the whole
    of MNIST.
    """

    kind: Literal["network"]
    n: Size
    sample: Count
    error: Error
    strategy: NotRequired[dict[str, Any]]
    committee_error: NotRequired[Error]
    committee_errors: NotRequired[dict[str, Error]]
    held_out_error: NotRequired[Error]
    errors: NotRequired[dict[str, Error]]
    epochs: NotRequired[Count]
    committee: NotRequired[Size]
    seed: NotRequired[list[int]]
    dataset: NotRequired[str]
    task: NotRequired[str]


class _Device(TypedDict):
    name: str


class Measurement(_Origin):
    """Any other record: a benchmark, a calibration."""

    kind: str
    versions: NotRequired[dict[str, str | None]]
    gpu: NotRequired[_Device]


SCHEMA: dict[str, type] = {"trial": Trial, "choice": Choice, "network": NetworkRecord}


def parse(line: bytes) -> dict[str, Any]:
    """The record in a line.

    Raises
    ------
    ValueError
        Where it is none: what is wrong, and where in the line.

    Examples
    --------
    >>> parse(b'{"kind": "network", "n": 30, "sample": 0, "error": 7}')
    Traceback (most recent call last):
    ...
    msgspec.ValidationError: Expected `float` <= 1.0 - at `$.error`
    """
    try:
        record = msgspec.json.decode(line)
    except RecursionError:
        raise ValueError("It is nested too deeply.") from None
    kind = record.get("kind") if isinstance(record, dict) else None
    msgspec.convert(record, SCHEMA.get(kind, Measurement) if isinstance(kind, str) else Measurement)
    return record


class PointStatus(TypedDict):
    """What is recorded of one point of a learning curve."""

    n: int
    samples: int
    wanted: int
    tuned: bool


class ExperimentStatus(TypedDict):
    """What is recorded of an experiment."""

    id: str
    title: str
    points: list[PointStatus]
