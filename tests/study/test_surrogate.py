"""The surrogate: what it predicts of functions that are known, and what luck it takes away."""

import numpy as np
import pytest

from plaw.study.surrogate import SOFT, Surrogate, Trials

SIZES = (30, 240)


def bowl(places, n):
    """A log error whose optimum moves with n: at (0.4, 0.5) for 30 per label, at (0.6, 0.5) for 240."""
    centre = np.stack([0.4 + 0.2 * np.log(n / 30) / np.log(8), np.full(len(places), 0.5)], axis=1)
    return np.log(0.2) - 0.3 * np.log(n / 30) + 2 * ((places - centre) ** 2).sum(axis=1)


def draw(count, rng, luck=0.0, noise=0.01, groups=4):
    """Trials at random places of both sizes, those of a group with its luck in common, and that luck."""
    places, n = rng.random((count, 2)), rng.choice(SIZES, count)
    group = n * groups + rng.integers(0, groups, count)
    known = {k: luck * rng.standard_normal() for k in np.unique(group)}
    logs = bowl(places, n) + np.array([known[k] for k in group]) + noise * rng.standard_normal(count)
    return Trials(places, n, group, np.exp(logs)), known


@pytest.mark.parametrize("seed", range(3))
def test_its_mean_is_the_function_and_its_deviation_the_size_of_its_error(seed):
    rng = np.random.default_rng([71, seed])
    surrogate = Surrogate(draw(160, rng)[0])
    for n in SIZES:
        places = 0.1 + 0.8 * rng.random((200, 2))
        truth = bowl(places, np.full(200, n))
        near = truth < truth.min() + 0.4  # further up the errors are capped
        mean, deviation = surrogate.predict(places[near], n)
        assert np.abs(mean - truth[near]).max() < 0.05
        assert (deviation > 0).all() and (np.abs(mean - truth[near]) < 5 * deviation + 0.005).mean() > 0.9
        grid = np.stack(np.meshgrid(*[np.linspace(0, 1, 41)] * 2), axis=-1).reshape(-1, 2)
        best = grid[surrogate.predict(grid, n)[0].argmin()]
        assert best == pytest.approx([0.4 if n == 30 else 0.6, 0.5], abs=0.1)


def test_a_size_with_few_trials_learns_from_the_others():
    rng = np.random.default_rng(72)
    many, _ = draw(120, rng)
    keep = (many.n == 30) | (np.cumsum(many.n == 240) <= 6)
    few = Trials(many.places[keep], many.n[keep], many.group[keep], many.errors[keep])
    alone = Trials(*(array[few.n == 240] for array in (few.places, few.n, few.group, few.errors)))
    places = 0.2 + 0.6 * rng.random((100, 2))
    truth = bowl(places, np.full(100, 240))

    def misfit(trials):
        return np.corrcoef(Surrogate(trials).predict(places, 240)[0], truth)[0, 1]

    assert misfit(few) > 0.9 and misfit(few) > misfit(alone)


def test_the_luck_of_a_group_is_told_apart():
    rng = np.random.default_rng(73)
    trials, known = draw(200, rng, luck=0.05)
    surrogate = Surrogate(trials)
    for n in SIZES:
        groups = np.array([k for k in known if k // 4 == n])
        luck = surrogate.luck(groups, n)
        truth = np.array([known[k] for k in groups])
        assert np.corrcoef(luck, truth)[0, 1] > 0.9
        assert np.abs((luck - luck.mean()) - (truth - truth.mean())).max() < np.abs(truth - truth.mean()).max()


def test_draws_scatter_about_the_mean_as_the_deviation_says():
    rng = np.random.default_rng(74)
    surrogate = Surrogate(draw(40, rng)[0])
    places = rng.random((30, 2))
    draws = surrogate.draws(places, 30, 4000, rng)
    mean, deviation = surrogate.predict(places, 30)
    assert draws.shape == (4000, 30)
    assert np.corrcoef(draws.mean(axis=0), -np.exp(-(mean - surrogate.least[30]) / SOFT))[0, 1] > 0.99
    slope = np.exp(-(mean - surrogate.least[30]) / SOFT)  # of y, which is what is drawn
    assert draws.std(axis=0) == pytest.approx(slope * deviation, rel=0.15, abs=0.005)


def test_known_variances_are_taken_as_they_are():
    trials, _ = draw(60, np.random.default_rng(75))
    first = Surrogate(trials)
    again = Surrogate(trials, first.theta)
    np.testing.assert_array_equal(again.theta, first.theta)
    places = np.random.default_rng(76).random((5, 2))
    np.testing.assert_allclose(again.predict(places, 30), first.predict(places, 30), rtol=1e-9)
