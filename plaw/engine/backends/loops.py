"""The loops of the numba backend, compiled: the steps of one replica, the fields of a block of examples, the weights of
a unit.
"""

from typing import NamedTuple

import numpy as np
from numba import njit

from plaw.engine.backends.vectors import (
    BLOCK,
    LANES,
    TOGETHER,
    add_products,
    add_products_together,
    block_pass,
    flush_denormals,
    restore_mode,
)

FAST = {"reassoc", "contract", "nsz", "arcp"}  # sums may be reordered; NaN and infinity keep their meaning
compiled = njit(
    cache=True, nogil=True, fastmath=FAST, error_model="numpy"
)  # 1/0 is infinity: a check would keep loops scalar


class Rule(NamedTuple):
    """plaw.model.strategies.HyperParameters, as the compiled code reads them: arrays over replicas, or the numbers of
    one replica and layer.
    """

    accelerated: bool
    mu: np.ndarray | float
    decay_factor: np.ndarray | float
    eta: np.ndarray | float
    eta_decay: np.ndarray | float
    A: np.ndarray | float
    beta: np.ndarray | float


class UpperLayers(NamedTuple):
    """Everything that a step reads and changes but the first layer's weights: tuples of arrays, one a layer.

    with_example, softmax: the reading's choices of mean and outputs (plaw.model.reading.Reading).
    """

    with_example: bool
    softmax: bool
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


@compiled
def fill_table(example, table, images, first, second):
    _multiply(images[example], first, second, table[example])


@compiled
def _multiply(x, first, second, products):
    for u in range(len(products)):
        for k in range(products.shape[1]):
            products[u, k] = x[first[u, k]] * x[second[u, k]]


@compiled
def _table(rows, columns, like):
    """A table of zeros whose rows, where they fill whole cache lines, begin with one: else vectors lie across two, and
    take twice the time.
    """
    room = np.zeros(rows * columns + 64 // like.itemsize, like.dtype)
    skip = -room.ctypes.data % 64 // like.itemsize
    return room[skip : skip + rows * columns].reshape(rows, columns)


@compiled
def _aligned(array):
    """A copy of a matrix in such a table."""
    copy = _table(array.shape[0], array.shape[1], array)
    copy[:] = array
    return copy


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
    """Eqs 3, 4 for the columns begin... of a layer whose gradient is delta * previous; adds the updated w . phi to the
    field.
    """
    columns = phi.shape[1]
    for u in range(len(w)):
        own, step, total = u * (len(phi) > 1), rule.eta * delta[u], w.dtype.type(0)
        wu, vu, before, now = w[u, begin : begin + columns], v[u, begin : begin + columns], previous[own], phi[own]
        for k in range(columns):
            vu[k] = rule.mu * vu[k] - step * before[k]
            wu[k] = rule.decay_factor * wu[k] + vu[k]
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
            eu[k] = rule.eta_decay * eu[k] + rule.A * _tanh(rule.beta * gradient)
            vu[k] = rule.mu * vu[k] - abs(eu[k]) * gradient
            wu[k] = rule.decay_factor * wu[k] + vu[k]
            total += wu[k] * now[k]
        field[u] += total


@compiled
def _rule_of(rule, r, layer):
    """The numbers of replica r and weight layer `layer`."""
    return Rule(
        rule.accelerated,
        rule.mu[r],
        rule.decay_factor[r],
        rule.eta[r],
        rule.eta_decay[r],
        rule.A[r, layer],
        rule.beta[r, layer],
    )


@compiled
def _layer(rule, w, v, eta, begin, delta, previous, phi, field):
    """Update columns begin... of a layer for the example before, and add their part of the field of the next.

    previous, phi: (1, columns), one row for all units (pixels, activations), or (units, columns), each its own
    (crosses).
    """
    if rule.accelerated:
        _accelerated_layer(rule, w, v, eta, begin, delta, previous, phi, field)
    else:
        _momentum_layer(rule, w, v, begin, delta, previous, phi, field)


@compiled
def train_direct(r, W, V, E, first, second, table, images, labels, order, rules, upper):
    """Step t updates the first layer for example t - 1 while it sums the field of example t; one step more updates for
    the last.
    """
    mode = flush_denormals()
    w, v, eta, order, rule = W[r], V[r], E[r], order[r], _rule_of(rules, r, 0)
    if first.shape[1] == 0:  # with crosses the weights leave the cache, and their place in it does not matter
        w, v, eta, images = _aligned(w), _aligned(v), _aligned(eta), _aligned(images)
    steps, inputs = len(order), images.shape[1]
    units, crosses = first.shape
    delta, field = np.zeros(units, W.dtype), np.empty(units, W.dtype)
    work = _workspace(upper, units)
    scratch = np.empty((2, 0 if len(table) else units, crosses), W.dtype)
    for t in range(steps + 1):
        now, before = order[min(t, steps - 1)], order[max(t - 1, 0)]
        x, x_before = images[now : now + 1], images[before : before + 1]
        products, products_before = (
            (table[now], table[before]) if len(table) else (scratch[t & 1], scratch[1 - (t & 1)])
        )
        if not len(table):
            _multiply(x[0], first, second, products)
        field[:] = 0
        if t == 0:
            for u in range(units):
                field[u] = _dot(w[u, :inputs], x[0]) + _dot(w[u, inputs:], products[u])
        else:
            _layer(rule, w, v, eta, 0, delta, x_before, x, field)
            _layer(rule, w, v, eta, inputs, delta, products_before, products, field)
        if t < steps:
            _step_upper_layers(r, field, delta, labels[now], rules, upper, work)
    if crosses == 0:
        W[r], V[r], E[r] = w, v, eta
    restore_mode(mode)


@compiled
def train_blocked(r, W, V, starts, rows, images, labels, order, rules, upper):
    """The momentum rule in blocks of LANES examples, with one pass over the weights between two blocks.

    It applies all updates of the block before, and yields what the steps of the block after need: W . phi_j, V . phi_j
    and the products phi_i . phi_j of its examples. With reach_k, what a velocity k steps ago has added to a weight
    since (reach_1 = 1, reach_(k+1) = (1 - alpha) reach_k + mu^k), from W and V at the start of a block of b examples:

        field       h_j = (1 - alpha)^j W . phi_j + mu reach_j V . phi_j
                          - eta sum_(i<j) reach_(j-i) delta_i (phi_i . phi_j)
        update      W <- (1 - alpha)^b W + mu reach_b V - eta sum_i reach_(b-i) delta_i phi_i
                    V <- mu^b V - eta sum_i mu^(b-1-i) delta_i phi_i
    """
    mode = flush_denormals()
    W, V, order, rule = W[r], V[r], order[r], _rule_of(rules, r, 0)
    steps, units, dtype = len(order), len(W), W.dtype
    decay_factor, mu, reach = np.ones(LANES + 1, dtype), np.ones(LANES + 1, dtype), np.zeros(LANES + 1, dtype)
    for k in range(LANES):
        decay_factor[k + 1], mu[k + 1], reach[k + 1] = (
            rule.decay_factor * decay_factor[k],
            rule.mu * mu[k],
            rule.decay_factor * reach[k] + mu[k],
        )
    before, after = _table(images.shape[1] + 1, LANES, W), _table(images.shape[1] + 1, LANES, W)
    before[0], after[0] = 1, 1
    w_fields, v_fields, gram = (
        np.empty((units, LANES), dtype),
        np.empty((units, LANES), dtype),
        np.empty((units, LANES, LANES), dtype),
    )
    deltas, field, work = np.zeros((LANES, units), dtype), np.empty(units, dtype), _workspace(upper, units)
    w_change, v_change, count = np.zeros(LANES, dtype), np.zeros(LANES, dtype), 0
    for begin in range(0, steps + LANES, LANES):
        for j in range(min(LANES, steps - begin)):
            after[1:, j] = images[order[begin + j]]
        w_change[:], v_change[:] = 0, 0
        for u in range(units):
            for i in range(count):
                w_change[i], v_change[i] = (
                    -rule.eta * reach[count - i] * deltas[i, u],
                    -rule.eta * mu[count - 1 - i] * deltas[i, u],
                )
            block_pass(
                W[u], V[u], starts[u], rows[u], before, after, w_change, v_change,
                decay_factor[count], rule.mu * reach[count], mu[count], w_fields[u], v_fields[u], gram[u],
            )  # fmt: skip
        count = min(LANES, steps - begin)
        for j in range(count):
            for u in range(units):
                total = decay_factor[j] * w_fields[u, j] + rule.mu * reach[j] * v_fields[u, j]
                for i in range(j):
                    total -= rule.eta * reach[j - i] * deltas[i, u] * gram[u, j, i]
                field[u] = total
            _step_upper_layers(r, field, deltas[j], labels[order[begin + j]], rules, upper, work)
        before, after = after, before
    restore_mode(mode)


@compiled
def train_batches(r, batch, W, V, images, labels, order, rules, upper):
    """The momentum rule for pixels alone, with steps of `batch` examples whose gradients are averaged."""
    mode = flush_denormals()
    W, V, order, depth = W[r], V[r], order[r], len(upper.weights)
    room = _workspace(upper, len(W)).shape[1]
    x = np.empty((batch, images.shape[1]), W.dtype)
    a, deltas = np.empty((depth + 1, batch, room), W.dtype), np.empty((2, batch, room), W.dtype)
    for begin in range(0, len(order), batch):
        count = min(batch, len(order) - begin)
        for j in range(count):
            x[j] = images[order[begin + j]]
            _fields(W, x[j], a[0, j, : len(W)])
            upper.seen[r] += 1
            for layer in range(depth + 1):
                bias = upper.biases[layer][r]
                h = a[layer, j, : len(bias)]
                if layer > 0:
                    w = upper.weights[layer - 1][r]
                    _fields(w, a[layer - 1, j, : w.shape[1]], h)
                if layer < depth:
                    mean, subtract, gain = upper.mean[layer][r], upper.subtract[r, layer], upper.gain[r, layer]
                    _activations(h, bias, mean, upper.seen[r], upper.with_example, subtract, gain, h)
                else:
                    _output_delta(h, bias, labels[order[begin + j]], upper.softmax)
                    deltas[depth % 2, j, : len(h)] = h
        for layer in range(depth, 0, -1):
            w, above, below = upper.weights[layer - 1][r], deltas[layer % 2], deltas[(layer - 1) % 2]
            units, inputs = w.shape
            for j in range(count):
                active = a[layer - 1, j, :inputs]
                _delta_below(w, above[j, :units], active, upper.gain[r, layer - 1], below[j, :inputs])
            rule = _rule_of(rules, r, layer)
            _momentum_batch(rule, w, upper.velocity[layer - 1][r], above[:count], a[layer - 1])
            _bias_batch(rule, upper.biases[layer][r], upper.bias_velocity[layer][r], above[:count])
        rule = _rule_of(rules, r, 0)
        _momentum_batch(rule, W, V, deltas[0, :count], x)
        _bias_batch(rule, upper.biases[0][r], upper.bias_velocity[0][r], deltas[0, :count])
    restore_mode(mode)


@compiled
def _momentum_batch(rule, w, v, deltas, phi):
    """Eqs 3, 4 for a layer whose gradient is the mean of delta * phi over a batch."""
    for u in range(len(w)):
        wu, vu = w[u], v[u]
        for k in range(len(wu)):
            vu[k] *= rule.mu
        for j in range(len(deltas)):
            step, features = rule.eta * deltas[j, u] / len(deltas), phi[j]
            for k in range(len(wu)):
                vu[k] -= step * features[k]
        for k in range(len(wu)):
            wu[k] = rule.decay_factor * wu[k] + vu[k]


@compiled
def _bias_batch(rule, bias, v, deltas):
    for u in range(len(bias)):
        step = deltas.dtype.type(0)
        for j in range(len(deltas)):
            step += deltas[j, u]
        v[u] = rule.mu * v[u] - rule.eta * step / len(deltas)
        bias[u] += v[u]


@compiled
def _coefficient_row(position, velocity, mu, decay_factor, change, before, gram):
    """One unit's coefficients after the example before, whose velocity gains `change`; returns position . gram."""
    total = position.dtype.type(0)
    for m in range(len(position)):
        velocity[m] *= mu
        position[m] = decay_factor * position[m] + velocity[m]
        total += position[m] * gram[m]
    velocity[before] += change
    position[before] += change
    return total + change * gram[before]


@compiled
def train_dual(r, gram, start, position, velocity, scale, labels, order, rules, upper):
    """As train_direct, with the coefficients of the examples in the place of the first layer's weights."""
    mode = flush_denormals()
    start, position, velocity, order, rule = start[r], position[r], velocity[r], order[r], _rule_of(rules, r, 0)
    steps, units = len(order), len(position)
    delta, field = np.zeros(units, position.dtype), np.empty(units, position.dtype)
    work = _workspace(upper, units)
    for t in range(steps + 1):
        now, before = order[min(t, steps - 1)], order[max(t - 1, 0)]
        block = gram[now]
        if t > 0:
            scale[r] *= rule.decay_factor
        for u in range(units):
            if t == 0:
                field[u] = _dot(position[u], block[u])
            else:
                change = -rule.eta * delta[u]
                field[u] = _coefficient_row(
                    position[u], velocity[u], rule.mu, rule.decay_factor, change, before, block[u]
                )
            field[u] += scale[r] * start[now, u]
        if t < steps:
            _step_upper_layers(r, field, delta, labels[now], rules, upper, work)
    restore_mode(mode)


@compiled
def _workspace(upper, units):
    """Room for the activations of every hidden layer, two rows for the deltas above and below, and one for fields that
    nobody reads.
    """
    widest = units
    for layer in range(len(upper.biases)):
        widest = max(widest, upper.biases[layer].shape[1])
    return np.empty((len(upper.biases) + 2, widest), upper.biases[0].dtype)


@compiled
def _sigmoid(z):
    return 1 / (1 + np.exp(-z))


@compiled
def _step_upper_layers(r, field, delta, label, rules, upper, work):
    """A step of replica r beyond the first layer's weights: fields, deltas, updates. field: W_1 . phi; delta_1 is
    written.
    """
    depth = len(upper.weights)
    upper.seen[r] += 1
    for layer in range(depth):
        h, a = field, work[layer][: upper.biases[layer].shape[1]]
        if layer > 0:
            h = a
            _fields(upper.weights[layer - 1][r], work[layer - 1], h)
        _activations(
            h,
            upper.biases[layer][r],
            upper.mean[layer][r],
            upper.seen[r],
            upper.with_example,
            upper.subtract[r, layer],
            upper.gain[r, layer],
            a,
        )
    above = work[depth][: upper.biases[depth].shape[1]]
    _fields(upper.weights[depth - 1][r], work[depth - 1], above)
    _output_delta(above, upper.biases[depth][r], label, upper.softmax)
    unused = work[depth + 2]
    for layer in range(depth, 0, -1):
        rule, weights = _rule_of(rules, r, layer), upper.weights[layer - 1][r]
        a = work[layer - 1][: weights.shape[1]].reshape(1, -1)
        below = delta if layer == 1 else work[depth + (depth - layer + 1) % 2][: weights.shape[1]]
        _delta_below(weights, above, a[0], upper.gain[r, layer - 1], below)
        _layer(rule, weights, upper.velocity[layer - 1][r], upper.eta[layer - 1][r], 0, above, a, a, unused)
        _update_biases(rule, above, upper.biases[layer][r], upper.bias_velocity[layer][r], upper.bias_eta[layer][r])
        above = below
    _update_biases(_rule_of(rules, r, 0), above, upper.biases[0][r], upper.bias_velocity[0][r], upper.bias_eta[0][r])


@compiled
def _fields(weights, a, field):
    for u in range(len(weights)):
        field[u] = _dot(weights[u], a)


@compiled
def _activations(field, bias, mean, seen, with_example, subtract, gain, a):
    """The running means with this example's fields, and the activations."""
    for u in range(len(a)):
        h, before = field[u] + bias[u], mean[u]
        mean[u] += (h - mean[u]) / seen
        a[u] = _sigmoid(gain * (h - subtract * (mean[u] if with_example else before)))


@compiled
def _output_delta(field, bias, label, softmax):
    """Fields of the last layer, in place, to its delta a - y."""
    for u in range(len(field)):
        field[u] += bias[u]
    if softmax:
        largest, total = field.max(), field.dtype.type(0)
        for u in range(len(field)):
            field[u] = np.exp(field[u] - largest)
            total += field[u]
        for u in range(len(field)):
            field[u] /= total
    else:
        for u in range(len(field)):
            field[u] = _sigmoid(field[u])
    field[label] -= 1


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
            eta[u] = rule.eta_decay * eta[u] + rule.A * _tanh(rule.beta * delta[u])
            step = abs(eta[u])
        v[u] = rule.mu * v[u] - step * delta[u]
        bias[u] += v[u]


@compiled
def add_cross_fields(block, weights, starts, second, images, fields):
    """fields[r, m, u] += sum_i x_i (sum_j W_ij x_j): one multiply-add a cross, BLOCK examples side by side in a vector.

    TOGETHER replicas at a time share the reading of the examples; those that are left over follow one by one.
    """
    begin, end = block * BLOCK, min((block + 1) * BLOCK, len(images))
    x = _table(images.shape[1], BLOCK, images)
    x[:, : end - begin] = images[begin:end].T
    total, stride = np.empty((TOGETHER, BLOCK), images.dtype), weights.strides[0] // weights.itemsize
    for u in range(len(second)):
        r = 0
        while r < len(weights):
            count = TOGETHER if r + TOGETHER <= len(weights) else 1
            total[:] = 0
            if count == TOGETHER:
                add_products_together(weights[r, u], stride, starts[u], second[u], x, total)
            else:
                add_products(weights[r, u], stride, starts[u], second[u], x, total)
            for q in range(count):
                for m in range(end - begin):
                    fields[r + q, begin + m, u] += total[q, m]
            r += count


@compiled
def add_examples(u, weights, starts, second, coefficients, transposed):
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
