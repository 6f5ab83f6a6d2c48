"""The two learning strategies of the paper, and their hyper-parameters.

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


def _check(strategy: "Strategy", rates: Sequence[float]) -> None:
    finite = all(map(math.isfinite, [strategy.mu, strategy.alpha, *rates, *strategy.amp]))
    if not (finite and 0 <= strategy.mu < 1 and 0 <= strategy.alpha < 1 and min(rates) >= 0):
        needed = "0 <= mu < 1, 0 <= alpha < 1, and rates that are finite and not negative"
        raise PlawError(f"Hyper-parameters need {needed}: {strategy}.")


@dataclass(frozen=True)
class Momentum:
    """The momentum strategy, Eqs 3 and 4 of the paper.

    Parameters
    ----------
    mu
        Momentum, 0 <= mu < 1.
    alpha
        Weight decay, 0 <= alpha < 1.
    eta
        Learning rate.
    amp
        Amp_l, one per hidden layer: the share of the mean field that is subtracted (plaw.model.Architecture).

    Raises
    ------
    PlawError
        For values out of these ranges.

    Examples
    --------
    >>> Momentum(mu=0.9, alpha=1e-5, eta=0.01, amp=(0.5, 0.5)).eta
    0.01
    """

    mu: float
    alpha: float
    eta: float
    amp: tuple[float, ...]

    def __post_init__(self) -> None:
        _check(self, [self.eta])


@dataclass(frozen=True)
class Accelerated:
    """The accelerated strategy, Eqs 6 and 7 of the paper: each weight has a learning rate of its own.

    Parameters
    ----------
    mu, alpha, amp
        As in `Momentum`.
    tau
        Decay of the learning rates, which shrink by exp(-tau) in each step.
    A, beta
        Size and steepness of their growth, A tanh(beta g): one per weight layer, crosses belonging to the first.

    Raises
    ------
    PlawError
        For values that are not finite or out of range.

    Examples
    --------
    >>> Accelerated(mu=0.9, alpha=1e-5, tau=0.1, A=(0.01, 0.01), beta=(10.0, 10.0), amp=(0.5,)).tau
    0.1
    """

    mu: float
    alpha: float
    tau: float
    A: tuple[float, ...]
    beta: tuple[float, ...]
    amp: tuple[float, ...]

    def __post_init__(self) -> None:
        _check(self, [self.tau, *self.A, *self.beta])


Strategy = Momentum | Accelerated
