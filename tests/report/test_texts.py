"""What is recorded of experiments, as the chapters print it."""

from plaw.report import texts
from plaw.study import store


def write(folder, experiment, errors_by_size):
    for n, errors in errors_by_size.items():
        for sample, error in enumerate(errors):
            store.append(folder, experiment, {"kind": "network", "n": n, "sample": sample, "error": error})


def test_a_summary_says_what_is_recorded_and_what_is_not(tmp_path):
    write(tmp_path, "fig3-1", {30: [0.25, 0.26, 0.27], 60: [0.2]})
    assert texts.summary("fig3-1", "fig4-1", folder=tmp_path).splitlines() == [
        "one epoch, 1 hidden layer",
        "   30 per label: 0.2600, deviation 0.0100 (3 networks of 400 so far)",
        "   60 per label: 0.2000 (1 network of 400 so far)",
        "  120 per label: not yet recorded",
        "  240 per label: not yet recorded",
        "many epochs, 1 hidden layer: not yet recorded",
    ]


def test_a_whole_size_of_committees(tmp_path):
    write(tmp_path, "fig4-committee", {30: [0.1] * 20})
    assert "   30 per label: 0.1000, deviation 0.0000 (20 committees)" in texts.summary(
        "fig4-committee", folder=tmp_path
    )


def test_slopes_between_neighbouring_sizes(tmp_path):
    write(
        tmp_path, "fig3-1", {n: [0.7 * n**-0.3 * factor for factor in (0.9, 0.95, 1, 1.05, 1.1)] for n in (30, 60, 120)}
    )
    lines = texts.slopes("fig3-1", "fig3-2", folder=tmp_path).splitlines()
    assert lines[0] == "fig3-1" and len(lines) == 3
    assert lines[1].startswith("   30 to  60 per label: rho = 0.300 ± 0.0")
