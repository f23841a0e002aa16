"""akvvm_service: what the KeyVaultForLinux extension does while it runs.

Source: Key Vault VM extension for Linux: `success` is reported as soon as polling starts; with `requireInitialSync`
only once all certificates are there, and until then `transitioning`. Once started, the status file tells nothing of
later polls: only the log does.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from datetime import datetime, timedelta

from local_azure.clock import Clock
from local_azure.nodes.disk import Disk
from local_azure.nodes.extension.log import ServiceLog
from local_azure.nodes.extension.misreading import misread
from local_azure.nodes.extension.refresh import Refresher
from local_azure.nodes.extension.settings import Settings, SettingsError, parse_settings
from local_azure.nodes.extension.store import Store
from local_azure.nodes.handler import Handler
from local_azure.nodes.outside import Outside
from local_azure.nodes.status_file import stamp

_WAITS = 2  # the first major version that knows requireInitialSync
_GIVES_UP = 3  # the first that gives up, after
_RETRIES = 25
_BACKOFF = timedelta(seconds=10)  # "increasing backoff periods": each is longer by this; how long is not published
_LONGEST_BACKOFF = timedelta(seconds=300)


class KeyVaultService:
    """The service of one node.

    *store* is where it keeps certificates, *misreading* how it gets its settings wrong, "" for not at all. It asks
    *schedule* to call `due` at a date. Each poll asks IMDS and the vaults anew, with one exception: while the
    clock is moved and nothing in the cloud was written since this service's last poll, a poll would end as the last
    one did, so it is left out, and with it those up to the next event after which something could be different.
    """

    def __init__(
        self,
        handler: Handler,
        *,
        disk: Disk,
        store: Store,
        outside: Outside,
        clock: Clock,
        now: Callable[[], datetime],
        schedule: Callable[[datetime], None],
        misreading: str = "",
    ) -> None:
        self._handler = handler
        self._outside = outside
        self._clock = clock
        self._now = now
        self._schedule = schedule
        self._misreading = misreading
        self._major = handler.major
        self._store = store
        self._log = ServiceLog(disk, handler.name, now)
        self._run: _Run | None = None

    async def start(self) -> None:
        """Load the settings, report, and poll for the first time. Returns once the first status is written."""
        self._log.info("VMExtension", "Starting extension")
        try:
            settings = parse_settings(misread(self._handler.settings(), self._misreading), self._major)
        except SettingsError as error:
            self._fail("Service start - Settings Load.", f"Failed to parse the configuration settings with: '{error}'")
            return
        if settings.authentication is None:
            self._fail("Service start.", "Attempt to get non-existent AuthConfig")
            return
        self._run = _Run(settings, Refresher(self._outside, settings.authentication, self._store, self._log))
        self._run.waiting = settings.initial_sync and self._major >= _WAITS
        if not self._run.waiting:
            self._succeed()
        await self._poll(self._run)

    def stop(self) -> None:
        """Poll no more."""
        self._run = None

    async def due(self, quiet_until: Callable[[], datetime]) -> None:
        """Do what is due now. *quiet_until*: when something happens next that is no poll, while the clock is moved."""
        run, now = self._run, self._clock.now()
        if run is None or run.next is None or now < run.next:
            return  # an event from before a restart
        if not self._clock.moving or run.revision != self._clock.revision:
            await self._poll(run)
        elif run.waiting and self._major >= _GIVES_UP:
            self._judge(run, run.failure)
            self._plan(run, now)
        else:
            self._plan(run, quiet_until())

    async def _poll(self, run: _Run) -> None:
        run.revision = self._clock.revision
        failure = await run.refresher.refresh(run.settings.certificates)
        if run is self._run:  # not stopped meanwhile
            self._judge(run, failure)
            self._plan(run, self._clock.now())

    def _judge(self, run: _Run, failure: str) -> None:
        """Turn a poll's outcome into log and status; *failure* is "" where all went well."""
        if failure and failure != run.failure:
            self._log.error("CertificateManager", failure)
        run.failure = failure
        if not run.waiting:
            return
        if not failure:
            run.waiting = False
            self._succeed()
            return
        run.attempts += 1
        if self._major >= _GIVES_UP and run.attempts > _RETRIES:
            self._fail("Service start.", f"Failed to download one or more certificates. {failure}")
        else:
            message = f"Failed to download one or more certificates, retrying... {failure}"
            self._handler.report("transitioning", "Service start.", message)

    def _plan(self, run: _Run, not_before: datetime) -> None:
        """Set the next poll: the first of the usual dates after now that is not before *not_before*."""
        if run is not self._run:
            return
        now, wait = self._clock.now(), run.wait
        run.next = now + wait * max(1, math.ceil((not_before - now) / wait))
        self._schedule(run.next)

    def _succeed(self) -> None:
        message = f"Successfully started Key Vault extension service. {stamp(self._now())}"
        self._handler.report("success", "Service start.", message)

    def _fail(self, operation: str, message: str) -> None:
        self._run = None
        self._log.error("VMExtension", message)
        self._handler.report("error", operation, message)


class _Run:
    """From one start of the service to its end.

    Attributes:
        waiting: whether the initial sync is still wanted.
        attempts: how often it failed.
        failure: what failed in the last poll, or "".
        revision: the cloud's revision when the last poll began.
        next: when the next poll is due.
    """

    def __init__(self, settings: Settings, refresher: Refresher) -> None:
        self.settings = settings
        self.refresher = refresher
        self.waiting = False
        self.attempts = 0
        self.failure = ""
        self.revision = -1
        self.next: datetime | None = None

    @property
    def wait(self) -> timedelta:
        """How long until the next poll."""
        return min(_BACKOFF * self.attempts, _LONGEST_BACKOFF) if self.waiting else self.settings.interval
