"""Two engines: the recorded benchmark."""

from types import SimpleNamespace


def measure(record: dict) -> SimpleNamespace:
    """Speeds over that of JAX in a record of `plaw bench`."""
    ratios = {(row["case"], row["engine"], row["backend"]): row["ratio_to_jax"] for row in record["speeds"]}
    cases = dict.fromkeys(case for case, _, _ in ratios)
    return SimpleNamespace(
        direct=[ratios[case, "direct", "numba"] for case in cases],
        numpy=[ratios[case, "direct", "numpy"] for case in cases],
        dual=ratios["crosses", "dual", "numba"],
    )


def check(measured: SimpleNamespace) -> None:
    """The chapter's sentences hold as long as these do."""
    assert min(measured.direct) > 1, "the direct engine is faster than JAX in every case"
    assert measured.dual > max(measured.direct), "with crosses the dual engine is faster still"
    assert max(measured.numpy) < 1, "NumPy is slower than JAX in every case"


def numbers(measured: SimpleNamespace) -> dict[str, str]:
    """The numbers that the chapter quotes."""
    slower = [1 / ratio for ratio in measured.numpy]
    return {
        "direct least": f"{min(measured.direct):.1f}",
        "direct most": f"{max(measured.direct):.1f}",
        "dual crosses": f"{measured.dual:.0f}",
        "numpy least": f"{min(slower):.0f}",
        "numpy most": f"{max(slower):.0f}",
    }
