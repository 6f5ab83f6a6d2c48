"""The commands of the chapter on planning run, on the files that the chapter shows."""

import re
import shlex

import pytest
from click.testing import CliRunner

from helpers.chapters import ROOT
from plaw import cli

CHAPTER = (ROOT / "book/planning.md").read_text(encoding="utf-8")
FILES = {
    name: re.search(rf"`{re.escape(name)}`.*?^```text\n(.*?)^```", CHAPTER, re.MULTILINE | re.DOTALL)[1]
    for name in re.findall(r"`(\w+\.csv)`", CHAPTER)
}
COMMANDS = re.findall(r"^```console\n(.*?)^```", CHAPTER, re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_of_the_chapter_runs(command, tmp_path, monkeypatch):
    for name, text in FILES.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    program, *arguments = shlex.split(command)
    result = CliRunner().invoke(cli.main, arguments)
    assert program == "plaw" and result.exit_code == 0 and result.stderr == "", result.output


def test_the_chapter_shows_the_files_of_its_commands():
    assert set(FILES) == {"curve.csv", "scores.csv", "methods.csv"} and len(COMMANDS) == 4
