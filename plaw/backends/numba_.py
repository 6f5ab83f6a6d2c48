"""The fast backend on a CPU: steps compiled by numba, replicas in parallel over the cores.

Direct engine: one pass over a first-layer unit's row per step applies the update of the example before and accumulates the field of
the one at hand, so that each weight is read once and written once a step. The products x_i x_j of the two examples lie in scratch
rows, or, where a pool's products are used more than once and fit in memory, in one table computed beforehand.
Momentum with many crosses: the same training in blocks of LANES examples, exactly, by one such pass a block (_train_blocked).
Dual engine: the same pass over the coefficients of the examples (plaw.dual).
Everything beyond the first layer is small and stays in cache.
"""

from typing import NamedTuple

import numpy as np
import psutil
from joblib import Parallel, delayed
from numba import get_num_threads, njit

from plaw.backends.numpy_ import outputs_from_fields
from plaw.backends.vectors import BLOCK, LANES, block_pass, weighted_rows
from plaw import dual as dual_form
from plaw.dual import gram_matrices  # noqa: F401  a backend offers them too

NAME = "numba"
FAST = {"reassoc", "contract", "nsz", "arcp"}  # sums may be reordered; NaN and infinity keep their meaning
compiled = njit(cache=True, nogil=True, fastmath=FAST, error_model="numpy")  # 1/0 is infinity: a check would keep loops scalar
MEMORY_SHARE = 0.25  # of the free memory, for the table of products
BLOCKED_FROM = 8  # crosses a pixel and unit: with fewer, a pixel's run of crosses is too short for blocks to be the faster form


class Rule(NamedTuple):
    """plaw.strategies.Rates, as the compiled code reads them: arrays over replicas, or the numbers of one replica and layer."""

    accelerated: bool
    mu: np.ndarray | float
    keep: np.ndarray | float
    eta: np.ndarray | float
    decay: np.ndarray | float
    A: np.ndarray | float
    beta: np.ndarray | float


class Beyond(NamedTuple):
    """Everything that a step reads and changes but the first layer's weights: tuples of arrays, one a layer."""

    mean: tuple
    seen: np.ndarray
    subtract: np.ndarray
    gain: np.ndarray
    weights: tuple
    velocity: tuple
    eta: tuple
    biases: tuple
    bias_velocity: tuple
    bias_eta: tuple


def is_available() -> bool:
    return True


def train_direct(state, images, labels, order) -> None:
    """As plaw.backends.numpy_.train_direct."""
    network, memory = state.network, state.weights[0]
    wiring, weights, velocity = network.wiring, network.weights[0], memory.velocity
    if network.architecture.crosses >= BLOCKED_FROM * network.architecture.inputs and not state.rates.accelerated:
        starts, rows = _runs(network)
        side_by_side(_train_blocked, network.replicas, weights, velocity, starts, rows, images, labels, order, _rule(state), _beyond(state))
        return
    table = _product_table(network, images, order.size)
    side_by_side(
        _train_direct, network.replicas,
        weights, velocity, _eta(memory), wiring.first, wiring.second, table, images, labels, order, _rule(state), _beyond(state),
    )  # fmt: skip


def train_dual(state, dual, labels, order) -> None:
    """As plaw.backends.numpy_.train_dual."""
    side_by_side(
        _train_dual, len(order),
        dual.gram, dual.start, dual.position, dual.velocity, dual.scale, labels, order, _rule(state), _beyond(state),
    )  # fmt: skip


def outputs(network, images) -> np.ndarray:
    """As plaw.backends.numpy_.outputs."""
    return outputs_from_fields(network, first_fields(network, images))


def start_dual(network, images, gram=None):
    """As plaw.dual.start_dual."""
    return dual_form.start_dual(network, images, gram, first_fields, add_examples)


def first_fields(network, images) -> np.ndarray:
    """As plaw.dual.first_fields."""
    inputs = network.architecture.inputs
    fields = images @ network.weights[0][:, :, :inputs].transpose(0, 2, 1)
    if network.architecture.crosses:
        arguments = network.weights[0][:, :, inputs:], _starts(network), network.wiring.second, images, fields
        side_by_side(_add_cross_fields, -(-len(images) // BLOCK), *arguments)
    return fields


def add_examples(network, coefficients, images) -> None:
    """As plaw.dual.add_examples."""
    arguments = network.weights[0], _starts(network), network.wiring.second, coefficients, np.ascontiguousarray(images.T)
    side_by_side(_add_examples, network.architecture.hidden[0], *arguments)


def _starts(network):
    """starts[u, i]: the first cross of unit u whose first pixel is not below i; (units, inputs + 1)."""
    return np.stack([np.searchsorted(first, np.arange(network.architecture.inputs + 1)) for first in network.wiring.first])


def _runs(network):
    """The features of a unit as products of two rows of a table of examples, (1, x_1, x_2, ...).

    Row `run` of the table, for all features starts[u, run] <= k < starts[u, run + 1], times row rows[u, k].
    """
    inputs, second = network.architecture.inputs, network.wiring.second
    starts = np.insert(_starts(network) + inputs, 0, 0, axis=1)
    dtype = np.promote_types(np.uint16, np.min_scalar_type(inputs))
    pixels = np.broadcast_to(np.arange(1, inputs + 1, dtype=dtype), (len(second), inputs))
    return starts, np.concatenate([pixels, second.astype(dtype) + dtype.type(1)], axis=1)


def side_by_side(function, count, *arguments):
    """function(k, *arguments) for all k < count, in threads: the compiled functions release Python's lock."""
    Parallel(n_jobs=min(count, get_num_threads()), backend="threading")(delayed(function)(k, *arguments) for k in range(count))


def _eta(memory):
    """The accelerated rule's eta; for momentum an array without elements in its place."""
    return memory.velocity[..., :0] if memory.eta is None else memory.eta


def _rule(state):
    rates = state.rates
    return Rule(rates.accelerated, rates.mu, rates.keep, rates.eta, rates.decay, rates.A, rates.beta)


def _beyond(state):
    network, weights, biases = state.network, state.weights[1:], state.biases
    return Beyond(
        tuple(network.mean), network.seen, network.subtract, network.gain,
        tuple(network.weights[1:]), tuple(m.velocity for m in weights), tuple(map(_eta, weights)),
        tuple(network.biases), tuple(m.velocity for m in biases), tuple(map(_eta, biases)),
    )  # fmt: skip


def _product_table(network, images, presentations):
    """All products of the pool (n, units, crosses), if each is used at least twice and they fit; else an empty table."""
    shape = (len(images), *network.wiring.first.shape)
    size = int(np.prod(shape)) * network.dtype.itemsize
    if presentations < 2 * len(images) or size > MEMORY_SHARE * psutil.virtual_memory().available:
        return np.empty((0, *shape[1:]), network.dtype)
    table = np.empty(shape, network.dtype)
    side_by_side(_fill_table, len(images), table, images, network.wiring.first, network.wiring.second)
    return table


@compiled
def _fill_table(example, table, images, first, second):
    _multiply(images[example], first, second, table[example])


@compiled
def _multiply(x, first, second, products):
    for u in range(len(products)):
        for k in range(products.shape[1]):
            products[u, k] = x[first[u, k]] * x[second[u, k]]


@compiled
def _dot(w, phi):
    total = w.dtype.type(0)
    for k in range(len(w)):
        total += w[k] * phi[k]
    return total


@compiled
def _tanh(x):
    """tanh(x) = 2 t / (1 + t^2), t = tanh(x/2) = p/q by Lambert's continued fraction: true to 3e-7, and it vectorises.

    number: a whole number times a float32 would be a float64 to numba.
    """
    number = type(x)
    y = min(max(x, number(-10)), number(10)) / number(2)
    s = y * y
    p = y * (number(135135) + s * (number(17325) + s * (number(378) + s)))
    q = number(135135) + s * (number(62370) + s * (number(3150) + s * number(28)))
    return number(2) * p * q / (p * p + q * q)


@compiled
def _momentum_layer(rule, w, v, begin, delta, previous, phi, field):
    """Eqs 3, 4 for the columns begin... of a layer whose gradient is delta * previous; adds the updated w . phi to the field."""
    columns = phi.shape[1]
    for u in range(len(w)):
        own, step, total = u * (len(phi) > 1), rule.eta * delta[u], w.dtype.type(0)
        wu, vu, before, now = w[u, begin : begin + columns], v[u, begin : begin + columns], previous[own], phi[own]
        for k in range(columns):
            vu[k] = rule.mu * vu[k] - step * before[k]
            wu[k] = rule.keep * wu[k] + vu[k]
            total += wu[k] * now[k]
        field[u] += total


@compiled
def _accelerated_layer(rule, w, v, eta, begin, delta, previous, phi, field):
    """Eqs 6, 7, likewise."""
    columns = phi.shape[1]
    for u in range(len(w)):
        own, delta_u, total = u * (len(phi) > 1), delta[u], w.dtype.type(0)
        wu, vu, before, now = w[u, begin : begin + columns], v[u, begin : begin + columns], previous[own], phi[own]
        eu = eta[u, begin : begin + columns]
        for k in range(columns):
            gradient = delta_u * before[k]
            eu[k] = rule.decay * eu[k] + rule.A * _tanh(rule.beta * gradient)
            vu[k] = rule.mu * vu[k] - abs(eu[k]) * gradient
            wu[k] = rule.keep * wu[k] + vu[k]
            total += wu[k] * now[k]
        field[u] += total


@compiled
def _rule_of(rule, r, layer):
    """The numbers of replica r and weight layer `layer`."""
    return Rule(rule.accelerated, rule.mu[r], rule.keep[r], rule.eta[r], rule.decay[r], rule.A[r, layer], rule.beta[r, layer])


@compiled
def _layer(rule, w, v, eta, begin, delta, previous, phi, field):
    """Update columns begin... of a layer for the example before, and add their part of the field of the next.

    previous, phi: (1, columns), one row for all units (pixels, activations), or (units, columns), each its own (crosses).
    """
    if rule.accelerated:
        _accelerated_layer(rule, w, v, eta, begin, delta, previous, phi, field)
    else:
        _momentum_layer(rule, w, v, begin, delta, previous, phi, field)


@compiled
def _train_direct(r, W, V, E, first, second, table, images, labels, order, rules, beyond):
    """Step t updates the first layer for example t - 1 while it sums the field of example t; one step more updates for the last."""
    W, V, E, order, rule = W[r], V[r], E[r], order[r], _rule_of(rules, r, 0)
    steps, inputs = len(order), images.shape[1]
    units, crosses = first.shape
    delta, field = np.zeros(units, W.dtype), np.empty(units, W.dtype)
    work = _workspace(beyond, units)
    scratch = np.empty((2, 0 if len(table) else units, crosses), W.dtype)
    for t in range(steps + 1):
        now, before = order[min(t, steps - 1)], order[max(t - 1, 0)]
        x, x_before = images[now : now + 1], images[before : before + 1]
        products, products_before = (table[now], table[before]) if len(table) else (scratch[t & 1], scratch[1 - (t & 1)])
        if not len(table):
            _multiply(x[0], first, second, products)
        field[:] = 0
        if t == 0:
            for u in range(units):
                field[u] = _dot(W[u, :inputs], x[0]) + _dot(W[u, inputs:], products[u])
        else:
            _layer(rule, W, V, E, 0, delta, x_before, x, field)
            _layer(rule, W, V, E, inputs, delta, products_before, products, field)
        if t < steps:
            _step_beyond(r, field, delta, labels[now], rules, beyond, work)


@compiled
def _train_blocked(r, W, V, starts, rows, images, labels, order, rules, beyond):
    """The momentum rule in blocks of LANES examples, with one pass over the weights between two blocks.

    It applies all updates of the block before, and yields what the steps of the block after need: W . phi_j, V . phi_j and the products
    phi_i . phi_j of its examples. With reach_k, what a velocity k steps ago has added to a weight since (reach_1 = 1,
    reach_(k+1) = (1 - alpha) reach_k + mu^k), from W and V at the start of a block of b examples:

        field       h_j = (1 - alpha)^j W . phi_j + mu reach_j V . phi_j - eta sum_(i<j) reach_(j-i) delta_i (phi_i . phi_j)
        update      W <- (1 - alpha)^b W + mu reach_b V - eta sum_i reach_(b-i) delta_i phi_i
                    V <- mu^b V - eta sum_i mu^(b-1-i) delta_i phi_i
    """
    W, V, order, rule = W[r], V[r], order[r], _rule_of(rules, r, 0)
    steps, units, dtype = len(order), len(W), W.dtype
    keep, mu, reach = np.ones(LANES + 1, dtype), np.ones(LANES + 1, dtype), np.zeros(LANES + 1, dtype)
    for k in range(LANES):
        keep[k + 1], mu[k + 1], reach[k + 1] = rule.keep * keep[k], rule.mu * mu[k], rule.keep * reach[k] + mu[k]
    before, after = np.ones((images.shape[1] + 1, LANES), dtype), np.ones((images.shape[1] + 1, LANES), dtype)
    w_fields, v_fields, gram = np.empty((units, LANES), dtype), np.empty((units, LANES), dtype), np.empty((units, LANES, LANES), dtype)
    deltas, field, work = np.zeros((LANES, units), dtype), np.empty(units, dtype), _workspace(beyond, units)
    w_change, v_change, count = np.zeros(LANES, dtype), np.zeros(LANES, dtype), 0
    for begin in range(0, steps + LANES, LANES):
        for j in range(min(LANES, steps - begin)):
            after[1:, j] = images[order[begin + j]]
        w_change[:], v_change[:] = 0, 0
        for u in range(units):
            for i in range(count):
                w_change[i], v_change[i] = -rule.eta * reach[count - i] * deltas[i, u], -rule.eta * mu[count - 1 - i] * deltas[i, u]
            block_pass(
                W[u], V[u], starts[u], rows[u], before, after, w_change, v_change,
                keep[count], rule.mu * reach[count], mu[count], w_fields[u], v_fields[u], gram[u],
            )  # fmt: skip
        count = min(LANES, steps - begin)
        for j in range(count):
            for u in range(units):
                total = keep[j] * w_fields[u, j] + rule.mu * reach[j] * v_fields[u, j]
                for i in range(j):
                    total -= rule.eta * reach[j - i] * deltas[i, u] * gram[u, j, i]
                field[u] = total
            _step_beyond(r, field, deltas[j], labels[order[begin + j]], rules, beyond, work)
        before, after = after, before


@compiled
def _coefficient_row(position, velocity, mu, keep, change, before, gram):
    """One unit's coefficients after the example before, whose velocity gains `change`; returns position . gram."""
    total, tiny = position.dtype.type(0), position.dtype.type(1e-30)
    for m in range(len(position)):
        velocity_m = mu * velocity[m]
        velocity[m] = velocity_m if abs(velocity_m) > tiny else 0  # else it fades into denormal numbers, a hundred times slower
        position[m] = keep * position[m] + velocity[m]
        total += position[m] * gram[m]
    velocity[before] += change
    position[before] += change
    return total + change * gram[before]


@compiled
def _train_dual(r, gram, start, position, velocity, scale, labels, order, rules, beyond):
    """As _train_direct, with the coefficients of the examples in the place of the first layer's weights."""
    start, position, velocity, order, rule = start[r], position[r], velocity[r], order[r], _rule_of(rules, r, 0)
    steps, units = len(order), len(position)
    delta, field = np.zeros(units, position.dtype), np.empty(units, position.dtype)
    work = _workspace(beyond, units)
    for t in range(steps + 1):
        now, before = order[min(t, steps - 1)], order[max(t - 1, 0)]
        block = gram[now]
        if t > 0:
            scale[r] *= rule.keep
        for u in range(units):
            if t == 0:
                field[u] = _dot(position[u], block[u])
            else:
                change = -rule.eta * delta[u]
                field[u] = _coefficient_row(position[u], velocity[u], rule.mu, rule.keep, change, before, block[u])
            field[u] += scale[r] * start[now, u]
        if t < steps:
            _step_beyond(r, field, delta, labels[now], rules, beyond, work)


@compiled
def _workspace(beyond, units):
    """Room for the activations of every hidden layer, and two rows for the deltas above and below."""
    widest = units
    for layer in range(len(beyond.biases)):
        widest = max(widest, beyond.biases[layer].shape[1])
    return np.empty((len(beyond.biases) + 1, widest), beyond.biases[0].dtype)


@compiled
def _sigmoid(z):
    return 1 / (1 + np.exp(-z))


@compiled
def _step_beyond(r, field, delta, label, rules, beyond, work):
    """A step of replica r beyond the first layer's weights: fields, deltas, updates. field: W_1 . phi; delta_1 is written."""
    depth = len(beyond.weights)
    beyond.seen[r] += 1
    for layer in range(depth):
        h, a = field, work[layer][: beyond.biases[layer].shape[1]]
        if layer > 0:
            h = a
            _fields(beyond.weights[layer - 1][r], work[layer - 1], h)
        _activations(h, beyond.biases[layer][r], beyond.mean[layer][r], beyond.seen[r], beyond.subtract[r, layer], beyond.gain[r, layer], a)
    above = work[depth][: beyond.biases[depth].shape[1]]
    _fields(beyond.weights[depth - 1][r], work[depth - 1], above)
    bias = beyond.biases[depth][r]
    for u in range(len(above)):
        above[u] = _sigmoid(above[u] + bias[u]) - (u == label)
    unused = work[depth + 1].copy()
    for layer in range(depth, 0, -1):
        rule, weights = _rule_of(rules, r, layer), beyond.weights[layer - 1][r]
        a = work[layer - 1][: weights.shape[1]].reshape(1, -1)
        below = delta if layer == 1 else work[depth + (depth - layer + 1) % 2][: weights.shape[1]]
        _delta_below(weights, above, a[0], beyond.gain[r, layer - 1], below)
        _layer(rule, weights, beyond.velocity[layer - 1][r], beyond.eta[layer - 1][r], 0, above, a, a, unused)
        _update_biases(rule, above, beyond.biases[layer][r], beyond.bias_velocity[layer][r], beyond.bias_eta[layer][r])
        above = below
    _update_biases(_rule_of(rules, r, 0), above, beyond.biases[0][r], beyond.bias_velocity[0][r], beyond.bias_eta[0][r])


@compiled
def _fields(weights, a, field):
    for u in range(len(weights)):
        field[u] = _dot(weights[u], a)


@compiled
def _activations(field, bias, mean, seen, subtract, gain, a):
    """The running means with this example's fields, and the activations."""
    for u in range(len(a)):
        h = field[u] + bias[u]
        mean[u] += (h - mean[u]) / seen
        a[u] = _sigmoid(gain * (h - subtract * mean[u]))


@compiled
def _delta_below(weights, above, a, gain, below):
    """Delta of the layer below, whose activations are a."""
    below[:] = 0
    for u in range(len(above)):
        w, delta = weights[u], above[u]
        for p in range(len(below)):
            below[p] += w[p] * delta
    for p in range(len(below)):
        below[p] *= gain * a[p] * (1 - a[p])


@compiled
def _update_biases(rule, delta, bias, v, eta):
    for u in range(len(delta)):
        step = rule.eta
        if rule.accelerated:
            eta[u] = rule.decay * eta[u] + rule.A * _tanh(rule.beta * delta[u])
            step = abs(eta[u])
        v[u] = rule.mu * v[u] - step * delta[u]
        bias[u] += v[u]


@compiled
def _add_cross_fields(block, weights, starts, second, images, fields):
    """fields[r, m, u] += sum_i x_i (sum_j W_ij x_j): one multiply-add a cross, BLOCK examples side by side in a vector."""
    begin, end = block * BLOCK, min((block + 1) * BLOCK, len(images))
    x = np.zeros((images.shape[1], BLOCK), images.dtype)
    x[:, : end - begin] = images[begin:end].T
    inner, total = np.empty(BLOCK, images.dtype), np.empty(BLOCK, images.dtype)
    for u in range(len(second)):
        for r in range(len(weights)):
            total[:] = 0
            for i in range(len(x)):
                weighted_rows(weights[r, u], second[u], starts[u, i], starts[u, i + 1], x, inner)
                for m in range(BLOCK):
                    total[m] += x[i, m] * inner[m]
            for m in range(end - begin):
                fields[r, begin + m, u] += total[m]


@compiled
def _add_examples(u, weights, starts, second, coefficients, transposed):
    """W_ij += sum_m (c_m x_i(m)) x_j(m), the row in brackets formed once for all crosses of pixel i."""
    inputs, n = transposed.shape
    scaled = np.empty(n, weights.dtype)
    for r in range(len(weights)):
        w, c = weights[r, u], coefficients[r, u]
        for i in range(inputs):
            x, total = transposed[i], w[i]
            for m in range(n):
                scaled[m] = c[m] * x[m]
                total += scaled[m]
            w[i] = total
            for k in range(starts[u, i], starts[u, i + 1]):
                w[inputs + k] += _dot(scaled, transposed[second[u, k]])
