"""The experiments against the paper's table."""

from dataclasses import replace
from zlib import crc32

import pytest

from plaw.errors import PlawError
from plaw.model.reading import PAPER
from plaw.model.strategies import Accelerated, Momentum
from plaw.study.experiments import CHOSEN, EXPERIMENTS, HIERARCHY, PREDICTED, SEARCHES, VARIANTS, WIDTHS, find, get
from plaw.study.readings import READINGS
from plaw.study.tasks import MNIST, TASKS


def test_every_row_that_is_run_has_an_experiment():
    rows = {row for experiment in EXPERIMENTS.values() for row in experiment.rows}
    assert rows == {"T1", "T2", "T3", "T4", "T5", "T6", "T7", "T8", "T9", "T10", "T12", "T13", "T16", "T17"}


@pytest.mark.parametrize("experiment", EXPERIMENTS.values(), ids=list(EXPERIMENTS))
def test_an_experiment_is_whole(experiment):
    assert experiment.rule in (Momentum, Accelerated)
    assert list(experiment.sizes) == sorted(set(experiment.sizes))
    assert all(experiment.n_samples(n) >= 10 for n in experiment.sizes)
    assert max(experiment.record_epochs, default=1) <= experiment.epochs
    if experiment.tuned_by:
        owner = EXPERIMENTS[experiment.tuned_by]
        assert (owner.architecture, owner.rule, owner.epochs) == (
            experiment.architecture,
            experiment.rule,
            experiment.epochs,
        )
        assert set(experiment.sizes) <= set(owner.sizes)


def test_the_paper_s_networks():
    assert EXPERIMENTS["fig1-momentum"].architecture.shapes == ((100, 10_784), (100, 100), (10, 100))
    assert [EXPERIMENTS[f"fig3-{depth}"].architecture.hidden for depth in (1, 2, 3)] == [
        (100,),
        (100, 100),
        (100, 100, 100),
    ]


def test_find():
    assert [experiment.id for experiment in find("fig3")] == ["fig3-1", "fig3-2", "fig3-3"]
    assert [experiment.id for experiment in find("fig2-momentum")] == ["fig2-momentum"]
    assert [experiment.id for experiment in find("fig3-?/scale-2")] == [f"fig3-{depth}/scale-2" for depth in (1, 2, 3)]
    assert find("fig3-1/*") == [variant for variant in VARIANTS.values() if variant.id.startswith("fig3-1/")]
    with pytest.raises(PlawError, match=r"no experiment 'fig9'.*fig1-momentum"):
        find("fig9")


def test_seeds_are_the_hashes_of_the_names_that_they_were_and_all_different():
    """Frozen: a new name leaves a seed alone, and each recorded network is drawn from its own."""
    seeds = {name: experiment.seed for name, experiment in EXPERIMENTS.items()}
    assert seeds == {name: crc32(name.encode()) for name in EXPERIMENTS}
    assert len(set(seeds.values())) == len(seeds)


@pytest.mark.parametrize("name", VARIANTS)
def test_a_variant_differs_from_its_curve_in_what_its_name_says_alone(name):
    """So that the two train on the same samples, where their classes are the same."""
    variant, (curve, change) = VARIANTS[name], name.split("/")
    base, (first, *rest) = get(curve), change.split("-", 1)
    architecture, sizes, committee = base.architecture, base.sizes, base.committee
    if change in READINGS:
        architecture = replace(architecture, reading=READINGS[change])
    elif first == "search":
        assert variant.search == replace(base.search, number=int(rest[0])) and variant.search.number > 0
    elif first == "width":
        architecture = replace(architecture, hidden=(int(rest[0]),))
    elif first == "carried":
        assert variant.tuned_by == curve.replace("large", "fig3") and variant.tuned_at == int(rest[0])
    elif first == "crosses":
        architecture, sizes = replace(architecture, crosses=int(rest[0])), variant.sizes
    elif change == "as-many-weights":
        weights = [some.architecture.weights for some in (variant, base)]
        assert weights[0] == pytest.approx(weights[1], rel=1e-3) and not variant.architecture.crosses
        architecture, sizes = variant.architecture, variant.sizes
    elif change == "up-to-200":
        committee, sizes = 200, variant.sizes
    elif first in ("regions", "between", "one"):
        sizes = variant.sizes
    task = TASKS.get(change.removeprefix("regions-"), MNIST)
    if task is not MNIST:
        architecture, sizes = replace(architecture, inputs=task.inputs, outputs=task.outputs), variant.sizes
    assert get(name) is variant and variant.rows == () and variant.task is task
    assert (variant.architecture, variant.sizes, variant.committee) == (architecture, sizes, committee)
    assert all(getattr(variant, key) == getattr(base, key) for key in ("seed", "rule", "epochs"))
    assert variant.search.on_test_digits == (change == "test-tuned")


@pytest.mark.parametrize("variant", VARIANTS.values(), ids=list(VARIANTS))
def test_the_search_of_a_variant_can_be_run(variant):
    """Its numbers are one for all sizes or one each; what it comes after has the same hyper-parameters."""
    assert all(variant.n_samples(n) >= 10 for n in variant.sizes)
    for setting in ("trials", "samples", "confirm"):
        value = getattr(variant.search, setting)
        assert isinstance(value, int) or len(value) == len(variant.sizes)
    for needed in filter(None, (variant.search.after, variant.tuned_by)):
        other = get(needed)
        assert (len(other.architecture.hidden), other.rule) == (len(variant.architecture.hidden), variant.rule)
    if variant.tuned_by:
        assert {variant.tuned_at} <= set(get(variant.tuned_by).sizes) or set(variant.sizes) <= set(
            get(variant.tuned_by).sizes
        )


def test_the_variants_are_all_there():
    names = {f"{name}/search-{k}" for name, searches in SEARCHES.items() for k in range(1, searches)}
    names |= {f"{name}/{CHOSEN}" for name in PREDICTED}
    names |= {f"fig3-{depth}/{change}" for depth in (1, 2, 3) for change in (*READINGS, *HIERARCHY)}
    names |= {"fig1-momentum/fashion", "fig2-momentum/fashion"}
    names |= {f"{base}/width-{width}" for base in ("fig3-1", "large-1") for width in WIDTHS}
    names |= {f"fig3-{depth}/regions{task}" for depth in (1, 3) for task in ("", "-wrong-10", "-wrong-test-10")}
    assert names < set(VARIANTS)


def test_readings_are_all_different_and_none_is_the_base():
    assert len(set(READINGS.values()) | {PAPER}) == len(READINGS) + 1
