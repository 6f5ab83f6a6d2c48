"""The same training as others would write it, to be measured beside plaw's (`plaw bench`); it needs the extra `bench`.

Each module offers NAME, CHUNK (numbers of steps that are multiples of it are dealt with best) and a
Trainer(network, strategies, images, labels) with

    train(order)       present the examples order (R, T), and return when all is computed
    write(network)     copy what has been learned into a network
"""

import importlib
import importlib.util
from types import ModuleType

BASELINES = {"jax": "plaw.engine.bench.baselines.jax_", "torch": "plaw.engine.bench.baselines.torch_"}


def installed() -> list[str]:
    """Names of the baselines whose library is installed."""
    return [name for name in BASELINES if importlib.util.find_spec(name)]


def get(name: str) -> ModuleType:
    """The module of a baseline."""
    return importlib.import_module(BASELINES[name])
