"""The command `plaw`. Each subcommand imports what it needs when it runs, so that `plaw --help` answers at once."""

import json
import warnings

import click

from plaw import __version__
from plaw.errors import PlawError


class _Group(click.Group):
    """Prints a PlawError as one line and exits with status 1; prints warnings likewise."""

    def invoke(self, context: click.Context) -> object:
        with warnings.catch_warnings():
            warnings.showwarning = lambda message, *_: click.echo(f"plaw: {message}", err=True)
            try:
                return super().invoke(context)
            except PlawError as error:
                click.echo(f"plaw: {error}", err=True)
                return context.exit(1)


@click.group(cls=_Group, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__)
def main() -> None:
    """Power-law scaling of test errors with the size of the training set."""


@main.command()
@click.argument("names", nargs=-1, type=click.Choice(["mnist", "fashion-mnist"]), metavar="[NAME]...")
def fetch(names: tuple[str, ...]) -> None:
    """Download data sets, mnist and fashion-mnist unless named.

    They are kept in the user's cache folder. A data set that is intact in PLAW_DATA or in the cache is left alone; damaged files in the cache are replaced.
    """
    from plaw import sources

    for name in names or sources.SOURCES:
        click.echo(f"{name}: intact in {sources.fetch(name)}")


@main.command()
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object: ok, versions, findings.")
def doctor(as_json: bool) -> None:
    """Say what data and backends are at hand.

    Exits with status 1 where something is broken.
    """
    from plaw import doctor

    report = doctor.report(doctor.examine())
    if as_json:
        click.echo(json.dumps(report, indent=2))
    else:
        click.echo(", ".join(f"{name} {version}" for name, version in report["versions"].items() if version))
        for finding in report["findings"]:
            click.echo(f"{finding['state']:<8}{finding['subject']}: {finding['detail']}")
    if not report["ok"]:
        raise click.exceptions.Exit(1)
