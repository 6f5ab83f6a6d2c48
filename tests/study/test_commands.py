"""The commands that the chapter "Trust and scale" gives for several machines, run as they stand."""

import os
import re
import subprocess
import sys

import pytest

from helpers.chapters import ROOT
from helpers.sharing import TESTS, records

CHAPTER = (ROOT / "book/trust.md").read_text()


def command(begin):
    """The line of the chapter that begins so, without its comment."""
    return re.search(rf"^{re.escape(begin)}.*?(?=\s{{2,}}#|$)", CHAPTER, re.M).group()


def run(line, folder):
    settings = {
        "PATH": f"{TESTS / 'helpers/bin'}:{os.environ['PATH']}",
        "PYTHONPATH": f"{ROOT}:{TESTS}",
        "PLAW_PYTHON": sys.executable,
        "PLAW_RESULTS": str(folder),
    }
    result = subprocess.run(["bash", "-c", line], env=os.environ | settings, cwd=folder, capture_output=True, text=True)
    assert result.returncode == 0, result.stderr


@pytest.mark.slow
def test_a_job_array_of_slurm(alone, tmp_path):
    line = command("sbatch ")
    assert "--array=1-16" in line and "$SLURM_CPUS_PER_TASK" in line
    run(line.replace("1-16", "1-2").replace("--cpus-per-task=4", "--cpus-per-task=1"), tmp_path)
    assert records(tmp_path) == alone


@pytest.mark.slow
def test_parts_in_three_folders_put_together(alone, tmp_path):
    line = command("plaw run fig1 --part 1/3")
    folders = [tmp_path / f"part-{number}" for number in (1, 2, 3)]
    folders[0].mkdir()
    run("plaw run fig1 --samples 0", folders[0])
    for folder in folders[1:]:
        folder.mkdir()
        for file in folders[0].glob("*.jsonl"):
            (folder / file.name).write_bytes(file.read_bytes())
    for number, folder in enumerate(folders, start=1):
        run(line.replace("1/3", f"{number}/3"), folder)
    (tmp_path / "all").mkdir()
    run(command("for file in part-1"), tmp_path)
    assert records(tmp_path / "all") == alone
