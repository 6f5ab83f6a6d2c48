"""What the paper leaves open: one choice for each open point. A reading of the paper is a choice for all of them."""

from dataclasses import dataclass

from plaw.errors import PlawError

CHOICES = {
    "weights": ("fan-in", "glorot", "one"),
    "amplitude": ("mean", "gain", "none"),
    "mean": ("with", "before"),
    "outputs": ("sigmoid", "softmax"),
    "velocity": ("zero", "gradient"),
    "pixels": ("deviation", "range"),
    "labels": ("cycle", "random"),
}


@dataclass(frozen=True)
class Reading:
    """One way to read the paper. The default is the reading of all figures, unless they name another.

    Parameters
    ----------
    weights, scale
        Initial weights are Gaussian of mean 0; their standard deviation is `scale` times 1/sqrt(fan-in) ("fan-in"),
        sqrt(2/(fan-in + fan-out)) ("glorot", Glorot and Bengio 2010) or 1 ("one").
    bias
        The initial value of all biases.
    amplitude
        What Amp_l multiplies in the activation of hidden layer l, with <h> the running mean of the field h:
        "mean": sigmoid(h - Amp_l <h>); "gain": sigmoid(Amp_l (h - <h>)); "none": sigmoid(h), without Amp.
    mean
        Whether the running mean is taken with the example presented, or from those before it alone.
    outputs
        "sigmoid": each output is a sigmoid of its own; "softmax": they sum to 1. Both have the delta a - y.
    velocity
        V before the first step: "zero", or the first step of gradient descent ("gradient"; Momentum only), as if the
        first step were 1 + mu times as long.
    pixels
        From each image its mean is subtracted; then it is divided by its standard deviation ("deviation") or by the
        largest possible value, 255 ("range").
    labels
        The order of presentation: labels that "cycle" 0, 1, ..., 9, or all examples at "random".
    batch
        Examples in a step: the gradient is the mean over them.

    Raises
    ------
    PlawError
        For a choice that there is not, a scale that is not above 0, or an empty batch.

    Examples
    --------
    >>> Reading(scale=2.0) == Reading()
    False
    """

    weights: str = "fan-in"
    scale: float = 1.0
    bias: float = 0.0
    amplitude: str = "mean"
    mean: str = "with"
    outputs: str = "sigmoid"
    velocity: str = "zero"
    pixels: str = "deviation"
    labels: str = "cycle"
    batch: int = 1

    def __post_init__(self) -> None:
        for name, known in CHOICES.items():
            if getattr(self, name) not in known:
                choices = " or ".join(f'"{choice}"' for choice in known)
                raise PlawError(f"{name} is {choices}, not {getattr(self, name)!r}.")
        if not self.scale > 0 or self.batch < 1:
            raise PlawError(f"A reading needs a scale above 0 and a batch of 1 or more: {self}.")

    def deviation(self, units: int, fan_in: int) -> float:
        """The standard deviation of the initial weights of a layer.

        >>> Reading(scale=2.0).deviation(100, 784)
        0.07142857142857142
        """
        return self.scale * {"fan-in": fan_in**-0.5, "glorot": (2 / (fan_in + units)) ** 0.5, "one": 1.0}[self.weights]


PAPER = Reading()
