"""Everything a person's browser needs: the embedded Azure, Prefect, a worker, and the local deployments."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, chdir, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import httpx
from rich.console import Console

from demo.cloud import PLACE, SIGN_IN
from demo.failure import DemoFailedError
from demo.ports import free_port
from demo.prefect_api import PrefectApi
from demo.prefect_processes import (
    POOL,
    base_environment,
    deploy_command,
    server_command,
    worker_command,
)
from demo.processes import Started, running
from demo.screen import Screen
from local_azure.serving import LocalAzure
from local_azure.settings import Settings

ROOT = Path(__file__).parents[3]
FIRST_PORT = 4400
START_SECONDS = 300  # on a machine that others use
PROVISION, VALIDATE, ROTATE = "provision/local", "validate/local", "rotate/local"

T = TypeVar("T")


@dataclass(frozen=True)
class Stack:
    """What runs. *ui* is the address of Prefect's page; *azure* is in this process, so that its nodes can go wrong."""

    azure: LocalAzure
    api: httpx.Client
    ui: str

    def deployment(self, name: str) -> dict[str, Any]:
        """The deployment called *name*, `flow/name`, as Prefect's API has it."""
        found: dict[str, Any] = self.api.get(f"/deployments/name/{name}").raise_for_status().json()
        return found

    def parameters(self, run: str) -> dict[str, Any]:
        """What the flow run was given."""
        found: dict[str, Any] = self.api.get(f"/flow_runs/{run}").raise_for_status().json()["parameters"]
        return found

    def count_runs(self) -> int:
        """How many runs there are, whatever has become of them."""
        return int(self.api.post("/flow_runs/count", json={}).raise_for_status().json())


@contextmanager
def running_stack(folder: Path) -> Iterator[Stack]:
    """All of it, for as long as the context, with its logs and Prefect's database in *folder*; nothing has run yet.

    Raises: DemoFailedError where a part of it does not come up.
    """
    with ExitStack() as stack:
        azure = stack.enter_context(LocalAzure(Settings(node_seconds=1)))
        port = stack.enter_context(free_port(FIRST_PORT))
        base = base_environment(os.environ, folder, port)
        start = partial(_start, stack, folder)
        server = start("server", server_command(port), base)
        with PrefectApi(base["PREFECT_API_URL"]) as api:
            _wait("Prefect's server", lambda: api.healthy() or None, server.check)
            api.make_work_pool(POOL)
            start("worker", worker_command(), {**base, **{name: azure.env[name] for name in SIGN_IN}})
            _deploy({**base, **{name: azure.env[name] for name in PLACE}}, folder / "deploy.log")
            api.pause(VALIDATE)  # its schedule falling due would make a person's run wait
        http = httpx.Client(base_url=base["PREFECT_API_URL"], trust_env=False)
        yield Stack(azure, stack.enter_context(http), base["PREFECT_UI_URL"])


def _start(stack: ExitStack, folder: Path, name: str, command: list[str], env: Mapping[str, str]) -> Started:
    return stack.enter_context(running(name, command, env=env, log=folder / f"{name}.log"))


def _deploy(env: Mapping[str, str], log: Path) -> None:
    with chdir(ROOT), running("deploy", deploy_command(), env=env, log=log) as command:
        code = _wait("the deployments", command.exit_code)
    if code != 0:
        raise DemoFailedError(f"prefect deploy ended with exit code {code}:\n{log.read_text()}", log)


def _wait(what: str, probe: Callable[[], T | None], check: Callable[[], None] = lambda: None) -> T:
    return Screen(Console()).wait_for(what, probe, seconds=START_SECONDS, check=check)
