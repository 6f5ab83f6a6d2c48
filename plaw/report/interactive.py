"""Figures to touch: charts of Vega-Lite that a reader of the built book opens in the place of a static figure.

    interactive.attach(figure, interactive.forecasts())      # one line in a chapter

The chart travels in the figure's SVG file (plaw.report.svg). The page offers it below the figure by a button; without
JavaScript, and on paper, the static figure stays. All fits are made here, so that a chart only chooses among them.
"""

import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from plaw.curves.comparison import crossing
from plaw.curves.fitting import Fit
from plaw.report import gallery, published
from plaw.report.published import LARGE
from plaw.study import results
from plaw.study.experiments import EXPERIMENTS

Spec = dict[str, Any]
SCHEMA = "https://vega.github.io/schema/vega-lite/v6.json"
LAWS = {"power law": "power", "power law with a floor": "power_offset"}
FORECAST = ("fig3-1", "fig3-2", "fig3-3", "fig2-momentum")  # curves of which larger sets were measured
LARGEST = (120, 240, 960, 4400)  # up to which size a reader may fit
POINTS, FEW_POINTS = 25, 11  # of a line, and of one of hundreds
FITTED = {  # of the sizes of a figure, ascending: which a reader may fit
    "all sizes": slice(None),
    "without the smallest": slice(1, None),
    "without the largest": slice(None, -1),
    "without both": slice(1, -1),
}
FARTHEST = 20_000  # size at which a crossing is drawn
N = {"field": "n", "type": "quantitative", "title": "examples per label",
     "scale": {"type": "log", "nice": False, "padding": 12}, "axis": {"grid": False}}  # fmt: skip


def attach(figure: Figure, spec: Spec) -> None:
    """Let a figure carry a chart, when it is saved as SVG."""
    figure.interactive_spec = spec  # type: ignore[attr-defined]


def curves(folder: Path | None = None) -> Spec:
    """Every curve of the paper's figures, one at a time, with its published line, its fit, and its local exponents."""
    points, lines, slopes, titles = [], [], [], []
    for panel in gallery.PANELS:
        for experiment in panel.curves.values():
            fit = results.fit(experiment, folder)
            if fit is None:
                continue
            title = f"{panel.figure}: {EXPERIMENTS[experiment].title}"
            titles.append(title)
            points += [{"curve": title, **point} for point in _points(experiment, folder)]
            lines += [{"curve": title, **row} for row in _line(fit, experiment)]
            for (n, m), (rho, noise) in results.local_exponents(experiment, folder).items():
                ends = {"low": _short(rho - 2 * noise), "high": _short(rho + 2 * noise)}
                row = {"n": _short(math.sqrt(n * m)), "between": f"{n} and {m}", "rho": _short(rho), **ends}
                slopes.append({"curve": title, **row, "fitted": _short(fit.params["rho"])})
    chosen = [{"filter": "datum.curve == curve"}]
    exponent = _y("rho", "local exponent", zero=True)
    local = [
        {"mark": {"type": "rule"}, "encoding": {"x": N, "y": exponent | {"field": "low"}, "y2": {"field": "high"}}},
        {"mark": {"type": "point", "filled": True}, "encoding": {"x": N, "y": exponent, **_tooltip("between", "rho")}},
        {"mark": {"type": "line", "strokeDash": [6, 4]}, "encoding": {"x": N, "y": exponent | {"field": "fitted"}}},
    ]
    return {
        "$schema": SCHEMA,
        "description": "Test error against examples per label for a chosen curve, and its local exponent below.",
        "params": [_choice("curve", titles)],
        "datasets": {"points": points, "lines": lines, "slopes": slopes},
        "vconcat": [
            {"width": "container", "height": 260, "layer": _only(chosen, [*_fit_layers(), *_point_layers()])},
            {"width": "container", "height": 130, "data": {"name": "slopes"}, "transform": chosen, "layer": local},
        ],
    }


def forecasts(folder: Path | None = None) -> Spec:
    """What a law fitted up to a chosen size predicts for larger sets, and what was measured there."""
    points, lines, notes = [], [], []
    for experiment in FORECAST:
        title = EXPERIMENTS[experiment].title
        points += [{"curve": title, **point} for point in _points(experiment, folder)]
        for name, law in LAWS.items():
            for largest, fit in _fits(experiment, law, folder):
                key = {"curve": title, "law": name, "upto": largest}
                lines += [key | row for row in _line(fit)]
                notes.append(key | {"text": _exponent(fit)})
    chosen = [{"filter": "datum.curve == curve && (!isValid(datum.law) || datum.law == law && datum.upto == upto)"}]
    return {
        "$schema": SCHEMA,
        "description": "A law fitted up to a chosen size with its 95% band, and the errors measured beyond.",
        "params": [
            _choice("curve", [EXPERIMENTS[experiment].title for experiment in FORECAST]),
            _choice("law", list(LAWS)),
            _choice("upto", list(LARGEST), "fit up to", 240),
        ],
        "datasets": {"points": points, "lines": lines, "notes": notes},
        "width": "container", "height": 320,
        "layer": _only(chosen, [*_fit_layers(line_published=False), *_point_layers("datum.n <= upto"), _note()]),
    }  # fmt: skip


def crossings(folder: Path | None = None) -> Spec:
    """The fits of one, two and three layers up to a chosen size, and where they cross."""
    points, lines, marks = [], [], []
    for largest in LARGEST:
        fits: dict[int, Fit] = {}
        for depth in (1, 2, 3):
            of_depth = dict(_fits(f"fig3-{depth}", "power", folder))
            if largest in of_depth:
                fits[depth] = of_depth[largest]
        for depth, fit in fits.items():
            lines += [{"upto": largest, "depth": f"{depth} hidden", **row} for row in _line(fit)]
        for first, second in ((1, 2), (2, 3)):
            if first in fits and second in fits:
                meets = crossing(fits[first], fits[second])
                if math.isfinite(meets.value) and meets.value < FARTHEST:
                    ends = [f"{end:,.0f}" if math.isfinite(end) else "any size" for end in (meets.low, meets.high)]
                    text = f"{first} and {second} cross at {meets.value:,.0f} ({' to '.join(ends)})"
                    marks.append({"upto": largest, "n": _short(meets.value), "text": text})
    for depth in (1, 2, 3):
        points += [{"depth": f"{depth} hidden", **point} for point in _points(f"fig3-{depth}", folder)]
    colour = {"color": {"field": "depth", "type": "nominal", "title": None, "legend": {"orient": "top"}}}
    chosen = [{"filter": "!isValid(datum.upto) || datum.upto == upto"}]
    layers = [layer | {"encoding": layer["encoding"] | colour} for layer in _fit_layers(line_published=False)]
    layers += [layer | {"encoding": layer["encoding"] | colour} for layer in _point_layers("datum.n <= upto")]
    meeting = {"data": {"name": "marks"}, "mark": {"type": "rule", "strokeDash": [2, 3], "size": 2},
               "encoding": {"x": N, **_tooltip("text")}}  # fmt: skip
    told = {"data": {"name": "marks"}, "mark": {"type": "text", "angle": 270, "align": "right", "dy": -7, "y": 4},
            "encoding": {"x": N, "text": {"field": "text"}}}  # fmt: skip
    return {
        "$schema": SCHEMA,
        "description": "Power laws of one, two and three layers, fitted up to a chosen size, and where they cross.",
        "params": [_choice("upto", list(LARGEST), "fit up to", 240)],
        "datasets": {"points": points, "lines": lines, "marks": marks},
        "width": "container", "height": 340, "layer": _only(chosen, [*layers, meeting, told]),
    }  # fmt: skip


def reconstruction(folder: Path | None = None) -> Spec:
    """Every published exponent, found again from chosen sizes by a chosen law: how far does it rest on single sizes?"""
    points, lines, published_lines, notes, titles = [], [], [], [], []
    for panel in gallery.PANELS:
        for experiment in panel.curves.values():
            if results.fit(experiment, folder) is None:
                continue
            title = f"{panel.figure}: {EXPERIMENTS[experiment].title}"
            titles.append(title)
            sizes = sorted(results.errors(experiment, folder))
            places = {sizes[0]: "first", sizes[-1]: "last"} | dict.fromkeys(sizes[1:-1], "inner")
            points += [
                {"curve": title, **point, "place": places.get(point["n"], "beyond")}
                for point in _points(experiment, folder)
            ]
            n = np.geomspace(sizes[0], LARGE, 2)
            line = published.line(experiment)
            if line is not None:
                published_lines += [
                    {"curve": title, "n": _short(x), "published": _short(y)}
                    for x, y in zip(n, published.line_at(experiment, n))
                ]
            for name, law in LAWS.items():
                for fitted, part in FITTED.items():
                    key, kept = {"curve": title, "law": name, "fitted": fitted}, sizes[part]
                    text = f"{len(kept)} sizes are too few for this law"
                    if len(kept) > (2 if law == "power" else 3):
                        fit = results.fit(experiment, folder, law=law, smallest=kept[0], largest=kept[-1])
                        assert fit is not None
                        lines += [key | row for row in _line(fit, first=sizes[0], count=FEW_POINTS)]
                        text = _exponent(fit) + (f", published {line[0]:.3g}" if line is not None else "")
                    notes.append(key | {"text": text})
    chosen = [
        {
            "filter": "datum.curve == curve && (!isValid(datum.law) || datum.law == law) && "
            "(!isValid(datum.fitted) || datum.fitted == fitted)"
        }
    ]
    ends = (("first", "without the largest"), ("last", "without the smallest"))
    used = " || ".join(
        ["datum.place == 'inner'"]
        + [f"(datum.place == '{end}' && (fitted == 'all sizes' || fitted == '{kept}'))" for end, kept in ends]
    )
    dotted = {"data": {"name": "published"}, "mark": {"type": "line", "strokeDash": [2, 4], "strokeWidth": 3},
              "encoding": {"x": N, "y": _y("published", "test error"), **_tooltip("n", "published")}}  # fmt: skip
    layers = [*_fit_layers(line_published=False), dotted, *_point_layers(used), _note()]
    return {
        "$schema": SCHEMA,
        "description": "A law fitted to chosen sizes with its 95% band, beside the published line (dotted).",
        "params": [_choice("curve", titles), _choice("law", list(LAWS)), _choice("fitted", list(FITTED))],
        "datasets": {"points": points, "lines": lines, "published": published_lines, "notes": notes},
        "width": "container",
        "height": 320,
        "layer": _only(chosen, layers),
    }


def _exponent(fit: Fit) -> str:
    """The exponent with its interval in words, and the floor of a law that has one."""
    low, high = fit.interval()["rho"]
    floor = f", floor {fit.params['e_inf']:.3f}" if "e_inf" in fit.params else ""
    return f"ρ = {fit.params['rho']:.3f} ({low:.3f} to {high:.3f}){floor}"


def _note() -> Spec:
    """The chosen fit in words, in the lower left corner."""
    mark = {"type": "text", "align": "left", "x": 8, "y": {"expr": "height - 10"}, "fontSize": 13}
    return {"data": {"name": "notes"}, "mark": mark, "encoding": {"text": {"field": "text"}}}


def _fits(experiment: str, law: str, folder: Path | None) -> Iterator[tuple[int, Fit]]:
    """The fits up to each of LARGEST, where there are more sizes than parameters."""
    larger = results.larger(experiment)
    sizes = {*results.errors(experiment, folder), *(results.errors(larger, folder) if larger else ())}
    for largest in LARGEST:
        fitted = [n for n in sizes if n <= largest]
        if largest in sizes and len(fitted) > (2 if law == "power" else 3):
            fit = results.fit(experiment, folder, law=law, largest=largest, larger=larger)
            if fit is not None:
                yield largest, fit


def _only(chosen: list[Spec], layers: list[Spec]) -> list[Spec]:
    """Layers that show only what is chosen; each has its own data, so that each needs its filter."""
    return [layer | {"transform": chosen} for layer in layers]


def _points(experiment: str, folder: Path | None) -> list[Spec]:
    """The measured sizes, the large sets too: mean and the standard deviation of single networks."""
    larger = results.larger(experiment)
    measured = results.errors(experiment, folder) | (results.errors(larger, folder) if larger else {})
    return [
        {"n": n, "error": _short(e.mean()), "low": _short(e.mean() - e.std()), "high": _short(e.mean() + e.std()),
         "samples": len(e)}
        for n, e in measured.items()
    ]  # fmt: skip


def _line(fit: Fit, experiment: str | None = None, first: float | None = None, count: int = POINTS) -> list[Spec]:
    """A fit with its 95% band from its first size, or another, and the published line beside it if one is asked for."""
    n = np.geomspace(fit.curve.x[0] if first is None else first, LARGE, count)
    columns = {"n": n, "fit": fit.predict(n), "low": fit.band(n)[0], "high": fit.band(n)[1]}
    if experiment is not None:
        columns["published"] = published.line_at(experiment, n)
    return [dict(zip(columns, map(_short, row), strict=True)) for row in zip(*columns.values(), strict=True)]


def _short(value: float) -> float:
    return float(f"{value:.4g}")


def _choice(name: str, options: list, label: str | None = None, value: Any = None) -> Spec:
    """A list to choose from."""
    bind = {"input": "select", "options": options, "name": f"{label or name} "}
    return {"name": name, "value": options[0] if value is None else value, "bind": bind}


def _y(field: str, title: str, zero: bool = False) -> Spec:
    scale = {"zero": False} if zero else {"type": "log", "nice": False, "padding": 8}
    return {"field": field, "type": "quantitative", "title": title, "scale": scale, "axis": {"grid": False}}


def _tooltip(*fields: str) -> Spec:
    return {"tooltip": [{"field": field} for field in fields]}


def _fit_layers(line_published: bool = True) -> list[Spec]:
    """The band, the fit, and the published line."""
    error, data = _y("fit", "test error"), {"name": "lines"}
    band = {"x": N, "y": error | {"field": "low"}, "y2": {"field": "high"}}
    layers: list[Spec] = [
        {"data": data, "mark": {"type": "area", "opacity": 0.18}, "encoding": band},
        {
            "data": data,
            "mark": {"type": "line"},
            "encoding": {"x": N, "y": error, **_tooltip("n", "fit", "low", "high")},
        },
    ]
    if line_published:
        dotted = {"type": "line", "strokeDash": [2, 4], "strokeWidth": 3}
        layers.append({"data": data, "mark": dotted, "encoding": {"x": N, "y": error | {"field": "published"}}})
    return layers


def _point_layers(fitted: str = "true") -> list[Spec]:
    """The measured errors with their deviations; diamonds where they are not fitted."""
    error, data = _y("error", "test error"), {"name": "points"}
    bars = {"x": N, "y": error | {"field": "low"}, "y2": {"field": "high"}}
    dots = {"x": N, "y": error, **_tooltip("n", "error", "samples")}
    shape = {"condition": {"test": fitted, "value": "circle"}, "value": "diamond"}
    return [
        {"data": data, "mark": {"type": "rule"}, "encoding": bars},
        {
            "data": data,
            "mark": {"type": "point", "size": 70, "filled": True, "opacity": 1},
            "encoding": dots | {"shape": shape},
        },
    ]
