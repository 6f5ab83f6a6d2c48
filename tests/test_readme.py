"""README.md: its findings and picture are of today, its commands and Python run; what CONTRIBUTING.md names exists."""

import re
import shlex
import shutil
from pathlib import Path

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
import pytest
from click.testing import CliRunner

from plaw import cli
from plaw.model.data import load
from plaw.report import claims, figure_csv, gallery, plotting, svg

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text()


def blocks(language):
    return re.findall(rf"^```{language}\n(.*?)^```", README, re.MULTILINE | re.DOTALL)


COMMANDS = [line for block in blocks("console") for line in block.splitlines()]


def test_the_findings_are_those_of_today():
    lines = README.split("<!-- claims -->\n")[1].split("<!-- end -->")[0]
    assert lines.strip() == claims.headlines(ROOT / "book/results"), "run `python -m plaw.report.readme`"


def test_the_picture_is_of_today():
    """Its numbers are those of the records; how it looks may differ between versions of matplotlib."""
    with plt.rc_context():
        plotting.use_style()
        figure = gallery.overview(ROOT / "book/results")
        kept, today = svg.read(gallery.PICTURE), figure_csv.table(figure)
        plt.close(figure)
    assert kept and kept.numbers == today, "run `python -m plaw.report.readme`"
    assert f"({gallery.PICTURE.relative_to(ROOT)})" in README


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_runs(command, tmp_path, monkeypatch):
    """In a folder like the repository's, with the records as they are, so that `plaw run` finds its work done."""
    shutil.copytree(ROOT / "book/results", tmp_path / "book/results")
    (tmp_path / "curve.csv").write_text(blocks("csv")[0])
    program, *arguments = shlex.split(command)
    if arguments[0] == "run" and load("mnist").name != "mnist":
        pytest.skip("needs the whole of MNIST")
    monkeypatch.chdir(tmp_path)
    result = CliRunner().invoke(cli.main, arguments)
    assert program == "plaw" and result.exit_code == 0, result.output


@pytest.mark.parametrize("block", blocks("python"))
def test_the_python_runs(block, capsys):
    exec(block, {})
    assert "rho" in capsys.readouterr().out


def test_make_knows_the_targets():
    texts = README + (ROOT / "CONTRIBUTING.md").read_text()
    targets = set(re.findall(r"^    make ([\w-]+)|`make ([\w-]+)", texts, re.MULTILINE))
    makefile = (ROOT / "Makefile").read_text()
    assert [target for pair in targets for target in pair if target and f"\n{target}:" not in makefile] == []


def test_contributing_names_files_that_are_there():
    text = (ROOT / "CONTRIBUTING.md").read_text()
    files = set(re.findall(r"`((?:plaw|tests|book)/[\w./]+)`", text))
    assert [file for file in files if "NAME" not in file and not (ROOT / file).exists()] == []


def test_the_map_names_what_is_there():
    for row in README.split("## Find your way")[1].splitlines():
        for name in re.findall(r"`([\w/]+(?:\.py|/))`", row.split("|")[1] if row.startswith("|") else ""):
            assert (ROOT / name).exists() or (ROOT / "plaw" / name).exists(), name
