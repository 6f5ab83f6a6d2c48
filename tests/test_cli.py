"""The command line: output, errors in one line, exit statuses."""

import json
import subprocess
import sys
import warnings

import pytest
from click.testing import CliRunner

from plaw import __version__, cli
from plaw.errors import PlawError
from plaw.model import sources
from plaw.study import store


def plaw(*arguments):
    return CliRunner().invoke(cli.main, arguments)


def test_help_names_every_command_and_version_is_the_packages():
    result = plaw("--help")
    assert result.exit_code == 0 and all(name in result.stdout for name in cli.main.commands)
    assert plaw("--version").stdout.strip().endswith(__version__)


@pytest.mark.parametrize("name", cli.main.commands)
def test_every_command_has_help_and_refuses_what_it_does_not_know(name):
    assert plaw(name, "--help").exit_code == 0
    refused = plaw(name, "--no-such-option")
    assert refused.exit_code == 2 and "No such option" in refused.stderr


def test_a_plaw_error_is_one_line_on_stderr_and_status_1(bare):
    result = plaw("fetch", "mnist")
    assert result.exit_code == 1 and result.stdout == ""
    assert result.stderr.startswith("plaw: ") and result.stderr.count("\n") == 1


@pytest.mark.filterwarnings("default")  # as for users: the other tests take warnings for errors
def test_warnings_are_one_line_on_stderr(monkeypatch, bare):
    monkeypatch.setattr(sources, "fetch", lambda name: warnings.warn("beware", stacklevel=1))
    result = plaw("fetch", "mnist")
    assert result.exit_code == 0 and result.stderr == "plaw: beware\n"


def test_fetch_knows_its_data_sets(bare):
    assert plaw("fetch", "cifar").exit_code == 2


def test_fetch_without_names_fetches_all(monkeypatch, tmp_path):
    fetched = []
    monkeypatch.setattr(sources, "fetch", lambda name: fetched.append(name) or tmp_path)
    assert plaw("fetch").exit_code == 0 and fetched == list(sources.SOURCES)


def test_fetch_says_where_the_data_lie(tiny_folder):
    assert plaw("fetch", "mnist").stdout == f"mnist: intact in {tiny_folder}\n"


def test_doctor_on_a_sound_machine(tiny_folder):
    result = plaw("doctor")
    assert (
        result.exit_code == 0 and f"intact in {tiny_folder}" in result.stdout and f"plaw {__version__}" in result.stdout
    )


def test_doctor_fails_where_something_is_broken(tiny_folder):
    (tiny_folder / "t10k-labels-idx1-ubyte.gz").write_bytes(b"")
    result = plaw("doctor")
    assert result.exit_code == 1 and "broken  mnist in PLAW_DATA" in result.stdout


def test_doctor_in_json(tiny_folder):
    report = json.loads(plaw("doctor", "--json").stdout)
    assert report["ok"] is True and report["versions"]["plaw"] == __version__
    assert {"subject", "state", "detail"} == set(report["findings"][0])
    (tiny_folder / "t10k-labels-idx1-ubyte.gz").write_bytes(b"")
    result = plaw("doctor", "--json")
    assert result.exit_code == 1 and json.loads(result.stdout)["ok"] is False


def test_the_installed_command_reports_an_error_without_a_traceback(tmp_path):
    command = [sys.executable, "-c", "from plaw.cli import main; main()", "fetch"]
    environment = {"PLAW_DATA": str(tmp_path / "nowhere"), "PATH": "/usr/bin:/bin"}
    result = subprocess.run(command, env=environment, capture_output=True, text=True)
    assert result.returncode == 1 and result.stderr.startswith("plaw: PLAW_DATA names ")
    assert "Traceback" not in result.stderr


def test_help_needs_no_heavy_package():
    program = "import sys, plaw.cli; print([name for name in ('numpy', 'numba', 'sklearn') if name in sys.modules])"
    result = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "[]"


def test_plaw_error_is_a_value_error():
    assert issubclass(PlawError, ValueError)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["run", "fig9"], "no experiment 'fig9'"),
        (["run", "fig3", "--sizes", "31"], "choose sizes among 30, 60, 120, 240"),
        (["run", "fig3", "--sizes", "many"], "whole numbers with commas between them"),
        (["run", "fig3"], "run `plaw fetch mnist` first"),
        (["run", "fig3", "--part", "3/2"], "A part is I/N, from 1/N to N/N"),
        (["run", "fig3", "--cluster", "local:none"], "A cluster is tcp://HOST:PORT, or local:N"),
    ],
)
def test_run_says_what_it_cannot_do(bare, tmp_path, arguments, said):
    result = plaw(*arguments, "--results", str(tmp_path))
    assert result.exit_code == 1 and said in result.stderr.splitlines()[-1] and not list(tmp_path.iterdir())


def test_no_cluster_is_started_for_what_cannot_run(bare, tmp_path, monkeypatch):
    """Workers take seconds to start, and every one of them would say the same."""
    monkeypatch.setattr("plaw.study.cluster.connect", lambda address: pytest.fail("a cluster is started"))
    result = plaw("run", "fig3-1", "--results", str(tmp_path), "--cluster", "local:2")
    assert result.exit_code == 1 and result.stderr.splitlines()[-1].endswith("run `plaw fetch mnist` first.")


def test_the_licences_of_all_that_plaw_needs():
    listed = {line.split()[0]: line.split(maxsplit=2)[2] for line in plaw("doctor", "--licences").stdout.splitlines()}
    assert listed["plaw"] == "MIT" and "BSD" in listed["numpy"] and "llvmlite" in listed
    assert {name for name, licence in listed.items() if licence == "not stated"} <= {"axe-playwright-python"}
    parts = json.loads(plaw("doctor", "--licences", "--json").stdout)
    assert {part["name"]: part["licence"] for part in parts} == listed
    assert all(part["version"] for part in parts)


def test_status_counts_samples(tmp_path):
    store.append(tmp_path, "fig3-1", {"kind": "network", "n": 60, "sample": 0, "error": 0.2})
    printed = json.loads(plaw("status", "--json", "--results", str(tmp_path)).stdout)
    points = next(experiment["points"] for experiment in printed["experiments"] if experiment["id"] == "fig3-1")
    assert [(point["n"], point["samples"], point["wanted"]) for point in points] == [
        (30, 0, 400),
        (60, 1, 400),
        (120, 0, 400),
        (240, 0, 400),
    ]
    assert "60 per label: 1 of 400 samples" in plaw("status", "--results", str(tmp_path)).stdout


def test_status_names_a_damaged_record(tmp_path):
    (tmp_path / "fig3-1.jsonl").write_text("not a record\n")
    result = plaw("status", "--results", str(tmp_path))
    assert result.exit_code == 1 and "fig3-1.jsonl, line 1" in result.stderr


INTERRUPTED = """
import sys, time, threading
from plaw import cli, doctor
def interrupted(*_):
    threading.Thread(target=time.sleep, args=(60,)).start()  # as a training that cannot be interrupted
    raise KeyboardInterrupt
doctor.examine = interrupted
cli.main(["doctor"])
"""


def test_ctrl_c_ends_any_command_at_once_with_one_line_and_status_130():
    result = subprocess.run([sys.executable, "-c", INTERRUPTED], capture_output=True, text=True, timeout=50)
    assert result.returncode == 130 and result.stderr.strip() == "Stopped."


def test_a_mistyped_folder_is_said(tmp_path):
    for command in ("status", "scoreboard"):
        result = plaw(command, "--results", str(tmp_path / "none"))
        assert result.exit_code == 1 and "There is no folder" in result.stderr and result.stdout == ""
        result = plaw(command, "--results", str(tmp_path))
        assert result.exit_code == 1 and "There are no records in" in result.stderr and result.stdout == ""


def test_without_a_repository_there_is_no_place_to_record(tmp_path, monkeypatch):
    monkeypatch.delenv("PLAW_RESULTS", raising=False)
    monkeypatch.setattr(store, "__file__", str(tmp_path / "site-packages/plaw/study/store.py"))
    monkeypatch.chdir(tmp_path)
    result = plaw("run", "fig3")
    assert result.exit_code == 1 and "no place for records" in result.stderr and not list(tmp_path.iterdir())
    assert json.loads(plaw("status", "--json").stdout)["experiments"][0]["points"][0]["samples"] == 50
