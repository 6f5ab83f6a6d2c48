"""Architectures, wirings and initial weights."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from plaw.engine.training import outputs
from plaw.errors import PlawError
from plaw.model.network import Architecture, draw_network, draw_wiring, with_identity_layer


def generators(*seeds):
    return [np.random.default_rng(seed) for seed in seeds]


@st.composite
def architectures(draw):
    inputs = draw(st.integers(1, 12))
    hidden = tuple(draw(st.lists(st.integers(1, 5), min_size=1, max_size=3)))
    return Architecture(hidden, draw(st.integers(0, inputs * (inputs - 1) // 2)), inputs=inputs)


# --- architectures ---------------------------------------------------------------------------------------------------


def test_the_papers_network_has_a_million_cross_weights():
    architecture = Architecture(crosses=10_000)
    assert architecture.pairs == 306_936
    assert architecture.features == 10_784
    assert architecture.shapes == ((100, 10_784), (100, 100), (10, 100))


def test_without_crosses_and_with_one_hidden_layer():
    assert Architecture([100]).shapes == ((100, 784), (10, 100))
    assert Architecture([100]) == Architecture((100,)) and hash(Architecture([100]))


@pytest.mark.parametrize(
    "wrong, complaint",
    [
        ({"hidden": ()}, "at least one hidden layer"),
        ({"hidden": (100, 0)}, "at least one unit in every layer"),
        ({"inputs": 0}, "at least one unit in every layer"),
        ({"outputs": -1}, "at least one unit in every layer"),
        ({"crosses": 306_937}, "306,937 crosses .* 306,936 different pairs"),
        ({"crosses": 1, "inputs": 65_537}, "at most 65,536 inputs"),
        ({"crosses": -1}, "-1 crosses"),
    ],
)
def test_an_impossible_architecture_is_refused(wrong, complaint):
    with pytest.raises(PlawError, match=complaint):
        Architecture(**wrong)


# --- wirings ---------------------------------------------------------------------------------------------------------


@given(architectures(), st.integers(0, 2**32 - 1))
def test_a_unit_draws_different_pairs_of_different_inputs(architecture, seed):
    wiring = draw_wiring(architecture, np.random.default_rng(seed))
    assert wiring.first.shape == wiring.second.shape == (architecture.hidden[0], architecture.crosses)
    assert wiring.first.dtype == wiring.second.dtype == np.uint16
    for first, second in zip(wiring.first.tolist(), wiring.second.tolist(), strict=True):
        pairs = list(zip(first, second, strict=True))
        assert all(0 <= i < j < architecture.inputs for i, j in pairs)
        assert len(set(pairs)) == architecture.crosses and pairs == sorted(pairs)


def test_the_papers_wiring_is_distinct_pairs_and_each_units_own():
    wiring = draw_wiring(Architecture((3,), 10_000), np.random.default_rng(1))
    drawn = [set(zip(*pairs, strict=True)) for pairs in zip(wiring.first.tolist(), wiring.second.tolist(), strict=True)]
    assert [len(pairs) for pairs in drawn] == [10_000] * 3
    shared = len(drawn[0] & drawn[1])  # hypergeometric: 10,000 of 306,936 drawn twice
    low, high = stats.hypergeom(306_936, 10_000, 10_000).interval(0.999)
    assert low <= shared <= high


def test_all_pairs_are_equally_likely():
    architecture, units = Architecture((4000,), 23, inputs=20), 4000
    wiring = draw_wiring(architecture, np.random.default_rng(2))
    counts = np.zeros((20, 20))
    np.add.at(counts, (wiring.first, wiring.second), 1)
    counts = counts[np.triu_indices(20, 1)]
    chance = (
        23 / 190
    )  # a unit holds a pair at most once, so that the counts vary less than Poisson's; they sum to 4000 * 23
    statistic = np.sum((counts - units * chance) ** 2) / (units * chance * (1 - chance)) * (189 / 190)
    assert 0.001 < stats.chi2(189).sf(statistic) < 0.999


def test_the_same_seed_draws_the_same_wiring_and_another_seed_another():
    architecture = Architecture((5,), 50)
    one, same, other = (draw_wiring(architecture, rng) for rng in generators(1, 1, 2))
    assert (one.first == same.first).all() and (one.second == same.second).all()
    assert (one.first != other.first).any()


def test_products_are_those_of_the_wiring():
    architecture = Architecture((3,), 4, inputs=6)
    wiring, images = draw_wiring(architecture, np.random.default_rng(3)), np.random.default_rng(4).random((5, 6))
    products = wiring.products(images)
    assert products.shape == (5, 3, 4)
    for (n, u, k), product in np.ndenumerate(products):
        assert product == images[n, wiring.first[u, k]] * images[n, wiring.second[u, k]]


# --- initial weights -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("crosses", [0, 2000])
def test_initial_weights_are_gaussian_of_deviation_one_over_root_fan_in(crosses):
    architecture = Architecture((60, 70), crosses)
    wiring = draw_wiring(architecture, np.random.default_rng(5))
    network = draw_network(architecture, generators(6, 7), wiring)
    assert [w.shape for w in network.weights] == [(2, 60, 784 + crosses), (2, 70, 60), (2, 10, 70)]
    for weights in network.weights:
        assert weights.dtype == np.float32
        scaled = weights.ravel().astype(float) * np.sqrt(weights.shape[-1])
        assert abs(scaled.mean()) < 4 / np.sqrt(scaled.size)
        assert abs(scaled.std() - 1) < 4 / np.sqrt(2 * scaled.size)
        assert stats.kstest(scaled, "norm").pvalue > 0.001
    crossed = network.weights[0][:, :, 784:]  # a cross weight is a weight like any other
    assert crossed.size == 0 or abs(crossed.std() * np.sqrt(784 + crosses) - 1) < 4 / np.sqrt(2 * crossed.size)


def test_biases_means_and_counts_start_at_zero():
    network = draw_network(Architecture((4, 3)), generators(1, 2))
    assert [b.shape for b in network.biases] == [(2, 4), (2, 3), (2, 10)]
    assert [m.shape for m in network.mean] == [(2, 4), (2, 3)]
    assert not any(array.any() for array in (*network.biases, *network.mean, network.seen))
    assert network.replicas == 2


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_a_replicas_weights_depend_on_its_generator_alone(dtype):
    architecture = Architecture((6, 5), inputs=8)
    three = draw_network(architecture, generators(1, 2, 3), dtype=dtype)
    one = draw_network(architecture, generators(2), dtype=dtype)
    for all_weights, weights in zip(three.weights, one.weights, strict=True):
        assert weights.dtype == dtype
        np.testing.assert_array_equal(all_weights[1], weights[0])
        assert (all_weights[0] != all_weights[1]).all()


def test_a_copy_shares_no_array_that_training_changes():
    architecture = Architecture((4,), 3, inputs=5)
    network = draw_network(architecture, generators(1), draw_wiring(architecture, np.random.default_rng(2)))
    copy = network.copy()
    assert copy.wiring is network.wiring and copy.architecture == architecture
    for mine, other in zip(
        network.weights + network.biases + network.mean, copy.weights + copy.biases + copy.mean, strict=True
    ):
        np.testing.assert_array_equal(mine, other)
        assert not np.shares_memory(mine, other)
    for name in ("seen", "subtract", "gain"):
        assert not np.shares_memory(getattr(network, name), getattr(copy, name))


def test_crosses_need_a_wiring_that_fits():
    architecture = Architecture((4,), 3, inputs=5)
    with pytest.raises(PlawError, match="needs a wiring: draw one with draw_wiring"):
        draw_network(architecture, generators(1))
    wiring = draw_wiring(Architecture((4,), 2, inputs=5), np.random.default_rng(1))
    with pytest.raises(PlawError, match=r"of shape \(4, 2\), the architecture asks for \(4, 3\)"):
        draw_network(architecture, generators(1), wiring)


# --- one layer more --------------------------------------------------------------------------------------------------


@given(architectures(), st.sampled_from([np.float32, np.float64]), st.integers(0, 2**32 - 1))
def test_a_deepened_network_answers_as_before(architecture, dtype, seed):
    rng = np.random.default_rng(seed)
    network = draw_network(architecture, rng.spawn(2), draw_wiring(architecture, rng), dtype)
    network.mean = [rng.standard_normal(mean.shape) for mean in network.mean]
    network.subtract = rng.uniform(0, 1.2, network.subtract.shape).astype(dtype)
    for bias in network.biases:
        bias += rng.standard_normal(bias.shape).astype(dtype)
    images, before = rng.standard_normal((7, architecture.inputs)), network.copy()
    deeper = with_identity_layer(network)
    assert deeper.architecture.hidden == (*architecture.hidden, architecture.hidden[-1]) and deeper.dtype == dtype
    np.testing.assert_allclose(outputs(deeper, images, "numpy"), outputs(network, images, "numpy"), rtol=0, atol=2e-4)
    assert all(
        np.array_equal(*pair)
        for pair in zip(network.weights + network.biases, before.weights + before.biases, strict=True)
    )
