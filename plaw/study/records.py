"""What a record holds, as plaw.study.store keeps it: one JSON object a line."""

from typing import Literal, NotRequired, TypedDict


class Trial(TypedDict):
    """One trial of a search: the errors on held-out digits, one for each sample of a group.

    Searches recorded before version 0.3 went size by size. They had a state, "complete" or "pruned", in the place of
    rounds and groups.
    """

    kind: Literal["trial"]
    n: int
    round: int
    number: int
    group: int
    parameters: dict[str, float]
    errors: list[float]
    state: NotRequired[Literal["complete", "pruned"]]


class Candidate(TypedDict):
    """Hyper-parameters trained on fresh samples, and what the surrogate predicts for them.

    source: "surrogate", its optimum; "trial", one of the best; "surrogate at 30", its optimum at another size.
    predicted: the error at the median of the posterior; deviation: the posterior's, of the log error.
    """

    source: str
    parameters: dict[str, float]
    errors: list[float]
    predicted: float
    deviation: float


class Choice(TypedDict):
    """What a search chose. edges: the hyper-parameters that lie on the edge of their range."""

    kind: Literal["choice"]
    n: int
    parameters: dict[str, float]
    strategy: dict
    error: float
    candidates: list[Candidate]
    trials: int
    edges: list[str]


class NetworkRecord(TypedDict):
    """One reported network or committee.

    error: of the networks alone; errors: the same after each recorded epoch; task: where it is not the whole of MNIST.
    """

    kind: Literal["network"]
    n: int
    sample: int
    strategy: dict
    error: float
    committee_error: NotRequired[float]
    errors: dict[str, float]
    epochs: int
    committee: int
    seed: list[int]
    engine: str
    backend: str
    dataset: str
    task: NotRequired[str]
    version: str
    date: str
    seconds: float
    processor: str


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
