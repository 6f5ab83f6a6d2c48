"""Which engine trains a network: the weights themselves ("direct") or the first layer's dual form ("dual")."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Choice:
    """The engine and backend of a training, and why."""

    engine: str
    backend: str
    reason: str


def choose_engine(engine, backend, network, accelerated, examples, steps, gram_at_hand):
    return Choice("direct" if engine == "auto" else engine, backend, "")
