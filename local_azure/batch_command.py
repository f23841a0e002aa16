"""The command `local-azure batch`: what Azure does to Batch by itself. Preempt, give-back, quotas."""

from __future__ import annotations

from typing import Annotated

import typer

from local_azure.connecting import ReadyFile, connected
from local_azure.durations import parse_span

app = typer.Typer(help="What Azure does to Batch by itself: takes Spot nodes, sets quotas.", no_args_is_help=True)

Nodes = Annotated[str, typer.Argument(help="A pattern of account/pool/node: '*/render/*'.")]
Quota = Annotated[int | None, typer.Option(min=0, help="At most so many.")]


@app.callback()
def batch(context: typer.Context, ready_file: ReadyFile = None) -> None:
    """Do to Batch accounts what no client can do."""
    context.obj = ready_file


@app.command()
def preempt(
    context: typer.Context,
    nodes: Nodes,
    first: Annotated[int | None, typer.Option(min=1, help="So many of them; all where this is left out.")] = None,
    span: Annotated[
        str | None, typer.Option("--for", help="Capacity is back after so long, on the embedded Azure's clock: 10m.")
    ] = None,
) -> None:
    """Take the machines of Spot nodes, without notice; prints whose. Their tasks wait for other nodes."""
    try:
        back_after = None if span is None else parse_span(span)
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint="--for") from None
    with connected(context.obj) as admin:
        _print(admin.preempt(nodes, first=first, back_after=back_after))


@app.command("give-back")
def give_back(context: typer.Context, nodes: Nodes) -> None:
    """Let preempted nodes have machines again, with fresh disks; prints which."""
    with connected(context.obj) as admin:
        _print(admin.give_back(nodes))


@app.command()
def quotas(  # noqa: PLR0917 - typer turns each into an option
    context: typer.Context,
    account: Annotated[str | None, typer.Argument(help="The account; all where none is named.")] = None,
    dedicated_cores: Quota = None,
    low_priority_cores: Quota = None,
    pools: Quota = None,
    jobs: Quota = None,
) -> None:
    """Print the quotas of Batch accounts, or set some of one account's; what is beyond them stays."""
    given = {
        "dedicated_cores": dedicated_cores,
        "low_priority_cores": low_priority_cores,
        "pools": pools,
        "jobs": jobs,
    }
    wanted = {name: value for name, value in given.items() if value is not None}
    if wanted and account is None:
        raise typer.BadParameter("name the account whose quotas are to be set", param_hint="ACCOUNT")
    with connected(context.obj) as admin:
        if account and wanted:
            admin.set_quotas(account, wanted)
        found = [known for known in admin.quotas() if account is None or known["account"] == account.lower()]
    for known in found:
        typer.echo("  ".join([known.pop("account"), *(f"{name}={value}" for name, value in known.items())]))


def _print(nodes: list[str]) -> None:
    for node in nodes:
        typer.echo(node)
