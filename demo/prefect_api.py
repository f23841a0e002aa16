"""The few calls of Prefect's REST API that a demonstration needs; the command line takes seconds for each."""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

import httpx

TERMINAL = {"COMPLETED", "FAILED", "CANCELLED", "CRASHED"}
ERROR_LEVEL = 40
BUSY = 503  # the server's database was locked for too long
PAUSES_SECONDS = (0.5, 1, 2, 4)


@dataclass(frozen=True)
class Run:
    """A flow run or a task run: *state* is its type (COMPLETED), *said* the state's name and message."""

    id: str
    name: str
    state: str
    said: str
    seconds: float

    @property
    def ended(self) -> bool:
        """Whether nothing more will happen to it."""
        return self.state in TERMINAL


@dataclass(frozen=True)
class Artifact:
    """What a run has left to be looked at."""

    id: str
    key: str
    type: str
    data: Any


class PrefectApi:
    """The API at *url* (`http://127.0.0.1:4200/api`), reached directly whatever proxy the environment names.

    Raises, from every call but `healthy`: httpx.HTTPError.
    """

    def __init__(self, url: str) -> None:
        self._http = httpx.Client(base_url=url, trust_env=False, timeout=30)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._http.close()

    def healthy(self) -> bool:
        """Whether the server answers."""
        try:
            return self._http.get("/health").is_success
        except httpx.TransportError:
            return False

    def make_work_pool(self, name: str) -> None:
        """Make a pool for process workers; deploying needs it, before the first worker would make it."""
        self.post("/work_pools/", {"name": name, "type": "process"})

    def start(self, deployment: str) -> Run:
        """Run *deployment* (`flow/name`) with its own parameters."""
        once = {"idempotency_key": uuid.uuid4().hex}  # asked again, a busy server makes no second run
        return _run(self.post(f"/deployments/{self._deployment(deployment)}/create_flow_run", once))

    def pause(self, deployment: str) -> None:
        """Let *deployment*'s schedule start no run until it is resumed."""
        self._http.post(f"/deployments/{self._deployment(deployment)}/pause_deployment").raise_for_status()

    def resume(self, deployment: str) -> None:
        """Let its schedule start runs again."""
        self._http.post(f"/deployments/{self._deployment(deployment)}/resume_deployment").raise_for_status()

    def run(self, run: str) -> Run:
        """The flow run as it is now."""
        return _run(self._http.get(f"/flow_runs/{run}").raise_for_status().json())

    def tasks(self, run: str) -> list[Run]:
        """Its task runs in their order."""
        body = {"flow_runs": {"id": {"any_": [run]}}, "sort": "EXPECTED_START_TIME_ASC"}
        return [_run(each) for each in self.post("/task_runs/filter", body)]

    def artifacts(self, run: str) -> list[Artifact]:
        """What it has left, newest first."""
        body = {"artifacts": {"flow_run_id": {"any_": [run]}}, "sort": "CREATED_DESC"}
        return [_artifact(each) for each in self.post("/artifacts/filter", body)]

    def errors(self, run: str) -> list[str]:
        """The error lines of its log, in their order."""
        logs = {"flow_run_id": {"any_": [run]}, "level": {"ge_": ERROR_LEVEL}}
        return [line["message"] for line in self.post("/logs/filter", {"logs": logs, "sort": "TIMESTAMP_ASC"})]

    def post(self, path: str, body: Mapping[str, Any]) -> Any:
        """The answer to a POST; a server that is too busy is asked again, as Prefect's own client does."""
        for pause in PAUSES_SECONDS:
            reply = self._http.post(path, json=body)
            if reply.status_code != BUSY:
                return reply.raise_for_status().json()
            time.sleep(pause)
        return self._http.post(path, json=body).raise_for_status().json()

    def _deployment(self, name: str) -> str:
        found: str = self._http.get(f"/deployments/name/{name}").raise_for_status().json()["id"]
        return found


def _run(body: dict[str, Any]) -> Run:
    state = body.get("state") or {}
    said = ": ".join(part for part in (state.get("name"), state.get("message")) if part)
    return Run(body["id"], body["name"], state.get("type") or "", said, body.get("total_run_time") or 0.0)


def _artifact(body: dict[str, Any]) -> Artifact:
    """A table's data comes as text that holds JSON."""
    data = body.get("data")
    if body.get("type") == "table" and isinstance(data, str):
        data = json.loads(data)
    return Artifact(body["id"], body.get("key") or "", body.get("type") or "", data)
