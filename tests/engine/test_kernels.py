"""Every CUDA kernel: compiled for every kind of card, and run, on the CPU or (`pytest -m gpu`) on a GPU, against plain
NumPy.
"""

import shutil

import numpy as np
import pytest

from helpers import cases, nvrtc
from helpers.cuda_on_cpu import emulator
from plaw.engine.backends import cupy_, device, numpy_
from plaw.engine.hyper_parameters import stack_hyper_parameters
from plaw.engine.state import start
from plaw.model.network import draw_wiring
from plaw.model.strategies import Accelerated, Momentum

needs_nvrtc = pytest.mark.skipif(nvrtc.library() is None, reason="the wheel nvidia-cuda-nvrtc-cu12 is not installed")
needs_compiler = pytest.mark.skipif(shutil.which("g++") is None, reason="the emulator of CUDA needs g++")
KERNELS = {
    "first_layer_momentum": 256, "first_layer_accelerated": 256, "first_layer_dual": 256, "upper_layers_momentum": 512,
    "upper_layers_accelerated": 512, "first_fields": 256, "answers": 128,
}  # threads a block  # fmt: skip
LAUNCHES = 4  # of each kernel on the same input, each with an order of threads of its own
GUARD = 16  # elements on both sides of an array that a kernel must not touch
INPUTS = 23
RULES = pytest.mark.parametrize("rule", [Momentum, Accelerated])
CLOSE = {"rtol": 2e-6, "atol": 2e-6}


# --- compiling -------------------------------------------------------------------------------------------------------


@needs_nvrtc
@pytest.mark.parametrize("architecture", nvrtc.ARCHITECTURES)
def test_every_kernel_compiles_without_spilling(architecture, record_property):
    compiled = nvrtc.compile_kernels(architecture)
    record_property(f"sm_{architecture}", compiled)
    assert compiled.keys() == KERNELS.keys()
    for name, resources in compiled.items():
        assert resources.spills == 0 and resources.stack == 0, name
        assert 2 * KERNELS[name] * resources.registers <= 65536, (
            f"{name}: two blocks do not fit into one multiprocessor's registers"
        )
        assert resources.shared <= 1024, f"{name}: cupy_.SHARED_BYTES leaves room for 1 kB of static shared memory"


# --- the emulator itself ---------------------------------------------------------------------------------------------

FLAWED = r"""
extern "C" __global__ void race(float* y)  // a barrier is missing
{
    __shared__ float s[64];
    s[threadIdx.x] = 1.0f;
    y[threadIdx.x] = s[63 - threadIdx.x];
}
extern "C" __global__ void divergent(float* y) { if (threadIdx.x < 17) __syncthreads(); y[threadIdx.x] = 1.0f; }
extern "C" __global__ void overrun(float* y) { y[0] = y[threadIdx.x + 4]; }
extern "C" __global__ void sound(float* y, int n)
{
    extern __shared__ float dynamic[];
    dynamic[threadIdx.x] = threadIdx.x;
    __syncthreads();
    y[threadIdx.x] = n * __shfl_xor_sync(0xffffffffu, dynamic[63 - threadIdx.x], 1);
}
"""


@needs_compiler
def test_the_emulator_sees_races_divergent_barriers_overruns_and_wrong_arguments():
    y = emulator.fenced((64,), np.float32)

    def launch(kernel, order=0, arguments=(y,)):
        module = emulator.RawModule(code=FLAWED, options=device.OPTIONS, order=order)
        module.get_function(kernel)((1,), (64,), arguments, shared_mem=256)
        return y.copy()

    for order in range(3):
        assert np.isnan(launch("race", order)).any()
        launch("sound", order, (y, np.int32(2)))
        np.testing.assert_array_equal(y, 2 * (63 - (np.arange(64) ^ 1)))
    for kernel, message in (("divergent", "some threads of a block"), ("overrun", "memory outside of all arrays")):
        with pytest.raises(RuntimeError, match=f"{kernel}: .*{message}"):
            launch(kernel)
        launch("sound", 5, (y, np.int32(1)))  # and it goes on after that
    for arguments, message in (
        ((y,), "takes 2 arguments, 1 were"),
        ((y, np.float64(2)), "argument 1 has 8 bytes, the kernel reads 4"),
    ):
        with pytest.raises(RuntimeError, match=message):
            launch("sound", arguments=arguments)
    with pytest.raises(TypeError, match="not int"):
        launch("sound", arguments=(y, 2))


# --- running ---------------------------------------------------------------------------------------------------------


def run(cp, kernel, grid, arguments, shared_bytes=0):
    """Launch a kernel on copies of host arrays between guards, several times: the arrays afterwards, by position among
    the arguments.
    """
    launches = []
    for _ in range(LAUNCHES):
        guarded = {
            k: cp.asarray(_guarded(argument))
            for k, argument in enumerate(arguments)
            if isinstance(argument, np.ndarray)
        }
        handed = [guarded[k][GUARD:-GUARD] if k in guarded else argument for k, argument in enumerate(arguments)]
        device.launcher(kernel, grid, KERNELS[kernel], handed, shared_bytes)()
        launches.append({k: array.get() for k, array in guarded.items()})
    for k, first in launches[0].items():
        untouched = _guarded(arguments[k])
        for launch in launches:
            np.testing.assert_array_equal(launch[k], first, err_msg=f"argument {k} depends on the order of the threads")
            for guard in (slice(GUARD), slice(-GUARD, None)):
                np.testing.assert_array_equal(launch[k][guard], untouched[guard], err_msg=f"argument {k} is overrun")
    return {k: array[GUARD:-GUARD].reshape(arguments[k].shape) for k, array in launches[0].items()}


def _guarded(array):
    """The array, flat, between elements that spoil whatever they enter."""
    guard = np.full(GUARD, np.nan if array.dtype.kind == "f" else 2**30, array.dtype)
    return np.concatenate([guard, array.ravel(), guard])


def poison(*shape):
    return np.full(shape, np.nan, np.float32)


def setting(rule, hidden, crosses, seed, replicas=2, steps=7, n=9):
    """A state in the middle of a training, a pool, an order, and the step at which each replica is."""
    rng = np.random.default_rng(seed)
    network, (images, labels) = (
        cases.draw(hidden, crosses, inputs=INPUTS, dtype=np.float32, replicas=replicas, seed=seed),
        cases.draw_pool(n, inputs=INPUTS),
    )
    rates = stack_hyper_parameters(cases.draw_strategies(rule, len(hidden), replicas), network.architecture, np.float32)
    network.subtract, network.gain, network.seen = rates.subtract, rates.gain, rng.integers(1, 9, replicas)
    state = start(network, rates, dual=False)
    for optimizer in state.weights + state.biases:
        for array in (optimizer.velocity, optimizer.eta) if optimizer.eta is not None else (optimizer.velocity,):
            array[...] = rng.normal(0, 0.1, array.shape)
    for mean in network.mean:
        mean[...] = rng.normal(size=mean.shape)
    order = cases.draw_order(n, steps, replicas).astype(np.int32)
    return (
        state,
        images.astype(np.float32),
        labels.astype(np.int32),
        order,
        np.array([0, steps, 2, 3][:replicas], np.int32),
    )


def layer_arguments(state, order, step, seed=9):
    """The arguments that the kernels of the first layer end with."""
    delta = np.random.default_rng(seed).normal(size=state.network.weights[0].shape[:2]).astype(np.float32)
    return [
        order,
        step,
        order.shape[1],
        cupy_._rules(state.network, state.hyper_parameters),
        len(state.network.weights),
        delta,
        poison(*delta.shape),
    ]


def expected_update(state, velocity, eta, weights, gradient):
    """Eqs 3, 4 or 6, 7 in double precision, for the first layer (R, units, features)."""
    rates = state.hyper_parameters
    mu, decay_factor, rate, decay, A, beta = (
        values.astype(float)[:, None, None]
        for values in (rates.mu, rates.decay_factor, rates.eta, rates.eta_decay, rates.A[:, 0], rates.beta[:, 0])
    )
    if rates.accelerated:
        eta = decay * eta + A * np.tanh(beta * gradient)
        rate = np.abs(eta)
    velocity = mu * velocity - rate * gradient
    return velocity, eta, decay_factor * weights + velocity


@RULES
@pytest.mark.parametrize("units, crosses", [(1, 0), (3, 1), (5, 38), (2, 253)])
def test_the_first_layer_updates_for_one_example_and_sums_the_field_of_the_next(cp, rule, units, crosses):
    state, images, _, order, step = setting(rule, (units,), crosses, seed=units, replicas=4)
    optimizer, weights, rows = state.weights[0], state.network.weights[0], device.Rows(state.network.architecture)
    eta = weights if optimizer.eta is None else optimizer.eta
    end = layer_arguments(state, order, step)
    arrays = [_host(rows.upload(array)) for array in (weights, optimizer.velocity, eta)]
    arguments = [
        *arrays,
        _host(rows.upload_images(images)),
        _host(rows.upload_pairs(state.network.wiring)),
        rows.pixels,
        rows.crosses,
        *end,
    ]
    after = run(cp, f"first_layer_{rule.__name__.lower()}", (units, 4), arguments, rows.pair_bytes)

    replicas, wiring = np.arange(4), state.network.wiring
    before, now = order[replicas, np.maximum(step - 1, 0)], order[replicas, np.minimum(step, order.shape[1] - 1)]
    phi = np.concatenate([np.repeat(images[:, None], units, axis=1), wiring.products(images)], axis=2).astype(float)
    changed = expected_update(state, optimizer.velocity, eta, weights, end[-2][..., None] * phi[before])
    changed = [
        np.where(step[:, None, None] > 0, new, old)
        for new, old in zip(changed, (optimizer.velocity, eta, weights), strict=True)
    ]
    for place, expected in ((0, changed[2]), (1, changed[0]), *([(2, changed[1])] if rule is Accelerated else [])):
        own = np.empty_like(weights)
        rows.download(cp.asarray(after[place]), own)
        np.testing.assert_allclose(own, expected, **CLOSE)
        padding = np.delete(after[place], np.r_[:INPUTS, rows.pixels : rows.pixels + crosses], axis=2)
        assert not padding.any()
    np.testing.assert_allclose(after[len(arguments) - 1], (changed[2] * phi[now]).sum(axis=2), rtol=1e-5, atol=2e-5)


@pytest.mark.parametrize("units, n", [(1, 1), (3, 37), (2, 301)])
def test_the_dual_form_of_the_first_layer(cp, units, n):
    state, _, _, order, step = setting(Momentum, (units,), 0, seed=n, replicas=4, n=n)
    rng = np.random.default_rng(n)
    position, velocity = (rng.normal(size=(4, units, n)).astype(np.float32) for _ in range(2))
    gram, start, scale = (rng.normal(size=shape).astype(np.float32) for shape in ((n, units, n), (4, n, units), (4,)))
    end = layer_arguments(state, order, step)
    after = run(cp, "first_layer_dual", (units, 4), [position, velocity, gram, start, scale, n, *end])

    replicas = np.arange(4)
    before, now = order[replicas, np.maximum(step - 1, 0)], order[replicas, np.minimum(step, order.shape[1] - 1)]
    gradient = np.zeros((4, units, n))
    gradient[replicas, :, before] = end[-2]
    new_velocity, _, new_position = expected_update(state, velocity, None, position, gradient)
    new_velocity, new_position = (
        np.where(step[:, None, None] > 0, *pair) for pair in ((new_velocity, velocity), (new_position, position))
    )
    np.testing.assert_allclose(after[0], new_position, **CLOSE)
    np.testing.assert_allclose(after[1], new_velocity, **CLOSE)
    field = (new_position * gram[now]).sum(axis=2) + scale[:, None] * start[replicas, now]
    np.testing.assert_allclose(after[12], field, rtol=1e-5, atol=2e-5)


@RULES
@pytest.mark.parametrize("hidden", [(1,), (13, 7), (5, 33, 2), (70, 600)])
def test_everything_beyond_the_first_layer(cp, rule, hidden):
    state, _, labels, order, step = setting(rule, hidden, 0, seed=len(hidden), replicas=2)
    step[:] = 0, 2
    network, everyone = state.network, slice(None)
    optimizers, units = cupy_._upper_layers(state.biases, state.weights), cupy_._units(network)
    groups = [cupy_._upper_layers(network.biases, network.weights), [optimizer.velocity for optimizer in optimizers]]
    groups.append([optimizer.eta for optimizer in optimizers] if rule is Accelerated else groups[1])
    field = np.random.default_rng(8).normal(size=(2, hidden[0])).astype(np.float32)
    packed = [_host(device.pack(group, everyone)) for group in groups]
    arguments = [
        np.array(units, np.int32),
        len(units),
        sum(units),
        max(units),
        packed[0].shape[1],
        field,
        labels,
        order,
        step,
        order.shape[1],
    ]
    mean, rules, scale = (
        _host(device.pack(network.mean, everyone)),
        cupy_._rules(network, state.hyper_parameters),
        np.array([1, 0.5], np.float32),
    )
    arguments += [*packed, mean, network.seen, scale, rules, poison(2, hidden[0])]
    after = run(cp, f"upper_layers_{rule.__name__.lower()}", (2,), arguments, cupy_._upper_layers_bytes(units))

    delta, gradients = numpy_._gradients(state.network, field, labels[order[[0, 1], step]])
    for place, gradient in gradients.items():
        numpy_._update(state, *place, gradient)
    np.testing.assert_allclose(after[17], delta, **CLOSE)
    for place, group in zip((10, 11, 12) if rule is Accelerated else (10, 11), groups, strict=False):
        np.testing.assert_allclose(after[place], _host(device.pack(group, everyone)), **CLOSE)
    np.testing.assert_allclose(after[13], _host(device.pack(network.mean, everyone)), **CLOSE)
    np.testing.assert_array_equal(after[14], network.seen)
    np.testing.assert_array_equal(after[8], [1, 3])
    np.testing.assert_allclose(after[15], scale * state.hyper_parameters.decay_factor, rtol=1e-7)


@pytest.mark.parametrize("units, crosses, n", [(1, 0, 1), (3, 37, 8), (2, 253, 19)])
def test_the_fields_of_the_first_layer(cp, units, crosses, n):
    state, *_ = setting(Momentum, (units,), crosses, seed=n)
    images, rows = cases.draw_pool(n, inputs=INPUTS)[0].astype(np.float32), device.Rows(state.network.architecture)
    arrays = [
        _host(array)
        for array in (
            rows.upload(state.network.weights[0]),
            rows.upload_images(images),
            rows.upload_pairs(state.network.wiring),
        )
    ]
    after = run(
        cp,
        "first_fields",
        (-(-n // 8), units, 2),
        [*arrays, rows.pixels, rows.crosses, n, poison(2, n, units)],
        rows.tile_bytes,
    )
    phi = np.concatenate(
        [np.repeat(images[:, None], units, axis=1), state.network.wiring.products(images)], axis=2
    ).astype(float)
    np.testing.assert_allclose(after[6], np.einsum("ruk,nuk->rnu", state.network.weights[0], phi), rtol=1e-5, atol=2e-5)


@pytest.mark.parametrize("hidden", [(1,), (13, 7), (5, 33, 2)])
def test_the_answers_of_a_network(cp, hidden):
    state, *_ = setting(Momentum, hidden, 0, seed=3)
    network, units, everyone, n = state.network, cupy_._units(state.network), slice(None), 5
    field = np.random.default_rng(8).normal(size=(2, n, hidden[0])).astype(np.float32)
    parameters, mean = (
        _host(device.pack(group, everyone))
        for group in (cupy_._upper_layers(network.biases, network.weights), network.mean)
    )
    arguments = [
        np.array(units, np.int32),
        len(units),
        sum(units),
        parameters.shape[1],
        field,
        parameters,
        mean,
        cupy_._rules(network),
    ]
    after = run(cp, "answers", (n, 2), [*arguments, poison(2, n, units[-1])], 4 * sum(units))
    np.testing.assert_allclose(after[8], numpy_.outputs_from_fields(network, field), **CLOSE)
    np.testing.assert_array_equal(after[6], mean)


def _host(array):
    return array.get()


def test_rows_are_filled_up_with_zeros_and_pairs_that_multiply_zero(cp):
    network = cases.draw((2,), 5, inputs=7, dtype=np.float32)
    rows, wiring = device.Rows(network.architecture), draw_wiring(network.architecture, np.random.default_rng(0))
    assert (rows.pixels, rows.crosses) == (8, 8)
    pairs, images = _host(rows.upload_pairs(wiring)), _host(rows.upload_images(np.ones((3, 7), np.float32)))
    np.testing.assert_array_equal(pairs[:, :5], wiring.first + 65536 * wiring.second.astype(np.uint32))
    assert not images[:, pairs[:, 5:] & 0xFFFF].any() and not images[:, pairs[:, 5:] >> 16].any()
