"""The search for profile limits: where it ends, and how many fits it takes."""

import numpy as np
import pytest

from plaw.curves import profile


def limits_of(residual, step, monkeypatch):
    """Low and high of a parameter with this residual, chi2 being allowed 1, and how many batches of fits they took."""
    batches = []

    def counted(*arguments, **options):
        batches.append(1)
        return solve(*arguments, **options)

    solve = profile.solve
    monkeypatch.setattr(profile, "solve", counted)
    far = np.array([[-50.0], [50.0]])
    ends = profile.profile_limits(
        lambda theta, rows: residual(theta),
        lambda theta, which, q: theta[:, 0] - q,
        np.zeros(1), far, np.zeros(1), np.array([step]), far, 1.0,
    )  # fmt: skip
    return ends[:, 0], len(batches)


@pytest.mark.parametrize("step", [0.1, 0.3, 1.0])
@pytest.mark.parametrize(
    "residual, limit, most",
    [
        (lambda t: t + t**3, 0.6823278, 8),  # 12 to 14 where every move halves the end that stays
        (lambda t: np.sinh(3 * t), np.arcsinh(1) / 3, 8),  # 9 to 15
        (lambda t: 2 * np.arctan(t), np.tan(0.5), 8),  # 13
        (lambda t: t**5, 1, 13),  # 12 to 18
    ],
    ids=["cubic", "sinh", "arctan", "fifth power"],
)
def test_a_limit_is_found_to_its_precision_in_few_fits(residual, limit, most, step, monkeypatch):
    (low, high), batches = limits_of(residual, step, monkeypatch)
    assert (low, high) == pytest.approx((-limit, limit), rel=3e-3)
    assert batches <= most


def moves_of(excess_of, inner, outer):
    """The places that the refinement visits between two ends."""
    visited = []

    def excess(q, start, index):
        visited.append(float(q[0]))
        return excess_of(q), start

    ends = [np.array([end]) for end in (inner, excess_of(inner), outer, excess_of(outer))]
    limit = profile._between(excess, profile._Bracket(*ends, np.zeros((1, 1))))[0]
    return visited, limit


def test_an_end_counts_half_only_when_it_stays_twice_in_a_row():
    """The outer end stays at first: the second place is the plain secant's, the third that of half the outer excess."""
    visited, limit = moves_of(lambda q: q**3 - 0.5, 0.0, 1.0)

    def secant(low, excess_low, excess_high):
        return low + (1 - low) * -excess_low / (excess_high - excess_low)

    first = 0.5
    second = secant(first, first**3 - 0.5, 0.5)
    third = secant(second, second**3 - 0.5, 0.25)
    assert visited[:3] == pytest.approx([first, second, third])
    assert limit == pytest.approx(0.5 ** (1 / 3), abs=2e-4)


def test_where_no_fit_has_the_outer_end_the_bracket_is_halved():
    visited, limit = moves_of(lambda q: np.where(np.asarray(q) < 0.3, -0.5, np.inf), 0.0, 1.0)
    assert visited[:4] == [0.5, 0.25, 0.375, 0.3125]
    assert limit == pytest.approx(0.3, abs=1e-4)


def test_no_limits_without_an_allowed_rise():
    def limits(allowed):
        best = np.ones(1)
        return profile.profile_limits(None, None, best, None, best, best, None, allowed)[:, 0]

    assert limits(0.0).tolist() == [1, 1]
    assert np.isnan(limits(np.nan)).all()
