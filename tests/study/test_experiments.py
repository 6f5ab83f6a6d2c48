"""The experiments against the paper's table."""

from zlib import crc32

import pytest

from plaw.errors import PlawError
from plaw.model.reading import PAPER
from plaw.model.strategies import Accelerated, Momentum
from plaw.study.experiments import CHOSEN, EXPERIMENTS, PREDICTED, SEARCHES, VARIANTS, find, get
from plaw.study.readings import READINGS


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


def test_a_variant_differs_from_its_curve_in_its_reading_or_its_search_alone():
    """So that the two train on the same samples."""
    for name, variant in VARIANTS.items():
        curve, change = name.split("/")
        base = get(curve)
        same = ("seed", "rule", "sizes", "epochs", "committee")
        assert get(name) is variant and all(getattr(variant, key) == getattr(base, key) for key in same)
        assert variant.rows == () and variant.architecture.hidden == base.architecture.hidden
        if change in READINGS:
            assert variant.architecture.reading == READINGS[change] and variant.search.number == 0
        else:
            assert variant.architecture == base.architecture and variant.search.number == int(change[-1]) > 0
    assert {f"{name}/search-{k}" for name, searches in SEARCHES.items() for k in range(1, searches)} < set(VARIANTS)
    assert {f"{name}/{CHOSEN}" for name in PREDICTED} < set(VARIANTS)


def test_readings_are_all_different_and_none_is_the_base():
    assert len(set(READINGS.values()) | {PAPER}) == len(READINGS) + 1
