"""The command `batchcert`: registers its subcommands without importing them."""

from __future__ import annotations

import sys
from importlib import import_module
from importlib.metadata import version
from typing import Annotated, Any

import typer
from typer.core import TyperCommand, TyperGroup

from batchcert.problems import Problem
from cli.exit_codes import ExitCode

COMMANDS = {
    "explain": "Say what a pool's request body gets wrong, and print corrected parameters.",
    "check": "Say what is wrong in the deployments: prefect.yaml and the regions' files.",
}
"""Each subcommand and its line in the help; the function of that name in the module cli.NAME carries it out."""

_EPILOG = "Exit codes: 0 fine, 1 findings, 2 usage."


class LazyCommand(TyperCommand):
    """A subcommand whose module is imported when it is called, so that the help of all stays quick."""

    def make_context(self, info_name: str | None, args: list[str], parent: Any = None, **extra: Any) -> Any:
        """Import the module and hand over to the real command."""
        name = str(self.name)
        app = typer.Typer(add_completion=False)
        app.command(name, help=COMMANDS[name], epilog=_EPILOG)(getattr(import_module(f"cli.{name}"), name))
        return typer.main.get_command(app).make_context(info_name, args, parent, **extra)


def _tell_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"batchcert {version('batchcert')}")
        raise typer.Exit


def _batchcert(
    _: Annotated[
        bool, typer.Option("--version", help="Print the version.", callback=_tell_version, is_eager=True)
    ] = False,
) -> None:
    """Certificates on Azure Batch pools that renew themselves, and keep proving it."""


def command() -> TyperGroup:
    """The whole command line."""
    app = typer.Typer(add_completion=False, no_args_is_help=True, epilog=_EPILOG)
    app.callback()(_batchcert)
    group = typer.main.get_group(app)
    for name, line in COMMANDS.items():
        group.add_command(LazyCommand(name, help=line))
    return group


def main() -> None:
    """Run the command; a problem that stops it is told on stderr."""
    try:
        command()(prog_name="batchcert")
    except Problem as problem:
        sys.stderr.write(f"batchcert: {problem}\n")
        sys.exit(ExitCode.USAGE)
