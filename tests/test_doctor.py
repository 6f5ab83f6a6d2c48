"""`plaw doctor` tells what is intact, absent and broken."""

import sys
import types

from plaw import doctor


def states():
    return {finding.subject: finding.state for finding in doctor.examine()}


def test_a_bare_machine_does_with_the_embedded_digits(bare):
    found = states()
    assert found["mnist in cache"] == found["fashion-mnist in cache"] == "absent"
    assert found["mnist-digits"] == found["backend numpy"] == found["backend numba"] == "ok"
    assert doctor.report(doctor.examine())["ok"]


def test_intact_and_broken_files(tiny_folder):
    assert states()["mnist in PLAW_DATA"] == "ok"
    (tiny_folder / "t10k-labels-idx1-ubyte.gz").write_bytes(b"\x1f\x8b")
    assert states()["mnist in PLAW_DATA"] == "broken"
    assert not doctor.report(doctor.examine())["ok"]


def test_a_mistyped_data_folder_is_broken(bare, monkeypatch):
    monkeypatch.setenv("PLAW_DATA", "/no/such/folder")
    assert states()["PLAW_DATA"] == "broken"


def test_no_digits_at_all_are_broken(bare, monkeypatch):
    monkeypatch.setattr(doctor.data, "embedded_path", lambda: None)
    found = states()
    assert found["mnist-digits"] == "absent" and found["mnist"] == "broken"


def test_a_backend_that_cannot_be_imported_is_broken(bare, monkeypatch):
    monkeypatch.setitem(doctor.backends.MODULES, "numba", "plaw.backends.no_such_module")
    assert states()["backend numba"] == "broken"


def cupy_that(computes, has_device=True):
    """A stand-in for the module cupy on a machine whose driver or compiler may be missing."""
    module = types.ModuleType("cupy")
    module.__spec__ = types.SimpleNamespace(name="cupy")
    runtime = types.SimpleNamespace(getDeviceProperties=lambda index: {"name": b"Some GPU"})
    module.cuda = types.SimpleNamespace(is_available=lambda: has_device, runtime=runtime)
    module.arange = computes
    return module


def test_cupy_is_proved_by_computing(monkeypatch):
    import numpy

    def no_compiler(n):
        raise RuntimeError("libnvrtc.so.12 not found")

    for module, state in (
        (cupy_that(numpy.arange), "ok"),
        (cupy_that(numpy.arange, has_device=False), "absent"),
        (cupy_that(no_compiler), "broken"),
    ):
        monkeypatch.setitem(sys.modules, "cupy", module)
        assert states()["backend cupy"] == state


def test_versions_name_python_plaw_and_its_packages():
    versions = doctor.versions()
    assert versions["python"].startswith("3.") and versions["numpy"] and versions["plaw"]
