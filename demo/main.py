"""The demonstration, from nothing to a table of nodes."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from types import FrameType

import httpx
from rich.console import Console

from demo import cloud, prefect_processes
from demo.failure import DemoFailedError
from demo.ports import free_port
from demo.prefect_api import PrefectApi, Run
from demo.processes import Started, running
from demo.room import Room, claim_room
from demo.runs import run_to_the_end
from demo.screen import Screen
from demo.table import drawn, rows_of, summary

FIRST_PORT = 4200
AZURE_SECONDS = 60
SERVER_SECONDS = 120
DEPLOY_SECONDS = 120
INTERRUPTED = 130  # 128 + SIGINT, as shells count
LOG_LINES = 15


def main() -> int:
    """Run the demonstration: 0 with the closing line, 1 with the reason, 130 where it was interrupted."""
    screen = Screen(Console())
    keep = os.environ.get("KEEP", "0") not in {"", "0"}
    _interrupt_on(signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    try:
        with claim_room(Path(".demo")) as room:
            return _told(screen, room, keep=keep)
    except KeyboardInterrupt:
        screen.say("interrupted; everything is stopped")
        return INTERRUPTED


def _told(screen: Screen, room: Room, *, keep: bool) -> int:
    """The demonstration with its end told, good or bad."""
    try:
        closing = Demo(screen, room).run(keep=keep)
    except (DemoFailedError, httpx.HTTPError) as error:
        log = error.log if isinstance(error, DemoFailedError) else None
        screen.plain(f"demo failed: {error}")
        if log is not None:
            screen.plain("\n".join(log.read_text(errors="replace").splitlines()[-LOG_LINES:]))
        screen.plain(f"the logs are in {room.logs}")
        return 1
    if closing:
        screen.plain(closing)
    return 0


class Demo:
    """One demonstration in *room*: everything started is stopped when `run` returns or raises."""

    def __init__(self, screen: Screen, room: Room) -> None:
        self._screen = screen
        self._room = room
        self._started: list[Started] = []

    def run(self, *, keep: bool) -> str:
        """Go through all of it. Returns the closing line, or "" where it was shown already and kept up."""
        with ExitStack() as stack:
            port = stack.enter_context(free_port(FIRST_PORT))
            base = prefect_processes.base_environment(os.environ, self._room.prefect, port)
            api = stack.enter_context(PrefectApi(base["PREFECT_API_URL"]))
            azure = self._start_both(stack, api, port, base)
            self._deploy(stack, api, base, azure)
            provision = run_to_the_end(api, self._screen, "provision/local", self._check)
            validate = run_to_the_end(api, self._screen, "validate/local", self._check)
            rows = rows_of(api.artifacts(validate.id))
            self._screen.table(drawn(rows))
            closing = summary(rows)
            if not keep:
                self._screen.say("stopping everything")
                return closing
            self._show_addresses(api, base["PREFECT_UI_URL"], provision, validate)
            self._screen.plain(closing)
            self._wait_for_interrupt()
        return ""

    def _start(self, stack: ExitStack, name: str, command: list[str], env: dict[str, str]) -> Started:
        log = self._room.logs / f"{name.replace(' ', '-')}.log"
        started = stack.enter_context(running(name, command, env=env, log=log))
        self._started.append(started)
        return started

    def _check(self) -> None:
        for started in self._started:
            started.check()

    def _start_both(self, stack: ExitStack, api: PrefectApi, port: int, base: dict[str, str]) -> cloud.Cloud:
        """The embedded Azure and Prefect's server, side by side."""
        ready = self._room.ready_file
        self._start(stack, "azure", cloud.command(ready), base)
        self._start(stack, "prefect server", prefect_processes.server_command(port), base)
        azure = self._screen.wait_for(
            "the embedded Azure", lambda: cloud.read_ready(ready), seconds=AZURE_SECONDS, check=self._check
        )
        self._screen.say(f"the embedded Azure answers through the proxy {azure.place['HTTPS_PROXY']}")
        self._screen.wait_for(
            "Prefect's server", lambda: api.healthy() or None, seconds=SERVER_SECONDS, check=self._check
        )
        self._screen.say(f"Prefect answers at {base['PREFECT_UI_URL']}")
        return azure

    def _deploy(self, stack: ExitStack, api: PrefectApi, base: dict[str, str], azure: cloud.Cloud) -> None:
        """The worker and the deployments, side by side. The sign-in goes to the worker alone."""
        api.make_work_pool(prefect_processes.POOL)
        self._start(stack, "worker", prefect_processes.worker_command(), {**base, **azure.sign_in})
        log = self._room.logs / "deploy.log"
        command, env = prefect_processes.deploy_command(), {**base, **azure.place}
        with running("deploy", command, env=env, log=log) as deploy:
            code = self._screen.wait_for(
                "the deployments", deploy.process.poll, seconds=DEPLOY_SECONDS, check=self._check
            )
        if code != 0:
            raise DemoFailedError(f"prefect deploy ended with exit code {code}", log)
        self._screen.say(f"deployed {', '.join(prefect_processes.DEPLOYMENTS)}")

    def _show_addresses(self, api: PrefectApi, page: str, provision: Run, validate: Run) -> None:
        self._screen.plain(f"page       {page}")
        for name, run in (("provision", provision), ("validate", validate)):
            self._screen.plain(f"{name:9}  {page}/runs/flow-run/{run.id}")
        for artifact in api.artifacts(validate.id):
            if artifact.type == "markdown":
                self._screen.plain(f"report     {page}/artifacts/artifact/{artifact.id}")
        self._screen.plain(f"logs       {self._room.logs}")

    def _wait_for_interrupt(self) -> None:
        """All of it stays up until Ctrl-C, or until a part of it ends."""
        self._screen.plain("Ctrl-C stops all of it")
        try:
            while True:
                self._check()
                time.sleep(1)
        except KeyboardInterrupt:
            self._screen.say("stopping everything")


def _interrupt_on(*signals: signal.Signals) -> None:
    """Each of *signals* raises KeyboardInterrupt, once: what follows is stopping, which is bounded.

    A handler of ours also undoes an ignored SIGINT that a script's `&` would have passed on to the worker,
    which then could not be stopped.
    """

    def interrupt(_number: int, _frame: FrameType | None) -> None:
        for each in signals:
            signal.signal(each, signal.SIG_IGN)
        raise KeyboardInterrupt

    handler: Callable[[int, FrameType | None], None] = interrupt
    for each in signals:
        signal.signal(each, handler)
