"""The command `plaw`. Each subcommand imports what it needs when it runs, so that `plaw --help` answers at once."""

import json
import os
import warnings
from contextlib import nullcontext

import click

from plaw import __version__
from plaw.errors import PlawError


class _Group(click.Group):
    """One line and status 1 for a PlawError, one line and status 130 for Ctrl-C, one line for a warning."""

    def invoke(self, context: click.Context) -> object:
        with warnings.catch_warnings():
            warnings.showwarning = lambda message, *_: click.echo(f"plaw: {message}", err=True)
            try:
                return super().invoke(context)
            except PlawError as error:
                click.echo(f"plaw: {error}", err=True)
                return context.exit(1)
            except KeyboardInterrupt:
                kept = " What is recorded is kept; the same command goes on from here."
                click.echo("\nStopped." + kept * (context.invoked_subcommand == "run"), err=True)
                os._exit(130)  # trainings in progress would keep the process for as long as they take


@click.group(cls=_Group, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__)
def main() -> None:
    """Power-law scaling of test errors with the size of the training set."""


@main.command()
@click.argument("names", nargs=-1, type=click.Choice(["mnist", "fashion-mnist"]), metavar="[NAME]...")
def fetch(names: tuple[str, ...]) -> None:
    """Download data sets, mnist and fashion-mnist unless named.

    They are kept in the user's cache folder. A data set that is intact in PLAW_DATA or in the cache is left alone;
    damaged files in the cache are replaced."""
    from plaw.model import sources

    for name in names or sources.SOURCES:
        click.echo(f"{name}: intact in {sources.fetch(name)}")


@main.command()
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object: ok, versions, findings.")
@click.option("--licences", is_flag=True, help="List the packages that plaw needs, with versions and licences.")
def doctor(as_json: bool, licences: bool) -> None:
    """Examine which data and backends are available.

    Exits with status 1 where something is broken.
    """
    from plaw import doctor, environment

    if licences:
        parts = environment.licences()
        if as_json:
            keys = ("name", "version", "licence")
            click.echo(
                json.dumps([dict(zip(keys, (name, *part), strict=True)) for name, part in parts.items()], indent=2)
            )
        else:
            for name, (version, licence) in parts.items():
                click.echo(f"{name:<31} {version:<15} {licence}")
        return

    report = doctor.report(doctor.examine())
    if as_json:
        click.echo(json.dumps(report, indent=2))
    else:
        click.echo(", ".join(f"{name} {version}" for name, version in report["versions"].items() if version))
        for finding in report["findings"]:
            click.echo(f"{finding['state']:<8}{finding['subject']}: {finding['detail']}")
    if not report["ok"]:
        raise click.exceptions.Exit(1)


def _sizes(text: str) -> list[int]:
    """Sizes with commas between them, as options give them."""
    try:
        return [int(part) for part in text.split(",") if part.strip()]
    except ValueError:
        raise PlawError(f"Sizes are whole numbers with commas between them, like 30,60; not {text!r}.") from None


RESULTS = click.option(
    "--results",
    type=click.Path(file_okay=False),
    metavar="DIR",
    help="Folder of the records [default: $PLAW_RESULTS, or book/results of the repository].",
)


@main.command()
@click.argument("experiments", nargs=-1, required=True, metavar="EXPERIMENT...")
@click.option(
    "--sizes",
    default="",
    metavar="SIZES",
    help="Examples per label, like 30,60; all of an experiment's sizes unless given.",
)
@click.option(
    "--samples",
    type=click.IntRange(min=0),
    help="Networks (or committees) per size, instead of the experiment's own number; 0: only search.",
)
@click.option(
    "--jobs", type=click.IntRange(min=1), help="Trainings side by side [default: one per core, or four on a GPU]."
)
@click.option(
    "--cluster",
    metavar="ADDRESS",
    help="Train on a cluster of Dask: tcp://HOST:8786, or local:4 for four processes on this machine.",
)
@click.option("--part", metavar="I/N", help="Train only the I-th of N parts of the networks, 1/N to N/N.")
@RESULTS
def run(
    experiments: tuple[str, ...],
    sizes: str,
    samples: int | None,
    jobs: int | None,
    cluster: str | None,
    part: str | None,
    results: str | None,
) -> None:
    """Search hyper-parameters and record networks of EXPERIMENT.

    That is a figure (fig3) or a single curve (fig3-1); `plaw status` lists them. What is recorded already is left
    alone: after Ctrl-C, or a crash, the same command goes on. Any number of such commands share one folder, on
    machines that share it too: each network is trained once. Machines that share no folder train parts."""
    from plaw.engine import backends
    from plaw.study import recording, store
    from plaw.study.cluster import check_address, connect
    from plaw.study.experiments import find
    from plaw.study.sampling import load_digits

    points = recording.choose_points([experiment for name in experiments for experiment in find(name)], _sizes(sizes))
    share = recording.Part.parse(part) if part else recording.WHOLE
    if cluster:
        check_address(cluster)
    folder, digits = store.folder(results, to_write=True), load_digits("mnist")
    recording.check_digits(digits)
    jobs = jobs or backends.trainings_at_once()
    with connect(cluster) if cluster else nullcontext() as workers:
        recording.record(points, samples, digits, folder, jobs, part=share, cluster=workers)


@main.command()
@click.option(
    "--json",
    "as_json",
    is_flag=True,
    help='Print one JSON object: {"experiments": [{"id", "points": [{"n", "samples", "wanted"}]}]}.',
)
@RESULTS
def status(as_json: bool, results: str | None) -> None:
    """List what is recorded: experiments, sizes, samples recorded and wanted."""
    from plaw.study import recording, store

    experiments = recording.status(store.folder(results))
    if as_json:
        click.echo(json.dumps({"experiments": experiments}, indent=2))
        return
    for experiment in experiments:
        if "/" in experiment["id"]:  # a variant
            counts = ", ".join(f"{point['samples']} at {point['n']}" for point in experiment["points"])
            click.echo(f"{experiment['id']}: {counts}, of {experiment['points'][0]['wanted']}")
            continue
        click.echo(f"{experiment['id']}: {experiment['title']}")
        for point in experiment["points"]:
            search = "" if point["tuned"] else ", hyper-parameters not yet searched"
            click.echo(f"    {point['n']:>4} per label: {point['samples']} of {point['wanted']} samples{search}")


@main.command()
@click.option(
    "--json",
    "as_json",
    is_flag=True,
    help='Print a list of {"id", "quantity", "paper", "value", "low", "high", "samples", "verdict", "direction"}.',
)
@click.option("--markdown", is_flag=True, help="Print the rows that have been run as a Markdown table.")
@RESULTS
def scoreboard(as_json: bool, markdown: bool, results: str | None) -> None:
    """Set every published number beside ours, with its interval and a verdict."""
    from plaw.report import scoreboard, tables
    from plaw.study import store

    folder = store.folder(results)
    if as_json:
        click.echo(json.dumps([row.to_dict() for row in scoreboard.rows(folder)], indent=2, allow_nan=False))
    elif markdown:
        click.echo(tables.show(folder=folder).markdown())
    else:
        tables.show(folder=folder).write()


@main.command()
@click.option(
    "--json",
    "as_json",
    is_flag=True,
    help='Print a list of {"case", "engine", "backend", "steps_per_second", "ratio_to_jax", ...}.',
)
@click.option("--quick", is_flag=True, help="Two networks, the fast backends, no growth: half a minute.")
@click.option("--record", is_flag=True, help="Append the whole run to the records, as bench.jsonl.")
@RESULTS
def bench(as_json: bool, quick: bool, record: bool, results: str | None) -> None:
    """Measure how fast every engine and backend trains.

    Beside it stand JAX and PyTorch, where they are installed, and the limit that the memory sets.

    Leave the machine alone meanwhile: the whole takes five minutes.
    """
    from plaw.engine.bench import bench
    from plaw.study import store

    folder = store.folder(results, to_write=True) if record else None
    measured = bench.run(bench.QUICK if quick else bench.Effort(), on_progress=lambda text: click.echo(text, err=True))
    if folder:
        store.append(folder, "bench", measured)
    if as_json:
        click.echo(json.dumps(measured["speeds"], indent=2))
    else:
        bench.write(measured)


@main.command()
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object: widening, level, rows, simulated.")
@click.option("--record", is_flag=True, help="Store it among the records, as forecasts.json.")
@click.option(
    "--simulations",
    type=click.IntRange(min=1),
    default=100,
    show_default=True,
    help="Simulated curves of each law and noise.",
)
@RESULTS
def calibrate(as_json: bool, record: bool, simulations: int, results: str | None) -> None:
    """Measure how good the forecasts of `plaw estimate` are on real curves.

    The curves are those in the folder curves of PLAW_DATA, or are downloaded. Each is fitted to its small sizes and
    asked about its large ones, by the published laws, by one law and by the average over laws; its data set is left out
    of the calibration. Then the average is asked about simulated curves. About a quarter of an hour."""
    from plaw.report import forecasts
    from plaw.study import store

    curves = forecasts.read_curves(forecasts.curves_folder())
    result = forecasts.calibrate(curves, simulations, on_progress=lambda line: click.echo(line, err=True))
    if record:
        forecasts.save(result, store.folder(results, to_write=True))
    click.echo(
        json.dumps(result, indent=2)
        if as_json
        else forecasts.markdown(result) + "\n\n" + forecasts.markdown_of_simulations(result)
    )


@main.command()
@click.argument("curve", type=click.Path(dir_okay=False, allow_dash=True), metavar="CURVE.csv")
@click.option("--target", required=True, help="The wanted error, or score, in the unit of the file: 0.02, 2%, 97%.")
@click.option("--x", metavar="COLUMN", help="The column of sizes, if it is not called n, size, examples, tokens, ...")
@click.option(
    "--y",
    metavar="COLUMN",
    help="The column of errors or scores, if it is not called error, loss, accuracy, auc, f1, ...",
)
@click.option("--group", metavar="COLUMN", help="The column that tells several curves in the file apart.")
@click.option("--pair", metavar="COLUMN", help="With --group: the column of the seed (or test set) that runs share.")
@click.option("--metric", help="What is measured, like accuracy or loss, if the column's name does not say it.")
@click.option(
    "--ceiling", help="The score of a perfect model, where more is better [default: 1, or 100 for percentages]."
)
@click.option("--floor", help="The error that no number of examples removes, where it is known.")
@click.option(
    "--law",
    default="auto",
    show_default=True,
    help="auto (an average over laws), akaike (one law, by Akaike's criterion), or a law: power, power_offset, m4, ...",
)
@click.option("--level", default=0.95, show_default=True, help="Of the intervals.")
@click.option(
    "--test-size",
    type=int,
    help="Number of test examples the errors were counted on: their counting noise, where CURVE.csv gives none.",
)
@click.option(
    "--runs", type=click.IntRange(min=1), help="Over how many runs a column std was taken, if no column says it."
)
@click.option("--at", default="", metavar="SIZES", help="Also the expected errors at these sizes, like 240,5421 or 4k.")
@click.option("--cost", help="The price of an example, with --budget.")
@click.option(
    "--budget", help="What may be spent: which error does it buy, and which runs would narrow the answer most?"
)
@click.option(
    "--json",
    "as_json",
    is_flag=True,
    help="Print one JSON object: target, n, low, high, law, params, warnings, ...; with --group, a list of them.",
)
@click.option("--plot", type=click.Path(dir_okay=False), metavar="OUT.svg", help="Save a figure.")
@click.option("--report", type=click.Path(dir_okay=False), metavar="OUT.html", help="Write one self-contained page.")
def estimate(
    curve: str, target: str, x: str | None, y: str | None, group: str | None, pair: str | None, metric: str | None,
    ceiling: str | None, floor: str | None, law: str, level: float, test_size: int | None, runs: int | None, at: str,
    cost: str | None, budget: str | None, as_json: bool, plot: str | None, report: str | None,
) -> None:  # fmt: skip
    """Say how many examples a wanted error needs, with an interval.

    CURVE.csv is a table with a header, or - for standard input; commas, semicolons, tabs or spaces separate its cells.
    Its columns of sizes and of errors or scores are found by their names. The noise is known from a column se, the
    standard error of each value; from columns std and runs; or from several rows of one size, one for each run."""
    from plaw.curves.cells import number
    from plaw.curves.drawing import draw_estimates
    from plaw.curves.page import write_report
    from plaw.curves.planning import estimate_curves, with_counting_noise
    from plaw.curves.reading import read_curves
    from plaw.curves.savings import compare_answers

    def amount(text: str | None, whole: float = 1.0) -> float | None:
        """A number; with a percent sign it is a part of the whole."""
        return None if text is None else number(text) * (whole if "%" in text else 1.0)

    if pair and not group:
        raise PlawError("--pair says what runs of several curves share: tell the curves apart by --group.")
    try:
        sizes = [number(part, sizes=True) for part in at.split(",") if part.strip()]
    except PlawError:
        raise PlawError(f"--at takes sizes with commas between them, like 240,5421; not {at!r}.") from None
    curves = read_curves(curve, x, y, group, pair, metric, amount(ceiling), runs)
    if test_size is not None:
        curves = [with_counting_noise(each, test_size) for each in curves]
    whole = 100.0 if curves[0].metric.ceiling == 100 else 1.0
    answers = estimate_curves(
        curves, amount(target, whole), law=law, level=level, at=sizes,
        floor=amount(floor, whole), cost=amount(cost), budget=amount(budget),
    )  # fmt: skip
    comparisons = compare_answers(curves, answers) if len(answers) > 1 else []
    sentences = [sentence for comparison in comparisons for sentence in comparison.sentences]
    if plot:
        draw_estimates(answers, plot)
    if report:
        write_report(answers, report, sentences)
    if not group:
        (answer,) = answers.values()
        click.echo(json.dumps(answer.to_dict(), indent=2, allow_nan=False) if as_json else answer)
    elif as_json:
        each = [{"name": name, **answer.to_dict()} for name, answer in answers.items()]
        compared = [comparison.to_dict() for comparison in comparisons]
        click.echo(json.dumps({"curves": each, "comparisons": compared}, indent=2, allow_nan=False))
    else:
        click.echo("\n\n".join([*(f"{name}\n{answer}" for name, answer in answers.items()), "\n".join(sentences)]))
