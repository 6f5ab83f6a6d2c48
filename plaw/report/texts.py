"""Recorded curves as text, for the cells of the chapters."""

from pathlib import Path

from plaw.study import results
from plaw.study.experiments import EXPERIMENTS


def summary(*experiment_ids: str, folder: Path | None = None) -> str:
    """Mean and standard deviation of the error at each size of some experiments, and how many samples they are of."""
    lines = []
    for experiment_id in experiment_ids:
        experiment, errors = EXPERIMENTS[experiment_id], results.errors(experiment_id, folder)
        lines.append(experiment.title + ("" if errors else ": not yet recorded"))
        for n in experiment.sizes if errors else ():
            have, want = len(errors.get(n, ())), experiment.n_samples(n)
            kind = ("committee" if experiment.committee > 1 else "network") + "s" * (have != 1)
            count = f"{have} {kind}" + (f" of {want} so far" if have < want else "")
            spread = f", deviation {errors[n].std(ddof=1):.4f}" if have > 1 else ""
            measured = f"{errors[n].mean():.4f}{spread} ({count})" if have else "not yet recorded"
            lines.append(f"  {n:>3} per label: {measured}")
    return "\n".join(lines)


def slopes(*experiment_ids: str, folder: Path | None = None) -> str:
    """The local exponents of some experiments, with their standard errors; experiments without any are left out."""
    lines = []
    for experiment_id in experiment_ids:
        exponents = results.local_exponents(experiment_id, folder)
        lines += [experiment_id] * bool(exponents)
        for (n, m), (rho, noise) in exponents.items():
            lines.append(f"  {n:>3} to {m:>3} per label: rho = {rho:.3f} ± {noise:.3f}")
    return "\n".join(lines)
