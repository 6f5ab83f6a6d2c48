"""The dual form of the first layer: the same training as with the weights themselves."""

from dataclasses import replace

import numpy as np
import pytest

from helpers import cases
from plaw.engine.dual import gram_bytes, gram_matrices, start_dual
from plaw.engine.training import outputs, train
from plaw.model.network import Architecture, draw_wiring
from plaw.model.strategies import Momentum

BACKENDS = pytest.mark.parametrize("backend", ["numpy", "numba"])
CALM = [
    Momentum(0.9, 1e-4, 0.004, (0.6,) * 3),
    Momentum(0.0, 1e-6, 0.03, (0.2, 0.9, 0.4)),
    Momentum(0.6, 1e-3, 0.01, (1.0, 0.0, 0.5)),
]


def strategies(layers):
    return [replace(strategy, amp=strategy.amp[:layers]) for strategy in CALM]


def features(wiring, unit, images):
    """phi_u of every image, (n, inputs + crosses), as the paper writes it."""
    pairs = list(zip(wiring.first[unit].tolist(), wiring.second[unit].tolist(), strict=True))
    return np.array([[*x, *(x[i] * x[j] for i, j in pairs)] for x in images])


# --- Gram matrices ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("crosses", [0, 5])
def test_gram_matrices_are_inner_products_of_pixels_and_crosses(crosses):
    wiring, (images, _) = (
        draw_wiring(Architecture((4,), crosses, inputs=7), np.random.default_rng(1)),
        cases.draw_pool(6),
    )
    gram = gram_matrices(wiring, images)
    assert gram.shape == (6, 4, 6) and gram.dtype == images.dtype
    for unit in range(4):
        phi = features(wiring, unit, images)
        np.testing.assert_allclose(gram[:, unit], phi @ phi.T, rtol=1e-12, atol=1e-12)


def test_the_memory_of_gram_matrices_is_known_beforehand():
    wiring = draw_wiring(Architecture((4,), 5, inputs=7), np.random.default_rng(1))
    for dtype in (np.float32, np.float64):
        images = cases.draw_pool(6)[0].astype(dtype)
        assert gram_bytes(4, 6, images.itemsize) == gram_matrices(wiring, images).nbytes
    assert gram_bytes(100, 600) == 144_000_000


def test_at_the_start_the_fields_are_those_of_the_initial_weights():
    network, (images, _) = cases.draw((4,), 5), cases.draw_pool(6)
    dual = start_dual(network, images)
    assert (
        dual.start.shape == (3, 6, 4)
        and not dual.position.any()
        and not dual.velocity.any()
        and (dual.scale == 1).all()
    )
    for unit in range(4):
        expected = network.weights[0][:, unit] @ features(network.wiring, unit, images).T
        np.testing.assert_allclose(dual.start[:, :, unit], expected, rtol=1e-12, atol=1e-13)


# --- dual equals direct ----------------------------------------------------------------------------------------------


@pytest.mark.slow
@BACKENDS
@pytest.mark.parametrize("hidden, crosses", [((20,), 0), ((20,), 1501), ((20, 12, 9), 1501)])
def test_dual_equals_direct_to_1e_8_over_400_steps_of_real_size(hidden, crosses, backend):
    n, steps = 150, 400
    images, labels = cases.draw_pool(n, inputs=784)
    order = cases.draw_order(n, steps)
    direct, dual = (cases.draw(hidden, crosses, inputs=784) for _ in range(2))
    train(direct, strategies(len(hidden)), images, labels, order, engine="direct", backend="numpy")
    train(dual, strategies(len(hidden)), images, labels, order, engine="dual", backend=backend)
    cases.assert_close(dual, direct, rtol=0, atol=1e-8)
    moved = np.abs(direct.weights[0] - cases.draw(hidden, crosses, inputs=784).weights[0]).max()
    assert moved > 0.01
    answers = (outputs(network, images, backend="numpy") for network in (direct, dual))
    np.testing.assert_allclose(*answers, rtol=0, atol=1e-8)


@BACKENDS
def test_gram_matrices_at_hand_give_the_same_training(backend):
    (images, labels), order = cases.draw_pool(20), cases.draw_order(20, 60)
    computed, given = cases.draw((6, 5), 5), cases.draw((6, 5), 5)
    gram = gram_matrices(given.wiring, images)
    kept = gram.copy()
    train(computed, strategies(2), images, labels, order, engine="dual", backend=backend)
    train(given, strategies(2), images, labels, order, engine="dual", backend=backend, gram=gram)
    cases.assert_identical(given, computed)
    np.testing.assert_array_equal(gram, kept)


@BACKENDS
def test_reports_show_the_network_as_it_stands_and_training_goes_on(backend):
    (images, labels), order = cases.draw_pool(20), cases.draw_order(20, 60)
    whole, reported, direct = (cases.draw((6, 5), 5) for _ in range(3))
    shown = {engine: {} for engine in ("dual", "direct")}
    train(whole, strategies(2), images, labels, order, engine="dual", backend=backend)
    for network, engine, machine in ((reported, "dual", backend), (direct, "direct", "numpy")):
        record = lambda step, now, seen=shown[engine]: seen.update({step: now.copy()})  # noqa: E731
        train(
            network,
            strategies(2),
            images,
            labels,
            order,
            engine=engine,
            backend=machine,
            report_at=(7, 8, 40, 60),
            report=record,
        )
    assert list(shown["dual"]) == [7, 8, 40, 60]
    for step, network in shown["dual"].items():
        cases.assert_close(network, shown["direct"][step], rtol=0, atol=1e-11)
    cases.assert_close(reported, whole, rtol=0, atol=1e-12)  # the weights are rebuilt in four parts


@BACKENDS
def test_a_second_training_goes_on_from_the_rebuilt_weights(backend):
    (images, labels), order = cases.draw_pool(20), cases.draw_order(20, 60)
    direct, dual = cases.draw((6, 5), 5), cases.draw((6, 5), 5)
    for half in (order[:, :30], order[:, 30:]):
        train(direct, strategies(2), images, labels, half, engine="direct", backend="numpy")
        train(dual, strategies(2), images, labels, half, engine="dual", backend=backend)
    cases.assert_close(dual, direct, rtol=0, atol=1e-11)


@BACKENDS
def test_initial_weights_that_have_decayed_to_nothing_leave_the_learned_ones(backend):
    """(1 - alpha)^steps below the smallest float32, and reports after it: no division by it."""
    (images, labels), order = cases.draw_pool(20), cases.draw_order(20, 400)
    direct, dual = (cases.draw((6, 5), 5, dtype=np.float32) for _ in range(2))
    forgetful = Momentum(0.5, 0.6, 0.02, (0.5, 0.5))
    train(direct, forgetful, images, labels, order, engine="direct", backend="numpy")
    train(dual, forgetful, images, labels, order, engine="dual", backend=backend, report_at=(100, 300, 350))
    cases.assert_close(dual, direct, rtol=1e-4, atol=1e-5)


# --- the same seed, the same result ----------------------------------------------------------------------------------


@BACKENDS
@pytest.mark.parametrize("n", [37, 150])
def test_the_dual_form_of_a_replica_does_not_depend_on_its_company(n, backend):
    network, (images, labels) = (
        cases.draw((6, 5), 301, inputs=90, replicas=5, dtype=np.float32),
        cases.draw_pool(n, inputs=90),
    )
    singles = [cases.alone(network, replica) for replica in range(5)]
    order = cases.draw_order(n, 100, replicas=5)
    train(network, strategies(2)[0], images, labels, order, engine="dual", backend=backend)
    for replica, single in enumerate(singles):
        train(single, strategies(2)[0], images, labels, order[replica], engine="dual", backend=backend)
        cases.assert_identical(cases.alone(network, replica), single)
