"""The choice of the engine: what is asked for, what is possible, what is cheaper."""

import types

import numpy as np
import pytest

from plaw.engine import choice, costs
from plaw.engine.backends import device, host
from plaw.engine.choice import choose_engine
from plaw.engine.training import train
from plaw.errors import PlawError
from plaw.model.network import Architecture, draw_network, draw_wiring
from plaw.model.strategies import Accelerated, Momentum


def network(crosses=30, hidden=(6, 5), inputs=20, replicas=2, dtype=np.float64):
    architecture = Architecture(hidden, crosses, inputs=inputs)
    rngs = [np.random.default_rng(1 + r) for r in range(replicas)]
    return draw_network(architecture, rngs, draw_wiring(architecture, np.random.default_rng(0)), dtype)


def paper_network(crosses, replicas=1):
    """The architecture of the paper, without its weights: enough to choose by."""
    return types.SimpleNamespace(
        architecture=Architecture((100, 100), crosses), replicas=replicas, dtype=np.dtype(np.float32)
    )


def pool(n=12, inputs=20):
    return np.random.default_rng(2).standard_normal((n, inputs)), np.arange(n) % 10


@pytest.mark.parametrize("engine", ["direct", "dual"])
def test_what_is_asked_for_is_done_and_recorded(engine):
    chosen = choose_engine(engine, "numba", network(), False, 12, 100)
    assert (chosen.engine, chosen.backend, chosen.reason) == (engine, "numba", "asked for")


def test_an_unknown_engine_is_an_error():
    with pytest.raises(PlawError, match=r"engine is .*, not 'fast'"):
        choose_engine("fast", "numpy", network(), False, 12, 100)


def test_the_accelerated_rule_has_no_dual_form():
    with pytest.raises(PlawError, match="not linear in the gradient"):
        choose_engine("dual", "numpy", network(), True, 12, 100)
    chosen = choose_engine("auto", "numpy", network(), True, 12, 10**6)
    assert chosen.engine == "direct" and "not linear" in chosen.reason


def test_gram_matrices_that_do_not_fit_in_memory(monkeypatch):
    monkeypatch.setattr(host.psutil, "virtual_memory", lambda: types.SimpleNamespace(available=8e9))
    large = paper_network(10_000)
    with pytest.raises(PlawError, match=r"10,000 examples take 37.3 GiB, and 7.5 GiB are free"):
        choose_engine("dual", "numba", large, False, 10_000, 10**7)
    chosen = choose_engine("auto", "numba", large, False, 10_000, 10**7)
    assert chosen.engine == "direct" and "37.3 GiB" in chosen.reason
    assert choose_engine("dual", "numba", large, False, 10_000, 10**7, gram_available=True).engine == "dual"


@pytest.mark.parametrize(
    "examples, epochs, replicas, wanted",
    [(600, 150, 1, "dual"), (600, 1, 1, "direct"), (600, 1, 50, "dual"), (3000, 1, 1, "direct"), (300, 30, 10, "dual")],
)
def test_many_uses_of_a_small_pool_are_cheaper_in_the_dual_form(monkeypatch, examples, epochs, replicas, wanted):
    monkeypatch.setattr(host.psutil, "virtual_memory", lambda: types.SimpleNamespace(available=16e9))
    chosen = choose_engine("auto", "numba", paper_network(10_000, replicas), False, examples, epochs * examples)
    assert chosen.engine == wanted and "estimated" in chosen.reason


def test_gram_matrices_at_hand_and_more_steps_only_favour_the_dual_form():
    large = paper_network(10_000)
    assert choice.dual_seconds(large, 600, 600, gram_available=True) < choice.dual_seconds(
        large, 600, 600, gram_available=False
    )
    steps = (600, 6000, 60_000)
    gains = [choice.direct_seconds(large, t) / choice.dual_seconds(large, 600, t, gram_available=False) for t in steps]
    assert gains == sorted(gains)


def test_a_large_pool_without_crosses_is_cheaper_with_the_weights():
    assert choose_engine("auto", "numba", paper_network(0), False, 5000, 10**6).engine == "direct"


# --- on a GPU --------------------------------------------------------------------------------------------------------


@pytest.fixture
def gpu(monkeypatch):
    """A GPU of 2 TB/s, of whose memory 16 GB are free."""
    monkeypatch.setattr(host.psutil, "virtual_memory", lambda: types.SimpleNamespace(available=0))
    monkeypatch.setattr(device, "free_bytes", lambda: 16 * 10**9)
    monkeypatch.setattr(device, "bandwidth", lambda: 2e12)


def test_the_costs_of_a_gpu_are_its_bytes_over_its_bandwidth():
    """Those that book/kernels.md counts; where the memory is a hundred times as fast, a hundredth."""
    one = paper_network(10_000)
    gpu = costs.gpu_costs(2e12)
    moved = 100 * 10_784 * 16
    assert choice.direct_seconds(one, 1, gpu) == pytest.approx(moved / 2e12)
    step = choice.dual_seconds(one, 600, 1, True, gpu) - choice.dual_seconds(one, 600, 0, True, gpu)
    assert step == pytest.approx(100 * 600 * 20 / 2e12)
    products = 2 * 600**2 * 10_784 * 100  # operations, ten of them in the time of a byte
    gram = choice.dual_seconds(one, 600, 0, False, gpu) - choice.dual_seconds(one, 600, 0, True, gpu)
    assert gram == pytest.approx(products / 10 / 2e12 + 100 * (600 * 10_784 * 20 / 2e12 + 1e-4))
    assert choice.direct_seconds(one, 7, costs.gpu_costs(2e14)) == pytest.approx(
        choice.direct_seconds(one, 7, gpu) / 100
    )


@pytest.mark.parametrize(
    "crosses, examples, epochs, replicas, wanted",
    [
        (10_000, 600, 150, 1, "dual"), (10_000, 600, 1, 1, "direct"), (10_000, 600, 1, 50, "dual"),
        (10_000, 90, 150, 20, "dual"),
        (10_000, 2400, 1, 1, "direct"), (0, 2400, 1, 1, "direct"), (0, 2000, 150, 1, "direct"),
    ],
)  # fmt: skip
def test_a_gpu_has_an_engine_of_its_own_choice(gpu, crosses, examples, epochs, replicas, wanted):
    chosen = choose_engine("auto", "cupy", paper_network(crosses, replicas), False, examples, epochs * examples)
    assert chosen.engine == wanted and chosen.reason.startswith("computed for 2,000 GB/s: direct")


def test_gram_matrices_have_to_fit_into_the_gpus_memory(gpu):
    with pytest.raises(PlawError, match=r"3,000 examples take 3.4 GiB, and 14.9 GiB are free"):
        choose_engine("dual", "cupy", paper_network(10_000), False, 3000, 10**7)
    assert choose_engine("auto", "cupy", paper_network(10_000), False, 3000, 10**7).engine == "direct"
    assert choose_engine("auto", "cupy", paper_network(10_000), False, 2500, 10**7).engine == "dual"
    # Of the host nothing is free.
    assert choose_engine("auto", "numba", paper_network(10_000), False, 600, 10**7).engine == "direct"


@pytest.mark.parametrize("backend", ["numpy", "numba"])
@pytest.mark.parametrize("crosses", [0, 30])
def test_the_choice_does_not_change_what_is_computed(backend, crosses):
    (images, labels), order = pool(), np.random.default_rng(3).integers(0, 12, (2, 300))
    strategy = Momentum(mu=0.8, alpha=1e-4, eta=0.05, amp=(0.5, 0.2))
    trained = {}
    for engine in ("direct", "dual"):
        trained[engine] = network(crosses)
        assert train(trained[engine], strategy, images, labels, order, engine=engine, backend=backend).engine == engine
    for direct, dual in zip(trained["direct"].weights, trained["dual"].weights, strict=True):
        np.testing.assert_allclose(direct, dual, atol=1e-8)


def test_train_passes_the_rule_on():
    (images, labels), order = pool(), np.arange(12)
    strategy = Accelerated(0.8, 1e-4, 0.1, (0.01,) * 3, (5.0,) * 3, (0.5, 0.5))
    assert train(network(), strategy, images, labels, order, backend="numpy").engine == "direct"
    with pytest.raises(PlawError, match="no dual form"):
        train(network(), strategy, images, labels, order, engine="dual", backend="numpy")
