"""The paper's training written a second time: one replica, plain loops, gradients by automatic differentiation
(autograd).

Nothing here comes from plaw but the strategies' names of the hyper-parameters. Centring keeps sums, not running
means; the cost is written out as the cross entropy of the sigmoid outputs; the deltas are autograd's."""

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
        a = expit(h - amplitude * mean) if reading == "mean" else expit(amplitude * (h - mean))
        h = weights[layer + 1] @ a + biases[layer + 1]
    return expit(h)


def cross_entropy(weights, biases, x, label, pairs, amp, reading, means):
    """The cost of one example without its L2 term; means: of each hidden layer's field, constants."""
    a = forward(weights, biases, x, pairs, amp, reading, lambda layer, h: means[layer])
    wanted = np.arange(len(a)) == label
    return -np.sum(np.where(wanted, np.log(a), np.log(1 - a)))


def full_cost(weights, biases, x, label, pairs, strategy, reading, means):
    """Eq. 2: the cross entropy and alpha / (2 eta) times the sum of all squared weights."""
    decay = strategy.alpha / (2 * strategy.eta) * sum(np.sum(w**2) for w in weights)
    return cross_entropy(weights, biases, x, label, pairs, strategy.amp, reading, means) + decay


gradients = grad(cross_entropy, (0, 1))


class Centre:
    """The mean of the fields of all examples presented so far, the current one included."""

    def __init__(self, sums=None, count=0):
        self.sums, self.count = sums or {}, count

    def __call__(self, layer, h):
        self.sums[layer] = self.sums.get(layer, 0) + h
        return self.sums[layer] / self.count

    def means(self):
        return [self.sums[layer] / self.count for layer in sorted(self.sums)]


def momentum(strategy, memory, w, g, layer, decay):
    """Eqs 3, 4."""
    v = strategy.mu * memory.get("v", 0) - strategy.eta * g
    memory["v"] = v
    return (1 - decay) * w + v


def accelerated(strategy, memory, w, g, layer, decay):
    """Eqs 6, 7."""
    eta = memory.get("eta", 0) * np.exp(-strategy.tau) + strategy.A[layer] * np.tanh(strategy.beta[layer] * g)
    v = strategy.mu * memory.get("v", 0) - np.abs(eta) * g
    memory.update(eta=eta, v=v)
    return (1 - decay) * w + v


def train(weights, biases, pairs, strategy, reading, images, labels, order, centre=None):
    """On-line training of one replica from V = 0: its weights, biases and means after presenting order[0], order[1],
    ...
    """
    rule = accelerated if hasattr(strategy, "tau") else momentum
    weights, biases, centre = list(weights), list(biases), centre or Centre()
    memories = [({}, {}) for _ in weights]
    for example in order:
        x, label = images[example], labels[example]
        centre.count += 1
        forward(weights, biases, x, pairs, strategy.amp, reading, centre)
        g_weights, g_biases = gradients(weights, biases, x, label, pairs, strategy.amp, reading, centre.means())
        for layer, (of_weights, of_biases) in enumerate(memories):
            weights[layer] = rule(strategy, of_weights, weights[layer], g_weights[layer], layer, strategy.alpha)
            biases[layer] = rule(strategy, of_biases, biases[layer], g_biases[layer], layer, 0)
    return weights, biases, centre.means()
