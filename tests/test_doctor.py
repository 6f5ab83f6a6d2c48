"""`plaw doctor` tells what is intact, absent and broken."""

import pytest

from plaw import doctor
from plaw.engine.backends import cupy_


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


def test_no_digits_at_all_are_no_damage(bare, monkeypatch):
    """Curves are fitted without them."""
    monkeypatch.setattr(doctor.data, "embedded_path", lambda: None)
    found = states()
    assert found["mnist-digits"] == found["mnist"] == "absent"
    assert doctor.report(doctor.examine())["ok"]


def test_a_backend_that_cannot_be_imported_is_broken(bare, monkeypatch):
    def fail():
        raise ImportError("no compiler")

    monkeypatch.setitem(doctor.backends.BACKENDS, "numba", fail)
    assert states()["backend numba"] == "broken"


@pytest.mark.parametrize(
    ("problem", "has_device", "state"),
    [(None, True, "ok"), ("CuPy finds no NVIDIA GPU", False, "absent"), ("libnvrtc.so.12 not found", True, "broken")],
)
def test_cupy_is_broken_only_where_there_is_a_gpu(monkeypatch, problem, has_device, state):
    for name, answer in {"problem": problem, "has_device": has_device, "device_name": "Some GPU"}.items():
        monkeypatch.setattr(cupy_, name, lambda answer=answer: answer)
    finding = next(finding for finding in doctor.examine() if finding.subject == "backend cupy")
    assert finding.state == state and (problem or "Some GPU") in finding.detail
