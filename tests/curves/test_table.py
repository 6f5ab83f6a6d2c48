"""Tables in the dialects of CSV, from open files and from frames."""

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plaw.curves.table import read_table
from plaw.errors import PlawError

ROWS = [["10", "0.2"], ["100", "0.1"]]


@pytest.mark.parametrize(
    "text",
    [
        "n,error\n10,0.2\n100,0.1\n",
        "n,error\r\n10,0.2\r\n100,0.1",
        "n,error\r10,0.2\r100,0.1\r",
        "n;error\n10;0.2\n100;0.1\n",
        "n\terror\n10\t0.2\n100\t0.1\n",
        "n|error\n10|0.2\n100|0.1\n",
        "n error\n10 0.2\n100   0.1\n",
        "  n   error\n 10   0.2\n100   0.1\n",
        "n, error\n10, 0.2\n100, 0.1\n",
        '"n","error"\n"10","0.2"\n"100","0.1"\n',
        "\ufeffn,error\n10,0.2\n100,0.1\n",
        "sep=;\nn;error\n10;0.2\n100;0.1\n",
        "# made by hand\nn,error\n# small\n10,0.2\n100,0.1\n",
        "# n,error\n10,0.2\n100,0.1\n",  # as numpy.savetxt writes
        "# n error\n10 0.2\n100 0.1\n",
        "\n\nn,error\n\n10,0.2\n,\n  \n100,0.1\n\n",
        "n,error\n10,0.2,\n100,0.1,,\n",
    ],
)
def test_dialects(text):
    table = read_table(io.StringIO(text))
    assert table.names == ("n", "error") and [list(row) for row in table.rows] == ROWS


def test_a_table_of_markdown_and_one_of_a_database():
    markdown = read_table(io.StringIO("| n | error |\n|---|:-----:|\n| 10 | 0.2 |\n| 100 | 0.1 |\n"))
    database = read_table(io.StringIO("  n  | error\n-----+-------\n  10 |  0.2\n 100 |  0.1\n"))
    for table, first in ((markdown, 1), (database, 0)):
        assert table.names[first : first + 2] == ("n", "error") and table.lines == [3, 4]
        assert [[cell.strip() for cell in row[first : first + 2]] for row in table.rows] == ROWS


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_encodings(tmp_path, encoding):
    path = tmp_path / "curve.csv"
    path.write_bytes("Größe;Fehler\n10;0,2\n".encode(encoding))
    assert read_table(path).names == ("Größe", "Fehler")


def test_lines_are_counted_as_an_editor_counts_them():
    table = read_table(io.StringIO('n,error,note\n\n10,0.2,"two\nlines"\n\n\n100,0.1,\n'))
    assert table.lines == [4, 7]
    with pytest.raises(PlawError, match="line 7: the line has 4 cells and the first line names 3"):
        read_table(io.StringIO('n,error,note\n\n10,0.2,"two\nlines"\n\n\n100,0.1,,3\n'))


def test_a_short_row_has_empty_cells():
    assert read_table(io.StringIO("n,error,note\n10,0.2\n")).rows == [["10", "0.2", ""]]


@pytest.mark.parametrize(
    "content, message",
    [
        (b"", "needs a first line that names the columns, like n,error"),
        (b"\n \n", "needs a first line"),
        (b"n,error\n", "needs a first line that names the columns, and rows below it"),
        (b"10,0.2\n100,0.1\n", "it begins with '10,0.2'"),
        (b"n,error\n10,3,2\n", "decimal commas need semicolons"),
        (b"PK\3\4 and more", "from a spreadsheet, save the table as CSV"),
        (b"n,error\n1\0,2\n", "it is not text"),
        (b"\xff\xfen", "neither in UTF-8"),
        (b"n,error\n10,\x81\n", "neither in UTF-8 nor in Windows-1252"),
        (b"n" * (32 * 1024**2 + 1), "larger than 32 MiB"),
        (b'n,error\n"' + b"1" * 200_000, "cannot be read as CSV: field larger"),
    ],
)
def test_what_is_no_table_is_refused_in_one_sentence(tmp_path, content, message):
    path = tmp_path / "curve.csv"
    path.write_bytes(content)
    with pytest.raises(PlawError, match=message) as refused:
        read_table(path)
    assert str(refused.value).startswith(str(path)) and "\n" not in str(refused.value)


@pytest.mark.parametrize("name", ["none.csv", ".", "\0"])
def test_what_cannot_be_opened_is_named(tmp_path, name):
    with pytest.raises(PlawError, match="cannot be read as CSV"):
        read_table(tmp_path / name)


def test_control_characters_are_spaces():
    """Messages quote names and cells, and a terminal would obey them: change its colours, its title, its last lines."""
    table = read_table(io.StringIO("n\x1b[2J,error\x0b\n10,0.2\x07\n"))
    assert table.names == ("n [2J", "error") and table.rows == [["10", "0.2 "]]


@given(st.text(max_size=60))
def test_any_text_is_a_table_or_refused(text):
    try:
        table = read_table(io.StringIO(text))
    except PlawError as error:
        assert "\n" not in str(error)
    else:
        assert len(table.rows) == len(table.lines) and {len(row) for row in table.rows} == {len(table.names)}


@given(st.binary(max_size=60))
def test_any_bytes_are_a_table_or_refused(content):
    try:
        read_table(io.BytesIO(content))
    except PlawError:
        pass


class PolarsLike:
    """As much of a frame as polars and pandas share."""

    def __init__(self, **columns):
        self.data, self.columns = columns, list(columns)

    def __getitem__(self, name):
        return self.data[name]


def test_frames():
    table = read_table(PolarsLike(n=[10, 100], error=[0.2, None]))
    assert table.names == ("n", "error") and table.rows == [("10", "0.2"), ("100", "None")] and table.lines == [1, 2]
