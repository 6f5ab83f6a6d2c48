"""Launch buttons: none without the repository's address, well-formed links with it, to notebooks that are there."""

import io
import sys
from pathlib import Path

import pytest
import yaml
from sphinx.application import Sphinx
from sphinx.errors import ConfigError
from sphinx.util.docutils import docutils_namespace, patch_docutils

ROOT = Path(__file__).parents[2]
CONFIG = yaml.safe_load((ROOT / "_config.yml").read_text())
CHAPTER = """---
kernelspec: {display_name: Python 3, language: python, name: python3}
---

# A chapter

```{code-cell}
1 + 1
```
"""


def page_of(folder, address):
    """The HTML of a chapter in a book at that address."""
    executed = folder / "_build/jupyter_execute/book/one.ipynb"  # where a build leaves what it has executed
    for file, text in ((folder / "book/one.md", CHAPTER), (folder / "book/one.ipynb", "{}"), (executed, "{}")):
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    settings = {
        "extensions": ["myst_nb", "launch"],
        "html_theme": "sphinx_book_theme",
        "html_theme_options": {"repository_url": address, "repository_branch": CONFIG["repository"]["branch"]},
        "nb_execution_mode": "off",
        "root_doc": "book/one",
        "exclude_patterns": ["**/*.ipynb", "_build"],
    }
    out = folder / "_build/html"
    with patch_docutils(), docutils_namespace():
        Sphinx(
            folder, None, out, folder / "_build/.doctrees", "html", settings, status=None, warning=io.StringIO()
        ).build()
    return (out / "book/one.html").read_text()


@pytest.fixture(autouse=True)
def extensions(monkeypatch):
    monkeypatch.syspath_prepend(ROOT / "book/_ext")
    sys.modules.pop("launch", None)


def test_there_are_buttons_where_the_address_is_known(tmp_path):
    page = page_of(tmp_path, "https://github.com/owner/plaw")
    assert 'href="https://mybinder.org/v2/gh/owner/plaw/main?urlpath=lab/tree/book/one.ipynb"' in page
    assert 'href="https://colab.research.google.com/github/owner/plaw/blob/main/book/one.ipynb"' in page


def test_binder_alone_opens_what_is_not_on_github(tmp_path):
    page = page_of(tmp_path, "https://gitlab.com/owner/plaw")
    assert "https://mybinder.org/v2/gl/owner%2Fplaw/main" in page and "colab" not in page


def test_there_are_none_without(tmp_path):
    page = page_of(tmp_path, "")
    assert "A chapter" in page and "mybinder" not in page and "colab" not in page


def test_an_address_of_another_kind_is_refused(tmp_path):
    with pytest.raises(ConfigError, match=r"not like https://github\.com/owner/name"):
        page_of(tmp_path, "github.com/plaw")


def test_the_book_is_configured_by_one_setting():
    address = CONFIG["repository"]["url"]
    assert address == "" or address.startswith("https://")
    assert "launch_buttons" not in CONFIG and "launch" in CONFIG["sphinx"]["local_extensions"]


def test_binder_finds_an_environment_that_installs_the_book():
    environment = yaml.safe_load((ROOT / "environment.yml").read_text())
    pip = next(entry["pip"] for entry in environment["dependencies"] if isinstance(entry, dict))
    assert "-e ." in pip and any(line.startswith("jupyter-book==") for line in pip)
