"""The pages of the book, its chapters (pages that execute) and their notebooks."""

from pathlib import Path

import nbformat
import yaml

ROOT = Path(__file__).parents[2]
TOC = yaml.safe_load((ROOT / "_toc.yml").read_text())
PAGES = [ROOT / TOC["root"], *(ROOT / chapter["file"] for part in TOC["parts"] for chapter in part["chapters"])]
CHAPTERS = [page for page in PAGES if "{code-cell}" in page.read_text()]


def notebook_of(chapter):
    return nbformat.read(chapter.with_suffix(".ipynb"), as_version=4)
