"""The whole backend cupy, end to end: on a stand-in for CuPy whose kernels run on the CPU or, by `pytest -m gpu`, on a
GPU.
"""

import inspect
import os
import re
import shutil
from dataclasses import replace

import numpy as np
import pytest

from helpers import cases
from helpers.cuda_on_cpu import standin
from helpers.tiny import tiny_digits
from plaw.engine import backends
from plaw.engine.backends import cupy_, device
from plaw.engine.bench import baselines, bench, entrants
from plaw.engine.choice import choose_engine
from plaw.engine.dual import gram_matrices
from plaw.engine.hyper_parameters import stack_hyper_parameters
from plaw.engine.state import start
from plaw.engine.training import outputs, train
from plaw.errors import PlawError
from plaw.model.network import Architecture, draw_network
from plaw.model.reading import PAPER, Reading
from plaw.model.strategies import Accelerated, Momentum
from plaw.study import recording, search, store
from plaw.study.experiments import EXPERIMENTS, Experiment, SearchSettings

SINGLE = {"rtol": 0, "atol": 4e-6}  # of tests/test_backends.py
ENGINES = pytest.mark.parametrize("engine, rule", [("direct", Momentum), ("direct", Accelerated), ("dual", Momentum)])
needs_compiler = pytest.mark.skipif(shutil.which("g++") is None, reason="the emulator of CUDA needs g++")


def trained(rule, engine, backend, hidden=(13, 7), crosses=131, steps=24, replicas=3, reading=PAPER, **options):
    """A network of odd sizes, trained."""
    network = cases.draw(hidden, crosses, inputs=23, reading=reading, dtype=np.float32, replicas=replicas)
    images, labels = cases.draw_pool(37, inputs=23)
    order, strategies = cases.draw_order(37, steps, replicas), cases.draw_strategies(rule, len(hidden), replicas)
    choice = train(network, strategies, images, labels, order, engine=engine, backend=backend, **options)
    assert (choice.engine, choice.backend) == (engine, backend)
    return network


# --- training and answering, against the reference -------------------------------------------------------------------


@pytest.mark.parametrize("hidden", [(13,), (13, 7), (13, 7, 5)], ids=len)
@pytest.mark.parametrize("crosses", [0, 131])
@ENGINES
def test_training_and_answers_agree_with_the_reference(cp, hidden, crosses, engine, rule):
    expected, network = (trained(rule, engine, backend, hidden, crosses) for backend in ("numpy", "cupy"))
    cases.assert_close(network, expected, **SINGLE)
    images = cases.draw_pool(19, inputs=23)[0]
    np.testing.assert_allclose(outputs(network, images, "cupy"), outputs(expected, images, "numpy"), **SINGLE)


@pytest.mark.parametrize("reading", [r for r in cases.READINGS if r.batch == 1], ids=cases.describe_reading)
@ENGINES
def test_other_readings_agree_too(cp, engine, rule, reading):
    if rule is Accelerated and reading.velocity == "gradient":
        pytest.skip("the accelerated rule starts at zero")
    expected, network = (trained(rule, engine, backend, reading=reading) for backend in ("numpy", "cupy"))
    cases.assert_close(network, expected, **SINGLE)
    images = cases.draw_pool(19, inputs=23)[0]
    np.testing.assert_allclose(outputs(network, images, "cupy"), outputs(expected, images, "numpy"), **SINGLE)


def test_batches_are_for_the_cpu(cp):
    with pytest.raises(PlawError, match="by one example a step: choose the backend numba or numpy for batches"):
        trained(Momentum, "direct", "cupy", reading=Reading(batch=2))


@ENGINES
@pytest.mark.parametrize("steps", [1, 2, 12, 13])
def test_any_number_of_steps_with_and_without_graphs(cp, engine, rule, steps, monkeypatch):
    expected = trained(rule, engine, "numpy", steps=steps)
    for graph_steps in (0, 1, 4):
        monkeypatch.setattr(device, "GRAPH_STEPS", graph_steps)
        cases.assert_close(trained(rule, engine, "cupy", steps=steps), expected, **SINGLE)


@needs_compiler
def test_most_steps_run_in_graphs(monkeypatch):
    monkeypatch.setattr(device, "GRAPH_STEPS", 10)
    standin.graphs.clear()
    with standin.installed(monkeypatch):
        trained(Momentum, "direct", "cupy", steps=24)
    assert [len(graph) for graph in standin.graphs] == [20]  # two launches a step


@ENGINES
def test_reports_change_nothing_but_rounding(cp, engine, rule):
    seen = []
    report = lambda step, network: seen.append((step, network.seen[0], network.weights[0].copy()))  # noqa: E731
    network = trained(rule, engine, "cupy", report_at=(1, 2, 17, 24), report=report)
    cases.assert_close(network, trained(rule, engine, "numpy"), **SINGLE)
    assert [entry[:2] for entry in seen] == [(1, 1), (2, 2), (17, 17), (24, 24)]
    halfway = trained(rule, engine, "numpy", report_at=(17,), report=report)
    np.testing.assert_allclose(seen[2][2], seen[-1][2], **SINGLE)
    assert halfway.seen[0] == 24


@needs_compiler
@pytest.mark.parametrize("rule", [Momentum, Accelerated])
def test_replicas_train_and_answer_in_batches_that_fit_into_the_memory(rule, monkeypatch):
    rows = device.Rows(Architecture((13, 7), 131, inputs=23, outputs=cases.OUTPUTS))
    images = cases.draw_pool(19, inputs=23)[0]
    whole = trained(rule, "direct", "numpy", replicas=5)
    for replicas_at_once in (0, 1, 2):
        with standin.installed(monkeypatch) as module:
            arrays = 3 if rule is Accelerated else 2
            monkeypatch.setattr(
                module.cuda.runtime,
                "memGetInfo",
                lambda n=replicas_at_once * arrays: (int(n * rows.nbytes / device.MEMORY_SHARE) + 1, 2**30),
            )
            network = trained(rule, "direct", "cupy", replicas=5)
            answers = outputs(network, images, "cupy")
        cases.assert_close(network, whole, **SINGLE)
        np.testing.assert_allclose(answers, outputs(whole, images, "numpy"), **SINGLE)


def test_gram_matrices_of_the_host_and_of_the_gpu_serve_alike(cp):
    expected, images = trained(Momentum, "dual", "numpy"), cases.draw_pool(37, inputs=23)[0].astype(np.float32)
    wiring = expected.wiring
    host, device_gram = gram_matrices(wiring, images), backends.get("cupy").gram_matrices(wiring, images)
    np.testing.assert_allclose(device_gram.get(), host, rtol=1e-5, atol=1e-4)
    for gram in (host, host.astype(np.float64), device_gram):
        cases.assert_close(trained(Momentum, "dual", "cupy", gram=gram), expected, **SINGLE)
    with pytest.raises(PlawError, match="Gram matrices of shape"):
        trained(Momentum, "dual", "cupy", gram=device_gram[:, :, 1:])


# --- what runs on a GPU by itself ------------------------------------------------------------------------------------

TWO_UNITS = Experiment(
    "two-units", 2, "all that a recording does", (), Architecture((2,), 5), Momentum, (1,), 2,
    epochs=2, record_epochs=(1, 2), committee=1,
    search=SearchSettings(trials=16, samples=2, groups=1, confirm=1, epochs=1),
)  # fmt: skip


def few_digits():
    """Few to judge by, for the emulator is slow."""
    digits = tiny_digits()
    split = replace(digits.split, validation=digits.split.validation[:40])
    return replace(digits, test_images=digits.test_images[:40], test_labels=digits.test_labels[:40], split=split)


@pytest.mark.parametrize("jobs", [1, 3])
def test_a_recording_uses_the_gpu_by_itself_and_trains_trials_as_one_batch(cp, jobs, tmp_path, monkeypatch):
    monkeypatch.delenv("PLAW_BACKEND", raising=False)
    monkeypatch.setitem(EXPERIMENTS, TWO_UNITS.id, TWO_UNITS)
    trained_at_once = []

    def watched(function):
        def train(state, *arguments):
            trained_at_once.append(state.network.replicas)
            return function(state, *arguments)

        return train

    for engine in ("train_direct", "train_dual"):
        monkeypatch.setattr(cupy_, engine, watched(getattr(cupy_, engine)))
    digits = few_digits()
    recording.record([recording.Point(TWO_UNITS, 1)], None, digits, tmp_path, jobs)
    networks = store.read(tmp_path, TWO_UNITS.id, "network")
    assert sorted(record["sample"] for record in networks) == [0, 1]
    assert {record["backend"] for record in networks} == {"cupy"} and {record["processor"] for record in networks} == {
        cupy_.device_name()
    }
    # on two samples each: two trials on Sobol's sequence, then two rounds of seven; five candidates on one sample, the
    # best three on two more, for two epochs; two reported networks, after either
    assert sorted(trained_at_once) == [1] * (2 * 2) + [2] * 2 + [3] * 2 + [5] + [7] * (2 * 2)
    trial = store.read(tmp_path, TWO_UNITS.id, "trial")[1]
    monkeypatch.setenv("PLAW_BACKEND", "numpy")
    again = search.Search(TWO_UNITS, tmp_path, digits)._errors(1, [trial["parameters"]], trial["group"])
    assert again[0] == pytest.approx(trial["errors"], abs=0.051)  # at most two digits on the edge


def test_as_many_trainings_as_streams(cp, monkeypatch):
    monkeypatch.delenv("PLAW_BACKEND", raising=False)
    assert backends.trainings_at_once() == device.STREAMS
    monkeypatch.setenv("PLAW_BACKEND", "numpy")
    assert backends.trainings_at_once() == os.cpu_count()


def test_the_choice_of_the_engine_asks_the_gpu(cp):
    free, expected = device.free_bytes(), trained(Momentum, "direct", "numpy")
    assert 0 < free and 1e9 < device.bandwidth() < 1e14
    choice = choose_engine("auto", "cupy", expected, False, 37, 24)
    assert choice.engine == "direct" and f"{device.bandwidth() / 1e9:,.0f} GB/s" in choice.reason
    too_many = 2 * int((device.MEMORY_SHARE * free / 4 / 13) ** 0.5)
    with pytest.raises(PlawError, match=r"Gram matrices of .* are free"):
        choose_engine("dual", "cupy", expected, False, too_many, 24)


@needs_compiler
def test_a_card_that_does_not_tell_its_bandwidth_has_a_common_one(monkeypatch):
    with standin.installed(monkeypatch):
        assert device.bandwidth() == 128e9
        monkeypatch.setitem(standin.ATTRIBUTES, 36, 0)
        assert device.bandwidth() == device.BANDWIDTH


@pytest.mark.parametrize("rule", [Momentum, Accelerated])
def test_the_benchmark_times_steps_alone_and_what_the_memory_copies(cp, rule, monkeypatch):
    monkeypatch.setattr(cupy_, "REPLICAS", 3)
    monkeypatch.setattr(entrants, "DUAL_EXAMPLES", 30)
    case = entrants.Case("small", (4, 3), 6, rule)
    one, floor = entrants.entrant(case, "direct", "cupy", examples=20), entrants.gpu_floor(case, "direct", cupy_)
    assert one.replicas == floor.replicas == 3 and one.seconds(10) > 0 and floor.seconds(10) > 0
    monkeypatch.setattr(backends, "available", lambda: ["cupy"])
    monkeypatch.setattr(baselines, "installed", list)
    rows = bench.speeds(case, bench.Effort(1e-4, 1, (case,)))
    assert [(row["engine"], row["backend"]) for row in rows] == [
        (engine, "cupy") for engine in ("direct", "dual")[: 2 if rule is Momentum else 1]
    ]
    assert all(row["fraction_of_floor"] > 0 for row in rows)
    monkeypatch.setattr(bench, "COPIED", 4000)
    gpu = bench._gpu(cupy_)
    assert gpu["name"] == cupy_.device_name() and gpu["bandwidth"] > 0


@pytest.mark.parametrize("rule", [Momentum, Accelerated])
def test_steps_alone_go_on_from_each_other_and_bring_nothing_back(cp, rule, monkeypatch):
    images, labels = (
        array.astype(dtype) for array, dtype in zip(cases.draw_pool(37, inputs=23), (np.float32, np.int32), strict=True)
    )
    network, order = cases.draw((13,), 131, inputs=23, dtype=np.float32), cases.draw_order(37, 4).astype(np.int32)
    uploaded, upload = [], device.Rows.upload
    monkeypatch.setattr(device.Rows, "upload", lambda rows, array: uploaded.append(upload(rows, array)) or uploaded[-1])
    before, state = (
        network.copy(),
        start(
            network,
            stack_hyper_parameters(cases.draw_strategies(rule, 1), network.architecture, np.float32),
            dual=False,
        ),
    )
    steps = cupy_.steps_alone(state, images, labels)
    seen = [uploaded[0].get()]
    for _ in range(2):
        steps(order)
        seen.append(uploaded[0].get())
    assert len(uploaded) == (3 if rule is Accelerated else 2) and not np.array_equal(seen[1], seen[2])
    assert all(map(np.array_equal, network.weights, before.weights))
    train(network, cases.draw_strategies(rule, 1), images, labels, order, engine="direct", backend="numpy")
    np.testing.assert_allclose(seen[1][..., :23], network.weights[0][..., :23], **SINGLE)


# --- what is refused, and how a machine without a working GPU is told so ---------------------------------------------


def test_what_the_kernels_do_not_take_is_refused_in_one_sentence(cp):
    double = cases.draw((13, 7), 0, inputs=23)
    images, labels = cases.draw_pool(5, inputs=23)
    for engine in ("direct", "dual"):
        with pytest.raises(PlawError, match="computes in float32, not float64: choose"):
            train(
                double, cases.draw_strategies(Momentum, 2), images, labels, np.arange(5), engine=engine, backend="cupy"
            )
    wide = draw_network(Architecture((4,), inputs=1700), [np.random.default_rng(0)])
    with pytest.raises(PlawError, match="does not fit into a GPU's shared memory: choose"):
        outputs(wide, np.zeros((1, 1700)), "cupy")


@needs_compiler
def test_too_little_memory_is_one_sentence(monkeypatch):
    with standin.installed(monkeypatch) as module:

        def empty(shape, dtype=float):
            raise module.OutOfMemoryError("Out of memory allocating 1,234 bytes")

        monkeypatch.setattr(module, "empty", empty)
        with pytest.raises(PlawError, match=r"memory does not suffice .*1,234.*: train fewer replicas"):
            trained(Momentum, "direct", "cupy")


def fails(sentence):
    def raise_it(*_, **__):
        raise RuntimeError(sentence)

    return raise_it


BROKEN = {  # what is replaced in the stand-in, by what, and what is said about it
    "no GPU": ("cuda.is_available", lambda: False, "finds no NVIDIA GPU, or no driver"),
    "an old driver": (
        "cuda.is_available",
        fails("cudaErrorInsufficientDriver: too old\nmore"),
        r"\(cudaErrorInsufficientDriver: too old\); update",
    ),
    "no compiler": (
        "ones",
        fails("Failed to find NVRTC."),
        r"does not work \(Failed to find NVRTC\); update the GPU's driver and pip install",
    ),
    "kernels refused": ("RawModule", fails(""), r"does not work \(RuntimeError\)"),
}


@needs_compiler
@pytest.mark.parametrize("name, replacement, sentence", BROKEN.values(), ids=BROKEN)
def test_a_broken_gpu_is_one_sentence_when_asked_for_and_no_obstacle_under_auto(
    name, replacement, sentence, monkeypatch
):
    with standin.installed(monkeypatch) as module:
        monkeypatch.setattr(f"helpers.cuda_on_cpu.standin.{name}", replacement)
        assert module is device.cp
        for asked_for in (lambda: backends.get("cupy"), lambda: trained(Momentum, "direct", "cupy")):
            with pytest.raises(PlawError, match=f"The backend cupy is not available here: .*{sentence}") as raised:
                asked_for()
            assert "\n" not in str(raised.value)
        monkeypatch.setenv("PLAW_BACKEND", "cupy")
        with pytest.raises(PlawError, match=sentence):
            backends.get()
        monkeypatch.setenv("PLAW_BACKEND", "auto")
        assert backends.get().NAME == "numba" and "cupy" not in backends.available()


def test_without_cupy_the_sentence_says_how_to_install_it(monkeypatch):
    monkeypatch.setattr(cupy_, "cp", None)
    cupy_.problem.cache_clear()
    with pytest.raises(PlawError, match=r"CuPy is not installed; with an NVIDIA GPU, pip install 'plaw\[gpu\]'"):
        backends.get("cupy")
    cupy_.problem.cache_clear()


def test_a_working_gpu_is_preferred(cp, monkeypatch):
    monkeypatch.delenv("PLAW_BACKEND", raising=False)
    assert backends.get().NAME == "cupy" and backends.available() == ["cupy", "numba", "numpy"]
    monkeypatch.setenv("PLAW_BACKEND", "numpy")
    assert backends.get().NAME == "numpy" and backends.get("cupy").NAME == "cupy"


def test_double_precision_is_left_to_the_cpu_under_auto(cp, monkeypatch):
    monkeypatch.delenv("PLAW_BACKEND", raising=False)
    images, labels = cases.draw_pool(5, inputs=23)
    for dtype, backend in ((np.float32, "cupy"), (np.float64, "numba")):
        network = cases.draw((13, 7), 0, inputs=23, dtype=dtype)
        assert (
            train(network, cases.draw_strategies(Momentum, 2), images, labels, np.arange(5), engine="direct").backend
            == backend
        )
        assert outputs(network, images).dtype == dtype


# --- the stand-in and the real CuPy ----------------------------------------------------------------------------------


def parameters(function) -> list[str] | None:
    """Names of a function's parameters, from its signature or, where it is compiled, from the first line of its
    documentation.
    """
    try:
        found = inspect.signature(function).parameters.values()
        if any(parameter.kind is parameter.VAR_KEYWORD for parameter in found):
            return None
        names = [parameter.name for parameter in found]
    except (TypeError, ValueError):
        listed = re.search(r"\((.*?)\)( ->.*)?$", function.__doc__.strip().splitlines()[0])[1]
        names = [part.split("=")[0].split()[-1] for part in listed.split(",") if part.strip(" *")]
        if any(name.startswith("**") for name in names):
            return None
    return [name for name in names if name not in ("self", "*")]


def offered(scope) -> dict:
    """What the stand-in offers: {dotted name: object}."""
    names = "ndarray asarray empty zeros ones concatenate RawModule get_default_memory_pool".split()
    names += [f"cuda.{name}" for name in "Stream Graph get_current_stream is_available memory.OutOfMemoryError".split()]
    names += [f"cuda.runtime.{name}" for name in "memGetInfo getDeviceProperties deviceGetAttribute".split()]
    names += [f"cuda.runtime.cudaDevAttr{name}" for name in ("MemoryClockRate", "GlobalMemoryBusWidth")]
    names += [
        f"ndarray.{name}"
        for name in "shape dtype nbytes T get copy sum __len__ __float__ __getitem__ __setitem__".split()
    ]
    names += [f"ndarray.__{name}__" for name in "add sub mul truediv matmul".split()]
    names += [f"cuda.Stream.{name}" for name in "__enter__ __exit__ begin_capture end_capture synchronize".split()]
    names += ["cuda.Graph.launch", "RawModule.get_function"]

    def find(name):
        found = scope
        for part in name.split("."):
            found = getattr(found, part)
        return found

    return {name: find(name) for name in names}


def test_the_stand_in_offers_what_the_real_cupy_offers():
    cupy = pytest.importorskip("cupy", reason="the package cupy is not installed")
    real, imitated = offered(cupy), offered(standin)
    called = [
        name
        for name, thing in imitated.items()
        if inspect.isroutine(thing) and not name.split(".")[-1].startswith("__")
    ]
    assert len(called) > 15
    for name in [*called, "RawModule"]:
        theirs, ours = parameters(real[name]), parameters(imitated[name])
        assert theirs is None or [parameter for parameter in theirs if parameter in ours] == ours, (
            f"{name}: {theirs}, not {ours}"
        )
    assert callable(cupy.get_default_memory_pool().free_bytes)
    assert [offered(module)["cuda.runtime.cudaDevAttrMemoryClockRate"] for module in (cupy, standin)] == [36, 36]
    assert "shared_mem" in cupy.RawKernel.__doc__ + (cupy.RawKernel.__call__.__doc__ or "")


def test_nothing_else_of_cupy_is_used():
    used = {name for module in (cupy_, device) for name in re.findall(r"\bcp\.([\w.]+)", inspect.getsource(module))}
    assert used <= set(offered(standin)), used - set(offered(standin))


def test_the_stand_in_is_as_strict_as_a_gpu():
    there, here = standin.ones(3, np.float32), np.ones(3, np.float32)
    for mix in (
        lambda: there + here,
        lambda: here + there,
        lambda: np.asarray(there),
        lambda: there.__setitem__(0, here),
        lambda: np.sum(there),
    ):
        with pytest.raises(TypeError):
            mix()
    assert np.isnan(standin.empty(3, np.float32).get()).all()
