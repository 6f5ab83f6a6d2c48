"""The two learning strategies of the paper and their hyper-parameters.

With g the gradient of the cost for the presented example, for every weight W (for biases alike, without the decay
alpha):

    Momentum     (Eqs 3, 4)   V   <- mu V - eta g                          W <- (1 - alpha) W + V
    Accelerated  (Eqs 6, 7)   eta <- eta exp(-tau) + A tanh(beta g)
                              V   <- mu V - |eta| g                        W <- (1 - alpha) W + V

V, and in the accelerated strategy each weight's own eta, start at 0.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from plaw.errors import PlawError


def _check(strategy, positive: Sequence[float]) -> None:
    values = [strategy.mu, strategy.alpha, *positive, *strategy.amp]
    if (
        not all(map(math.isfinite, values))
        or not 0 <= strategy.mu < 1
        or not 0 <= strategy.alpha < 1
        or min(positive) < 0
    ):
        raise PlawError(
            "Hyper-parameters need 0 <= mu < 1, 0 <= alpha < 1, and rates that are finite and not negative: "
            f"{strategy}."
        )


@dataclass(frozen=True)
class Momentum:
    """Eqs 3, 4. mu: momentum; alpha: weight decay; eta: learning rate; amp: Amp_l, one per hidden layer.

    PlawError for values without meaning (mu or alpha outside of [0, 1), a negative rate).

    >>> Momentum(mu=0.6, alpha=1e-5, eta=0.01, amp=(0.5, 0.5)).eta
    0.01
    """

    mu: float
    alpha: float
    eta: float
    amp: tuple[float, ...]

    def __post_init__(self):
        _check(self, [self.eta])


@dataclass(frozen=True)
class Accelerated:
    """Eqs 6, 7. tau: decay of eta; A, beta: one per weight layer (crosses: layer 1); the others as in Momentum.

    >>> Accelerated(0.6, 1e-5, tau=0.1, A=(0.01, 0.01), beta=(10.0, 10.0), amp=(0.5,)).tau
    0.1
    """

    mu: float
    alpha: float
    tau: float
    A: tuple[float, ...]
    beta: tuple[float, ...]
    amp: tuple[float, ...]

    def __post_init__(self):
        _check(self, [self.tau, *self.A, *self.beta])


Strategy = Momentum | Accelerated
