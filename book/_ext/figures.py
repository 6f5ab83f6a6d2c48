"""Figures inside the page: for wide and narrow screens, in the colours of a light or dark page, with their numbers.

A figure's file holds two pictures and a table (plaw.report.svg). Both pictures become part of the page, where
plaw.css shows one of them; their colours become those that plaw.css defines. Below the caption stands a link to the
table as CSV. Where the file also holds a chart (plaw.report.interactive), interactive.js offers it by a button.
"""

import os
import re
from html import escape
from pathlib import Path

from docutils import nodes
from sphinx.addnodes import download_reference

from plaw.report import plotting, svg

COLOURS = {colour.lower(): f"var(--figure-{number})" for number, colour in enumerate(plotting.COLOURS[:-1], start=1)}
HEAD = re.compile(r"^.*?(?=<svg)|<metadata>.*?</metadata>\s*|<style.*?</style>\s*", re.DOTALL)
VEGA_LITE = "6.4"
SIZE = re.compile(r'(<svg[^>]*?) width="([\d.]+)pt" height="[\d.]+pt"')
IDENTIFIER, REFERENCE = re.compile(r' id="([^"]+)"'), re.compile(r'(href="#|url\(#)([^")]+)')
COLOUR = re.compile(r"(?<=[ :\"])#[0-9a-f]{6}\b")


def _show(app, doctree) -> None:
    """Replace the pictures by what their files hold, before Sphinx collects pictures and downloads."""
    folder = Path(app.doctreedir).parent / "data" / app.env.docname
    shown = 0
    for image in list(doctree.findall(nodes.image)):
        file = Path(app.env.relfn2path(image["uri"])[1])
        picture = svg.read(file) if file.suffix == ".svg" and file.exists() else None
        if picture is None:
            continue
        shown += 1
        figure = image.parent
        while figure is not None and not isinstance(figure, nodes.figure):
            figure = figure.parent
        if figure is not None:
            name = figure["names"][0] if figure["names"] else f"figure-{shown}"
            figure += _link(picture.numbers, folder / f"{name}.csv", app.srcdir)
        image.replace_self(nodes.raw("", _html(picture, image.get("alt", ""), f"f{shown}"), format="html"))
        if picture.interactive:
            app.env.has_charts = True


def _html(picture: svg.Picture, text: str, prefix: str) -> str:
    """Both pictures, with a text for those who do not see them."""
    forms = ("wide", picture.wide), ("narrow", picture.narrow or picture.wide)
    inside = "".join(f'<div class="{form}">{inline(code, prefix + form[0])}</div>' for form, code in forms)
    chart = picture.interactive.replace("</", "<\\/")
    script = f'<script type="application/json" class="figure-chart">{chart}</script>' if chart else ""
    return f'<div class="figure-svg" role="img" aria-label="{escape(text)}">{inside}</div>{script}'


def inline(code: str, prefix: str) -> str:
    """An SVG file as a part of a page: names that occur once, and colours that the page defines."""
    code = SIZE.sub(r'\1 aria-hidden="true" style="max-width: calc(\2px * 4 / 3)"', HEAD.sub("", code))
    used = {name for _, name in REFERENCE.findall(code)}
    code = IDENTIFIER.sub(lambda found: f' id="{prefix}-{found[1]}"' if found[1] in used else "", code)
    code = REFERENCE.sub(rf"\g<1>{prefix}-\g<2>", code)
    return COLOUR.sub(lambda found: _of_the_page(found[0]), code)


def _of_the_page(colour: str) -> str:
    """The page's colour for one of the palette, and for black, white and what lies between."""
    red, green, blue = (int(colour[k : k + 2], 16) for k in (1, 3, 5))
    if red == green == blue:
        return f"color-mix(in srgb, var(--figure-ink) {100 - round(red / 2.55)}%, var(--figure-ground))"
    return COLOURS.get(colour, colour)


def _link(table: str, file: Path, source: Path) -> nodes.legend:
    """A link to a table, as what Sphinx takes for a file to be downloaded, which it copies into the book."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(table, encoding="utf-8")
    target = "/" + Path(os.path.relpath(file, source)).as_posix()
    link = download_reference("", "", nodes.Text("Its numbers, as CSV"), reftarget=target)
    return nodes.legend("", nodes.paragraph("", "", link), classes=["figure-data"])


def _write_library(app, exception) -> None:
    """Vega, Vega-Lite and Vega-Embed in one script, from an installed package, where some page has a chart."""
    file = Path(app.outdir) / "_static" / "vega.js"
    if exception is None and app.builder.format == "html" and getattr(app.env, "has_charts", False):
        import vl_convert

        file.write_text(f"(() => {{{vl_convert.javascript_bundle(vl_version=VEGA_LITE)}}})();", encoding="utf-8")


def setup(app) -> dict:
    """Called by Sphinx. Before the collectors of images and downloads, which rewrite the addresses."""
    app.connect("doctree-read", _show, priority=400)
    app.connect("build-finished", _write_library)
    app.add_js_file("interactive.js", loading_method="defer")
    return {"parallel_read_safe": True}
