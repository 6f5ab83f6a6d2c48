"""Which engine trains a network: the weights themselves ("direct") or the first layer's dual form ("dual").

Both compute the same; the choice is one of time (plaw.engine.costs) and memory.
"""

from dataclasses import dataclass

from plaw.engine import backends
from plaw.engine.backends.protocol import Backend
from plaw.engine.costs import CORE, Costs
from plaw.engine.dual import gram_bytes
from plaw.errors import PlawError
from plaw.model.network import Network


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
    gram_available: bool = False,
) -> Choice:
    """The engine that is asked for, or under "auto" the cheaper one.

    Parameters
    ----------
    engine
        "direct", "dual" or "auto".
    backend
        A name in plaw.engine.backends.BACKENDS.
    accelerated
        Whether the rule is the accelerated one.
    examples, steps
        Size n of the pool, and number T of steps of each replica.
    gram_available
        Whether the Gram matrices of the pool need not be computed.

    Raises
    ------
    PlawError
        Where "dual" is asked for and cannot be: the accelerated rule is not linear in the gradient, or the Gram
        matrices are too large for the memory that is free.

    Examples
    --------
    >>> import numpy as np
    >>> from plaw.model import Architecture, draw_network
    >>> network = draw_network(Architecture((100,)), [np.random.default_rng(1)])
    >>> choose_engine("auto", "numpy", network, accelerated=True, examples=600, steps=600).reason
    'the accelerated rule is not linear in the gradient, so it has no dual form'
    """
    if engine not in ("auto", "direct", "dual"):
        raise PlawError(f'An engine is "direct", "dual" or "auto", not {engine!r}.')
    computing = backends.load(backend)
    obstacle = _obstacle(computing, network, accelerated, examples, gram_available)
    if engine == "dual" and obstacle:
        raise PlawError(f"The dual engine cannot train this: {obstacle}; use the direct engine.")
    if engine != "auto":
        return Choice(engine, backend, "asked for")
    if obstacle:
        return Choice("direct", backend, obstacle)
    known = computing.costs()
    direct, dual = direct_seconds(network, steps, known), dual_seconds(network, examples, steps, gram_available, known)
    cheaper = "dual" if dual < direct else "direct"
    return Choice(cheaper, backend, f"{known.source}: direct {direct:.2g} s, dual {dual:.2g} s")


def direct_seconds(network: Network, steps: int, costs: Costs = CORE) -> float:
    """Estimated time of the first layer's part of all replicas' steps with the weights themselves."""
    architecture = network.architecture
    a_unit = architecture.inputs * costs.pixel_weight + architecture.crosses * costs.cross_weight
    return network.replicas * steps * architecture.hidden[0] * a_unit


def dual_seconds(network: Network, examples: int, steps: int, gram_available: bool, costs: Costs = CORE) -> float:
    """Estimated time of the same in the dual form, with the Gram matrices (unless available), the start and the rebuilt
    weights.
    """
    architecture, replicas = network.architecture, network.replicas
    stepping = replicas * steps * examples * costs.coefficient
    features = architecture.features * examples
    gram = 0 if gram_available else features * (examples * costs.gram + costs.feature) + costs.unit
    around = 2 * features * replicas * costs.projection + 2 * (features * costs.formed_again + costs.unit)
    return architecture.hidden[0] * (stepping + gram + around)


def _obstacle(backend: Backend, network: Network, accelerated: bool, examples: int, gram_available: bool) -> str:
    """Why the dual form is out of the question; "" where it is not."""
    if network.architecture.reading.batch > 1:
        return "the dual form is that of steps of one example"
    if accelerated:
        return "the accelerated rule is not linear in the gradient, so it has no dual form"
    needed, free = gram_bytes(network.architecture.hidden[0], examples, network.dtype.itemsize), backend.free_bytes()
    if not gram_available and needed > backend.GRAM_SHARE * free:
        gib = 2**30
        return (
            f"the Gram matrices of {examples:,} examples take {needed / gib:.1f} GiB, and {free / gib:.1f} GiB are free"
        )
    return ""
