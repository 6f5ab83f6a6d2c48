"""Which engine trains a network: the weights themselves ("direct") or the first layer's dual form ("dual").

Both compute the same; the choice is one of time and memory. Times are those of one core, measured by `plaw bench`: their ratios
matter, not their size.
"""

from dataclasses import dataclass

import psutil

from plaw.dual import gram_bytes
from plaw.errors import PlawError
from plaw.network import Network

SECONDS_PIXEL_WEIGHT = 1.8e-10  # direct: a weight in cache, a step
SECONDS_CROSS_WEIGHT = 1.0e-9  # direct: a cross weight, a step
SECONDS_COEFFICIENT = 6e-10  # dual: a coefficient, a step
SECONDS_GRAM = 1.6e-11  # a feature of a pair of examples: the Gram matrices
SECONDS_FEATURE = 1.0e-9  # a feature of an example, formed for them once
SECONDS_PROJECTION = 1.3e-10  # a feature of an example: its part in the fields at the start, or in the weights at the end
MEMORY_SHARE = 0.4  # of the free memory, for Gram matrices


@dataclass(frozen=True)
class Choice:
    """The engine and backend of a training, and why."""

    engine: str
    backend: str
    reason: str


def choose_engine(
    engine: str, backend: str, network: Network, accelerated: bool, examples: int, steps: int, gram_at_hand: bool = False
) -> Choice:
    """The engine asked for, or under "auto" the cheaper one, for T = steps steps of all replicas over a pool of n = examples.

    PlawError where "dual" is asked for and cannot be: the accelerated rule is not linear in the gradient, or the Gram matrices
    are too large for the memory that is free.
    """
    if engine not in ("auto", "direct", "dual"):
        raise PlawError(f'An engine is "direct", "dual" or "auto", not {engine!r}.')
    obstacle = _obstacle(network, accelerated, examples, gram_at_hand)
    if engine == "dual" and obstacle:
        raise PlawError(f"The dual engine cannot train this: {obstacle}; use the direct engine.")
    if engine != "auto":
        return Choice(engine, backend, "asked for")
    if obstacle:
        return Choice("direct", backend, obstacle)
    direct, dual = direct_seconds(network, steps), dual_seconds(network, examples, steps, gram_at_hand)
    cheaper = "dual" if dual < direct else "direct"
    return Choice(cheaper, backend, f"estimated on one core: direct {direct:.2g} s, dual {dual:.2g} s")


def direct_seconds(network: Network, steps: int) -> float:
    """Estimated time of the first layer's part of all replicas' steps with the weights themselves."""
    architecture = network.architecture
    a_unit = architecture.inputs * SECONDS_PIXEL_WEIGHT + architecture.crosses * SECONDS_CROSS_WEIGHT
    return network.replicas * steps * architecture.hidden[0] * a_unit


def dual_seconds(network: Network, examples: int, steps: int, gram_at_hand: bool) -> float:
    """Estimated time of the same in the dual form, with the Gram matrices (unless at hand), the start and the rebuilt weights."""
    architecture, replicas = network.architecture, network.replicas
    stepping = replicas * steps * examples * SECONDS_COEFFICIENT
    features = architecture.features * examples
    gram = 0 if gram_at_hand else features * (examples * SECONDS_GRAM + SECONDS_FEATURE)
    around = 2 * features * replicas * SECONDS_PROJECTION
    return architecture.hidden[0] * (stepping + gram + around)


def _obstacle(network: Network, accelerated: bool, examples: int, gram_at_hand: bool) -> str:
    """Why the dual form is out of the question; "" where it is not."""
    if accelerated:
        return "the accelerated rule is not linear in the gradient, so it has no dual form"
    needed, room = gram_bytes(network.architecture.hidden[0], examples, network.dtype.itemsize), psutil.virtual_memory().available
    if not gram_at_hand and needed > MEMORY_SHARE * room:
        return f"the Gram matrices of {examples:,} examples take {needed / 2**30:.1f} GiB, and {room / 2**30:.1f} GiB are free"
    return ""
