"""A hierarchy of tasks."""

from types import SimpleNamespace

import numpy as np
from scipy import stats

from plaw.errors import PlawError
from plaw.report import hierarchy, measures
from plaw.study import references
from plaw.study.sampling import load_digits

AT = 60  # examples per class at which difficulty is compared


def measure() -> SimpleNamespace:
    """The laws of all tasks, and what they have in common."""
    by_depth = {depth: hierarchy.curves(depth) for depth in hierarchy.DEPTHS}
    one = by_depth[1]
    errors = hierarchy.log_errors(one, AT)
    tasks, table = hierarchy.table()
    return SimpleNamespace(
        by_depth=by_depth,
        errors=dict(zip(one, np.exp(errors).tolist())),
        share=hierarchy.share_of_exponent(one, AT),
        without={
            left: hierarchy.share_of_exponent({task: fit for task, fit in one.items() if task != left}, AT)
            for left in one
        },
        of_rho=hierarchy.rank_correlation([-fit.params["rho"] for fit in one.values()], errors.tolist()),
        of_c0=hierarchy.rank_correlation([fit.params["c0"] for fit in one.values()], errors.tolist()),
        tasks=tasks,
        two_way=hierarchy.two_way(table) if len(tasks) > 2 else None,
        unique=hierarchy.analysis(),
        nearest={task: references.errors(task, references.NEAREST) for task in one},
        linear={task: references.errors(task, references.LINEAR) for task in one},
        ours={task: dict(zip(fit.curve.x.astype(int).tolist(), fit.curve.y.tolist())) for task, fit in one.items()},
    )


def table_of_tasks() -> str:
    """The tasks as a Markdown table, counted in the data as far as they are available."""
    heads = ("task", "classes", "examples to report on, of the scarcest class", "test examples", "pixels")
    lines = ["| " + " | ".join(heads) + " |", "|---" * len(heads) + "|"]
    for task in hierarchy.TASKS:
        experiment = references.base_of(task)
        try:
            digits = load_digits("mnist").of(experiment)
            counts = np.bincount(digits.train_labels[digits.split.report]).min(), len(digits.test_labels)
            counted = " | ".join(f"{count:,}" for count in counts)
        except PlawError:
            counted = "not available | not available"
        title, classes, side = hierarchy.TITLES[task], experiment.task.outputs, round(experiment.task.inputs**0.5)
        lines.append(f"| {title} | {classes} | {counted} | {side} × {side} |")
    return "\n".join(lines)


def beaten(measured: SimpleNamespace, learner: str) -> list[str]:
    """The tasks on which the network has a lower error than a reference at the largest size that both have."""
    reference = measured.nearest if learner == references.NEAREST else measured.linear
    return [
        task
        for task, curve in measured.ours.items()
        if reference.get(task) and curve[max(curve)] < reference[task][max(curve)].mean()
    ]


def belongs_to(measured: SimpleNamespace) -> str:
    """Whether the exponent belongs to the task or to the network, as far as the recorded depths decide."""
    if measured.two_way is None:
        recorded = len(measured.tasks)
        so_few = "task is" if recorded == 1 else "tasks are"
        return f"So far {recorded} {so_few} recorded at all three depths, too few to say whom the exponent belongs to."
    rows, columns, left = measured.two_way
    more, less = ("task", "depth") if rows.share > columns.share else ("depth", "task")
    return (
        f"Among {len(measured.tasks)} tasks at three depths the task explains {rows.share:.0%} of the variance of ρ "
        f"(p = {rows.p_value:.1g}), the depth {columns.share:.0%} (p = {columns.p_value:.1g}), and {left:.0%} is left. "
        f"The exponent belongs to the {more} more than to the {less}."
    )


def check(measured: SimpleNamespace) -> None:
    """The chapter's sentences hold as long as these do."""
    one = measured.by_depth[1]
    assert len(one) >= 6, "six tasks or more are ranked"
    assert all(len(fit.curve.x) >= 4 for fit in one.values()), "each has four sizes or more"
    assert measured.of_rho.p_value < 0.05 < measured.of_c0.p_value, (
        "the exponent ranks the tasks, the constant does not"
    )
    assert measured.of_rho.share > measured.of_c0.share > 0, "by a larger correlation"
    assert measured.share < 0.25, "the constant carries most of the distance between the tasks"
    others = [share for task, share in measured.without.items() if task != "zero-one"]
    assert max(others) < 0.25 and measured.without["zero-one"] > 0.5, "which is the doing of 0 against 1 alone"
    assert min(measured.errors, key=measured.errors.get) == "zero-one", "0 against 1 is the easiest"
    assert measures.of_fit(one["fashion"], "rho").high < measures.of_fit(one["mnist"], "rho").low, (
        "Fashion-MNIST falls more slowly"
    )
    assert one["fashion"].invert(hierarchy.TARGET).low > 100_000, "no data set of its kind brings it to 5%"
    assert "mnist" not in beaten(measured, references.NEAREST), "the nearest neighbour is better on MNIST"
    nearest = {task: references.fit(task, references.NEAREST) for task in ("mnist", "noisy-10")}
    nearest_rho = {task: fit.params["rho"] for task, fit in nearest.items() if fit}
    assert nearest_rho["mnist"] > one["mnist"].params["rho"], "its exponent is larger too"
    assert nearest_rho["noisy-10"] < 0.6 * nearest_rho["mnist"], "wrong labels cost the nearest neighbour its exponent"
    noisy, clean = (measures.of_fit(one[task], "rho") for task in ("noisy-10", "mnist"))
    assert max(noisy.low, clean.low) < min(noisy.high, clean.high), "and not the network"
    assert all(measured.unique[factor].p_value < 0.05 for factor in ("task", "depth")), "these change the exponent"
    others = [share.p_value for factor, share in measured.unique.items() if factor not in ("task", "depth")]
    assert min(others) > 0.05, "beside them the others explain nothing that chance would not"


def numbers(measured: SimpleNamespace) -> dict[str, str]:
    """The numbers that the chapter quotes."""
    one = measured.by_depth[1]
    exponents = {task: fit.params["rho"] for task, fit in one.items()}
    beaten_by = {learner: beaten(measured, learner) for learner in (references.NEAREST, references.LINEAR)}
    return {
        "tasks": str(len(one)),
        "at": str(AT),
        "least rho": f"{min(exponents.values()):.2f}",
        "largest rho": f"{max(exponents.values()):.2f}",
        "share of c0": f"{1 - measured.share:.0%}",
        "share without": f"{1 - measured.without['zero-one']:.0%}",
        "rank of rho": f"{measured.of_rho.share:.2f}",
        "p of rho": f"{measured.of_rho.p_value:.2g}",
        "rank of c0": f"{measured.of_c0.share:.2f}",
        "p of c0": f"{measured.of_c0.p_value:.1g}",
        "rho of fashion": f"{exponents['fashion']:.2f}",
        "rho of mnist": f"{exponents['mnist']:.2f}",
        "belongs": belongs_to(measured),
        "scattered": str(sum(stats.chi2.sf(fit.chi2, fit.dof) < 0.05 for fit in one.values())),
        "nearest rho": ", ".join(
            f"{fit.params['rho']:.2f}"
            for task in ("mnist", "noisy-10")
            if (fit := references.fit(task, references.NEAREST))
        ),
        "rho of noisy": f"{exponents['noisy-10']:.2f}",
        "beats nearest": str(len(beaten_by[references.NEAREST])),
        "beats linear": str(len(beaten_by[references.LINEAR])),
    }
