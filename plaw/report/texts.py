"""What is recorded of some experiments, as text to read in a chapter."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from plaw.study import results
from plaw.study.experiments import EXPERIMENTS, Experiment


def summary(*experiments: str, folder: Path | None = None) -> str:
    """Mean and standard deviation of the test error at each size, and of how many samples.

    Parameters
    ----------
    *experiments : str
        Of plaw.study.experiments.
    folder : Path, optional
        Where the records are; by default those of the book.

    Returns
    -------
    str
        The title of each experiment, and a line for each of its sizes.

    Examples
    --------
    >>> print(summary("fig3-1", folder=Path("a folder without records")))
    one epoch, 1 hidden layer: not yet recorded
    """
    lines = []
    for name in experiments:
        experiment, errors = EXPERIMENTS[name], results.errors(name, folder)
        lines.append(experiment.title + ("" if errors else ": not yet recorded"))
        for n in experiment.sizes if errors else ():
            lines.append(f"  {n:>3} per label: {_size(experiment, n, errors)}")
    return "\n".join(lines)


def _size(experiment: Experiment, n: int, errors: Mapping[int, np.ndarray]) -> str:
    """The errors of one size."""
    if n not in errors:
        return "not yet recorded"
    count, planned = len(errors[n]), experiment.n_samples(n)
    kind = ("committee" if experiment.committee > 1 else "network") + "s" * (count != 1)
    so_far = f" of {planned} so far" if count < planned else ""
    spread = f", deviation {errors[n].std(ddof=1):.4f}" if count > 1 else ""
    return f"{errors[n].mean():.4f}{spread} ({count} {kind}{so_far})"


def slopes(*experiments: str, folder: Path | None = None) -> str:
    """The local exponents of some experiments between neighbouring sizes, with their standard errors from sampling.

    Parameters
    ----------
    *experiments : str
        Of plaw.study.experiments; those with fewer than two sizes of five samples are left out.
    folder : Path, optional
        Where the records are; by default those of the book.

    Returns
    -------
    str
        The name of each experiment, and a line for each pair of sizes.

    Examples
    --------
    >>> slopes("fig3-1", folder=Path("a folder without records"))
    ''
    """
    lines = []
    for name in experiments:
        exponents = results.local_exponents(name, folder)
        lines += [name] * bool(exponents)
        for (n, m), (rho, noise) in exponents.items():
            lines.append(f"  {n:>3} to {m:>3} per label: rho = {rho:.3f} ± {noise:.3f}")
    return "\n".join(lines)
