"""What a backend offers: the same few functions, on different machines."""

from collections.abc import Callable
from typing import Any, Protocol

import numpy as np

from plaw.engine.costs import Costs
from plaw.engine.state import State
from plaw.model.network import Network, Wiring


class Rebuilding(Protocol):
    """The first layer in its dual form, where the backend computes (plaw.engine.dual.Dual is one)."""

    def rebuild(self, network: Network) -> None:
        """Write the weights that the coefficients stand for into the network."""


class Backend(Protocol):
    """A module of this folder, as training, the choice of the engine, searches and the benchmark use it.

    R replicas train on-line for T steps on a pool of n examples: images (n, inputs), labels int32 (n,), order int32 (R,
    T). plaw.engine.backends.numpy_ is the reference; a new backend is a module like it, and a line in
    plaw.engine.backends.BACKENDS.
    """

    NAME: str
    DTYPES: tuple[str, ...]  # of the networks that it takes
    ON_GPU: bool  # the weights lie in a GPU's memory, not in the host's
    GRAM_SHARE: float  # of the free memory, for Gram matrices

    def problem(self) -> str | None:
        """Why it cannot work here, and what to do; None where it can."""

    def has_device(self) -> bool:
        """Whether the machine has what the backend computes on, so that a problem is a defect."""

    def device_name(self) -> str:
        """The processor or GPU, as records name it."""

    def costs(self) -> Costs:
        """Seconds of what the engines do in the first layer."""

    def free_bytes(self) -> int:
        """Free memory where it computes."""

    def concurrent_trainings(self) -> int:
        """How many trainings side by side keep the device busy."""

    def bench_replicas(self) -> int:
        """How many replicas the benchmark trains."""

    def train_direct(self, state: State, images: np.ndarray, labels: np.ndarray, order: np.ndarray) -> None:
        """On-line training with the weights themselves; changes `state` in place."""

    def steps_alone(self, state: State, images: np.ndarray, labels: np.ndarray) -> Callable[[np.ndarray], None]:
        """train_direct as a function of the order, for the benchmark, without the way to the device and back."""

    def start_dual(self, network: Network, images: np.ndarray, gram: Any = None) -> Rebuilding:
        """The dual form of a network about to train (plaw.engine.dual); gram: as gram_matrices gives it."""

    def train_dual(self, state: State, dual: Any, labels: np.ndarray, order: np.ndarray) -> None:
        """The momentum rule with the first layer in its dual form, from start_dual; changes both in place."""

    def gram_matrices(self, wiring: Wiring, images: np.ndarray) -> Any:
        """Gram matrices (n, units, n), where the backend computes."""

    def outputs(self, network: Network, images: np.ndarray) -> np.ndarray:
        """Outputs of the last layer (R, n, outputs) for images (n, inputs); nothing is changed."""

    def copier(self, nbytes: int) -> Callable[[int], None]:
        """A function that copies so many bytes within its memory, so many times: the benchmark's floor."""
