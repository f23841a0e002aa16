"""The whole line: an embedded Azure, Prefect's server, a worker for its deployments; and runs of flows on it."""

from __future__ import annotations

import os
import signal
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future
from contextlib import ExitStack, contextmanager
from contextvars import copy_context
from dataclasses import dataclass
from pathlib import Path
from threading import Thread
from typing import Any, TypeVar

import httpx
import pytest
from prefect import Flow
from prefect.context import _temporary_global_settings_context, get_settings_context
from prefect.logging.handlers import APILogHandler
from prefect.settings import PREFECT_API_URL, PREFECT_FLOWS_HEARTBEAT_FREQUENCY, PREFECT_HOME, temporary_settings

from batchcert.spec import Target
from demo.ports import free_port
from demo.prefect_api import PrefectApi, Run
from demo.prefect_processes import POOL, base_environment, server_command, worker_command
from demo.processes import Started, running
from demo.trees import living
from local_azure.cloud import Cloud
from local_azure.nodes.machine import Machine
from local_azure.serving import LocalAzure
from local_azure.settings import Settings
from tasks.azure_api import clients

ROOT = Path(__file__).parents[2]
VAULT = "flows-vault"
FIRST_PORT = 4500
SERVER_SECONDS = 180
POLL_SECONDS = 0.1
OTHER_CA = ("SSL_CERT_FILE", "SSL_CERT_DIR", "CURL_CA_BUNDLE", "https_proxy", "http_proxy", "no_proxy")

T = TypeVar("T")


@dataclass(frozen=True)
class Line:
    """What runs, and the folder below which all that Prefect and the runs write lies.

    Attributes:
        azure: in this process, so that its nodes can be harmed; what it writes lies elsewhere.
        folder: `home` is Prefect's, `tmp` is the runs' folder for temporary files; the logs lie beside them.
        environment: that of the processes that were started.
    """

    azure: LocalAzure
    folder: Path
    environment: Mapping[str, str]
    api: PrefectApi
    http: httpx.Client
    started: list[Started]

    @property
    def target(self) -> Target:
        """The embedded Azure's Batch account."""
        env = self.azure.env
        return Target(
            subscription_id=env["AZURE_SUBSCRIPTION_ID"],
            resource_group=env["AZURE_RESOURCE_GROUP"],
            region="westus2",
            batch_account=env["AZURE_BATCH_ACCOUNT"],
        )

    def run(self, flow: Flow[..., Any], **parameters: Any) -> Run:
        """Run *flow* in this process, as `python flow.py` would, and tell how it ended."""
        with self.inside():
            return self._run(flow, parameters)

    @contextmanager
    def beside(self, flow: Flow[..., Any], **parameters: Any) -> Iterator[Future[Run]]:
        """Run *flow* in a thread of this process; its end is to be waited for within the context.

        Where that fails, nobody waits for the thread: a run may wait for an hour.
        """
        future: Future[Run] = Future()

        def run() -> None:
            try:
                future.set_result(self._run(flow, parameters))
            except BaseException as error:  # noqa: BLE001 - raised where the future is asked
                future.set_exception(error)

        with self.inside():
            Thread(target=copy_context().run, args=(run,), daemon=True).start()
            yield future

    def _run(self, flow: Flow[..., Any], parameters: Mapping[str, Any]) -> Run:
        state = flow(**parameters, return_state=True)
        APILogHandler().flush()
        run = self.api.run(str(state.state_details.flow_run_id))
        assert run.ended
        return run

    @contextmanager
    def inside(self) -> Iterator[None]:
        """Have this process signed in to the embedded Azure, and Prefect's client speak to the server.

        Without heartbeats: the end of each run would wait for their thread, which looks up once in a second.
        """
        prefect = {
            PREFECT_API_URL: self.environment["PREFECT_API_URL"],
            PREFECT_HOME: self.environment["PREFECT_HOME"],
            PREFECT_FLOWS_HEARTBEAT_FREQUENCY: None,
        }
        with (
            pytest.MonkeyPatch.context() as patch,
            temporary_settings(updates=prefect),
            _temporary_global_settings_context(get_settings_context()),  # for the threads that Prefect has already
        ):
            for name in OTHER_CA:
                patch.delenv(name, raising=False)
            for name, value in {**self.azure.env, "TMPDIR": self.environment["TMPDIR"]}.items():
                patch.setenv(name, value)
            patch.setattr(tempfile, "tempdir", self.environment["TMPDIR"])
            clients.credential.cache_clear()  # each embedded Azure has its own secret and signs its own tokens
            yield
            clients.credential.cache_clear()

    def deploy(self, flow: str) -> str:
        """A deployment of flows/*flow*.py for the worker; its id. Its runs bring all their parameters with them."""
        known = self.api.post("/flows/", {"name": flow})["id"]
        here = {"prefect.deployments.steps.set_working_directory": {"directory": str(ROOT)}}
        body = {
            "name": "here",
            "flow_id": known,
            "entrypoint": f"flows/{flow}.py:{flow}",
            "pull_steps": [here],
            "work_pool_name": POOL,
            "enforce_parameter_schema": False,
        }
        return str(self.api.post("/deployments/", body)["id"])

    def start(self, deployment: str, parameters: Mapping[str, Any]) -> str:
        """Have the worker run *deployment*; the run's id."""
        return str(self.api.post(f"/deployments/{deployment}/create_flow_run", {"parameters": parameters})["id"])

    def cancel(self, run: str) -> None:
        """Cancel a run as the page's Cancel does."""
        state = {"type": "CANCELLING", "name": "Cancelling"}
        assert self.api.post(f"/flow_runs/{run}/set_state", {"state": state})["status"] == "ACCEPT"

    def kill(self, run: str) -> None:
        """Kill a run's process, which does not get to know beforehand."""
        pid = int(self.flow_run(run)["infrastructure_pid"])
        assert pid in {member.pid for process in self.started for member in living(process._family)}
        os.kill(pid, signal.SIGKILL)

    def flow_run(self, run: str) -> dict[str, Any]:
        """All that the server knows of a flow run."""
        known: dict[str, Any] = self.http.get(f"/flow_runs/{run}").raise_for_status().json()
        return known

    def running(self, name: str) -> list[str]:
        """The ids of the flow runs of this name that are running."""
        runs = {"name": {"any_": [name]}, "state": {"type": {"any_": ["RUNNING"]}}}
        return [run["id"] for run in self.api.post("/flow_runs/filter", {"flow_runs": runs})]

    def steps(self, run: str) -> dict[str, dict[str, Any]]:
        """The run's task runs by name."""
        body = {"flow_runs": {"id": {"any_": [run]}}, "sort": "EXPECTED_START_TIME_ASC"}
        return {step["name"]: step for step in self.api.post("/task_runs/filter", body)}

    def log(self, run: str) -> str:
        """The run's log."""
        body = {"logs": {"flow_run_id": {"any_": [run]}}, "sort": "TIMESTAMP_ASC"}
        return "\n".join(line["message"] for line in self.api.post("/logs/filter", body))

    def machines(self, pool: str) -> dict[str, Machine]:
        """The machines behind a pool's nodes, by node id."""

        def found(cloud: Cloud) -> dict[str, Machine]:
            account = self.target.batch_account
            nodes = cloud.batch.state.accounts[account].pools[pool.lower()].nodes
            machines = {node: cloud.machines.find(f"{account}/{pool}/{node}") for node in nodes}
            return {node: machine for node, machine in machines.items() if machine}

        return self.azure.call(found)

    def users(self, pool: str) -> set[str]:
        """The accounts that somebody made on any of a pool's nodes."""
        return {name for machine in self.machines(pool).values() for name in machine.accounts.users}

    def until(self, what: str, probe: Callable[[], T | None], seconds: float = 60) -> T:
        """What *probe* answers once that is neither None nor False.

        Fails after *seconds*, or where a process of the line has died.
        """
        deadline = time.monotonic() + seconds
        while not (answer := probe()):
            for process in self.started:
                process.check()
            assert time.monotonic() < deadline, f"{what}: not in {seconds:.0f} s"
            time.sleep(POLL_SECONDS)
        return answer

    def ended(self, run: str, seconds: float = 60) -> Run:
        """The run once it has ended."""

        def probe() -> Run | None:
            now = self.api.run(run)
            return now if now.ended else None

        return self.until(f"the end of run {run}", probe, seconds)


@contextmanager
def running_line(folder: Path) -> Iterator[Line]:
    """The line, for as long as the context; the worker is not waited for."""
    with ExitStack() as stack:
        azure = stack.enter_context(LocalAzure(Settings(node_seconds=0.1)))
        port = stack.enter_context(free_port(FIRST_PORT))
        for name in ("home", "tmp"):
            (folder / name).mkdir()
        base = base_environment(os.environ, folder / "home", port) | {"TMPDIR": str(folder / "tmp")}
        api = stack.enter_context(PrefectApi(base["PREFECT_API_URL"]))
        http = stack.enter_context(httpx.Client(base_url=base["PREFECT_API_URL"], trust_env=False, timeout=30))
        line = Line(azure, folder, base, api, http, [])

        def start(name: str, command: Sequence[str], env: Mapping[str, str]) -> None:
            line.started.append(stack.enter_context(running(name, command, env=env, log=folder / f"{name}.log")))

        start("server", server_command(port), base)
        line.until("Prefect's server", api.healthy, SERVER_SECONDS)
        api.make_work_pool(POOL)
        start("worker", worker_command(), base | azure.env)
        yield line
