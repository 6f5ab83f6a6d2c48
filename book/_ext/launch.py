"""Buttons that open a chapter in Binder or Colab, where _config.yml gives the address of the repository."""

import re

from sphinx.errors import ConfigError

BINDER, COLAB = "https://mybinder.org", "https://colab.research.google.com"


def _offer(app, config) -> None:
    options = config.html_theme_options
    address = options.get("repository_url")
    if not address:
        return
    if not re.fullmatch(r"https://(github|gitlab)\.com/[\w.-]+/[\w.-]+", address):
        raise ConfigError(
            f"repository: url in _config.yml is {address!r}, not like https://github.com/owner/name (or gitlab.com)."
        )
    options["launch_buttons"] = {"binderhub_url": BINDER, "notebook_interface": "jupyterlab"}
    if "github.com" in address:  # Colab opens no others
        options["launch_buttons"]["colab_url"] = COLAB


def setup(app) -> dict:
    """Called by Sphinx."""
    app.connect("config-inited", _offer)
    return {"parallel_read_safe": True}
