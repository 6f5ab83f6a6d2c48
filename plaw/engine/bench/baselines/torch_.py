"""The training in PyTorch: gradients written by hand, every update in place, replicas one after the other, cores within
an operation.
"""

import numpy as np
import torch

from plaw.engine.hyper_parameters import stack_hyper_parameters

NAME = "torch"
CHUNK = 10


class Trainer:
    """Trains replicas; see plaw.engine.bench.baselines."""

    def __init__(self, network, strategies, images, labels):
        hyper_parameters = stack_hyper_parameters(strategies, network.architecture, network.dtype)
        self.images, self.labels = torch.tensor(images), labels
        self.replicas = [_Replica(network, hyper_parameters, replica) for replica in range(network.replicas)]

    @torch.inference_mode()
    def train(self, order):
        for replica, examples in zip(self.replicas, order.tolist(), strict=True):
            for example in examples:
                replica.step(self.images[example], self.labels[example])

    def write(self, network):
        for r, replica in enumerate(self.replicas):
            pixels, crosses, *above = [weights.value for weights in replica.weights]
            for array, value in zip(network.weights, [torch.cat([pixels, crosses], dim=1), *above], strict=True):
                array[r] = value.numpy()
            for array, biases in zip(network.biases, replica.biases, strict=True):
                array[r] = biases.value.numpy()
            for array, mean in zip(network.mean, replica.mean, strict=True):
                array[r] = mean.numpy()
            network.subtract[r], network.gain[r] = replica.rule["subtract"], replica.rule["gain"]


class _Parameter:
    """A weight or bias array with what its rule remembers of it."""

    def __init__(self, array, rule, layer, decay_factor):
        self.value, self.velocity, self.eta = torch.tensor(array), torch.zeros(array.shape), torch.zeros(array.shape)
        self.rule, self.A, self.beta, self.decay_factor = rule, rule["A"][layer], rule["beta"][layer], decay_factor
        self.room = torch.empty(array.shape)

    def update(self, gradient):
        if self.rule["accelerated"]:
            torch.mul(gradient, self.beta, out=self.room).tanh_()
            self.eta.mul_(self.rule["eta_decay"]).add_(self.room, alpha=self.A)
            torch.abs(self.eta, out=self.room)
            self.velocity.mul_(self.rule["mu"]).addcmul_(self.room, gradient, value=-1)
        else:
            self.velocity.mul_(self.rule["mu"]).add_(gradient, alpha=-self.rule["eta"])
        if self.decay_factor != 1:
            self.value.mul_(self.decay_factor)
        self.value.add_(self.velocity)


class _Replica:
    def __init__(self, network, hyper_parameters, replica):
        arrays = ("mu", "decay_factor", "eta", "eta_decay", "A", "beta", "subtract", "gain")
        self.rule = {name: getattr(hyper_parameters, name)[replica].tolist() for name in arrays} | {
            "accelerated": hyper_parameters.accelerated
        }
        self.first, self.second = (
            torch.tensor(pixels.ravel().astype(np.int32)) for pixels in (network.wiring.first, network.wiring.second)
        )
        first, *above = [weights[replica] for weights in network.weights]
        inputs, decay_factor = network.architecture.inputs, self.rule["decay_factor"]
        parts = [
            (first[:, :inputs], 0),
            (first[:, inputs:], 0),
            *((array, layer + 1) for layer, array in enumerate(above)),
        ]
        self.weights = [_Parameter(array, self.rule, layer, decay_factor) for array, layer in parts]
        self.biases = [_Parameter(array[replica], self.rule, layer, 1) for layer, array in enumerate(network.biases)]
        self.mean = [torch.tensor(mean[replica].astype(network.dtype)) for mean in network.mean]
        self.seen = int(network.seen[replica])
        self.crosses, self.room = torch.empty(first[:, inputs:].shape), torch.empty(first[:, inputs:].shape)

    def step(self, x, label):
        rule, (pixels, crosses, *above) = self.rule, self.weights
        self.seen += 1
        torch.index_select(x, 0, self.first, out=self.crosses.view(-1))
        self.crosses.mul_(torch.index_select(x, 0, self.second, out=self.room.view(-1)).view_as(self.room))
        h = torch.mv(pixels.value, x) + torch.linalg.vecdot(crosses.value, self.crosses) + self.biases[0].value
        activations = []
        for layer, mean in enumerate(self.mean):
            mean.add_(h - mean, alpha=1 / self.seen)
            activations.append(torch.sigmoid(rule["gain"][layer] * (h - rule["subtract"][layer] * mean)))
            h = torch.addmv(self.biases[layer + 1].value, above[layer].value, activations[-1])
        delta = torch.sigmoid(h)
        delta[label] -= 1
        for layer in range(len(above), 0, -1):
            a = activations[layer - 1]
            below = rule["gain"][layer - 1] * a * (1 - a) * torch.mv(above[layer - 1].value.T, delta)
            above[layer - 1].update(torch.outer(delta, a))
            self.biases[layer].update(delta)
            delta = below
        self.biases[0].update(delta)
        pixels.update(torch.outer(delta, x))
        crosses.update(torch.mul(delta[:, None], self.crosses, out=self.room))
