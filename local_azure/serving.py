"""One embedded Azure from start to end, in the foreground or in a thread of somebody's test."""

from __future__ import annotations

import asyncio
import contextlib
import os
import tempfile
import threading
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar

from local_azure.admin.fault_routes import add_rule
from local_azure.admin.ready import Ready
from local_azure.admin.server import AdminServer
from local_azure.cloud import Cloud
from local_azure.host import hand_on_signals, passing_folder, raise_open_files
from local_azure.settings import Settings
from local_azure.wire.log import Entry

T = TypeVar("T")

_START_SECONDS = _STOP_SECONDS = 60.0


@dataclass(frozen=True)
class Running:
    """A cloud that answers, and how it is found."""

    cloud: Cloud
    ready: Ready


@contextlib.asynccontextmanager
async def running(
    settings: Settings,
    *,
    state: Path | None = None,
    record: Path | None = None,
    port: int = 0,
    admin_port: int = 0,
) -> AsyncIterator[Running]:
    """Run an embedded Azure inside this block.

    With *state* everything is kept in that folder and found again; without, it goes with the block. The process's
    limit of open files is raised to what it may have.
    """
    raise_open_files()
    hand_on_signals()
    with _folder(state) as folder:
        cloud = Cloud(settings, folder, keep=state is not None, record=record)
        admin = AdminServer(cloud)
        try:
            await cloud.start(port)
            await admin.start(admin_port)
            yield Running(cloud, Ready(os.getpid(), admin.url, admin.token, cloud.env()))
        finally:
            await admin.close()
            await cloud.close()


class LocalAzure:
    """An embedded Azure in a thread of its own: `with LocalAzure() as azure: ...`.

    Attributes:
        env: the environment in which clients take it for Azure.
        ready: the admin port and its token.
        cloud: the cloud itself; touch it only inside `call` or `run`.
    """

    env: dict[str, str]
    ready: Ready
    cloud: Cloud

    def __init__(
        self, settings: Settings | None = None, *, state: Path | None = None, record: Path | None = None
    ) -> None:
        self._settings = settings or Settings()
        self._state = state
        self._record = record
        self._thread = threading.Thread(target=self._main, name="local-azure", daemon=True)
        self._started = threading.Event()
        self._failure: BaseException | None = None
        self._loop: asyncio.AbstractEventLoop
        self._stop: asyncio.Event

    def __enter__(self) -> Self:
        """Start it and wait until it answers. Raises what kept it from starting."""
        hand_on_signals()
        self._thread.start()
        if not self._started.wait(_START_SECONDS):
            raise TimeoutError("the embedded Azure did not start")
        if self._failure:
            raise self._failure
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop it and wait until it is gone. Raises: TimeoutError where it stays."""
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(_STOP_SECONDS)
        if self._thread.is_alive():
            raise TimeoutError("the embedded Azure did not stop")

    def run(self, work: Coroutine[Any, Any, T], seconds: float = 120) -> T:
        """Run a coroutine in the cloud's own loop and wait for its result."""
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(seconds)

    def call(self, work: Callable[[Cloud], T], seconds: float = 120) -> T:
        """Run a plain function on the cloud in the cloud's own loop."""

        async def called() -> T:
            return work(self.cloud)

        return self.run(called(), seconds)

    def advance(self, by: timedelta, seconds: float = 600) -> None:
        """Move the clock, and wait until everything that fell due on the way is done."""
        self.run(self.cloud.clock.advance(by), seconds)

    def requests(self) -> list[Entry]:
        """The requests received since the start or the last `forget_requests`."""
        return self.call(lambda cloud: cloud.log.entries())

    def forget_requests(self) -> None:
        """Start the list of requests anew."""
        self.call(lambda cloud: cloud.log.clear())

    def set_speed(self, speed: float) -> None:
        """Let the clock go at another speed: 1 is real time, 0 stands still until it is moved."""
        self.call(lambda cloud: cloud.clock.set_speed(speed))

    def add_fault(self, effect: str, **options: str | float) -> str:
        """Let something go wrong from now on, in nodes that run too; returns the rule's id.

        *effect* and *options* are those of the admin port's `POST /faults`, as listed by `local-azure faults effects`.
        Raises: AzureError, naming all that is wrong with them.
        """

        async def added() -> str:
            rule = add_rule(self.cloud, {"effect": effect, **options})
            await self.cloud.apply_faults(rule)
            return rule.id

        return self.run(added())

    def clear_faults(self) -> None:
        """Let nothing go wrong any more, and nodes recover."""

        async def cleared() -> None:
            self.cloud.faults.clear()
            await self.cloud.apply_faults()

        self.run(cleared())

    @contextlib.contextmanager
    def fault(self, effect: str, **options: str | float) -> Iterator[str]:
        """`add_fault` for the length of a block; gives the rule's id."""
        rule = self.add_fault(effect, **options)

        async def removed() -> None:
            with contextlib.suppress(KeyError):  # cleared meanwhile
                self.cloud.faults.remove(rule)
            await self.cloud.apply_faults()

        try:
            yield rule
        finally:
            self.run(removed())

    def _main(self) -> None:
        try:
            asyncio.run(self._serve())
        except BaseException as error:  # noqa: BLE001 - handed to the thread that waits in __enter__
            self._failure = error
        finally:
            self._started.set()

    async def _serve(self) -> None:
        self._loop, self._stop = asyncio.get_running_loop(), asyncio.Event()
        async with running(self._settings, state=self._state, record=self._record) as it:
            self.cloud, self.ready, self.env = it.cloud, it.ready, it.ready.env
            self._started.set()
            await self._stop.wait()


@contextlib.contextmanager
def _folder(state: Path | None) -> Iterator[Path]:
    if state is not None:
        yield state
        return
    with tempfile.TemporaryDirectory(prefix="local-azure-", dir=passing_folder()) as name:
        yield Path(name)
