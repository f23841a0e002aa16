"""What a unit tells of itself: the properties of `systemctl show`, and the page of `systemctl status`."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from local_azure.nodes.systemd.processes import Exit
from local_azure.nodes.systemd.service import Service
from local_azure.nodes.systemd.settings import PathSettings
from local_azure.nodes.systemd.unit_file import UnitFile
from local_azure.nodes.systemd.units import Unit

When = Callable[[datetime | None], str]
_MARKS = {"active": "●", "reloading": "↻", "failed": "×"}  # noqa: RUF001 - systemd's own mark
_STATES = {"Active": "active", "Inactive": "inactive"}


def pretty(when: datetime | None) -> str:
    """A time as systemd shows it, "Mon 2026-01-05 10:00:00 UTC"."""
    return f"{when:%a %Y-%m-%d %H:%M:%S} UTC" if when else ""


def unix(when: datetime | None) -> str:
    """A time as `--timestamp=unix` wants it."""
    return f"@{when.timestamp():.0f}" if when else ""


def properties_without_unit(name: str, load_state: str) -> dict[str, str]:
    """What is told of a unit that is not there, or whose file is no good."""
    return {
        "Id": name,
        "Names": name,
        "LoadState": load_state,
        "ActiveState": "inactive",
        "SubState": "dead",
        "UnitFileState": "",
        "Result": "success",
        "MainPID": "0",
        "ExecMainStatus": "0",
        "ExecMainCode": "0",
    }


def properties(unit: Unit, file: UnitFile | None, file_state: str, triggers: list[str], when: When) -> dict[str, str]:
    """All that is told of *unit*. *file* is its file as it is now, *when* the way times are written."""
    condition, settings = unit.condition, unit.settings
    known = {
        "Id": unit.name,
        "Names": unit.name,
        "Description": settings.file.last("Unit", "Description", unit.name),
        "LoadState": "loaded",
        "ActiveState": condition.active,
        "SubState": condition.sub,
        "FragmentPath": settings.file.path,
        "UnitFileState": file_state,
        "NeedDaemonReload": "no" if file == settings.file else "yes",
        "Result": condition.result,
        "StateChangeTimestamp": when(condition.changed),
        "InvocationID": unit.run.invocation if isinstance(unit, Service) and unit.run else "",
    }
    for name, state in _STATES.items():
        known[f"{name}EnterTimestamp"] = when(condition.since.get(state))
        known[f"{name}ExitTimestamp"] = when(condition.since.get(f"after {state}"))
    return known | (_of_service(unit, triggers, when) if isinstance(unit, Service) else _of_path(unit.settings))


def _of_service(service: Service, triggers: list[str], when: When) -> dict[str, str]:
    main = service.main
    return {
        "Type": service.settings.kind,
        "Restart": service.settings.restart,
        "NRestarts": str(service.restarts),
        "RemainAfterExit": "yes" if service.settings.stays else "no",
        "CanReload": "yes" if service.settings.reload else "no",
        "TriggeredBy": " ".join(triggers),
        "MainPID": str(0 if main.exit else main.pid),
        "ExecMainPID": str(main.pid),
        "ExecMainStartTimestamp": when(main.began),
        "ExecMainExitTimestamp": when(main.ended),
        "ExecMainCode": str(_code(main.exit)),  # 1 exited, 2 killed: waitid(2)
        "ExecMainStatus": str(main.exit.status if main.exit else 0),
    }


def _of_path(settings: PathSettings) -> dict[str, str]:
    return {
        "Unit": settings.unit,
        "Triggers": settings.unit,
        "Paths": " ".join(f"{path} ({kind})" for kind, path in settings.watched),
    }


def _code(end: Exit | None) -> int:
    if end is None:
        return 0
    return 2 if end.by_signal else 1


def status_page(unit: Unit, file_state: str, triggers: list[str], now: datetime, log: list[str]) -> list[str]:
    """The lines of `systemctl status`."""
    condition, file = unit.condition, unit.settings.file
    state = f"{condition.active} ({condition.sub})"
    if condition.active == "failed":
        state = f"failed (Result: {condition.result})"
    since = f" since {pretty(condition.changed)}; {_ago(now - condition.changed)} ago" if condition.changed else ""
    page = [
        f"{_MARKS.get(condition.active, '○')} {unit.name} - {file.last('Unit', 'Description', unit.name)}",
        f"     Loaded: loaded ({file.path}; {file_state})",
        f"     Active: {state}{since}",
        *(f"TriggeredBy: {trigger}" for trigger in triggers),
    ]
    if not isinstance(unit, Service):
        return [*page, f"   Triggers: {unit.settings.unit}", *(["", *log] if log else [])]
    main = unit.main
    if main.exit:
        how = f"killed, signal={main.exit.status}" if main.exit.by_signal else f"exited, status={main.exit.status}"
        page.append(f"   Main PID: {main.pid} (code={how})")
    elif main.pid:
        page.append(f"   Main PID: {main.pid}")
    return [*page, *(["", *log] if log else [])]


def _ago(past: timedelta) -> str:
    seconds = int(past.total_seconds())
    days, hours, minutes = seconds // 86400, seconds // 3600 % 24, seconds // 60 % 60
    parts = [f"{days} days"] * (days > 0) + [f"{hours}h"] * (hours > 0) + [f"{minutes}min"] * (minutes > 0)
    return " ".join(parts[:2]) or f"{seconds}s"
