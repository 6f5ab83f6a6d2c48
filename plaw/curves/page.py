"""Answers as HTML: a table for notebooks, and a report, one page that needs no other file."""

import html
import io
from collections.abc import Mapping, Sequence
from pathlib import Path

from plaw.curves.drawing import draw_estimates, whole_figure
from plaw.curves.intervals import plain_number
from plaw.curves.planning import Estimate
from plaw.errors import PlawError

STYLE = """
:root { color-scheme: light dark; }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 46rem; margin: 2rem auto; padding: 0 1rem; }
figure { margin: 1.5rem 0; }
figure svg { width: 100%; height: auto; background: white; }
table { border-collapse: collapse; margin: 1rem 0; }
caption { text-align: left; font-weight: 600; padding: .3rem 0; }
th, td { text-align: left; padding: .25rem .8rem .25rem 0; border-bottom: 1px solid #8886; vertical-align: top; }
.answer { font-size: 1.3rem; }
.warning { border-left: .3rem solid #c60; padding-left: .8rem; }
"""


def answer_as_html(answer: Estimate) -> str:
    """An answer as a table of HTML, for notebooks.

    Parameters
    ----------
    answer : Estimate

    Returns
    -------
    str

    Examples
    --------
    >>> from plaw.curves.planning import estimate
    >>> "<caption>error 0.02 needs n = " in answer_as_html(estimate([10, 100, 1000], [0.4, 0.2, 0.1], target=0.02))
    True
    """
    rows = [("closest law" if answer.forecast else "law", f"{answer.fit.law.name}: {answer.fit.law.formula}")]
    rows += [("why", answer.why), *([("assurance", answer.assurance)] if answer.assurance else [])]
    rows += [(f"expected at n = {plain_number(n)}", text) for n, text in answer.expectations.items()]
    if answer.purchase:
        rows += [tuple(line.split(": ", 1)) for line in str(answer.purchase).splitlines()]  # type: ignore[misc]
    rows += [("warning", warning) for warning in answer.warnings]
    return _table(answer.headline, (), rows)


def write_report(answers: Mapping[str, Estimate], path: str | Path, remarks: Sequence[str] = ()) -> None:
    """Write answers as one HTML page with its picture: no other file and no network is needed to read it.

    Parameters
    ----------
    answers : mapping of str to Estimate
        By the names of the curves.
    path : str or Path
    remarks : sequence of str
        Sentences on the curves beside each other.

    Raises
    ------
    PlawError
        Where the file cannot be written.

    Examples
    --------
    >>> import tempfile
    >>> from plaw.curves.planning import estimate
    >>> answer = estimate([9, 15, 30, 60], [0.217, 0.168, 0.119, 0.084], target=0.02, law="power")
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write_report({"": answer}, Path(folder, "out.html"))
    ...     text = Path(folder, "out.html").read_text(encoding="utf-8")
    >>> "<svg" in text, "needs n = 1,060" in text
    (True, True)
    """
    try:
        Path(path).write_text(report(answers, remarks), encoding="utf-8")
    except OSError as error:
        raise PlawError(f"The report cannot be written: {error}.") from None


def report(answers: Mapping[str, Estimate], remarks: Sequence[str] = ()) -> str:
    """The page that `write_report` writes.

    Parameters
    ----------
    answers, remarks
        As for `write_report`.

    Returns
    -------
    str

    Examples
    --------
    >>> from plaw.curves.planning import estimate
    >>> report({"": estimate([10, 100, 1000], [0.4, 0.2, 0.1], target=0.02)})[:15]
    '<!DOCTYPE html>'
    """
    first = next(iter(answers.values()))
    question = f"How many examples does {'an' if first.metric.name[:1] in 'aeiou' else 'a'} {first.metric.name} of "
    title = html.escape(f"{question}{first.asked:g} need?")
    sections = "".join(_section(name, answer) for name, answer in answers.items())
    beside = "".join(f"<p>{html.escape(remark)}.</p>" for remark in remarks)
    return (
        f'<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8"><title>{title}</title>'
        f'<meta name="viewport" content="width=device-width, initial-scale=1"><style>{STYLE}</style></head>\n'
        f"<body><h1>{title}</h1>{beside}\n<figure>{_picture(answers)}<figcaption>The measured points, the law "
        f"with its {first.size.level:.0%} interval, and the number of examples with its own.</figcaption></figure>\n"
        f"{sections}</body></html>\n"
    )


def _section(name: str, answer: Estimate) -> str:
    heading = f"<h2>{html.escape(name)}</h2>" if name else ""
    warnings = "".join(f'<p class="warning">{html.escape(warning)}.</p>' for warning in answer.warnings)
    parts = [heading, f'<p class="answer">{html.escape(answer.headline)}</p>', warnings]
    if answer.assurance:
        parts.append(f"<p>{html.escape(answer.assurance[0].upper() + answer.assurance[1:])}.</p>")
    if answer.purchase:
        parts += [f"<p>{html.escape(line[0].upper() + line[1:])}.</p>" for line in str(answer.purchase).splitlines()]
    if answer.expected:
        rows = [(plain_number(n), text) for n, text in answer.expectations.items()]
        parts.append(_table("What to expect", ("n", f"{answer.metric.name}, and its intervals"), rows))
    ends = answer.fit.interval(answer.size.level)
    params = [(k, f"{v:.4g}", f"{ends[k][0]:.4g} ... {ends[k][1]:.4g}") for k, v in answer.fit.params.items()]
    law = f"The {'closest ' if answer.forecast else ''}law: {answer.metric.formula} = {answer.fit.law.formula}"
    parts.append(_table(law, ("parameter", "value", f"{answer.size.level:.0%} interval"), params))
    parts.append(f"<p>Why: {html.escape(answer.why)}. The fit {html.escape(str(answer.fit.status))}.</p>")
    parts.append(_table("The points", ("n", answer.metric.formula, "standard error", "law"), _points(answer)))
    return "<section>" + "\n".join(parts) + "</section>\n"


def _points(answer: Estimate) -> list[tuple[str, ...]]:
    curve = answer.fit.curve
    noise = ["not known"] * len(curve.y) if curve.yerr is None else [f"{error:.2g}" for error in curve.yerr]
    rows = zip(curve.x, curve.y, noise, answer.predict(curve.x))
    return [(plain_number(n), f"{y:.4g}", error, f"{law:.4g}") for n, y, error, law in rows]


def _table(caption: str, heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    head = "".join(f'<th scope="col">{html.escape(text)}</th>' for text in heads)
    body = "".join(
        f'<tr><th scope="row">{html.escape(first)}</th>{"".join(f"<td>{html.escape(cell)}</td>" for cell in rest)}</tr>'
        for first, *rest in rows
    )
    return f"<table><caption>{html.escape(caption)}</caption>{f'<tr>{head}</tr>' if head else ''}{body}</table>"


def _picture(answers: Mapping[str, Estimate]) -> str:
    """The drawing as SVG, with a sentence for those who do not see it."""
    drawn = io.StringIO()
    whole_figure(draw_estimates(answers)).savefig(drawn, format="svg", metadata={"Date": None})
    svg = drawn.getvalue()
    label = html.escape("; ".join(f"{name} {answer.headline}".strip() for name, answer in answers.items()))
    return svg[svg.index("<svg") :].replace("<svg", f'<svg role="img" aria-label="{label}"', 1)
