"""What the planner of the book and `plaw estimate` are both asked, and how near their answers must be."""

import numpy as np
import pytest

from helpers.curves import BROKEN, PAPER, with_offset
from plaw.curves import planning
from plaw.curves.laws import LAWS
from plaw.curves.reading import read_curves
from plaw.errors import PlawError
from plaw.study import results

# of the planner: those that compute, in this order
SCRIPTS = ("numbers", "curve", "solver", "laws", "fit", "forecast", "shape", "planning")
COMMAND_ALONE = ("the target is already met", "the target 0.02 seems")  # said by the command, and not yet by the page
DEFAULTS = {"law": "auto", "level": 0.95, "at": []}  # of the command, which the page has in its fields

# JavaScript: the planner's answer to [text, options].
ASK = """([text, options]) => {
    try {
        const answer = plaw.planning.estimate(plaw.curve.readCurve(text, options.test_size), options);
        return {...answer, law: answer.fit.law.name, params: answer.fit.params, fit: null, forecast: null};
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


# The curves and options that both refuse. (What the command's reader refuses or reads, the page does not yet.)
REFUSED = [
    *((text, dict(target=0.02)) for text, _ in BROKEN[-3:]),
    ("n,error,std\n10,0.2,0.1\n100,0.1,0.01\n", dict(target=0.02, test_size=100)),
    ("n,error\n10,-0.2\n10,0.4\n100,0.05\n", dict(target=0.02)),
    ("n,error\n10,2\n100,1\n", dict(target=0.02, test_size=100)),
    ("n,error\n10,0.4\n20,0.3\n40,0.2\n80,0.25\n160,0.33\n320,0.4\n", dict(target=0.1)),
    (PAPER, dict(target=-0.5)),
    (PAPER, dict(target=float("nan"))),
    (PAPER, dict(target=0.02, at=[-3])),
    (PAPER, dict(target=0.02, law="m4")),
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
    """The page's answer is the command's: law, parameters, intervals to 0.01%, and every sentence."""
    command = command_estimate(text, options, folder)
    assert page["law"] == command.fit.law.name and page["why"] == command.why
    assert page["size"] == near({**in_the_pages_words(command.size, "n"), "level": command.size.level})
    assert page["params"] == near(command.fit.params)
    for predicted, (n, error) in zip(page["expected"], command.expected.items(), strict=True):
        new = {"newLow": command.new[n].low, "newHigh": command.new[n].high} if command.forecast else {}
        assert predicted == near({"n": n, **in_the_pages_words(error, "error"), **new})
    if command.forecast:
        assert page["assured"] == near(command.assured)
    notes = [*read_curves(folder / "curve.csv")[0].notes, *(w for w in command.warnings if w.startswith(COMMAND_ALONE))]
    assert page["warnings"] == [warning for warning in command.warnings if warning not in notes]
    if options.get("advise", True):
        assert [f"next: {page['advice']}"] * bool(page["advice"]) == list(command._advice())


def check_refusal(page, text, options, folder):
    """The page refuses in the command's sentence, except for how it quotes a line's cells."""
    with pytest.raises(PlawError) as refused:
        command_estimate(text, options, folder)
    sentence = str(refused.value).replace(str(folder / "curve.csv"), "The curve")
    assert page["refusal"].startswith(sentence.split(" the line has ")[0])
