"""What unit files ask for, read into values: services and path units."""

from __future__ import annotations

import posixpath
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from local_azure.nodes.systemd.commands import Command, assignments, commands
from local_azure.nodes.systemd.unit_file import BadSettingError, UnitFile

_TYPES = frozenset({"simple", "exec", "idle", "oneshot"})
_RESTARTS = frozenset({"no", "always", "on-success", "on-failure", "on-abnormal", "on-abort"})
PATH_KINDS = ("PathExists", "PathExistsGlob", "PathChanged", "PathModified", "DirectoryNotEmpty")


@dataclass(frozen=True)
class Limit:
    """No more than *burst* in *interval* seconds; either 0 stands for no limit."""

    interval: float
    burst: int


@dataclass(frozen=True)
class ServiceSettings:
    """A service.

    Attributes:
        file: where it is written.
        kind: its Type=: "simple", "exec", "idle" or "oneshot".
        before, start, reload: ExecStartPre=, ExecStart=, ExecReload=.
        folder: its working directory.
        user: who runs it.
        stays: RemainAfterExit=.
        restart, restart_after: Restart=, and RestartSec= in seconds.
        start_timeout, stop_timeout: seconds, maybe infinite.
        limit: how often it may start.
    """

    file: UnitFile
    kind: str
    before: tuple[Command, ...]
    start: tuple[Command, ...]
    reload: tuple[Command, ...]
    environment: Mapping[str, str]
    folder: str
    user: str
    stays: bool
    restart: str
    restart_after: float
    start_timeout: float
    stop_timeout: float
    limit: Limit

    @property
    def oneshot(self) -> bool:
        """Whether it is up only once its commands have ended."""
        return self.kind == "oneshot"


@dataclass(frozen=True)
class PathSettings:
    """A path unit.

    Attributes:
        watched: (kind, path) with a kind of `PATH_KINDS` and a path of the node.
        unit: the unit that it starts.
        make: whether missing folders are to be made.
        limit: how often it may start the unit.
    """

    file: UnitFile
    watched: tuple[tuple[str, str], ...]
    unit: str
    make: bool
    limit: Limit


def service_settings(file: UnitFile) -> ServiceSettings:
    """Read a .service file. Raises: BadSettingError, in words for the log."""
    kind = file.last("Service", "Type", "simple")
    restart = file.last("Service", "Restart", "no")
    start = commands(file.all("Service", "ExecStart"))
    if kind not in _TYPES:
        raise BadSettingError(f"Type={kind}: a node of the embedded Azure knows {', '.join(sorted(_TYPES))}")
    if restart not in _RESTARTS:
        raise BadSettingError(f"Restart={restart} is none of {', '.join(sorted(_RESTARTS))}")
    if not start:
        raise BadSettingError("Service has no ExecStart=, ExecStop=, or SuccessAction=. Refusing.")
    if len(start) > 1 and kind != "oneshot":
        raise BadSettingError("Service has more than one ExecStart= setting, which is only allowed for Type=oneshot.")
    forever = float("inf")
    return ServiceSettings(
        file=file,
        kind=kind,
        before=commands(file.all("Service", "ExecStartPre")),
        start=start,
        reload=commands(file.all("Service", "ExecReload")),
        environment=assignments(file.all("Service", "Environment")),
        folder=file.last("Service", "WorkingDirectory", "/"),
        user=file.last("Service", "User", "root"),
        stays=file.flag("Service", "RemainAfterExit"),
        restart=restart,
        restart_after=file.seconds("Service", "RestartSec", 0.1),
        start_timeout=_timeout(file, "TimeoutStartSec", forever if kind == "oneshot" else 90),
        stop_timeout=_timeout(file, "TimeoutStopSec", 90),
        limit=Limit(file.seconds("Unit", "StartLimitIntervalSec", 10), file.number("Unit", "StartLimitBurst", 5)),
    )


def path_settings(file: UnitFile) -> PathSettings:
    """Read a .path file. Raises: BadSettingError, in words for the log."""
    pairs = [(kind, path) for section, kind, path in file.settings if section == "Path" and kind in PATH_KINDS]
    if not pairs:
        raise BadSettingError("Path unit lacks path setting. Refusing.")
    for _, path in pairs:
        if not path.startswith("/"):
            raise BadSettingError(f"{path} is not absolute")
    return PathSettings(
        file=file,
        watched=tuple((kind, posixpath.normpath(path)) for kind, path in pairs),
        unit=file.last("Path", "Unit", f"{file.name.rpartition('.')[0]}.service"),
        make=file.flag("Path", "MakeDirectory"),
        limit=Limit(file.seconds("Path", "TriggerLimitIntervalSec", 2), file.number("Path", "TriggerLimitBurst", 200)),
    )


def span(seconds: float) -> timedelta:
    """Finite seconds as a span of time."""
    return timedelta(seconds=seconds)


def _timeout(file: UnitFile, key: str, default: float) -> float:
    seconds = file.seconds("Service", key, file.seconds("Service", "TimeoutSec", default))
    return seconds or float("inf")
