"""Code that imports, draws or shows records is folded away behind a click; what defines or trains stays open."""

import ast
import re

from docutils import nodes

TEACHES = re.compile(r"^(def|class)\s|\b(train\w*|fit_law|estimate|compare_laws|crossing)\(", re.MULTILINE)
TABLE = re.compile(r"^Markdown\(|^tables\.show\(", re.MULTILINE)
RECORDED = re.compile(r"\b(texts|published|results|optimality|store|claims|measured)\.")


def _fold(app, doctree) -> None:
    for cell in doctree.findall(
        lambda node: isinstance(node, nodes.container) and node.get("nb_element") == "cell_code"
    ):
        code = next((block.astext() for block in cell.findall(nodes.literal_block)), "")
        prompt = _prompt(code, draws=any(True for _ in cell.findall(nodes.image)))
        if prompt and "hide_mode" not in cell:
            cell["hide_mode"] = "input"
            cell["prompt_show"], cell["prompt_hide"] = f"Show {prompt}", f"Hide {prompt}"


def _prompt(code: str, draws: bool) -> str:
    """What a reader calls the code that is folded away; empty for code that stays open."""
    if TEACHES.search(code):
        return ""
    if draws:
        return "the code of this figure"
    if TABLE.search(code):
        return "the code of this table"
    if RECORDED.search(code) and "print(" in code:
        return "the code of these lines"
    return "the imports" if _imports(code) else ""


def _imports(code: str) -> bool:
    """Whether a cell begins with imports and has few other lines."""
    try:
        statements = ast.parse(code).body
    except SyntaxError:
        return False
    imports = [isinstance(statement, ast.Import | ast.ImportFrom) for statement in statements]
    return bool(imports) and imports[0] and sum(imports) >= len(imports) / 2


def setup(app) -> dict:
    """Called by Sphinx. Before the pictures become parts of the page."""
    app.connect("doctree-read", _fold, priority=390)
    return {"parallel_read_safe": True}
