"""Does constraints.txt install on every Python allowed? `make resolve` asks uv, which knows what each release requires.

Nothing is installed: uv only resolves, once for the oldest Python allowed and once for the newest.
"""

import re
import subprocess
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).parent.parent
PYTHONS = ("3.11.0", "3.13")
PINNED = ("book", "test", "lint")  # constraints.txt names every package of these extras
BESIDES = ("bench",)  # and must not stand in the way of these
UNPINNED = {"setuptools", "wheel"}  # the tools that install, not what is installed


def pins(text):
    """{normalised name: version} of the lines `name==version`."""
    pairs = re.findall(r"^([\w.-]+)==([^\s;]+)", text, re.MULTILINE)
    return {re.sub(r"[-_.]+", "-", name).lower(): version for name, version in pairs}


def resolve(python, extras, constraints):
    """What uv would install of plaw with `extras` on Python `python`: {name: version}. It fails where nothing fits."""
    chosen = [option for extra in extras for option in ("--extra", extra)]
    command = [sys.executable, "-m", "uv", "pip", "compile", "--quiet", "--no-header", "--python-version", python]
    command += [ROOT / "pyproject.toml", "--constraints", constraints, *chosen]
    result = subprocess.run(command, capture_output=True, text=True)
    if result.returncode:
        sys.exit(f"constraints.txt does not install on Python {python}:\n{result.stderr}")
    return pins(result.stdout)


def main(constraints=ROOT / "constraints.txt"):
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert {*PINNED, *BESIDES} <= project["optional-dependencies"].keys()
    pinned = pins(Path(constraints).read_text())
    for python in PYTHONS:
        missing = resolve(python, PINNED, constraints).keys() - pinned.keys() - UNPINNED
        if missing:
            sys.exit(f"constraints.txt does not pin {', '.join(sorted(missing))}.")
        resolve(python, BESIDES, constraints)
        print(f"Python {python}: constraints.txt installs.")


if __name__ == "__main__":
    main(*sys.argv[1:])
