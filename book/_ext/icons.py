"""Only the icons that pages show: the theme loads all two thousand of Font Awesome, 1.5 MB, into every page."""

import re
from pathlib import Path

ICON = re.compile(r'("[^"]+"|[\w$]+):\[\d+,\d+,\[([^\]]*)\],"[0-9a-f]+",(?:"[^"]*"|\[[^\]]*\])\],?')
NAME = re.compile(r"\bfa-([a-z0-9-]+)")


def used(folder: Path) -> set[str]:
    """The names of icons in the pages and scripts of a built book."""
    files = [*folder.rglob("*.html"), *folder.rglob("*.js")]
    texts = (file.read_text(encoding="utf-8") for file in files if file.name != "fontawesome.js")
    return {name for text in texts for name in NAME.findall(text)}


def without_others(script: str, names: set[str]) -> str:
    """Font Awesome's script with the icons of these names, or with one of these other names, and no others."""

    def kept(icon: re.Match[str]) -> str:
        called = {icon[1].strip('"'), *icon[2].replace('"', "").split(",")}
        return icon[0] if called & names else ""

    return ICON.sub(kept, script)


def _thin(app, exception) -> None:
    script = Path(app.outdir) / "_static/scripts/fontawesome.js"
    if exception is None and script.exists():
        script.write_text(without_others(script.read_text("utf-8"), used(Path(app.outdir))), "utf-8")


def setup(app) -> dict:
    """Called by Sphinx."""
    app.connect("build-finished", _thin)
    return {"parallel_read_safe": True}
