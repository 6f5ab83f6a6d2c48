"""What is installed for the book and the tests is pinned once, for pip and for conda users alike."""

import re
import tomllib
from pathlib import Path

import pytest
import yaml

import plaw

ROOT = Path(__file__).parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
EXTRAS = PROJECT["optional-dependencies"]


def name_of(requirement):
    return re.sub(r"[-_.]+", "-", re.match(r"[\w.-]+", requirement).group()).lower()


def pins(lines):
    return {name_of(line): line.split("==")[1].split(";")[0].strip() for line in lines if "==" in line}


CONSTRAINTS = pins((ROOT / "constraints.txt").read_text().splitlines())
CONDA = yaml.safe_load((ROOT / "environment.yml").read_text())
CONDA_PIP = next(entry["pip"] for entry in CONDA["dependencies"] if isinstance(entry, dict))
INSTALLED = ("cluster", "digits", "search", "book", "test")
DIRECT = [*PROJECT["dependencies"], *(requirement for extra in INSTALLED for requirement in EXTRAS[extra])]
DIRECT_NAMES = {name_of(requirement) for requirement in DIRECT} - {"plaw"}


def test_conda_users_get_the_same_pins():
    conda = pins(CONDA_PIP)
    assert conda.keys() == DIRECT_NAMES
    assert conda == {name: CONSTRAINTS[name] for name in conda}
    assert "-c constraints.txt" in CONDA_PIP and "-e ." in CONDA_PIP


@pytest.mark.parametrize("requirement", [r for r in DIRECT if "==" in r])
def test_exact_requirements_agree_with_the_constraints(requirement):
    assert requirement.split("==")[1] == CONSTRAINTS[name_of(requirement)]


def test_python_is_within_the_supported_range():
    python = next(entry for entry in CONDA["dependencies"] if str(entry).startswith("python="))
    assert python.split("=")[1] in {"3.11", "3.12", "3.13"}
    assert PROJECT["requires-python"] == ">=3.11,<3.14"


def test_heavy_packages_stay_in_extras():
    core = {name_of(requirement) for requirement in PROJECT["dependencies"]}
    heavy = {"mlxtend", "distributed", "jupyter-book", "torch", "jax", "pandas", "scikit-learn", "cupy-cuda12x"}
    assert not core & heavy


def test_citation_names_this_version():
    assert yaml.safe_load((ROOT / "CITATION.cff").read_text())["version"] == plaw.__version__
