"""How the commands find the embedded Azure that runs, and how they fail."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from local_azure.admin.client import AdminClient
from local_azure.admin.ready import Ready, default_file

ReadyFile = Annotated[
    Path | None,
    typer.Option("--ready-file", envvar="LOCAL_AZURE_READY_FILE", help="How the running one is found.", dir_okay=False),
]


def chosen(ready_file: Path | None) -> Path:
    """The ready file that was named, or the usual one; ends the command where that one's folder cannot be trusted."""
    try:
        return ready_file or default_file()
    except OSError as error:
        fail(str(error))


@contextmanager
def connected(ready_file: Path | None) -> Iterator[AdminClient]:
    """Speak to the running embedded Azure; whatever goes wrong ends the command with one line."""
    import httpx  # noqa: PLC0415 - only for its exceptions

    file = chosen(ready_file)
    try:
        client = AdminClient(Ready.read(file))
    except FileNotFoundError:
        fail(f"no embedded Azure is running: {file} does not exist; start one with `local-azure serve`")
    except (ValueError, TypeError):
        fail(f"{file} is no ready file of `local-azure serve`")
    try:
        yield client
    except httpx.HTTPStatusError as error:
        fail(f"refused: {error.response.json()['error']['message']}")
    except httpx.HTTPError as error:
        fail(f"the embedded Azure of {file} does not answer: {error}")
    except TimeoutError as error:
        fail(str(error))
    finally:
        client.close()


def fail(message: str) -> NoReturn:
    """End the command with *message* and exit code 1."""
    typer.echo(f"local-azure: {message}", err=True)
    sys.exit(1)
