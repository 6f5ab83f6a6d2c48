"""The paper's figures as data: the network, strategy, epochs, sizes and samples behind each published number."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase
from typing import Any

from plaw.errors import PlawError
from plaw.model.network import Architecture
from plaw.model.strategies import Accelerated, Momentum
from plaw.study.readings import READINGS
from plaw.study.tasks import MNIST, TASKS, Task

CROSSES = 10_000
# How often a curve is searched, independently, where that is more than once: to measure the luck of a search.
SEARCHES = {"fig3-1": 3, "fig3-2": 3, "fig3-3": 3, "fig2-momentum": 3, "fig4-1": 2, "fig4-2": 2, "fig4-3": 2}
# The reading that fits figure 3 best (plaw.report.likelihood), and the curves that are predicted with it.
CHOSEN, PREDICTED = "scale-2", ("fig1-momentum", "fig2-momentum", "fig4-committee", "fig4-1", "fig4-2", "fig4-3")


@dataclass(frozen=True)
class SearchSettings:
    """How hyper-parameters are chosen, on held-out training digits, by one search over all sizes (plaw.study.search).

    Numbers are the same for all sizes, or one per size of the experiment.

    Parameters
    ----------
    trials
        Trials of each size.
    samples, groups
        Each trial is averaged over `samples`, those of one of `groups` groups.
    confirm
        Fresh samples on which the candidates are compared at the end.
    epochs
        Passes of the trials over a sample, where fewer than the experiment's; candidates are trained for all.
    replicas
        Networks of a committee whose error is searched.
    after
        The experiment of the same network whose trials, at other sizes, the surrogate knows.
    momentum
        The experiment whose optimum, as closely as the accelerated rule can follow it, is the first trial of a size.
    number
        Which of several independent searches of one curve it is: each has its own samples and random numbers.
    on_test_digits
        Whether networks are evaluated on the test digits, which a search must not know: to measure what that gains.
    """

    trials: int | tuple[int, ...] = 160
    samples: int | tuple[int, ...] = 6
    groups: int = 4
    confirm: int | tuple[int, ...] = 24
    epochs: int | None = None
    replicas: int = 1
    after: str | None = None
    momentum: str | None = None
    number: int = 0
    on_test_digits: bool = False


@dataclass(frozen=True)
class Experiment:
    """One curve of the paper, or of what it extrapolates to.

    Parameters
    ----------
    id
        Its name, that of its file of records, and its argument to `plaw run`.
    seed
        A whole number, its own and frozen: all its random draws begin with it (plaw.study.sampling.seed_key).
    title
        The curve in words.
    rows
        The published numbers that it stands behind (plaw.report.published).
    architecture, rule
        The network, and the class of the strategy that trains it.
    sizes
        Examples per label, from few to many.
    samples
        How many networks (or committees) each size needs, one number or one per size.
    epochs, record_epochs
        Passes over the sample; the error is recorded after each of record_epochs and after the last.
    committee
        Replicas that train on each sample.
    record_committees
        The error of the first few replicas, as a committee, is recorded too, for each of these numbers.
    shared_order
        Whether the replicas of a committee see the examples in one order, that of the first.
    record_held_out
        Whether the error on the held-out digits, those that tune, is recorded too.
    tuned_by, tuned_at
        The experiment whose hyper-parameters are used, where not its own; and at which of its sizes, where at one for
        all.
    identity_layer
        Whether trained networks are evaluated with one more hidden layer (plaw.model.network.with_identity_layer).
    search
        How hyper-parameters are chosen.
    task
        What the network is asked: by default to tell MNIST's ten digits.
    """

    id: str
    seed: int
    title: str
    rows: tuple[str, ...]
    architecture: Architecture
    rule: type[Momentum] | type[Accelerated]
    sizes: tuple[int, ...]
    samples: int | tuple[int, ...]
    epochs: int = 1
    record_epochs: tuple[int, ...] = ()
    committee: int = 1
    record_committees: tuple[int, ...] = ()
    shared_order: bool = False
    record_held_out: bool = False
    tuned_by: str | None = None
    tuned_at: int | None = None
    identity_layer: bool = False
    search: SearchSettings = field(default_factory=SearchSettings)
    task: Task = MNIST

    def n_samples(self, n: int) -> int:
        """Samples needed at n examples per label."""
        return self._at(n, self.samples)

    def search_setting(self, name: str, n: int) -> int:
        """A setting of its search (SearchSettings) at n examples per label."""
        return self._at(n, getattr(self.search, name))

    def _at(self, n: int, setting: int | tuple[int, ...]) -> int:
        return setting if isinstance(setting, int) else setting[self.sizes.index(n)]


def _layers(count: int, crosses: int = 0) -> Architecture:
    return Architecture((100,) * count, crosses)


MANY: dict[str, Any] = dict(epochs=150, record_epochs=(10, 30, 50, 100, 150))
# The more examples, the less samples differ, and the more they cost.
LONG = SearchSettings(trials=(160, 160, 120, 60), samples=4, confirm=(24, 24, 16, 12), epochs=30)
CROSSED = SearchSettings(trials=(160, 160, 120, 60, 40), samples=4, confirm=(24, 24, 24, 12, 12))
# Beyond the paper: what figures 2 and 3 extrapolate to, measured; 4,421 of the scarcest label are left to report.
LARGE = (960, 4400)


def _large(after: str) -> SearchSettings:
    return SearchSettings(trials=(64, 32), samples=4, confirm=(24, 12), after=after)


EXPERIMENTS = {
    experiment.id: experiment
    for experiment in (
        Experiment("fig1-momentum", 2736498660, "many epochs, crosses, momentum", ("T1",), _layers(2, CROSSES), Momentum,
                   (9, 15, 30, 60, 120), 50, **MANY, search=replace(LONG, trials=(160, 160, 120, 60, 24), confirm=(24, 24, 16, 8, 8))),
        Experiment("fig1-committee", 397681228, "many epochs, crosses, momentum, committees of 50", ("T3",), _layers(2, CROSSES), Momentum,
                   (9, 15, 30, 60, 120), 10, epochs=150, committee=50, tuned_by="fig1-momentum"),
        Experiment("fig1-accelerated", 1143190084, "many epochs, crosses, accelerated", ("T2",), _layers(2, CROSSES), Accelerated,
                   (9, 15, 30, 60), 50, epochs=50, record_epochs=(10, 20, 30, 40, 50),
                   search=replace(LONG, momentum="fig1-momentum")),
        Experiment("fig1-one-layer", 632400772, "many epochs, one hidden layer with crosses, momentum", ("T17",), _layers(1, CROSSES), Momentum,
                   (9, 15, 30, 60), 50, **MANY, search=LONG),
        Experiment("fig2-momentum", 1210850535, "one epoch, crosses, momentum", ("T4",), _layers(2, CROSSES), Momentum,
                   (15, 30, 60, 120, 240), 100, search=CROSSED),
        Experiment("fig2-momentum-committee", 723901925, "one epoch, crosses, momentum, committees of 50", ("T5",), _layers(2, CROSSES), Momentum,
                   (15, 30, 60, 120, 240), 20, committee=50, tuned_by="fig2-momentum"),
        Experiment("fig2-accelerated", 4192853642, "one epoch, crosses, accelerated", ("T6",), _layers(2, CROSSES), Accelerated,
                   (15, 30, 60, 120, 240), 100, search=CROSSED),
        Experiment("fig2-accelerated-committee", 759788716, "one epoch, crosses, accelerated, committees of 50", ("T7",), _layers(2, CROSSES), Accelerated,
                   (15, 30, 60, 120, 240), 20, committee=50, tuned_by="fig2-accelerated"),
        Experiment("fig3-1", 174429822, "one epoch, 1 hidden layer", ("T8",), _layers(1), Momentum, (30, 60, 120, 240), 400),
        Experiment("fig3-2", 2473379780, "one epoch, 2 hidden layers", ("T9",), _layers(2), Momentum, (30, 60, 120, 240), 400),
        Experiment("fig3-3", 3832280914, "one epoch, 3 hidden layers", ("T10",), _layers(3), Momentum, (30, 60, 120, 240), 400),
        Experiment("fig4-committee", 1726189070, "one epoch, 2 hidden layers, committees of 50", ("T12",), _layers(2), Momentum,
                   (30, 60, 120, 240), 20, committee=50, search=SearchSettings(samples=2, confirm=8, replicas=10)),
        Experiment("fig4-1", 254443771, "many epochs, 1 hidden layer", ("T13",), _layers(1), Momentum, (15, 30, 60, 120), 200, **MANY, search=LONG),
        Experiment("fig4-2", 2518929729, "many epochs, 2 hidden layers", ("T13",), _layers(2), Momentum, (15, 30, 60, 120), 200, **MANY, search=LONG),
        Experiment("fig4-3", 3777290711, "many epochs, 3 hidden layers", ("T13",), _layers(3), Momentum, (15, 30, 60, 120), 200, **MANY, search=LONG),
        Experiment("fig4-built", 2494955543, "many epochs, 2 hidden layers and a third built on them", ("T16",), _layers(2), Momentum, (15, 30, 60, 120), 50,
                   epochs=150, tuned_by="fig4-2", identity_layer=True),
        Experiment("large-1", 148441627, "one epoch, 1 hidden layer, large sets", (), _layers(1), Momentum, LARGE, 20, search=_large("fig3-1")),
        Experiment("large-2", 2446351265, "one epoch, 2 hidden layers, large sets", (), _layers(2), Momentum, LARGE, 20, search=_large("fig3-2")),
        Experiment("large-3", 3872877367, "one epoch, 3 hidden layers, large sets", (), _layers(3), Momentum, LARGE, 20, search=_large("fig3-3")),
        Experiment("large-crosses", 3495247398, "one epoch, crosses, momentum, large sets", (), _layers(2, CROSSES), Momentum, LARGE, 20, search=_large("fig2-momentum")),
    )
}  # fmt: skip


assert len({experiment.seed for experiment in EXPERIMENTS.values()}) == len(EXPERIMENTS), "each has its own seed"


FIGURE_3 = ("fig3-1", "fig3-2", "fig3-3")
# The hierarchy of tasks: for all of figure 3's networks, with one hidden layer alone, and on large sets.
HIERARCHY = (
    "fashion",
    "parity",
    "four-nine",
    "noisy-10",
    "small-7",
    "five-classes",
    "zero-one",
    "pixel-noise",
    "small-14",
    "digits-8x8",
)
OF_CROSSES = ("fig2-momentum", "fig1-momentum")
OF_ONE_LAYER, OF_LARGE = ("noisy-5", "noisy-20"), ("fashion", "parity", "noisy-10", "small-7")
# Examples per class, where others than figure 3's: fewer classes learn from fewer examples in all, and of a label of
# digits-8x8 no more than 74 are left to report.
TASK_SIZES = {
    "zero-one": (4, 8, 15, 30, 60, 120, 240),
    "four-nine": (15, 30, 60, 120, 240, 480),
    "parity": (30, 60, 120, 240, 480, 960),
    "digits-8x8": (8, 15, 30, 60),
}
LARGE_TASK_SIZES = {"parity": (2400, 9600)}
# The three regions, from one example per label on: the fewer, the more samples differ.
REGIONS, REGION_SAMPLES = (1, 2, 3, 5, 8, 15, 30, 60, 120, 240), (400, 300, 200, 150, 100, 100, 50, 50, 50, 50)
REGION_SEARCH = SearchSettings(
    trials=64, samples=(24, 18, 12, 8, 6, 6, 6, 6, 6, 6), confirm=(96, 72, 48, 32, 24, 24, 24, 24, 24, 24)
)
# Small questions: replicas of a committee, with those whose error is recorded; crosses of a unit, beside the paper's; and
# the first hidden layer of a network without crosses that has as many weights as the paper's with 10,000.
LARGE_COMMITTEE, SMALLER_COMMITTEES = 200, (1, 2, 5, 10, 20, 50, 100, 200)
FEWER_AND_MORE_CROSSES, AS_MANY_WEIGHTS = (0, 1000, 3000, 30_000), 1231
# Hidden units; sizes between figure 3's and the large sets; sizes whose hyper-parameters are carried to the large sets.
WIDTHS, BETWEEN, CARRIED = (12, 25, 50, 200, 400), (480, 2000), (60, 240)


def _on(task: str, base: Experiment) -> Experiment:
    """An experiment on another task, with the same seed: where its classes are the labels, on the same samples."""
    asked, name = TASKS[task], f"{base.id}{'-' if '/' in base.id else '/'}{task}"
    architecture = replace(base.architecture, inputs=asked.inputs, outputs=asked.outputs)
    return replace(base, id=name, rows=(), architecture=architecture, task=asked)


def _shorter(base: Experiment) -> Experiment:
    """An experiment of 25 networks a size at most, its candidates confirmed on half as many samples."""
    samples = min(25, *(base.n_samples(n) for n in base.sizes))
    confirm = tuple(base.search_setting("confirm", n) // 2 for n in base.sizes)
    return replace(base, samples=samples, search=replace(base.search, confirm=confirm))


def _tasks() -> Iterator[Experiment]:
    """The hierarchy of tasks: figure 3's networks; one hidden layer on large sets; figures 1 and 2 on clothes."""
    for base in map(EXPERIMENTS.__getitem__, FIGURE_3):
        for task in (*HIERARCHY, *(OF_ONE_LAYER if base.id == "fig3-1" else ())):
            search = replace(base.search, trials=96)
            yield replace(_on(task, base), sizes=TASK_SIZES.get(task, base.sizes), samples=50, search=search)
    for task in OF_LARGE:
        base = _on(task, EXPERIMENTS["large-1"])
        search = replace(base.search, after=f"fig3-1/{task}")
        yield replace(base, sizes=LARGE_TASK_SIZES.get(task, base.sizes), search=search)
    for name in OF_CROSSES:
        yield _on("fashion", _shorter(EXPERIMENTS[name]))


def _regions() -> Iterator[Experiment]:
    """From one example per label to 4,400: with clean labels, and where a tenth is wrong, which sets a floor.

    With wrong test labels alone the networks are those of the clean ones."""
    for base in (EXPERIMENTS["fig3-1"], EXPERIMENTS["fig3-3"]):
        clean = replace(
            base, id=f"{base.id}/regions", rows=(), sizes=REGIONS, samples=REGION_SAMPLES, search=REGION_SEARCH
        )
        yield clean
        yield _on("wrong-10", clean)
        yield replace(_on("wrong-test-10", clean), tuned_by=clean.id)
    large = EXPERIMENTS["large-1"]
    yield replace(_on("wrong-10", large), search=replace(large.search, after="fig3-1/regions-wrong-10"))
    yield replace(_on("wrong-test-10", large), tuned_by=large.id)


def _widths() -> Iterator[Experiment]:
    """One hidden layer of other widths."""
    for width in WIDTHS:
        architecture = Architecture((width,))
        small, large = EXPERIMENTS["fig3-1"], EXPERIMENTS["large-1"]
        name = f"{small.id}/width-{width}"
        yield replace(
            small, id=name, rows=(), architecture=architecture, samples=50, search=replace(small.search, trials=96)
        )
        yield replace(
            large, id=f"{large.id}/width-{width}", architecture=architecture, search=replace(large.search, after=name)
        )


def _tests_of_extrapolation() -> Iterator[Experiment]:
    """Sizes between figure 3's and the large sets; and large sets with hyper-parameters of small ones."""
    for depth in (1, 2, 3):
        base = EXPERIMENTS[f"large-{depth}"]
        yield replace(base, id=f"{base.id}/between", sizes=BETWEEN)
        for n in CARRIED:
            yield replace(base, id=f"{base.id}/carried-{n}", tuned_by=f"fig3-{depth}", tuned_at=n)


def _questions() -> Iterator[Experiment]:
    """The small questions: tuning on the test digits, committees, their order of presentation, and crosses."""
    for base in (EXPERIMENTS["fig3-1"], EXPERIMENTS["fig3-3"]):
        both = replace(base, rows=(), samples=100, record_held_out=True)
        yield replace(both, id=f"{base.id}/held-out-tuned", tuned_by=base.id)
        yield replace(both, id=f"{base.id}/test-tuned", search=replace(base.search, on_test_digits=True))
    for base, sizes in (EXPERIMENTS["fig4-committee"], (60, 240)), (EXPERIMENTS["fig2-momentum-committee"], (60,)):
        few = replace(base, rows=(), sizes=sizes, tuned_by=base.tuned_by or base.id)
        large = replace(few, committee=LARGE_COMMITTEE, record_committees=SMALLER_COMMITTEES, samples=10)
        yield replace(large, id=f"{base.id}/up-to-{LARGE_COMMITTEE}")
        yield replace(few, id=f"{base.id}/one-order", shared_order=True)
    search = SearchSettings(trials=(96, 64), samples=4, confirm=(16, 12))
    crossed = replace(EXPERIMENTS["fig2-momentum"], rows=(), sizes=(60, 240), samples=25, search=search)
    networks = {f"crosses-{count}": _layers(2, count) for count in FEWER_AND_MORE_CROSSES}
    networks["as-many-weights"] = Architecture((AS_MANY_WEIGHTS, 100))
    for name, architecture in networks.items():
        yield replace(crossed, id=f"{crossed.id}/{name}", architecture=architecture)


def _readings() -> Iterator[Experiment]:
    """Figure 3 under every reading, and other curves under the chosen one."""
    for base in map(EXPERIMENTS.__getitem__, FIGURE_3):
        for name, reading in READINGS.items():
            architecture = replace(base.architecture, reading=reading)
            search = replace(base.search, trials=96)
            yield replace(base, id=f"{base.id}/{name}", rows=(), architecture=architecture, samples=50, search=search)
    for base in map(EXPERIMENTS.__getitem__, PREDICTED):
        architecture = replace(base.architecture, reading=READINGS[CHOSEN])
        yield replace(_shorter(base), id=f"{base.id}/{CHOSEN}", rows=(), architecture=architecture)


def _searched_again() -> Iterator[Experiment]:
    """Independent searches of the curves in SEARCHES."""
    for base_id, searches in SEARCHES.items():
        base = EXPERIMENTS[base_id]
        for number in range(1, searches):
            search = replace(base.search, number=number)
            yield replace(base, id=f"{base.id}/search-{number}", rows=(), samples=50, search=search)


# What varies, and the variants of each kind.
FAMILIES = {
    "readings": tuple(_readings()),
    "independent searches": tuple(_searched_again()),
    "tasks": tuple(_tasks()),
    "regions": tuple(_regions()),
    "widths": tuple(_widths()),
    "extrapolations": tuple(_tests_of_extrapolation()),
    "small questions": tuple(_questions()),
}
# Curves of the paper under other readings (plaw.study.readings), on other tasks (plaw.study.tasks), with independent
# searches and so on, as "fig3-1/scale-2" or "fig3-1/fashion".
VARIANTS = {experiment.id: experiment for family in FAMILIES.values() for experiment in family}


def variant_id(experiment_id: str, change: str) -> str:
    """What the variant of an experiment under a change is called: a reading, another task; "" for none.

    >>> variant_id("fig3-2", "scale-2"), variant_id("fig3-2", "")
    ('fig3-2/scale-2', 'fig3-2')
    """
    return f"{experiment_id}/{change}" if change else experiment_id


def get(experiment_id: str) -> Experiment:
    """The experiment of that name, a curve of the paper or a variant of one."""
    return EXPERIMENTS.get(experiment_id) or VARIANTS[experiment_id]


def find(name: str) -> list[Experiment]:
    """The experiment of that name, all of a figure ("fig3", or "large"), or all that match a pattern ("fig3-1/*").

    Raises
    ------
    PlawError
        For a name that is neither.

    Examples
    --------
    >>> [experiment.id for experiment in find("fig3")]
    ['fig3-1', 'fig3-2', 'fig3-3']
    """
    of_figure = [experiment for key, experiment in EXPERIMENTS.items() if key.startswith(f"{name}-")]
    alike = [experiment for key, experiment in (EXPERIMENTS | VARIANTS).items() if fnmatchcase(key, name)]
    if not (of_figure or alike):
        known = ", ".join(EXPERIMENTS)
        raise PlawError(f"There is no experiment {name!r}: choose a figure (fig1 to fig4, or large) or one of {known}.")
    return alike or of_figure
