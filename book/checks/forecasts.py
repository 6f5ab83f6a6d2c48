"""How good are these forecasts?"""

from types import SimpleNamespace

from plaw.curves.forecast import WIDENING
from plaw.report import forecasts
from plaw.study import store

AVERAGE, IMAGES = "average over laws", "image classification"


def measure() -> SimpleNamespace:
    """The recorded table: rows by method and domain, and what was simulated."""
    recorded = forecasts.load(store.folder())
    rows = {(row["method"], row["domain"]): row for row in recorded["rows"]}
    return SimpleNamespace(recorded=recorded, rows=rows)


def check(measured: SimpleNamespace) -> None:
    """The chapter's sentences hold as long as these do."""
    rows, recorded = measured.rows, measured.recorded
    average = {domain: row for (method, domain), row in rows.items() if method == AVERAGE}
    one = {domain: row for (method, domain), row in rows.items() if method == "one law, by Akaike"}
    assert all(0.9 <= row["new"] <= 0.99 for row in average.values()), "coverage is reached in every domain"
    fewest = min(row["new"] for row in average.values())
    assert max(row["new"] for row in one.values()) < fewest, "one law holds fewer in every domain"
    images = {method: row["rmsle"] for (method, domain), row in rows.items() if domain == IMAGES}
    assert min(images, key=images.get) == AVERAGE, "no law and not the line forecasts images better"
    assert images["M4"] > 1.2 * 0.0415, "the open image curves are harder than all 72"
    assert images[AVERAGE] > 0.030 and average[IMAGES]["log_density"] < 3.33, "not reached"
    assert average[IMAGES]["size"] >= 0.9 <= average["BIG-Bench"]["size"], "the true n is inside on two domains"
    assert average["LCDB"]["size"] < 0.9, "the true n is inside too rarely on LCDB"
    assert average["BIG-Bench"]["assured"] < 0.6 and recorded["levelled"]["BIG-Bench"] == 1, "all of them level off"
    assert min(row["endless"] for row in average.values()) >= 0.8, "an upper end is rare"


def numbers(measured: SimpleNamespace) -> dict[str, str]:
    """The numbers that the chapter quotes."""
    rows, recorded = measured.rows, measured.recorded
    new = [row["new"] for (method, _), row in rows.items() if method == AVERAGE]
    simulated = [row["prediction"] for row in recorded["simulated"]]
    names = {IMAGES: "images", "BIG-Bench": "bigbench", "LCDB": "lcdb"}
    return {
        "fewest": f"{min(new):.0%}",
        "most": f"{max(new):.0%}",
        "widening": f"{WIDENING:g}",
        "m4 here": f"{rows['M4', IMAGES]['rmsle']:.4f}",
        "line here": f"{rows['a line through the last third', IMAGES]['rmsle']:.4f}",
        "average here": f"{rows[AVERAGE, IMAGES]['rmsle']:.4f}",
        "density here": f"{rows[AVERAGE, IMAGES]['log_density']:.2f}",
        "size lcdb": f"{rows[AVERAGE, 'LCDB']['size']:.0%}",
        "assured images": f"{rows[AVERAGE, IMAGES]['assured']:.0%}",
        "assured bigbench": f"{rows[AVERAGE, 'BIG-Bench']['assured']:.0%}",
        "assured lcdb": f"{rows[AVERAGE, 'LCDB']['assured']:.0%}",
        "least simulated": f"{min(simulated):.0%}",
        "most simulated": f"{max(simulated):.0%}",
    } | {f"levelled {names[domain]}": f"{share:.0%}" for domain, share in recorded["levelled"].items()}
