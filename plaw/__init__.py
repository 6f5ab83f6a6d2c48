"""plaw: power-law scaling of test errors with the size of the training set.

The names below serve anyone's learning curves. They come from `plaw.curves`, which is imported when one of them is
first used, because SciPy is slow to import. The paper's network is in `plaw.model`, its training in `plaw.engine`.

Examples
--------
>>> import plaw
>>> fit = plaw.fit_law("power", [9, 15, 30, 60], [0.217, 0.168, 0.119, 0.084])
>>> round(fit.params["rho"], 2)
0.5
"""

from typing import TYPE_CHECKING

from plaw.errors import PlawError

__version__ = "0.1.0"

__all__ = [
    "LAWS",
    "Fit",
    "Law",
    "PlawError",
    "__version__",
    "compare_curves",
    "compare_laws",
    "crossing",
    "estimate",
    "fit_law",
]

if TYPE_CHECKING:
    from plaw.curves import LAWS, Fit, Law, compare_curves, compare_laws, crossing, estimate, fit_law
else:

    def __getattr__(name: str) -> object:
        if name not in __all__:
            raise AttributeError(f"module 'plaw' has no attribute {name!r}")
        from importlib import import_module

        return getattr(import_module("plaw.curves"), name)

    def __dir__() -> list[str]:
        return sorted({*globals(), *__all__})
