"""The course of the demonstration, from nothing to a table of nodes."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from contextlib import ExitStack

from demo import cloud, prefect_processes
from demo.failure import DemoFailedError
from demo.ports import free_port
from demo.prefect_api import PrefectApi, Run
from demo.processes import Started, running
from demo.room import Room
from demo.runs import require_completed, run_to_the_end
from demo.screen import Screen
from demo.table import drawn, rows_of, summary

FIRST_PORT = 4200
AZURE_SECONDS = 60
SERVER_SECONDS = 120
DEPLOY_SECONDS = 120
PROVISION, VALIDATE = "provision/local", "validate/local"


class Course:
    """One demonstration in *room*. What it starts is stopped when `run` returns or raises."""

    def __init__(self, screen: Screen, room: Room) -> None:
        self._screen = screen
        self._room = room
        self._started: list[Started] = []

    def run(self, *, keep: bool) -> str:
        """Go through all of it. Returns the closing line, or "" where everything was kept up and it was told then.

        Raises: DemoFailedError, httpx.HTTPError; KeyboardInterrupt where a person stops it.
        """
        with ExitStack() as stack:
            port = stack.enter_context(free_port(FIRST_PORT))
            base = prefect_processes.base_environment(os.environ, self._room.prefect, port)
            api = stack.enter_context(PrefectApi(base["PREFECT_API_URL"]))
            azure = self._start_azure_and_server(stack, api, base, port)
            self._start_worker_and_deploy(stack, api, base, azure)
            provision = self._run(api, PROVISION)
            validate = self._run(api, VALIDATE)
            closing = summary(rows_of(api.artifacts(validate.id)))
            if not keep:
                self._screen.say("stopping everything")
                return closing
            self._show_addresses(api, base["PREFECT_UI_URL"], provision, validate)
            self._screen.plain(closing)
            self._stay(api)
        return ""

    def _start_azure_and_server(
        self, stack: ExitStack, api: PrefectApi, base: Mapping[str, str], port: int
    ) -> cloud.Cloud:
        """Both start side by side; the server takes the longer."""
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

    def _start_worker_and_deploy(
        self, stack: ExitStack, api: PrefectApi, base: Mapping[str, str], azure: cloud.Cloud
    ) -> None:
        """Side by side too. The sign-in goes to the worker's environment alone."""
        api.make_work_pool(prefect_processes.POOL)
        self._start(stack, "worker", prefect_processes.worker_command(), {**base, **azure.sign_in})
        log = self._room.logs / "deploy.log"
        command = prefect_processes.deploy_command()
        with running("deploy", command, env={**base, **azure.place}, log=log) as deploy:
            code = self._screen.wait_for("the deployments", deploy.exit_code, seconds=DEPLOY_SECONDS, check=self._check)
        if code != 0:
            raise DemoFailedError(f"prefect deploy ended with exit code {code}", log)
        api.pause(VALIDATE)  # its schedule falling due meanwhile would make our own run wait
        self._screen.say(f"deployed {', '.join(prefect_processes.DEPLOYMENTS)}")

    def _start(self, stack: ExitStack, name: str, command: list[str], env: Mapping[str, str]) -> None:
        log = self._room.logs / f"{name.replace(' ', '-')}.log"
        self._started.append(stack.enter_context(running(name, command, env=env, log=log)))

    def _check(self) -> None:
        for started in self._started:
            started.check()

    def _run(self, api: PrefectApi, deployment: str) -> Run:
        """Run it to its end and show its table, if it left one: above all where it did not complete."""
        run = run_to_the_end(api, self._screen, deployment, self._check)
        rows = rows_of(api.artifacts(run.id))
        if rows and (deployment == VALIDATE or run.state != "COMPLETED"):
            self._screen.table(drawn(rows))
        require_completed(api, run, deployment)
        return run

    def _show_addresses(self, api: PrefectApi, page: str, provision: Run, validate: Run) -> None:
        self._screen.plain(f"page       {page}")
        for name, run in (("provision", provision), ("validate", validate)):
            self._screen.plain(f"{name:9}  {page}/runs/flow-run/{run.id}")
        for artifact in api.artifacts(validate.id):
            if artifact.type == "markdown":
                self._screen.plain(f"report     {page}/artifacts/artifact/{artifact.id}")
        self._screen.plain(f"logs       {self._room.logs}")
        self._screen.plain(f"azure      .venv/bin/local-azure requests --ready-file {self._room.ready_file}")

    def _stay(self, api: PrefectApi) -> None:
        """All of it stays up, the schedule as well, until Ctrl-C or until a part of it ends."""
        api.resume(VALIDATE)
        self._screen.plain("Ctrl-C stops all of it")
        try:
            while True:
                self._check()
                time.sleep(1)
        except KeyboardInterrupt:
            self._screen.say("stopping everything")
