"""The network and its training: what its crosses have learned to see, measured live in the chapter."""

from collections.abc import Mapping, Sequence
from types import SimpleNamespace


def measure(lengths: Mapping[str, float], largest: Sequence[float], by_lot: Sequence[float]) -> SimpleNamespace:
    """Mean lengths of pairs of pixels, and the test errors with 1, 3, 10, 30 and 100% of the crosses kept."""
    return SimpleNamespace(lengths=dict(lengths), largest=list(largest), by_lot=list(by_lot))


def check(measured: SimpleNamespace) -> None:
    """The chapter's sentences hold as long as these do."""
    everywhere, alike, strongest = measured.lengths.values()
    assert strongest < alike < 0.7 * everywhere, "the strongest pairs are short, most of it for where they are"
    everything, tenth_by_lot = measured.by_lot[-1], measured.by_lot[2]
    assert measured.largest[2] < 1.15 * everything < 0.8 * tenth_by_lot, "a tenth of the crosses is as good as all"


def numbers(measured: SimpleNamespace) -> dict[str, str]:
    """The numbers that the chapter quotes."""
    lengths = {name: f"{length:.1f}" for name, length in measured.lengths.items()}
    return lengths | {
        "one per cent": f"{measured.largest[0]:.3f}",
        "ten per cent": f"{measured.largest[2]:.3f}",
        "ten per cent by lot": f"{measured.by_lot[2]:.3f}",
        "all kept": f"{measured.by_lot[-1]:.3f}",
    }
