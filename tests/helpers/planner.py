"""What the planner of the book and `plaw estimate` are both asked, and how near their answers must be."""

import io

import numpy as np
import pytest

from helpers.curves import BROKEN, PAPER, with_offset
from plaw.curves import planning
from plaw.curves.laws import LAWS
from plaw.curves.reading import read_curves
from plaw.errors import PlawError
from plaw.study import results

# of the planner: those that compute, in this order
SCRIPTS = (
    "numbers", "refusal", "cells", "metrics", "columns", "table", "reading", "curve", "solver", "laws", "fit",
    "forecast", "shape", "design", "planning", "savings", "answer",
)  # fmt: skip
DEFAULTS = {"law": "auto", "level": 0.95, "at": []}  # of the command, which the page has in its fields

# JavaScript: what the reader reads of [text, options].
READ = """([text, options]) => {
    try {
        const curves = plaw.reading.readCurves(text, options);
        return {curves: curves.map((curve) => ({...curve, errors: plaw.reading.errorsOf(curve)}))};
    } catch (error) {
        if (!(error instanceof plaw.Refusal)) throw error;
        return {refusal: error.message};
    }
}"""

# JavaScript: the planner's answer to [text, options].
ASK = """([text, {test_size, advise = true, ...options}]) => {
    try {
        let [measured] = plaw.reading.readCurves(text, options);
        if (test_size !== undefined) measured = plaw.planning.withCountingNoise(measured, test_size);
        const answer = plaw.planning.estimate(measured, options), {bought} = answer;
        return {
            ...answer, law: answer.fit.law.name, params: answer.fit.params, fit: null, forecast: null,
            advice: advise ? plaw.design.advice(answer) : null,
            dict: plaw.answer.toDict({...answer, plan: bought && plaw.design.plan(answer, bought.cost, bought.budget)}),
        };
    } catch (error) {
        if (!(error instanceof plaw.Refusal)) throw error;
        return {refusal: error.message};
    }
}"""


def csv(x, y, std=()):
    names = "n,error,std" if len(std) else "n,error"
    return "\n".join(
        [names, *(",".join(map(repr, map(float, row))) for row in zip(x, y, *([std] if len(std) else []), strict=True))]
    )


def recorded_csv(name, count=None):
    return "n,error\n" + "\n".join(
        f"{n},{error}" for n, errors in results.errors(name).items() for error in errors[:count]
    )


def cases():
    """(name, text of a CSV file, options) of curves that both answer."""
    x, y = with_offset()
    wide = np.geomspace(1, 1e5, 12)
    wave = np.exp(0.01 * np.sin(5 * np.arange(12)))
    m4 = csv(wide, LAWS["m4"](wide, e_inf=0.02, span=0.88, a=1.3, b=8.0, c=0.5) * wave)
    loss = csv(wide * 1e6, LAWS["power_offset"](wide * 1e6, e_inf=1.7, c0=300.0, rho=0.28) * wave**0.2)
    alternating = np.exp(0.06 * np.array([1, -1, 1, -1, -1, 1, 1]))
    rival = csv(np.geomspace(10, 5000, 7), (0.01 + 0.7 * np.geomspace(10, 5000, 7) ** -0.5) * alternating)
    yield "four points", PAPER, dict(target=0.02, at=[240, 5421])
    yield "four points, counted", PAPER, dict(target=0.02, test_size=10_000, level=0.9)
    yield "two points", "n,error\n10,0.2\n100,0.1\n", dict(target=0.05)
    for depth in (1, 2, 3):
        yield f"figure 3, {depth}", recorded_csv(f"fig3-{depth}"), dict(target=0.05, at=[6000])
        yield f"figure 3, {depth}, few", recorded_csv(f"fig3-{depth}", 3), dict(target=0.08, level=0.68)
        yield f"figure 3, {depth}, offset", recorded_csv(f"fig3-{depth}"), dict(target=0.05, law="power_offset")
    yield "four points, one law", PAPER, dict(target=0.02, at=[240, 5421], law="akaike")
    yield "floor, one law", csv(x, y), dict(target=0.022, level=0.99, at=[1e5], law="akaike")
    yield "a rival", rival, dict(target=0.006, law="akaike")
    yield "M4, one law", m4, dict(target=0.03, at=[1e6], law="akaike")
    yield "a peak", csv(x[:6], [0.2, 0.3, 0.4, 0.3, 0.2, 0.15]), dict(target=0.12)
    for target in (0.05, 0.025, 0.01):
        yield f"floor, {target}", csv(x, y, 0.01 * y), dict(target=target)
    yield "floor, noise not known", csv(x, y), dict(target=0.022, level=0.99, at=[1e5])
    yield "floor, shifted", csv(x, y), dict(target=0.05, law="shifted_power")
    yield "floor, power law", csv(x, y), dict(target=0.015, law="power")
    yield "rivals, averaged", rival, dict(target=0.006)
    yield "M4", m4, dict(target=0.03, at=[1e6])
    yield "losses of language models", loss, dict(target=1.75)
    accuracy = "n,accuracy\n9,78.3\n15,83.2\n30,88.1\n60,91.6\n"
    yield "accuracies", accuracy, dict(target=98, at=[240], test_size=10_000)
    yield "accuracies, a budget", accuracy, dict(target=95, cost=0.5, budget=500.0)
    yield (
        "AUC with runs, one law",
        "n,auc\n9,0.78\n9,0.8\n30,0.88\n30,0.89\n90,0.93\n",
        dict(target=0.97, law="power", cost=2.0, budget=1000.0, at=[500]),
    )
    yield "a budget that buys no run", PAPER, dict(target=0.04, cost=1.0, budget=5.0)
    yield "already met", PAPER, dict(target=0.12)
    yield "percent asked of fractions", PAPER, dict(target=2.0)
    many = np.geomspace(10, 1e5, 150)
    yield "many sizes", csv(many, 0.03 + many**-0.4), dict(target=0.035, advise=False)
    yield "notes", "n;error;std\n1.000;0,2;0,01\n2.000;0,15;\n4.000;;\n8.000;0,08;0,01\n", dict(target=0.04)


# The curves and options that both refuse.
REFUSED = [
    *((text, dict(target=0.02)) for text, _ in BROKEN),
    ("n,error,std\n10,0.2,0.1\n100,0.1,0.01\n", dict(target=0.02, test_size=100)),
    ("n,error\n10,-0.2\n10,0.4\n100,0.05\n", dict(target=0.02)),
    ("n,error\n10,2\n100,1\n", dict(target=0.02, test_size=100)),
    ("n,error\n10,0.4\n20,0.3\n40,0.2\n80,0.25\n160,0.33\n320,0.4\n", dict(target=0.1)),
    ("n,error,se\n10,0.2,1e-15\n100,0.1,0.01\n", dict(target=0.02)),
    ("n,error\n10,0.2\n100,1e-300\n", dict(target=0.02)),
    ("n,accuracy\n10,0.2\n100,0.4\n", dict(target=1.5)),
    ("n,accuracy\n10,0.2\n100,0.4\n", dict(target=90)),
    (PAPER, dict(target=-0.5)),
    (PAPER, dict(target=float("nan"))),
    (PAPER, dict(target=0.02, at=[-3])),
    (PAPER, dict(target=0.02, law="m4")),
    (PAPER, dict(target=0.02, cost=3.0)),
    (PAPER, dict(target=0.02, cost=3.0, budget=-1)),
]


def command_estimate(text, options, folder):
    """What `plaw estimate` computes of a file with this text."""
    path = folder / "curve.csv"
    path.write_text(text, encoding="utf-8")
    return planning.estimate_file(path, **{k: v for k, v in (DEFAULTS | options).items() if k != "advise"})


def near(command):
    """To 0.01%: both search to that precision; mostly they agree to ten digits. A limit without end is near another."""
    return pytest.approx(command, rel=1e-4, nan_ok=True)


def in_the_pages_words(interval, name):
    """An interval as the page has it: the value under its own name."""
    return {name: interval.value, "low": interval.low, "high": interval.high}


def check_agreement(page, text, options, folder):
    """The page answers what the command answers of a file with this text."""
    check_answer(page, command_estimate(text, options, folder), options)


def check_answer(page, command, options):
    """The page's answer is the command's: law, parameters, intervals to 0.01%, and every sentence."""
    assert page["law"] == command.fit.law.name and page["why"] == command.why
    assert page["size"] == near({**in_the_pages_words(command.size, "n"), "level": command.size.level})
    assert page["params"] == near(command.fit.params)
    for predicted, (n, error) in zip(page["expected"], command.expected.items(), strict=True):
        new = {"newLow": command.new[n].low, "newHigh": command.new[n].high}
        assert predicted == near({"n": n, **in_the_pages_words(error, "error"), **new})
    assert page["assured"] == near(command.assured)
    assert page["warnings"] == list(command.warnings)
    if options.get("advise", True):
        assert [f"next: {page['advice']}"] * bool(page["advice"]) == list(command._advice())
    check_same(page["dict"], command.to_dict())


def check_same(page, command):
    """The same JSON, numbers to 0.01%."""
    if isinstance(command, dict):
        assert list(page) == list(command)
        for name, value in command.items():
            check_same(page[name], value)
    elif isinstance(command, list):
        for mine, value in zip(page, command, strict=True):
            check_same(mine, value)
    else:
        assert page == (near(command) if isinstance(command, float) else command)


def check_refusal(page, text, options, folder):
    """The page refuses in the command's sentence."""
    with pytest.raises(PlawError) as refused:
        command_estimate(text, options, folder)
    assert page["refusal"] == str(refused.value).replace(str(folder / "curve.csv"), "The curve")


def check_reading(page, text, options):
    """The page reads the curves that the command reads, or refuses in the same sentence."""
    try:
        curves = read_curves(io.StringIO(text), **options)
        errors = [curve.errors for curve in curves]
    except PlawError as refused:
        assert page.get("refusal") == str(refused).replace("The table", "The curve", 1)
        return
    for mine, curve, error in zip(page["curves"], curves, errors, strict=True):
        assert mine["name"] == curve.name and mine["notes"] == list(curve.notes)
        assert mine["metric"] == {"name": curve.metric.name, "ceiling": curve.metric.ceiling}
        for name, values in (("x", curve.x), ("y", curve.y), ("errors", error)):
            assert len(mine[name]) == len(values)
            for number, value in zip(mine[name], values):
                assert number == pytest.approx(np.asarray(value).tolist(), rel=1e-12)
        assert mine["yerr"] == (None if curve.yerr is None else pytest.approx(curve.yerr, rel=1e-12))
