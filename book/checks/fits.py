"""Fits and intervals."""

from types import SimpleNamespace

from scipy import integrate, stats

from plaw.report import calibration
from plaw.study import store


def measure() -> SimpleNamespace:
    """How often the recorded intervals held the truth."""
    coverage = {row["case"]: row for row in calibration.coverage(store.read(store.folder(), "calibration"))}
    known = [row for row in coverage.values() if "not told" not in row["noise"]]
    return SimpleNamespace(
        known=[share for row in known for share in row["profile"].values()],
        luck=[coverage[f"power, {points} points, samples and luck"]["percentile"]["exponent"] for points in (4, 5)],
        unknown=coverage["power, 4 points, counting, not told"]["percentile"]["exponent"],
        unknown_curved=min(coverage["power_offset, 10 points, counting, not told"]["profile"].values()),
        two_degrees=coverage_with_two_degrees(),
    )


def coverage_with_two_degrees() -> float:
    """How often the profile interval of a true law holds the truth, with two degrees of freedom and the noise known."""
    t = stats.t.ppf(0.975, 2)

    def held(chi2: float) -> float:
        """The share of intervals that hold the truth at this best chi2, times its density."""
        return stats.chi2.cdf(max(1.96**2, t**2 * chi2 / 2), df=1) * stats.chi2.pdf(chi2, df=2)

    return integrate.quad(held, 0, 60, points=[0.415])[0]


def check(measured: SimpleNamespace) -> None:
    """The chapter's sentences hold as long as these do."""
    assert min(measured.known) > 0.92, "the profile likelihood holds what it promises when the noise is known"
    assert measured.two_degrees > 0.95, "with few points it is on the wide side"
    assert max(measured.luck) < 0.5, "the bootstrap fails where sizes have luck of their own"
    assert measured.unknown < 0.8, "and where few residuals stand in for the noise"
    assert measured.unknown_curved < 0.9, "a curved law that does not know its noise holds the truth less often"


def numbers(measured: SimpleNamespace) -> dict[str, str]:
    """The numbers that the chapter quotes."""
    return {
        "cautious": f"{measured.two_degrees:.1%}",
        "known, fewest": f"{min(measured.known):.0%}",
        "known, most": f"{max(measured.known):.0%}",
        "luck held": f"{max(measured.luck):.0%}",
        "unknown held": f"{measured.unknown:.0%}",
        "curved held": f"{measured.unknown_curved:.0%}",
    }
