"""What the two engines cost in the first layer: seconds per weight, coefficient and feature, on a core and on a GPU.

A core's costs are measured by `plaw bench`; a GPU's are computed from the bytes that its kernels move and its memory's
bandwidth, not measured. The ratios matter, not the size.
"""

from dataclasses import dataclass


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


def gpu_costs(bandwidth: float) -> Costs:
    """A GPU's costs, computed: bytes moved (plaw/engine/backends/kernels) over the bandwidth of its memory, in bytes a
    second.

    A weight is 16 bytes a step (pairs, which replicas share, come from the cache), a coefficient 16 and 4 of a Gram
    matrix; a feature is 20: two pixels in, the product out, and its copy beside the pixels. A product of matrices does
    ten operations, five multiply-adds, in the time of a byte: an A100 does, and other cards do more. Around the
    products of a unit Python launches some ten kernels of 10 microseconds.
    """
    byte = 1 / bandwidth
    multiply_add = byte / 5
    return Costs(
        f"computed for {bandwidth / 1e9:,.0f} GB/s",
        pixel_weight=16 * byte, cross_weight=16 * byte, coefficient=20 * byte,
        gram=multiply_add, feature=20 * byte, projection=multiply_add, formed_again=20 * byte, unit=1e-4,
    )  # fmt: skip
