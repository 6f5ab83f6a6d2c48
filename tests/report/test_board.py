"""The scoreboard as HTML: groups, verdicts, and where each number is from."""

from bs4 import BeautifulSoup

from plaw.report import board, published, tables


def shown(*ids, folder):
    table = tables.show(*ids, folder=folder)
    return table, BeautifulSoup(table._repr_html_(), "html.parser")


def test_every_row_is_there_once_in_groups(tmp_path):
    table, page = shown(folder=tmp_path)
    groups = [head.get_text() for head in page.select(".group th")]
    assert len(page.select("tr[data-verdict]")) == len(table.rows) == len(published.NUMBERS)
    assert groups[0] == "Figure 1b: many epochs, crosses, momentum" and "Claims in the text" in groups
    assert len(groups) == len(set(groups))


def test_no_row_names_another_row(tmp_path):
    _, page = shown(folder=tmp_path)
    for name in page.select("tr[data-verdict] > th"):
        name.select_one(".row-id").extract()
        assert "'s" not in name.get_text() and "eps" not in name.get_text()


def test_all_cells_have_the_label_that_a_narrow_screen_shows(tmp_path):
    _, page = shown("T8", folder=tmp_path)
    assert [cell["data-label"] for cell in page.select("tr[data-verdict]")[0].select("td")] == list(board.HEADS[1:])


def test_only_the_whole_scoreboard_can_be_searched(tmp_path):
    assert shown(folder=tmp_path)[1].select_one(".searchable") and not shown("T8", folder=tmp_path)[1].select(
        ".searchable"
    )


def test_the_sources_are_told_apart():
    by_source = {}
    for number in published.NUMBERS:
        by_source.setdefault(board.source(number), []).append(number)
    assert set(by_source) == set(board.SOURCES)
    assert {number.text for number in by_source["summary"]} == set(published.LESS_PRECISE)
    assert all(number.derived for number in by_source["derived"])
    assert {number.id for number in by_source["in words"]} == {"T2", "T13", "T15", "T16", "T17"}
