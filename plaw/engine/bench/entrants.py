"""Who takes part in the benchmark (plaw.engine.bench.bench), on which networks: plaw's engines and backends, the
baselines, and the floor.

What is timed are steps, of a training that has been set up; Gram matrices and initial fields are available. The floor
moves the bytes that the first layer's update has to move (every weight, velocity and eta read and written, every input
read) and computes nothing. On a GPU it copies weights, velocities and etas from one place to another. Replicas: one a
core for numba and the floor; one, with all cores at its service, for NumPy and the baselines; a committee for a GPU.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np
from numba import get_num_threads

from plaw.engine import backends
from plaw.engine.backends.loops import compiled
from plaw.engine.backends.numba_ import side_by_side
from plaw.engine.backends.protocol import Backend
from plaw.engine.bench import baselines
from plaw.engine.hyper_parameters import stack_hyper_parameters
from plaw.engine.state import start
from plaw.model.data import normalise
from plaw.model.network import Architecture, Network, draw_network, draw_wiring
from plaw.model.strategies import Accelerated, Momentum, Strategy

FLOOR, GPU_FLOOR = "bytes", "bytes on the GPU"
EXAMPLES, DUAL_EXAMPLES = 50, 600  # in the pool of the direct and of the dual engine
# Of a round; fewer where every example is presented once, for the pool has to be as large.
MOST_STEPS, MOST_STEPS_ONCE = 30_000, 1000


@dataclass(frozen=True)
class Case:
    """A network and its training: hidden layers, crosses a unit, rule; once: every example is presented once."""

    name: str
    hidden: tuple[int, ...]
    crosses: int = 0
    rule: type = Momentum
    once: bool = False


CASES = (
    Case("1 layer", (100,)),
    Case("2 layers", (100, 100)),
    Case("3 layers", (100, 100, 100)),
    Case("crosses", (100, 100), 10_000),
    Case("crosses, one epoch", (100, 100), 10_000, once=True),
    Case("crosses, accelerated", (100, 100), 10_000, Accelerated),
)


@dataclass(frozen=True)
class Entrant:
    """Someone who trains: train(order) presents order (R, T) of a pool of examples, T a multiple of chunk and at most
    `most`.

    prepared: seconds that the Gram matrices took.
    """

    engine: str
    backend: str
    replicas: int
    examples: int
    train: Callable[[np.ndarray], object]
    most: int
    chunk: int = 10
    prepared: float = 0.0

    def seconds(self, steps: int) -> float:
        """The time of so many steps."""
        order = draw_order(self.examples, steps, self.replicas, np.random.default_rng(steps))
        begin = time.perf_counter()
        self.train(order)
        return time.perf_counter() - begin

    def steps_of(self, seconds: float) -> int:
        """How many steps take about that long, found by ever longer trainings; the first compiles."""
        steps = self.chunk
        self.seconds(steps)
        while (took := min(self.seconds(steps) for _ in range(2))) < seconds / 3 and steps < self.most:
            steps = min(self.most, 4 * steps)
        return min(self.most, max(1, int(steps * seconds / took / self.chunk)) * self.chunk)


def measure(entrants: list[Entrant], seconds: float, rounds: int) -> list[float]:
    """Seconds per replica-step of each: its fastest of several rounds of about the given seconds, in turn."""
    steps = [entrant.steps_of(seconds) for entrant in entrants]
    times = [[entrant.seconds(count) for entrant, count in zip(entrants, steps, strict=True)] for _ in range(rounds)]
    return [
        best / (count * entrant.replicas)
        for best, count, entrant in zip(np.min(times, axis=0).tolist(), steps, entrants, strict=True)
    ]


def entrant(case: Case, engine: str, backend: str, examples: int = 0, replicas: int = 0) -> Entrant:
    """plaw itself."""
    computing = backends.get(backend)
    replicas = replicas or computing.bench_replicas()
    examples = examples or (
        DUAL_EXAMPLES if engine == "dual" else replicas * MOST_STEPS_ONCE if case.once else EXAMPLES
    )
    network, (images, labels) = draw(case, replicas), pool(examples)
    hyper_parameters = stack_hyper_parameters([strategy(case)] * replicas, network.architecture, network.dtype)
    state, most = start(network, hyper_parameters, dual=engine == "dual"), _most(case)
    if engine == "direct":
        return Entrant(engine, backend, replicas, examples, computing.steps_alone(state, images, labels), most)
    begin = time.perf_counter()
    gram = computing.gram_matrices(network.wiring, images)
    prepared, dual = time.perf_counter() - begin, computing.start_dual(network, images, gram)
    steps = partial(computing.train_dual, state, dual, labels)
    return Entrant(engine, backend, replicas, examples, steps, most, prepared=prepared)


def baseline(case: Case, name: str) -> Entrant:
    """The same training by a baseline."""
    module, examples = baselines.get(name), MOST_STEPS_ONCE if case.once else EXAMPLES
    trainer = module.Trainer(draw(case, replicas=1), [strategy(case)], *pool(examples))
    return Entrant("direct", name, 1, examples, trainer.train, _most(case), module.CHUNK)


def floor(case: Case, engine: str) -> Entrant:
    """Moves the bytes that a step of the first layer has to move, and nothing else, on every core."""
    network, replicas = draw(case, replicas=1), get_num_threads()
    _, units, features = network.weights[0].shape
    columns = features if engine == "direct" else DUAL_EXAMPLES
    changed = np.zeros((replicas, 3 if case.rule is Accelerated else 2, units, columns), np.float32)
    read = np.zeros((replicas, units if engine == "dual" or case.crosses else 1, columns), np.float32)

    def run(order: np.ndarray) -> None:
        side_by_side(_move, replicas, changed, read, order.shape[1])

    return Entrant(engine, FLOOR, replicas, EXAMPLES, run, MOST_STEPS)


def gpu_floor(case: Case, engine: str, backend: Backend) -> Entrant:
    """The same on the backend's GPU, for as many replicas as it trains."""
    arrays, columns = 3 if case.rule is Accelerated else 2, 784 + case.crosses if engine == "direct" else DUAL_EXAMPLES
    replicas = backend.bench_replicas()
    copy = backend.copier(4 * arrays * replicas * case.hidden[0] * columns)
    return Entrant(engine, GPU_FLOOR, replicas, EXAMPLES, lambda order: copy(order.shape[1]), MOST_STEPS)


def _most(case: Case) -> int:
    return MOST_STEPS_ONCE if case.once else MOST_STEPS


@compiled
def _move(r, changed, read, steps):
    for _ in range(steps):
        for u in range(changed.shape[2]):
            x, w, v, last = read[r, u % read.shape[1]], changed[r, 0, u], changed[r, 1, u], changed[r, -1, u]
            if changed.shape[1] == 2:
                for k in range(len(x)):
                    v[k] += x[k]
                    w[k] += v[k]
            else:
                for k in range(len(x)):
                    last[k] += x[k]
                    v[k] += last[k]
                    w[k] += v[k]


def draw(case: Case, replicas: int) -> Network:
    """A network of that case."""
    architecture = Architecture(case.hidden, case.crosses)
    rngs = [np.random.default_rng(replica) for replica in range(replicas)]
    return draw_network(architecture, rngs, draw_wiring(architecture, np.random.default_rng(len(rngs))))


def strategy(case: Case) -> Strategy:
    """Hyper-parameters in the range of the best ones; the speed does not depend on them."""
    layers = len(case.hidden)
    if case.rule is Accelerated:
        return Accelerated(0.6, 1e-5, 0.1, A=(0.01,) * (layers + 1), beta=(10.0,) * (layers + 1), amp=(0.5,) * layers)
    return Momentum(0.6, 1e-5, 0.01, amp=(0.5,) * layers)


def pool(examples: int) -> tuple[np.ndarray, np.ndarray]:
    """Images of noise, normalised as digits are, and labels: training takes the same time on them as on digits."""
    images = np.random.default_rng(examples).integers(0, 256, (examples, 784), np.uint8)
    return normalise(images), np.arange(examples, dtype=np.int32) % 10


def draw_order(examples: int, steps: int, replicas: int, rng: np.random.Generator) -> np.ndarray:
    """The order of presentation, (R, T): epoch after epoch or, with enough examples, each replica its own."""
    if examples >= replicas * steps:
        return rng.permutation(examples)[: replicas * steps].reshape(replicas, steps).astype(np.int32)
    epochs = np.broadcast_to(np.arange(examples, dtype=np.int32), (replicas, -(-steps // examples), examples))
    return rng.permuted(epochs, axis=2).reshape(replicas, -1)[:, :steps]
