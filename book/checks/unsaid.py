"""What the paper did not say."""

from dataclasses import dataclass
from functools import cache
from types import SimpleNamespace

import numpy as np

from checks import ends
from plaw.curves.fitting import fit_law
from plaw.curves.intervals import Interval
from plaw.model.reading import Reading
from plaw.report import likelihood, measures, published
from plaw.study import results
from plaw.study.experiments import CHOSEN, PREDICTED, variant_id
from plaw.study.readings import PAIRS, READINGS

LIVE = 8  # networks of each point in the chapter's trials
DEPTHS = likelihood.DEPTHS
FAINT, BOLD = 1.2, 3.0  # scales that the text quotes
PAIR = f"{CHOSEN}-no-centring"  # of changes that the text quotes
QUOTED = "fig2-momentum", "fig3-1", "fig4-1", "fig4-2", "fig4-3"  # whose level the text quotes
CURVES = ("fig3-1", "fig3-2", "fig3-3", *PREDICTED)


@dataclass(frozen=True)
class Best:
    """The lowest errors of a depth over all scales: {n: (scale, error)}, and the exponent of their law."""

    points: dict[int, tuple[float, float]]
    rho: Interval


def scales() -> dict[float, str]:
    """The readings that differ in the scale of the initial weights alone, recorded for all depths, by that scale."""
    by_scale = {1.0: ""} | {r.scale: name for name, r in READINGS.items() if r == Reading(scale=r.scale)}
    return {scale: name for scale, name in sorted(by_scale.items()) if likelihood.match(name)}


@cache
def curves(reading: str) -> dict[int, results.Errors]:
    """The errors of figure 3's depths under a reading."""
    return {depth: results.errors(variant_id(f"fig3-{depth}", reading)) for depth in DEPTHS}


def matches() -> list[likelihood.Match]:
    """All readings that are recorded for all depths, against the published lines."""
    return [match for name in ("", *READINGS) if (match := likelihood.match(name))]


def best_over_scales(depth: int) -> Best:
    """Which scale has the lowest error at each size."""
    by_scale = {scale: curves(reading)[depth] for scale, reading in scales().items()}
    best = {n: min(by_scale, key=lambda scale: by_scale[scale][n].mean()) for n in by_scale[1.0]}
    curve = {n: by_scale[scale][n] for n, scale in best.items()}
    mean, noise = results.mean_and_noise(curve, results.search_luck(f"fig3-{depth}"))
    fit = fit_law("power", list(curve), mean, yerr=noise)
    return Best(dict(zip(curve, zip(best.values(), mean, strict=True), strict=True)), measures.of_fit(fit, "rho"))


def published_over_ours(name: str, reading: str) -> dict[int, float]:
    """The published line over our mean errors under a reading, at each size."""
    ratios = published.over_line(name, results.errors(variant_id(name, reading)))
    return {n: 1 / ratio for n, ratio in ratios.items()}


def factor(name: str, reading: str) -> str:
    """The geometric mean of these ratios, and their range over the sizes."""
    ratios = published_over_ours(name, reading).values()
    return f"{level(name, reading):.2f} ({min(ratios):.2f} to {max(ratios):.2f})" if ratios else ""


def level(name: str, reading: str) -> float:
    """The geometric mean of the published line over our errors."""
    return float(np.exp(np.mean(np.log(list(published_over_ours(name, reading).values())))))


def deep(reading: str) -> float:
    """How often three hidden layers err after many epochs, over one: the geometric mean over the sizes."""
    one, three = (results.errors(variant_id(f"fig4-{depth}", reading)) for depth in (1, 3))
    return float(np.exp(np.mean([np.log(three[n].mean() / one[n].mean()) for n in one])))


def lowered() -> list[float]:
    """By which share larger weights lower the errors of figure 2's networks by momentum, at each size."""
    today, twice = (results.errors(variant_id("fig2-momentum", reading)) for reading in ("", CHOSEN))
    return [1 - twice[n].mean() / today[n].mean() for n in twice]


def exponent(name: str, reading: str) -> str:
    """The exponent of a curve, with its interval."""
    fit = results.fit(variant_id(name, reading))
    return f"{fit.params['rho']:.3f} ({ends(measures.of_fit(fit, 'rho'))})" if fit else ""


def measure() -> SimpleNamespace:
    """What the records say of the chapter's sentences."""
    by_scale = {scale: likelihood.match(reading) for scale, reading in scales().items()}
    return SimpleNamespace(
        scales=by_scale,
        matches={match.reading: match for match in matches()},
        at={
            scale: {depth: curves(reading)[depth][30].mean() for depth in DEPTHS} for scale, reading in scales().items()
        },
        best={depth: best_over_scales(depth) for depth in DEPTHS},
        deep={reading: deep(reading) for reading in ("", CHOSEN)},
        lowered=lowered(),
        crosses={reading: results.fit(variant_id("fig2-momentum", reading)) for reading in ("", CHOSEN)},
        many={
            reading: [results.fit(variant_id(f"fig4-{depth}", reading)).params["rho"] for depth in DEPTHS]
            for reading in ("", CHOSEN)
        },
        level_of_figure_1=level("fig1-momentum", ""),
        levels={(name, reading): level(name, reading) for name in QUOTED for reading in ("", CHOSEN)},
    )


def check(measured: SimpleNamespace) -> None:
    """The chapter's sentences hold as long as these do."""
    faint, bold = measured.scales[FAINT].rho, measured.scales[BOLD].rho
    assert faint[3].low > faint[1].high, "with small weights three layers have a larger exponent than one"
    assert max(rho.low for rho in bold.values()) < min(rho.high for rho in bold.values()), (
        "with large ones all are alike"
    )
    for depth in (2, 3):
        assert measured.at[BOLD][depth] < measured.at[FAINT][depth], "deep networks are better with larger weights"
    best = [best.rho for best in measured.best.values()]
    assert max(rho.low for rho in best) < min(rho.high for rho in best), "at the best scales all are alike"
    twice = measured.scales[2.0]
    assert twice.scatter < 0.05 and twice.factor.low > 1.25, "with scale 2 one factor is nearly all that is missing"
    assert twice.scaled > 10 + next_best(measured).scaled, "with a factor no other single change comes near"
    pair = measured.matches[PAIR]
    assert 0 < pair.scaled - twice.scaled < 10 and pair.scatter < 0.05, "the pair without Amp fits as well or better"
    assert max(match.log_likelihood for match in measured.matches.values()) < twice.scaled - 100, "and without one none"
    today, predicted = measured.deep[""], measured.deep[CHOSEN]
    assert 1 < predicted < 1 + 0.6 * (today - 1), "with larger weights depth matters less after many epochs"
    assert max(abs(rho - 0.4) for rho in measured.many[CHOSEN]) < 0.03 < measured.many[""][2] - 0.4, "as published"
    levels = measured.levels
    assert abs(levels["fig4-2", CHOSEN] / levels["fig4-1", CHOSEN] - 1) < 0.03, "two layers are level with one"
    assert min(measured.lowered) > 0, "larger weights lower the errors with crosses"
    assert measured.crosses[CHOSEN].params["rho"] < measured.crosses[""].params["rho"], "and not the distance of rho"
    assert min(levels["fig2-momentum", ""], levels["fig2-momentum", CHOSEN]) > 1.4, "the factor of one epoch"
    assert all(abs(levels["fig4-1", reading] - 1) < 0.06 for reading in ("", CHOSEN)), "and none of many"
    assert abs(measured.level_of_figure_1 - 1) < 0.06, "nor with crosses"


def next_best(measured: SimpleNamespace) -> likelihood.Match:
    """The single change, beside the chosen one, that fits best with a factor."""
    single = [match for name, match in measured.matches.items() if name != CHOSEN and name not in PAIRS]
    return max(single, key=lambda match: match.scaled)


def numbers(measured: SimpleNamespace) -> dict[str, str]:
    """The numbers that the chapter quotes."""
    faint, bold, twice = (measured.scales[scale] for scale in (FAINT, BOLD, 2.0))
    best = max(measured.matches.values(), key=lambda match: match.log_likelihood)
    second, pair = next_best(measured), measured.matches[PAIR]
    return {
        "faint scale": f"{FAINT:g}",
        "bold scale": f"{BOLD:g}",
        "readings": str(len(measured.matches)),
        "likeliest": f"{best.log_likelihood:.0f}",
        "twice scaled": f"{twice.scaled:.0f}",
        "pair scaled": f"{pair.scaled:.0f}",
        "pair rhos": ", ".join(f"{rho.value:.2f}" for rho in pair.rho.values()),
        "pair scatter": f"{pair.scatter:.1%}",
        "second": second.reading,
        "second scaled": f"{second.scaled:.0f}",
        "faint rho of 1": f"{faint.rho[1].value:.2f}",
        "faint rho of 3": f"{faint.rho[3].value:.2f}",
        "bold rhos": ", ".join(f"{rho.value:.2f}" for rho in bold.rho.values()),
        "factor": f"{twice.factor.value:.2f}",
        "factor scatter": f"{twice.scatter:.1%}",
        "deep today": f"{measured.deep['']:.2f}",
        "deep twice": f"{measured.deep[CHOSEN]:.2f}",
        "many rhos today": ", ".join(f"{rho:.2f}" for rho in measured.many[""]),
        "many rhos twice": ", ".join(f"{rho:.2f}" for rho in measured.many[CHOSEN]),
        "many levels": ", ".join(f"{measured.levels[f'fig4-{depth}', CHOSEN]:.2f}" for depth in DEPTHS),
        "crosses lower": f"{min(measured.lowered):.0%} to {max(measured.lowered):.0%}",
        "crosses rho": f"{measured.crosses[CHOSEN].params['rho']:.2f}",
        "crosses factor": _both(measured.levels, "fig2-momentum"),
        "plain factor": _both(measured.levels, "fig3-1"),
        "many factor": _both(measured.levels, "fig4-1"),
        "many crosses factor": f"{measured.level_of_figure_1:.2f}",
        "paper luck": f"{likelihood.LUCK:.0%}",
        "live networks": str(LIVE),
    }


def _both(levels: dict[tuple[str, str], float], name: str) -> str:
    """A level under both readings, as "1.54 (twice the weights: 1.70)"."""
    return f"{levels[name, '']:.2f} (twice the weights: {levels[name, CHOSEN]:.2f})"
