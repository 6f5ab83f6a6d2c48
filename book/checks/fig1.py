"""Figure 1: many epochs."""

from types import SimpleNamespace

from checks import ends, rows_of
from plaw.report import published
from plaw.study import results

NAMES = "fig1-momentum", "fig1-committee", "fig1-accelerated"


def measure() -> SimpleNamespace:
    """What the records say of the chapter's sentences."""
    errors, committee = results.errors("fig1-momentum"), results.errors("fig1-committee")
    alone = results.errors("fig1-committee", committee=False)
    return SimpleNamespace(
        rows=rows_of("T1", "T2", "T3", "T17"),
        line=published.line("fig1-momentum"),
        fit=results.fit("fig1-momentum"),
        fit_to_60=results.fit("fig1-momentum", largest=60),
        errors={n: sample.mean() for n, sample in errors.items()},
        line_ratios=published.over_line("fig1-momentum", errors),
        slopes={name: [rho for rho, _ in results.local_exponents(name).values()] for name in NAMES},
        late_gain=results.late_gain("fig1-momentum", 120),
        by_epoch=results.by_epoch("fig1-momentum"),
        accelerated={n: sample.mean() for n, sample in results.errors("fig1-accelerated").items()},
        accelerated_by_epoch=results.by_epoch("fig1-accelerated"),
        gains={n: 1 - sample.mean() / alone[n].mean() for n, sample in committee.items()},
        line_gains=[
            1 - published.line_at("fig1-committee", n) / published.line_at("fig1-momentum", n) for n in committee
        ],
    )


def check(measured: SimpleNamespace) -> None:
    """The chapter's sentences hold as long as these do."""
    _check_law(measured)
    _check_saturation(measured)
    _check_committees(measured)
    _check_one_layer(measured)


def _check_law(measured: SimpleNamespace) -> None:
    rho, c0 = measured.line
    short = measured.fit_to_60
    for quantity in ("rho", "c0"):
        row = measured.rows["T1", quantity]
        assert row.verdict == "compatible", f"T1's {quantity} {row.verdict}"
    assert measured.rows["T1", "eps(6000)"].ours.low > 0.008 > short.band(6000)[0, 0], (
        "only all five sizes exclude 0.008"
    )
    assert measured.rows["T1", "eps(6000)"].verdict == "compatible", "0.008 is compatible with its rounding"
    assert abs(short.params["rho"] - rho) < 0.015 and abs(short.params["c0"] - c0) < 0.02, "up to 60, the published law"
    near = [ratio for n, ratio in measured.line_ratios.items() if n <= 60]
    assert all(0.94 < ratio < 1.06 for ratio in near), "up to 60 per label, every point is on the published line"
    assert measured.line_ratios[120] > 1.06, "the point at 120 lies above the published line"
    assert short.predict(120)[0] < measured.errors[120] < short.band(120)[1, 0], "120: above our line, within its band"
    for name, slopes in measured.slopes.items():
        assert slopes[-1] < min(slopes[:-1]) < 0.53 and max(slopes[:2]) == max(slopes), f"{name}: the slope falls"
    assert measured.late_gain < 0.03, "a longer search would hardly lower the error at 120"


def _check_saturation(measured: SimpleNamespace) -> None:
    rows, by_epoch = measured.rows, measured.by_epoch
    assert rows["T1", "epochs to saturate"].ours.value == 30, "momentum needs 30 epochs"
    after_ten = {n: errors[10] / errors[150] - 1 for n, errors in by_epoch.items()}
    assert all(abs(after_ten[n]) < 0.01 for n in after_ten if n <= 60), "ten epochs are enough up to 60 per label"
    assert 0.01 < after_ten[120] < 0.02, "at 120 per label ten epochs are nearly enough"
    same, needed = rows["T2", "saturated error / T1's"], rows["T2", "epochs to saturate"]
    assert same.verdict == "agrees" and 0.95 < same.ours.low < same.ours.high < 1, "both rules saturate alike"
    assert needed.ours.value == 30 and needed.verdict == "compatible", "the accelerated rule needs 30 epochs"
    assert all(error < measured.errors[n] for n, error in measured.accelerated.items()), "accelerated: never higher"


def _check_committees(measured: SimpleNamespace) -> None:
    for quantity in ("rho", "c0"):
        row = measured.rows["T3", quantity]
        assert row.verdict == "compatible", f"T3's {quantity} {row.verdict}"
    assert measured.rows["T3", "eps(6000)"].ours.low > 0.007, "the committees' error at 6,000 is higher"
    gains = measured.gains.values()
    assert 0.015 < min(gains) and max(gains) < min(0.1, max(measured.line_gains)), "a committee gains little"


def _check_one_layer(measured: SimpleNamespace) -> None:
    row = measured.rows["T17", "error, 1 layer with crosses / 2"]
    assert row.verdict == "agrees" and 0.95 < row.ours.low < 1 < row.ours.high, "with crosses one layer is enough"


def numbers(measured: SimpleNamespace) -> dict[str, str]:
    """The numbers that the chapter quotes."""
    short, fit, rows = measured.fit_to_60, measured.fit, measured.rows
    momentum, committee = measured.slopes["fig1-momentum"], measured.slopes["fig1-committee"]
    near = [abs(ratio - 1) for n, ratio in measured.line_ratios.items() if n <= 60]
    same, one_layer = rows["T2", "saturated error / T1's"].ours, rows["T17", "error, 1 layer with crosses / 2"].ours
    accelerated_after_ten = [errors[10] / errors[50] - 1 for errors in measured.accelerated_by_epoch.values()]
    return {
        "rho shown": f"{short.params['rho']:.3f}",
        "c0 shown": f"{short.params['c0']:.2f}",
        "predicted shown": f"{short.predict(6000)[0]:.4f}",
        "line at 120": f"{short.predict(120)[0]:.4f}",
        "published at 120": f"{published.line_at('fig1-momentum', 120):.4f}",
        "measured at 120": f"{measured.errors[120]:.4f}",
        "most off": f"{max(near):.0%}",
        "rho": f"{fit.params['rho']:.2f}",
        "interval": "{:.2f} to {:.2f}".format(*fit.interval()["rho"]),
        "predicted": f"{fit.predict(6000)[0]:.4f}",
        "predicted interval": "{:.4f} to {:.4f}".format(*fit.band(6000)[:, 0]),
        "steepest": f"{max(momentum):.2f}",
        "flattest": f"{momentum[-1]:.2f}",
        "committee steepest": f"{max(committee):.2f}",
        "committee flattest": f"{committee[-1]:.2f}",
        "searched": f"{measured.late_gain:.0%}",
        "after ten": f"{measured.by_epoch[120][10] / measured.by_epoch[120][150] - 1:.1%}",
        "same": f"{same.value:.2f}",
        "same interval": ends(same),
        "fast after ten": f"{max(accelerated_after_ten):.0%}",
        "least gain": f"{min(measured.gains.values()):.0%}",
        "most gain": f"{max(measured.gains.values()):.0%}",
        "published least": f"{min(measured.line_gains):.0%}",
        "published most": f"{max(measured.line_gains):.0%}",
        "ratio": f"{one_layer.value:.2f}",
        "ratio interval": ends(one_layer),
    }
