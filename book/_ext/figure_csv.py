"""Below the caption of each figure, a link to its numbers as CSV, which lie in the picture (plaw.report.figure_csv)."""

import os
from pathlib import Path

from docutils import nodes
from sphinx.addnodes import download_reference

from plaw.report import figure_csv


def _offer(app, doctree) -> None:
    folder = Path(app.doctreedir).parent / "data" / app.env.docname
    for number, figure in enumerate(doctree.findall(nodes.figure), start=1):
        image = next((image for image in figure.findall(nodes.image) if image["uri"].endswith(".png")), None)
        table = image and figure_csv.read(app.env.relfn2path(image["uri"])[1])
        if table:
            name = figure["names"][0] if figure["names"] else f"figure-{number}"
            file = folder / f"{name}.csv"
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(table, encoding="utf-8")
            figure += _link(file, app.srcdir)


def _link(file: Path, source: Path) -> nodes.legend:
    """What Sphinx takes for a file to be downloaded, which it copies into the book."""
    target = "/" + Path(os.path.relpath(file, source)).as_posix()
    link = download_reference("", "", nodes.Text("Its numbers, as CSV"), reftarget=target)
    return nodes.legend("", nodes.paragraph("", "", link), classes=["figure-data"])


def setup(app) -> dict:
    """Called by Sphinx. Before the collectors of images and downloads, which rewrite the addresses."""
    app.connect("doctree-read", _offer, priority=400)
    return {"parallel_read_safe": True}
