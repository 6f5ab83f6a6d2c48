"""Small repairs of the pages that the theme and its companions make; each says what was wrong."""


def _repair(app, page, template, context, doctree) -> None:
    context["default_mode"] = "auto"  # the theme leaves it empty and then complains of that in the browser's console
    _drop_thebe(context)
    if "body" in context:  # a list has listitems; readers of screens do not take docutils' role for one
        context["body"] = context["body"].replace('role="doc-biblioentry"', 'role="listitem"')


def _drop_thebe(context) -> None:
    """No cell of this book runs in the browser; thebe's scripts, which Jupyter Book adds, define a constant twice."""
    for kind in ("script_files", "css_files"):
        context[kind] = [
            file
            for file in context[kind]
            if "thebe" not in str(file.filename) + str(getattr(file, "attributes", {})).lower()
        ]


def setup(app) -> dict:
    """Called by Sphinx; after the extensions that add scripts to a page."""
    for script in ("scrolling.js", "scoreboard.js"):
        app.add_js_file(script, loading_method="defer")
    app.connect("html-page-context", _repair, priority=900)
    return {"parallel_read_safe": True}
