"""Which engine trains a network: the weights themselves ("direct") or the first layer's dual form ("dual").

Both compute the same; the choice is one of time and memory. A CPU's times are those of one core, measured by `plaw bench`; a GPU's are
computed from the bytes that its kernels move and its memory's bandwidth, not measured. The ratios matter, not the size.
"""

from dataclasses import dataclass

import psutil

from plaw.engine.dual import gram_bytes
from plaw.errors import PlawError
from plaw.model.network import Network


@dataclass(frozen=True)
class Costs:
    """Seconds of what the engines do in the first layer; where they were obtained."""

    source: str
    pixel_weight: float  # direct: a weight in cache, a step
    cross_weight: float  # direct: a cross weight, a step
    coefficient: float  # dual: a coefficient, a step
    gram: float  # a feature of a pair of examples: the Gram matrices
    feature: float  # a feature of an example, formed for them once
    projection: float  # a feature of an example: its part in the fields at the start, or in the weights at the end
    formed_again: float = 0.0  # a feature of an example, formed for either of these
    unit: float = 0.0  # a unit, for the Gram matrices, the start and the end


CORE = Costs("estimated on one core", 1.8e-10, 1.0e-9, 6e-10, 1.6e-11, 1.0e-9, 1.3e-10)
MEMORY_SHARE = 0.4  # of the free memory, for Gram matrices


def gpu_costs(bandwidth: float) -> Costs:
    """A GPU's costs, computed: bytes moved (plaw/engine/backends/kernels) over the bandwidth of its memory, in bytes a second.

    A weight is 16 bytes a step (pairs, which replicas share, come from the cache), a coefficient 16 and 4 of a Gram matrix; a feature is 20: two
    pixels in, the product out, and its copy beside the pixels. A product of matrices does ten operations, five multiply-adds, in the time of
    a byte: an A100 does, and other cards do more. Around the products of a unit Python launches some ten kernels of 10 microseconds.
    """
    byte = 1 / bandwidth
    multiply_add = byte / 5
    return Costs(
        f"computed for {bandwidth / 1e9:,.0f} GB/s", pixel_weight=16 * byte, cross_weight=16 * byte, coefficient=20 * byte,
        gram=multiply_add, feature=20 * byte, projection=multiply_add, formed_again=20 * byte, unit=1e-4,
    )  # fmt: skip


def costs(backend: str) -> Costs:
    """What the engines cost with a backend."""
    if backend != "cupy":
        return CORE
    from plaw.engine.backends import device

    return gpu_costs(device.bandwidth())


@dataclass(frozen=True)
class Choice:
    """The engine and backend of a training, and why."""

    engine: str
    backend: str
    reason: str


def choose_engine(
    engine: str,
    backend: str,
    network: Network,
    accelerated: bool,
    examples: int,
    steps: int,
    gram_at_hand: bool = False,
) -> Choice:
    """The engine asked for, or under "auto" the cheaper one, for T = steps steps of all replicas over a pool of n = examples.

    PlawError where "dual" is asked for and cannot be: the accelerated rule is not linear in the gradient, or the Gram matrices
    are too large for the memory that is free.
    """
    if engine not in ("auto", "direct", "dual"):
        raise PlawError(f'An engine is "direct", "dual" or "auto", not {engine!r}.')
    obstacle = _obstacle(backend, network, accelerated, examples, gram_at_hand)
    if engine == "dual" and obstacle:
        raise PlawError(f"The dual engine cannot train this: {obstacle}; use the direct engine.")
    if engine != "auto":
        return Choice(engine, backend, "asked for")
    if obstacle:
        return Choice("direct", backend, obstacle)
    known = costs(backend)
    direct, dual = direct_seconds(network, steps, known), dual_seconds(network, examples, steps, gram_at_hand, known)
    cheaper = "dual" if dual < direct else "direct"
    return Choice(cheaper, backend, f"{known.source}: direct {direct:.2g} s, dual {dual:.2g} s")


def direct_seconds(network: Network, steps: int, costs: Costs = CORE) -> float:
    """Estimated time of the first layer's part of all replicas' steps with the weights themselves."""
    architecture = network.architecture
    a_unit = architecture.inputs * costs.pixel_weight + architecture.crosses * costs.cross_weight
    return network.replicas * steps * architecture.hidden[0] * a_unit


def dual_seconds(network: Network, examples: int, steps: int, gram_at_hand: bool, costs: Costs = CORE) -> float:
    """Estimated time of the same in the dual form, with the Gram matrices (unless at hand), the start and the rebuilt weights."""
    architecture, replicas = network.architecture, network.replicas
    stepping = replicas * steps * examples * costs.coefficient
    features = architecture.features * examples
    gram = 0 if gram_at_hand else features * (examples * costs.gram + costs.feature) + costs.unit
    around = 2 * features * replicas * costs.projection + 2 * (features * costs.formed_again + costs.unit)
    return architecture.hidden[0] * (stepping + gram + around)


def _obstacle(backend: str, network: Network, accelerated: bool, examples: int, gram_at_hand: bool) -> str:
    """Why the dual form is out of the question; "" where it is not."""
    if accelerated:
        return "the accelerated rule is not linear in the gradient, so it has no dual form"
    needed, (room, share) = gram_bytes(network.architecture.hidden[0], examples, network.dtype.itemsize), _room(backend)
    if not gram_at_hand and needed > share * room:
        return f"the Gram matrices of {examples:,} examples take {needed / 2**30:.1f} GiB, and {room / 2**30:.1f} GiB are free"
    return ""


def _room(backend: str) -> tuple[int, float]:
    """Free memory where the backend computes, in bytes, and the share of it for Gram matrices."""
    if backend != "cupy":
        return psutil.virtual_memory().available, MEMORY_SHARE
    from plaw.engine.backends import device

    return device.free_bytes(), device.MEMORY_SHARE
