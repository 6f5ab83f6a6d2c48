"""The paper's training written a second time: one replica, plain loops, gradients by automatic differentiation
(autograd).

Nothing here comes from plaw but the names of hyper-parameters and of a reading's choices. Centring keeps sums, not
running means; the cost is written out as the cross entropy of the outputs; the deltas are autograd's."""

import autograd.numpy as np
from autograd import grad
from autograd.scipy.special import expit


def forward(weights, biases, x, pairs, amp, reading, centre):
    """The outputs a_j.

    pairs[u]: the (i, j) that first-layer unit u multiplies; centre(layer, h): the mean that is subtracted from h.
    """
    crosses = np.array([[x[i] * x[j] for i, j in unit] for unit in pairs]).reshape(len(pairs), -1)
    h = weights[0][:, : len(x)] @ x + np.sum(weights[0][:, len(x) :] * crosses, axis=1) + biases[0]
    for layer, amplitude in enumerate(amp):
        mean = centre(layer, h)
        if reading.amplitude == "mean":
            a = expit(h - amplitude * mean)
        else:
            a = expit(amplitude * (h - mean)) if reading.amplitude == "gain" else expit(h)
        h = weights[layer + 1] @ a + biases[layer + 1]
    return np.exp(h) / np.sum(np.exp(h)) if reading.outputs == "softmax" else expit(h)


def cross_entropy(weights, biases, x, label, pairs, amp, reading, means):
    """The cost of one example without its L2 term; means: of each hidden layer's field, constants."""
    a = forward(weights, biases, x, pairs, amp, reading, lambda layer, h: means[layer])
    if reading.outputs == "softmax":
        return -np.log(a[label])
    wanted = np.arange(len(a)) == label
    return -np.sum(np.where(wanted, np.log(a), np.log(1 - a)))


def full_cost(weights, biases, x, label, pairs, strategy, reading, means):
    """Eq. 2: the cross entropy and alpha / (2 eta) times the sum of all squared weights."""
    decay = strategy.alpha / (2 * strategy.eta) * sum(np.sum(w**2) for w in weights)
    return cross_entropy(weights, biases, x, label, pairs, strategy.amp, reading, means) + decay


gradients = grad(cross_entropy, (0, 1))


class Centre:
    """The mean of the fields of all examples presented so far, the current one included, or of those before it."""

    def __init__(self, reading):
        self.reading, self.sums, self.count, self.used = reading, {}, 0, {}

    def __call__(self, layer, h):
        before = self.sums.get(layer, 0 * h)
        self.sums[layer] = before + h
        earlier = before / max(self.count - 1, 1)
        self.used[layer] = earlier if self.reading.mean == "before" else self.sums[layer] / self.count
        return self.used[layer]

    def means(self):
        return [self.sums[layer] / self.count for layer in sorted(self.sums)]


def momentum(strategy, memory, w, g, layer, decay, reading):
    """Eqs 3, 4."""
    first = -strategy.eta * g if reading.velocity == "gradient" else 0
    v = strategy.mu * memory.get("v", first) - strategy.eta * g
    memory["v"] = v
    return (1 - decay) * w + v


def accelerated(strategy, memory, w, g, layer, decay, reading):
    """Eqs 6, 7."""
    eta = memory.get("eta", 0) * np.exp(-strategy.tau) + strategy.A[layer] * np.tanh(strategy.beta[layer] * g)
    v = strategy.mu * memory.get("v", 0) - np.abs(eta) * g
    memory.update(eta=eta, v=v)
    return (1 - decay) * w + v


def train(weights, biases, pairs, strategy, reading, images, labels, order):
    """On-line training of one replica: its weights, biases and means after presenting order[0], order[1], ..."""
    rule = accelerated if hasattr(strategy, "tau") else momentum
    weights, biases, centre = list(weights), list(biases), Centre(reading)
    memories = [({}, {}) for _ in weights]
    for begin in range(0, len(order), reading.batch):
        batch, sums = order[begin : begin + reading.batch], None
        for example in batch:
            x, label = images[example], labels[example]
            centre.count += 1
            forward(weights, biases, x, pairs, strategy.amp, reading, centre)
            used = [centre.used[layer] for layer in sorted(centre.used)]
            g = gradients(weights, biases, x, label, pairs, strategy.amp, reading, used)
            sums = g if sums is None else [[a + b for a, b in zip(*pair)] for pair in zip(sums, g)]
        for layer, (of_weights, of_biases) in enumerate(memories):
            g_weights, g_biases = (of[layer] / len(batch) for of in sums)
            weights[layer] = rule(strategy, of_weights, weights[layer], g_weights, layer, strategy.alpha, reading)
            biases[layer] = rule(strategy, of_biases, biases[layer], g_biases, layer, 0, reading)
    return weights, biases, centre.means()
