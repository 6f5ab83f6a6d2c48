"""Small questions."""

from types import SimpleNamespace

import numpy as np

from checks import ends
from plaw.report import measures, questions
from plaw.study import results
from plaw.study.experiments import CROSSES

SMALL = "fig4-committee"


def measure() -> SimpleNamespace:
    """The answers, as far as they are recorded."""
    return SimpleNamespace(
        optimism={depth: questions.optimism(depth) for depth in questions.DEPTHS},
        committees={name: questions.committees(name) for name in questions.COMMITTEES},
        one_order={name: questions.one_order(name) for name in questions.COMMITTEES},
        crosses=questions.by_crosses(),
        wide=results.joined(questions.WIDE),
    )


def all_gains(measured: SimpleNamespace) -> list[float]:
    """By how much tuning on the test digits lowered their error, at every depth and size."""
    return [gain.value for gains in measured.optimism.values() for gain in gains.values()]


def without_more(measured: SimpleNamespace) -> dict[int, float]:
    """The error without crosses over that with the paper's 10,000, by size."""
    none, paper = (measured.crosses[count] for count in (0, CROSSES))
    return {n: float(none[n].mean() / paper[n].mean()) for n in none}


def check(measured: SimpleNamespace) -> None:
    """The chapter's sentences hold as long as these do."""
    gains = all_gains(measured)
    assert abs(np.mean(gains)) < 0.005 and max(map(abs, gains)) < 0.02, (
        "tuning on the test digits gains next to nothing"
    )
    for by_size in measured.committees[SMALL].values():
        means = [errors.mean() for errors in by_size.values()]
        assert all(np.diff(means) < 0.0005), "no larger committee has a higher error"
        exponent = measures.of_fit(questions.gain_law(by_size), "rho")
        assert exponent.low < 1 < exponent.high, "the gain is as one over the number of networks"
        assert by_size[50].mean() < 1.02 * by_size[200].mean(), "fifty networks have nearly all of it"
        assert by_size[10].mean() < 1.07 * by_size[200].mean(), "ten have most of it"
    for ratios in measured.one_order.values():
        assert all(ratio.low > 1 for ratio in ratios.values()), "one order for all networks costs"
    assert min(ratio.value for ratio in measured.one_order[SMALL].values()) > 1.2, "a lot, without crosses"
    for n in (60, 240):
        means = [curve[n].mean() for count, curve in measured.crosses.items() if count <= CROSSES]
        assert all(np.diff(means) < 0), "up to the paper's number, more crosses have a lower error"
    assert min(without_more(measured).values()) > 1.5, "and together they save a third of the errors or more"
    if measured.wide:
        assert all(measured.wide[n].mean() > 0.95 * measured.crosses[0][n].mean() for n in measured.wide), (
            "as many weights without crosses gain nothing"
        )


def numbers(measured: SimpleNamespace) -> dict[str, str]:
    """The numbers that the chapter quotes."""
    gains, by_size = all_gains(measured), measured.committees[SMALL]
    laws = {n: questions.gain_law(curve) for n, curve in by_size.items()}
    costs = measured.one_order[SMALL]
    of_crosses = [f"{n} per label" for n, _ in without_more(measured).items()]
    return {
        "mean gain": f"{np.mean(gains):+.1%}",
        "largest gain": f"{max(gains, key=abs):+.1%}",
        "gain exponents": " and ".join(
            f"{law.params['rho']:.2f} ({ends(measures.of_fit(law, 'rho'))}) at {n} per label" for n, law in laws.items()
        ),
        "left at 50": " and ".join(f"{curve[50].mean() / curve[200].mean() - 1:.1%}" for curve in by_size.values()),
        "left at 10": " and ".join(f"{curve[10].mean() / curve[200].mean() - 1:.1%}" for curve in by_size.values()),
        "one order": " and ".join(
            f"{r.value:.2f} ({ends(r)}) times as large at {n} per label" for n, r in costs.items()
        ),
        "one order with crosses": " and ".join(
            f"{r.value:.2f} ({ends(r)}) times as large at {n} per label"
            for n, r in measured.one_order[questions.COMMITTEES[1]].items()
        )
        or "not recorded",
        "without crosses": " and ".join(f"{ratio:.2f}" for ratio in without_more(measured).values()),
        "crosses at": " and ".join(of_crosses),
        "wide": wide(measured),
        "more crosses": more(measured),
    }


def wide(measured: SimpleNamespace) -> str:
    """What a wider network does."""
    if not measured.wide:
        return "That network is not recorded."
    paper = measured.crosses[CROSSES]
    ratios = [f"{e.mean() / paper[n].mean():.2f} times at {n}" for n, e in measured.wide.items()]
    return f"Its error is {' and '.join(ratios)} that of the network with crosses."


def more(measured: SimpleNamespace) -> str:
    """What three times as many crosses do."""
    if 30_000 not in measured.crosses:
        return "Three times as many crosses are not recorded."
    paper, threefold = measured.crosses[CROSSES], measured.crosses[30_000]
    ratios = [f"{threefold[n].mean() / paper[n].mean():.2f} times at {n}" for n in threefold]
    return f"With three times the paper's number the error is {' and '.join(ratios)} as large."
