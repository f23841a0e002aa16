"""The command `local-azure`: serve, env, requests, clock, faults, batch."""

from __future__ import annotations

import asyncio
import json
import shlex
import signal
from pathlib import Path
from typing import Annotated, Any

import typer

from local_azure import batch_command, fault_command
from local_azure.admin.listing import mail_line, request_line
from local_azure.connecting import ReadyFile, chosen, connected, fail
from local_azure.durations import parse_span
from local_azure.settings import Settings

app = typer.Typer(
    help="An Azure on this machine that real SDKs, the az CLI and SSH take for Azure.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)
clock_app = typer.Typer(help="The embedded Azure's clock.", invoke_without_command=True)
app.add_typer(clock_app, name="clock")
app.add_typer(fault_command.app, name="faults")
app.add_typer(batch_command.app, name="batch")


@app.command()
def serve(  # noqa: PLR0917 - typer turns each into an option
    state: Annotated[
        Path | None, typer.Option(help="Keep everything in this folder and find it again.", file_okay=False)
    ] = None,
    ready_file: ReadyFile = None,
    record: Annotated[
        Path | None, typer.Option(help="Append each exchange to this file, as JSON lines.", dir_okay=False)
    ] = None,
    port: Annotated[int, typer.Option(help="The proxy's port; 0 takes a free one.", min=0, max=65535)] = 0,
    admin_port: Annotated[int, typer.Option(help="The admin port; 0 takes a free one.", min=0, max=65535)] = 0,
    node_seconds: Annotated[float, typer.Option(help="Seconds a node takes to come up.", min=0)] = 3.0,
    grant_seconds: Annotated[float, typer.Option(help="Seconds until a new grant takes effect.", min=0)] = 0.0,
    order_seconds: Annotated[float, typer.Option(help="Seconds an authority takes to sign an order.", min=0)] = 3.0,
    renewal_seconds: Annotated[float, typer.Option(help="Seconds that Key Vault renews too late.", min=0)] = 0.0,
    throttling: Annotated[bool, typer.Option(help="Refuse what exceeds Resource Manager's limits.")] = False,
) -> None:
    """Run in the foreground until interrupted. What clients need stands in the ready file, and in `local-azure env`."""
    from local_azure.serving import running  # noqa: PLC0415 - `env` and `clock` need not wait for its imports

    file = chosen(ready_file)
    settings = Settings(
        node_seconds=node_seconds,
        grant_seconds=grant_seconds,
        order_seconds=order_seconds,
        renewal_seconds=renewal_seconds,
        throttling=throttling,
    )

    async def main() -> None:
        stop = asyncio.Event()
        for sign in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(sign, stop.set)
        async with running(settings, state=state, record=record, port=port, admin_port=admin_port) as it:
            it.ready.write(file)
            try:
                typer.echo(f"local-azure: ready; proxy {it.cloud.proxy_url}, admin {it.ready.admin_url}, {file}")
                await stop.wait()
            finally:
                file.unlink(missing_ok=True)

    try:
        asyncio.run(main())
    except OSError as error:
        fail(f"cannot serve: {error.strerror or error}")
    except ValueError as error:
        fail(f"cannot read the state in {state}: {error}")


@app.command()
def env(
    ready_file: ReadyFile = None,
    form: Annotated[str, typer.Option("--format", help="sh (exports) or json (an object).")] = "sh",
) -> None:
    """Print the environment for clients: proxy, CA, service principal, resource group, Batch account."""
    if form not in {"sh", "json"}:
        raise typer.BadParameter(f"{form!r} is neither sh nor json", param_hint="--format")
    with connected(ready_file) as admin:
        variables = admin.env()
    if form == "json":
        typer.echo(json.dumps(variables, indent=2))
    else:
        for name, value in variables.items():
            typer.echo(f"export {name}={shlex.quote(value)}")


@app.command()
def requests(
    ready_file: ReadyFile = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,
    writes: Annotated[bool, typer.Option("--writes", help="Only those that change something.")] = False,
    clear: Annotated[bool, typer.Option("--clear", help="Forget them after printing.")] = False,
) -> None:
    """List every request received: time, method, host, path, api-version, caller, status."""
    with connected(ready_file) as admin:
        entries = [entry for entry in admin.requests() if entry["writes"] or not writes]
        if clear:
            admin.clear_requests()
    for entry in entries:
        typer.echo(json.dumps(entry) if as_json else request_line(entry))


@app.command()
def mails(
    ready_file: ReadyFile = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,
) -> None:
    """List what Key Vault would have written to the contacts of vaults: when, to whom, about which certificate."""
    with connected(ready_file) as admin:
        for mail in admin.mails():
            typer.echo(json.dumps(mail) if as_json else mail_line(mail))


@clock_app.callback()
def clock(context: typer.Context, ready_file: ReadyFile = None) -> None:
    """Print the clock, move it with `advance`, or let it go at another `speed`."""
    context.obj = ready_file
    if context.invoked_subcommand is None:
        with connected(ready_file) as admin:
            _print_clock(admin.clock())


@clock_app.command()
def advance(context: typer.Context, span: Annotated[str, typer.Argument(help="How far: 90d, 36h, 1d12h.")]) -> None:
    """Move the clock forward; all that falls due on the way happens at its own date, in order."""
    try:
        by = parse_span(span)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from None
    with connected(context.obj) as admin:
        _print_clock(admin.advance(by))


@clock_app.command()
def speed(
    context: typer.Context,
    times: Annotated[float, typer.Argument(help="1 is real time, 60 a minute a second, 0 stands still.", min=0)],
) -> None:
    """Let the clock go at another speed from now on."""
    with connected(context.obj) as admin:
        _print_clock(admin.set_speed(times))


def _print_clock(clock: dict[str, Any]) -> None:
    speed = "" if clock["speed"] == 1 else f"at {clock['speed']:g} times real time, "
    days = clock["ahead_seconds"] / 86400
    typer.echo(f"{clock['now']}  ({days:.2f} days ahead, {speed}{clock['pending']} events to come)")


def main() -> None:
    """The entry point."""
    app()
