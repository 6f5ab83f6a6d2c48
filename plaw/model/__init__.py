"""The paper's network as equations, its two learning strategies, and its digits."""

from plaw.model.data import Dataset, balanced_sample, load, normalise, presentation_order
from plaw.model.network import Architecture, Network, Wiring, draw_network, draw_wiring, with_identity_layer
from plaw.model.reading import Reading
from plaw.model.strategies import Accelerated, Momentum, Strategy

__all__ = [
    "Accelerated", "Architecture", "Dataset", "Momentum", "Network", "Reading", "Strategy", "Wiring", "balanced_sample",
    "draw_network", "draw_wiring", "load", "normalise", "presentation_order", "with_identity_layer",
]  # fmt: skip
