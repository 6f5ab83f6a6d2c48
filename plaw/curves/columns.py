"""Which column of a table holds the sizes, which the errors, and which what is known of their noise."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from plaw.curves.metrics import kind_of, plain_name
from plaw.errors import PlawError

SIZES = frozenset(
    """x size sizes examples samples tokens images labels sentences documents instances points anchor
    sample_size data_size dataset_size trainset_size data_points ntrain""".split()
)
FILLERS = frozenset(
    "n number num nr no of the total count train training labeled labelled seen set per label class".split()
)
STANDARD_ERRORS = ("se", "sem", "stderr", "std_err", "std_error", "standard_error", "standard_error_of_mean")
DEVIATIONS = ("std", "sd", "stdev", "stddev", "std_dev", "standard_deviation", "sigma")
SHARED = frozenset("seed seeds run fold split repeat repetition replicate trial random_state sample index id".split())
RUNS = (
    "runs", "n_runs", "num_runs", "repeats", "n_repeats", "num_repeats", "repetitions", "replicates", "seeds",
    "n_seeds", "num_seeds", "folds", "n_folds", "n_splits", "trials", "n_trials", "count",
)  # fmt: skip


@dataclass(frozen=True)
class Roles:
    """Places of the columns in a table.

    Attributes
    ----------
    size : int
    values : tuple of int
        The errors or scores; several where the runs of one size stand side by side.
    standard_error, deviation, runs : int or None
        The standard error of each value, the standard deviation over runs, and their number.
    groups : tuple of int
        What tells curves apart.
    pair : int or None
        What runs of two curves share.
    """

    size: int
    values: tuple[int, ...]
    standard_error: int | None
    deviation: int | None
    runs: int | None
    groups: tuple[int, ...]
    pair: int | None


def find_roles(
    names: Sequence[str], x: str | None = None, y: str | None = None, group: str | None = None, pair: str | None = None
) -> Roles:
    """Find the columns by their names, any case, with spaces or underscores.

    Parameters
    ----------
    names : sequence of str
        Of the columns.
    x, y : str, optional
        The columns of sizes and of errors or scores, where their names are not among `SIZES` and those of
        `plaw.curves.metrics`. In y, commas between several columns that hold the runs of each size.
    group : str, optional
        The column, or the columns with commas between them, that tell curves apart.
    pair : str, optional
        The column of the seed, the fold or the test set that runs of two curves share.

    Returns
    -------
    Roles

    Raises
    ------
    PlawError
        Where a column is not there, or several could be meant.

    Examples
    --------
    >>> find_roles(["Train size", "Test accuracy", "accuracy_std"])
    Roles(size=0, values=(1,), standard_error=None, deviation=2, runs=None, groups=(), pair=None)
    """
    size = _named(names, x) if x else _size(names)
    values = tuple(_several(names, y)) if y else (_value(names, size),)
    groups = tuple(_several(names, group)) if group else ()
    if size in (*values, *groups):
        raise PlawError(f"the column {names[size]!r} cannot be the sizes and something else, too: name another.")
    taken = {size, *values, *groups}
    measured = plain_name(names[values[0]])
    return Roles(
        size, values,
        _spread(names, STANDARD_ERRORS, measured, taken), _spread(names, DEVIATIONS, measured, taken),
        _spread(names, RUNS, measured, taken), groups, _named(names, pair) if pair else None,
    )  # fmt: skip


def _normal(name: str) -> str:
    return re.sub(r"\W+", "_", name.strip().lower()).strip("_")


def _shown(names: Sequence[str]) -> str:
    return ", ".join(name or "(no name)" for name in names)


def _named(names: Sequence[str], wanted: str) -> int:
    """The column that is asked for: as it is written, or else in any case."""
    for same in (str.strip, lambda name: name.strip().lower(), _normal):
        places = [i for i, name in enumerate(names) if name and same(name) == same(wanted)]
        if len(places) > 1:
            raise PlawError(f"the column {wanted!r} is there {len(places)} times: give each its own name.")
        if places:
            return places[0]
    raise PlawError(f"there is no column {wanted!r}: the columns are {_shown(names)}.")


def _several(names: Sequence[str], wanted: str) -> list[int]:
    """The columns asked for, with commas between them; one whose name has a comma counts as one."""
    if any(name.strip().lower() == wanted.strip().lower() for name in names):
        return [_named(names, wanted)]
    return [_named(names, part) for part in wanted.split(",") if part.strip()]


def _size(names: Sequence[str]) -> int:
    return _only(names, [i for i, name in enumerate(names) if _is_size(name)], "n", "sizes", "--x")


def _is_size(name: str) -> bool:
    """Whether a column holds sizes: "n", "Train size", "number of training examples", but not "train"."""
    words = _normal(name).split("_")
    rest = "_".join(word for word in words if word not in FILLERS)
    return rest in SIZES or (not rest and "n" in words)


def _value(names: Sequence[str], size: int) -> int:
    """The column of errors or scores: by its whole name, or else by the last word of it."""
    for by_last_word in (False, True):
        places = [i for i, name in enumerate(names) if i != size and kind_of(name, by_last_word)]
        if places:
            break
    return _only(names, places, "error", "errors or scores", "--y")


def _only(names: Sequence[str], places: list[int], first_choice: str, what: str, option: str) -> int:
    """The one column of several that could be meant: that of the first choice, if there is one."""
    chosen = [i for i in places if _normal(names[i]) == first_choice] or places
    if len(chosen) == 1:
        return chosen[0]
    if len({_normal(names[i]) for i in chosen}) == 1 and chosen:
        raise PlawError(f"the column {names[chosen[0]]!r} is there {len(chosen)} times: give each its own name.")
    if chosen:
        raise PlawError(f"{_shown([names[i] for i in chosen])} could all be the {what}: name one of them by {option}.")
    raise PlawError(
        f"no column of {what} is found among {_shown(names)}: call it {first_choice}, or name it by {option}."
    )


def _spread(names: Sequence[str], words: Sequence[str], measured: str, taken: set[int]) -> int | None:
    """The column of the noise: std, error_std, std_error and so on, of the measured values and of nothing else."""
    places = []
    for i, name in enumerate(names):
        normal = _normal(name)
        for word in words if i not in taken else ():
            rest = normal.removeprefix(f"{word}_") if normal.startswith(f"{word}_") else normal.removesuffix(f"_{word}")
            if normal == word or (rest != normal and plain_name(rest) == measured):
                places.append(i)
                break
    if len(places) > 1:
        raise PlawError(f"{_shown([names[i] for i in places])} could all be the noise: keep one of them.")
    return places[0] if places else None
