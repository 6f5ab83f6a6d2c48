"""Serve formulas from the book itself: MathJax, in one file that needs no other, comes from an installed package."""

import importlib.util
from pathlib import Path

PROGRAM = "tex-svg-full.js"


def _serve(app, config) -> None:
    package = Path(importlib.util.find_spec("sphinx-mathjax-offline").origin).parent
    config.html_static_path.append(str(package / "static" / "mathjax" / PROGRAM))
    config.mathjax_path = PROGRAM


def setup(app) -> dict:
    """Called by Sphinx."""
    app.connect("config-inited", _serve)
    return {"parallel_read_safe": True}
