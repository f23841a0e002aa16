"""The command `local-azure faults`: list, add, clear, effects."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from local_azure.connecting import ReadyFile, connected
from local_azure.durations import parse_span

app = typer.Typer(help="What goes wrong on purpose.", invoke_without_command=True)

_WORDS = {"retry_after": "--retry-after"}


@app.callback()
def faults(context: typer.Context, ready_file: ReadyFile = None) -> None:
    """List the rules in force, oldest first."""
    context.obj = ready_file
    if context.invoked_subcommand is None:
        _list(ready_file, as_json=False)


@app.command("list")
def list_all(
    context: typer.Context,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,
) -> None:
    """List the rules in force, oldest first: what each is about, and how often it matched and struck."""
    _list(context.obj, as_json=as_json)


@app.command()
def add(  # noqa: PLR0917 - typer turns each into an option
    context: typer.Context,
    effect: Annotated[str, typer.Argument(help="One of `local-azure faults effects`.")],
    operation: Annotated[str | None, typer.Option(help="Operations, by a pattern of their names: 'Vaults_*'.")] = None,
    resource: Annotated[
        str | None,
        typer.Option(help="A pattern of the path, with or without host; account/pool/node for a node: '*/render/*'."),
    ] = None,
    nth: Annotated[int | None, typer.Option(help="This call, or node, alone.")] = None,
    every: Annotated[int | None, typer.Option(help="Each so-manieth.")] = None,
    first: Annotated[int | None, typer.Option(help="So many, and none after them.")] = None,
    span: Annotated[str | None, typer.Option("--for", help="So long, on the embedded Azure's clock: 5m, 2h.")] = None,
    chance: Annotated[float | None, typer.Option(help="So many of all, from 0 to 1.")] = None,
    seed: Annotated[str | None, typer.Option(help="Decides which ones chance takes.")] = None,
    status: Annotated[int | None, typer.Option(help="The HTTP status.")] = None,
    retry_after: Annotated[int | None, typer.Option(help="Seconds for a Retry-After header.")] = None,
    seconds: Annotated[float | None, typer.Option(help="How long.")] = None,
    size: Annotated[int | None, typer.Option(help="How many bytes.")] = None,
    kind: Annotated[str | None, typer.Option(help="Which of several forms.")] = None,
    code: Annotated[str | None, typer.Option(help="The error's code, instead of the usual one.")] = None,
    message: Annotated[str | None, typer.Option(help="The error's text, instead of the usual one.")] = None,
) -> None:
    """Add a rule; of several that could strike, the oldest does. Nodes that run have followed when this returns."""
    rule: dict[str, Any] = {
        "effect": effect,
        "operation": operation,
        "resource": resource,
        "nth": nth,
        "every": every,
        "first": first,
        "for_seconds": _seconds(span),
        "chance": chance,
        "seed": seed,
        "status": status,
        "retry_after": retry_after,
        "seconds": seconds,
        "size": size,
        "kind": kind,
        "code": code,
        "message": message,
    }
    with connected(context.obj) as admin:
        added = admin.add_fault({name: value for name, value in rule.items() if value is not None})
    typer.echo(_line(added))


@app.command()
def clear(
    context: typer.Context,
    ids: Annotated[list[str] | None, typer.Argument(help="Those to take out; all where none is named.")] = None,
) -> None:
    """Take rules out; what they did to nodes is undone."""
    with connected(context.obj) as admin:
        admin.clear_faults(*(ids or ()))


@app.command()
def effects() -> None:
    """List what can go wrong, and what each needs."""
    from local_azure.admin.effects import EFFECTS  # noqa: PLC0415 - the other commands need not wait for its imports

    domain = ""
    for name, kind in EFFECTS.items():
        if kind.domain != domain:
            domain = kind.domain
            typer.echo(f"A {domain} ...")
        options = [
            f"--{option.replace('_', '-')}" if needed else f"[--{option.replace('_', '-')}]"
            for option, needed in kind.options()
        ]
        typer.echo(f"  {name:<20} {kind.does}" + (f"  ({' '.join(options)})" if options else ""))
        for option, choices in kind.choices.items():
            typer.echo(f"  {'':<20} --{option}: {', '.join(map(str, choices))}")


def _list(ready_file: Path | None, *, as_json: bool) -> None:
    with connected(ready_file) as admin:
        rules = admin.faults()
    for rule in rules:
        typer.echo(json.dumps(rule) if as_json else _line(rule))


def _line(rule: dict[str, Any]) -> str:
    told = ("id", "effect", "operation", "resource", "seen", "struck")
    more = " ".join(f"{name}={value}" for name, value in rule.items() if name not in told)
    about = f"{rule['operation']} at {rule['resource']}"
    return f"{rule['id']:<4} {rule['effect']:<20} {about}  {more}  struck {rule['struck']} of {rule['seen']}"


def _seconds(span: str | None) -> float | None:
    if span is None:
        return None
    try:
        return parse_span(span).total_seconds()
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint="--for") from None
