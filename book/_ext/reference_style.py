"""The list of references in the style of the citations: by author and year, in alphabetical order, without numbers."""

from pybtex.plugin import register_plugin
from pybtex.richtext import Text
from pybtex.style.formatting.unsrt import Style as Unsorted
from pybtex.style.labels import BaseLabelStyle


class AuthorYearLabels(BaseLabelStyle):
    """Like "Meir et al., 2020"; letters tell apart what would be alike."""

    def format_labels(self, sorted_entries):
        known: dict[str, int] = {}
        for entry in sorted_entries:
            people = [_plain(" ".join(person.prelast_names + person.last_names)) for person in entry.persons["author"]]
            names = (
                people[0] if len(people) == 1 else " and ".join(people) if len(people) == 2 else f"{people[0]} et al."
            )
            label = f"{names}, {entry.fields['year']}"
            known[label] = known.get(label, 0) + 1
            yield label if known[label] == 1 else f"{label}{chr(96 + known[label])}"


def _plain(name: str) -> str:
    """A name without LaTeX's braces and accents."""
    return str(Text.from_latex(name))


class AuthorYear(Unsorted):
    """Sorted by author, year and title, with labels of author and year."""

    default_sorting_style = "author_year_title"
    default_label_style = AuthorYearLabels


register_plugin("pybtex.style.formatting", "authoryear", AuthorYear)


def setup(app) -> dict:
    """Called by Sphinx; importing this registers the style."""
    return {"parallel_read_safe": True}
