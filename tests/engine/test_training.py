"""The reference (NumPy, direct engine) against finite differences and an independent implementation; train() and its
input.
"""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from scipy.special import expit

from helpers import cases, independent
from plaw.engine.training import committee_error, errors, outputs, train
from plaw.errors import PlawError
from plaw.model.network import Architecture
from plaw.model.reading import PAPER, Reading
from plaw.model.strategies import Accelerated, Momentum

RULES = pytest.mark.parametrize("rule", [Momentum, Accelerated])
READINGS = pytest.mark.parametrize("reading", cases.READINGS, ids=cases.describe_reading)
LAYERS = pytest.mark.parametrize("hidden", [(6,), (6, 5), (6, 5, 3)], ids=len)
CROSSES = pytest.mark.parametrize("crosses", [0, 5])
REFERENCE = {"engine": "direct", "backend": "numpy"}
MOMENTUM = Momentum(0.9, 1e-3, 0.05, (0.7, 0.4))


def pairs_of(network):
    wiring = network.wiring
    return [list(zip(i.tolist(), j.tolist(), strict=True)) for i, j in zip(wiring.first, wiring.second, strict=True)]


# --- the reference against the paper ---------------------------------------------------------------------------------


@LAYERS
@CROSSES
@READINGS
@RULES
def test_training_is_that_of_an_independent_implementation(hidden, crosses, reading, rule):
    if rule is Accelerated and reading.velocity == "gradient":
        pytest.skip("the accelerated rule starts at zero")
    network = cases.draw(hidden, crosses, reading=reading)
    strategies = cases.draw_strategies(rule, len(hidden))
    (images, labels), order = cases.draw_pool(5), cases.draw_order(5, 15)
    start = network.copy()
    train(network, strategies, images, labels, order, **REFERENCE)
    for replica, strategy in enumerate(strategies):
        begin = [[array[replica] for array in group] for group in (start.weights, start.biases)]
        weights, biases, means = independent.train(
            *begin, pairs_of(network), strategy, reading, images, labels, order[replica]
        )
        for mine, other in zip(network.weights + network.biases + network.mean, weights + biases + means, strict=True):
            np.testing.assert_allclose(mine[replica], other, rtol=1e-10, atol=1e-12)
        assert network.seen[replica] == 15


@LAYERS
@CROSSES
@pytest.mark.parametrize("reading", cases.READINGS[:3] + cases.READINGS[4:5], ids=cases.describe_reading)
def test_a_step_follows_the_gradient_of_the_full_cost(hidden, crosses, reading):
    """From V = 0 a momentum step is -eta times the gradient of Eq. 2, L2 term included; the mean is a constant."""
    network = cases.draw(hidden, crosses, reading=reading, replicas=1)
    strategy = replace(cases.draw_strategies(Momentum, len(hidden))[0], alpha=0.01)
    images, labels = cases.draw_pool(5)
    train(network, strategy, images, labels, np.arange(4), **REFERENCE)  # so that the means hold more than one field
    before = network.copy()
    train(network, strategy, images, labels, np.array([4]), **REFERENCE)
    means = [mean[0] for mean in network.mean]
    parameters = [[array[0].copy() for array in group] for group in (before.weights, before.biases)]

    def cost():
        return independent.full_cost(*parameters, images[4], labels[4], pairs_of(network), strategy, reading, means)

    for after, group in zip((network.weights, network.biases), parameters, strict=True):
        for array, stepped in zip(group, after, strict=True):
            slope = (array - stepped[0]) / strategy.eta
            for position, value in np.ndenumerate(array):
                costs = []
                for array[position] in (value + 1e-5, value - 1e-5):
                    costs.append(cost())
                array[position] = value
                assert slope[position] == pytest.approx((costs[0] - costs[1]) / 2e-5, rel=1e-6, abs=1e-8)


@pytest.mark.parametrize("amplitude", ["mean", "gain"])
def test_the_running_mean_is_the_mean_of_all_fields_presented_over_several_trainings(amplitude):
    network, fields = cases.draw((6, 5), 5, reading=Reading(amplitude=amplitude), replicas=2), ([], [])
    images, labels = cases.draw_pool(6)
    crosses = network.wiring.products(images)

    def record(step, after):
        """The fields of the example of this step, from the weights before it."""
        examples = order[:, step - 1]
        h = np.einsum("rui,ri->ru", before[0].weights[0][:, :, :7], images[examples])
        h += np.einsum("ruk,ruk->ru", before[0].weights[0][:, :, 7:], crosses[examples]) + before[0].biases[0]
        fields[0].append(h)
        centred = after.gain[:, :1] * (h - after.subtract[:, :1] * np.mean(fields[0], axis=0))
        fields[1].append(np.einsum("rup,rp->ru", before[0].weights[1], expit(centred)) + before[0].biases[1])
        before[0] = after.copy()

    for seed in (1, 2):
        order, before = cases.draw_order(6, 20, replicas=2, seed=seed), [network.copy()]
        train(network, MOMENTUM, images, labels, order, report_at=range(1, 21), report=record, **REFERENCE)
    for mean, presented in zip(network.mean, fields, strict=True):
        assert len(presented) == 40
        np.testing.assert_allclose(mean, np.mean(presented, axis=0), rtol=1e-12, atol=1e-13)
    assert (network.seen == 40).all()


def test_replicas_with_different_strategies_train_as_if_alone():
    network, (images, labels), order = cases.draw((6, 5), 5), cases.draw_pool(5), cases.draw_order(5, 30)
    singles = [cases.alone(network, replica) for replica in range(3)]
    strategies = cases.draw_strategies(Accelerated, 2)
    train(network, strategies, images, labels, order, **REFERENCE)
    for replica, single in enumerate(singles):
        train(single, strategies[replica], images, labels, order[replica], **REFERENCE)
        cases.assert_close(cases.alone(network, replica), single, rtol=1e-12, atol=1e-14)


# --- train() ---------------------------------------------------------------------------------------------------------


@RULES
def test_reports_come_after_the_steps_named_and_change_nothing(rule):
    images, labels = cases.draw_pool(5)
    strategies, order = cases.draw_strategies(rule, 2), cases.draw_order(5, 20)
    whole, reported, seen = cases.draw((6, 5), 5), cases.draw((6, 5), 5), {}
    train(whole, strategies, images, labels, order, **REFERENCE)
    train(
        reported,
        strategies,
        images,
        labels,
        order,
        report_at=[13, 1, 20],
        report=lambda t, n: seen.update({t: n.copy()}),
        **REFERENCE,
    )
    assert list(seen) == [1, 13, 20]
    cases.assert_identical(reported, whole)
    cases.assert_identical(seen[20], whole)
    shorter = cases.draw((6, 5), 5)
    train(shorter, strategies, images, labels, order[:, :13], **REFERENCE)
    cases.assert_identical(seen[13], shorter)


def test_one_order_and_one_strategy_serve_all_replicas():
    images, labels = cases.draw_pool(5)
    one, each = cases.draw((6, 5), 5), cases.draw((6, 5), 5)
    order = cases.draw_order(5, 20)[0]
    train(one, MOMENTUM, images, labels, order, **REFERENCE)
    train(each, [MOMENTUM] * 3, images, labels, np.tile(order, (3, 1)), **REFERENCE)
    cases.assert_identical(one, each)


def test_velocity_starts_at_zero_in_every_training():
    images, labels = cases.draw_pool(5)
    once, twice = cases.draw((6, 5), 0), cases.draw((6, 5), 0)
    order = cases.draw_order(5, 20)
    train(once, MOMENTUM, images, labels, order, **REFERENCE)
    for half in (order[:, :10], order[:, 10:]):
        train(twice, MOMENTUM, images, labels, half, **REFERENCE)
    assert (once.seen == twice.seen).all()
    assert np.abs(once.weights[0] - twice.weights[0]).max() > 1e-3


@pytest.mark.parametrize("engine", ["direct", "dual"])
@pytest.mark.parametrize("backend", ["numpy", "numba"])
def test_no_step_changes_nothing(engine, backend, monkeypatch):
    for name in ("train_direct", "train_dual"):  # the compiled ones would read an order that has no first element
        monkeypatch.setattr(f"plaw.engine.backends.{backend}_.{name}", lambda *arguments: pytest.fail("called"))
    network, (images, labels) = cases.draw((6, 5), 5), cases.draw_pool(5)
    start = network.copy()
    train(network, MOMENTUM, images, labels, np.empty((3, 0), int), engine=engine, backend=backend)
    for mine, other in zip(
        network.weights + network.biases + network.mean, start.weights + start.biases + start.mean, strict=True
    ):
        np.testing.assert_array_equal(mine, other)
    assert not network.seen.any()


def test_what_was_chosen_is_told():
    network, (images, labels) = cases.draw((6, 5), 5), cases.draw_pool(5)
    for engine in ("direct", "dual"):
        choice = train(network, MOMENTUM, images, labels, np.arange(5), engine=engine, backend="numpy")
        assert (choice.engine, choice.backend) == (engine, "numpy") and isinstance(choice.reason, str)
    assert train(network, MOMENTUM, images, labels, np.arange(5), backend="numba").engine in ("direct", "dual")


# --- input that does not fit -----------------------------------------------------------------------------------------


IMAGES, LABELS = cases.draw_pool(5)
ACCELERATED = cases.draw_strategies(Accelerated, 2)[0]


@pytest.mark.parametrize(
    "wrong, complaint",
    [
        ({"images": IMAGES[:, :6]}, r"\(5, 6\) images .* do not fit a network of 7 inputs"),
        ({"images": IMAGES[0]}, r"\(7,\) images"),
        ({"labels": LABELS[:4]}, r"with \(4,\) labels"),
        ({"labels": np.eye(5, 4)}, r"labels"),
        ({"labels": LABELS + 0.5}, "labels .*whole numbers"),
        ({"labels": np.array([0, 1, 2, 3, 4])}, "Labels run from 0 to 3; these run from 0 to 4"),
        ({"labels": np.array([0, -1, 2, 3, 3])}, "these run from -1 to 3"),
        ({"labels": np.array([0, 2**32, 2, 3, 3])}, "these run from 0 to 4294967296"),
        ({"images": np.where(IMAGES > 1, np.nan, IMAGES)}, "not finite: normalise them"),
        ({"images": np.where(IMAGES > 1, np.inf, IMAGES)}, "not finite"),
        ({"order": np.array([0, 5])}, "order names examples 0 to 5, but the pool has 0 to 4"),
        ({"order": np.array([0, -1])}, "order names examples -1 to 0"),
        ({"order": np.array([0, 2**32])}, "order names examples 0 to 4294967296"),
        ({"order": np.array([0.0, 1.0])}, "order .*whole numbers"),
        ({"order": np.zeros((2, 4), int)}, r"order .*\(2, 4\)"),
        ({"order": np.zeros((3, 4, 1), int)}, r"order .*\(3, 4, 1\)"),
        ({"order": np.array(3)}, r"order .*\(\)"),
        ({"strategies": [MOMENTUM] * 2}, "3 replicas need one strategy, or one each, not 2"),
        ({"strategies": []}, "3 replicas need one strategy, or one each, not 0"),
        ({"strategies": [MOMENTUM, MOMENTUM, ACCELERATED]}, "all Momentum or all Accelerated"),
        ({"strategies": replace(MOMENTUM, amp=(0.5,))}, "2 hidden layers need 2 amplitudes"),
        ({"report_at": [0, 2]}, "report_at"),
        ({"report_at": [-1]}, "report_at"),
        ({"report_at": [6]}, "report_at"),
        ({"engine": "fast"}, "not 'fast'"),
        ({"engine": "dual", "strategies": ACCELERATED}, "dual engine cannot train this: the accelerated rule"),
        ({"engine": "dual", "gram": np.zeros((4, 6, 4))}, r"Gram matrices of shape \(5, 6, 5\)"),
        ({"backend": "abacus"}, "There is no backend 'abacus': choose one of"),
    ],
)
def test_input_that_does_not_fit_is_refused_before_anything_is_trained(wrong, complaint):
    network = cases.draw((6, 5), 5)
    start = network.copy()
    given = {
        "strategies": MOMENTUM,
        "images": IMAGES,
        "labels": LABELS,
        "order": np.arange(5),
        "engine": "direct",
        "backend": "numpy",
    }
    with pytest.raises(PlawError, match=complaint) as refusal:
        train(network, **given | wrong)
    assert "\n" not in str(refusal.value)
    cases.assert_identical(network, start)


@pytest.mark.parametrize("images", [IMAGES[:, :6], IMAGES[0]])
def test_images_that_do_not_fit_are_refused_by_outputs(images):
    with pytest.raises(PlawError, match=r"Images of shape \(n, 7\) are needed"):
        outputs(cases.draw((6, 5), 5), images)


# --- what has been learned -------------------------------------------------------------------------------------------


@READINGS
@LAYERS
@CROSSES
def test_outputs_are_those_of_the_independent_forward_pass(hidden, crosses, reading):
    network = cases.draw(hidden, crosses, reading=reading)
    (images, labels), strategies = cases.draw_pool(5), cases.draw_strategies(Momentum, len(hidden))
    train(network, strategies, images, labels, cases.draw_order(5, 10), **REFERENCE)
    answers = outputs(network, images, backend="numpy")
    assert answers.shape == (3, 5, cases.OUTPUTS)
    for replica, strategy in enumerate(strategies):
        parameters = [[array[replica] for array in group] for group in (network.weights, network.biases)]
        for example, x in enumerate(images):
            frozen = lambda layer, h: network.mean[layer][replica]  # noqa: E731, B023
            a = independent.forward(*parameters, x, pairs_of(network), strategy.amp, reading, frozen)
            np.testing.assert_allclose(answers[replica, example], a, rtol=1e-12)


def test_asking_changes_nothing():
    network, (images, labels) = cases.draw((6, 5), 5), cases.draw_pool(5)
    train(network, MOMENTUM, images, labels, np.arange(5), **REFERENCE)
    before = network.copy()
    first = outputs(network, images, backend="numpy")
    cases.assert_identical(network, before)
    np.testing.assert_array_equal(outputs(network, images, backend="numpy"), first)
    np.testing.assert_allclose(outputs(network, images[2:3], backend="numpy"), first[:, 2:3], rtol=1e-12)


@given(
    hnp.arrays(
        float, st.tuples(st.integers(1, 5), st.integers(1, 9), st.just(4)), elements=st.floats(0, 1), unique=True
    ),
    st.data(),
)
def test_errors_and_committee_errors_are_plain_counts(answers, data):
    labels = np.array(data.draw(st.lists(st.integers(0, 3), min_size=answers.shape[1], max_size=answers.shape[1])))
    wrong = [
        sum(max(range(4), key=lambda j: a[j]) != label for a, label in zip(replica, labels)) for replica in answers
    ]
    np.testing.assert_array_equal(errors(answers, labels), np.array(wrong) / len(labels))
    wrong = 0
    for example, label in enumerate(labels):
        sums = [sum(replica[example][j] for replica in answers) for j in range(4)]
        wrong += max(range(4), key=lambda j: sums[j]) != label
    assert committee_error(answers, labels) == wrong / len(labels)


def test_a_committee_outvotes_its_members_by_sums_not_by_heads():
    answers = np.array([[[0.6, 0.5]], [[0.6, 0.5]], [[0.0, 0.9]]])
    np.testing.assert_array_equal(errors(answers, [1]), [1, 1, 0])
    assert committee_error(answers, [1]) == 0


@RULES
def test_the_reference_learns_a_rule_that_only_crosses_can_see(rule):
    """The label is the sign of x_0 x_1: a network with all crosses learns it, its answers on fresh images are right."""
    rng = np.random.default_rng(8)
    images = rng.choice([-1.0, 1.0], (400, 6))
    labels = (images[:, 0] * images[:, 1] > 0).astype(int)
    network = cases.draw((5,), 15, inputs=6, replicas=2)
    strategy = (
        Momentum(0.5, 1e-5, 0.05, (0.5,))
        if rule is Momentum
        else Accelerated(0.5, 1e-5, 0.1, (0.02, 0.02), (10.0, 10.0), (0.5,))
    )
    order = np.tile(np.arange(300), 3)
    train(network, strategy, images, labels, order, **REFERENCE)
    assert (errors(outputs(network, images[300:], backend="numpy"), labels[300:]) == 0).all()


def test_architecture_amplitudes_mean_and_gain_agree_only_where_they_must():
    """Amp = 1 is the same in both readings; any other value is not."""
    (images, labels), order = cases.draw_pool(5), cases.draw_order(5, 20)
    for amp, same in (((1.0, 1.0), True), ((0.6, 1.0), False), ((1.0, 0.6), False)):
        by_mean, by_gain = (
            cases.draw((6, 5), 5, reading=Reading(amplitude=amplitude)) for amplitude in ("mean", "gain")
        )
        for network in (by_mean, by_gain):
            train(network, replace(MOMENTUM, amp=amp), images, labels, order, **REFERENCE)
        assert np.allclose(by_mean.weights[0], by_gain.weights[0], rtol=1e-12) is same


def test_the_default_architecture_is_the_papers_reading():
    assert Architecture().reading == PAPER == Reading() and Architecture().hidden == (100, 100)
