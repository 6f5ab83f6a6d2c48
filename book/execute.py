"""Execute chapters and store them, with outputs, as notebooks beside them: python book/execute.py book/data.md ...

Pages without code are left alone.
"""

import sys
from pathlib import Path

import jupytext
import nbformat
from nbclient import NotebookClient


def execute(source: Path) -> None:
    """Write source.ipynb again; its cell identifiers do not change from run to run."""
    notebook = jupytext.read(source)
    for number, cell in enumerate(notebook.cells):
        cell["id"] = f"cell-{number}"
    resources = {"metadata": {"path": str(source.parent)}}
    NotebookClient(notebook, timeout=600, record_timing=False, resources=resources).execute()
    notebook.metadata.pop("language_info", None)
    nbformat.write(notebook, source.with_suffix(".ipynb"))
    print(f"{source.with_suffix('.ipynb')}: {sum(cell.cell_type == 'code' for cell in notebook.cells)} cells executed")


if __name__ == "__main__":
    for page in map(Path, sys.argv[1:]):
        if "{code-cell}" in page.read_text():
            execute(page)
