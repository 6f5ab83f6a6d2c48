"""How a training is computed: two engines (plaw.engine.choice) on several backends (plaw.engine.backends)."""

from plaw.engine.choice import Choice, choose_engine
from plaw.engine.training import committee_error, errors, outputs, train

__all__ = ["Choice", "choose_engine", "committee_error", "errors", "outputs", "train"]
