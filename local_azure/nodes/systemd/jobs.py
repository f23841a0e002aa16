"""The jobs of `systemctl`: start, stop, reload and their kin."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from local_azure.nodes.systemd.answer import FAILED, NOT_APPLICABLE, NOT_CONFIGURED, NOT_INSTALLED, Answer
from local_azure.nodes.systemd.service import Service
from local_azure.nodes.systemd.unit_file import BadSettingError
from local_azure.nodes.systemd.units import Unit, Units

VERBS = frozenset(
    {"start", "stop", "restart", "try-restart", "reload", "reload-or-restart", "try-reload-or-restart", "reset-failed"}
)
_WHY = {  # systemd's bus-wait-for-jobs.c
    "resources": "of unavailable resources or another system error",
    "timeout": "a timeout was exceeded",
    "exit-code": "the control process exited with error code",
    "signal": "a fatal signal was delivered to the control process",
    "start-limit-hit": "start of the service was attempted too often",
}


class Jobs:
    """Does what is asked of the units of one node."""

    def __init__(self, units: Units) -> None:
        self._units = units
        self._going_on: set[asyncio.Task[None]] = set()

    async def run(self, verb: str, names: Sequence[str], answer: Answer, *, block: bool = True) -> None:
        """Do *verb* to each unit, side by side; *answer* gets what is to be said. Without *block*, do not wait."""
        found = [unit for name in names if (unit := self._find(verb, name, answer))]
        work = [asyncio.create_task(self._do(verb, unit, answer if block else Answer())) for unit in found]
        self._going_on.update(work)
        for task in work:
            task.add_done_callback(self._going_on.discard)
        if work:
            await (asyncio.wait(work) if block else asyncio.sleep(0))  # without waiting they have at least begun

    def _find(self, verb: str, name: str, answer: Answer) -> Unit | None:
        see = f"See system logs and 'systemctl status {name}' for details."
        try:
            unit = self._units.find(name)
        except BadSettingError as error:
            self._units.journal.write(name, str(error))
            answer.fail(NOT_CONFIGURED, f"Failed to {verb} {name}: Unit {name} has a bad unit file setting.", see)
            return None
        if not unit:
            what = "not loaded" if verb in {"stop", "reset-failed"} else "not found"
            answer.fail(NOT_INSTALLED, f"Failed to {verb} {name}: Unit {name} {what}.")
        elif self._units.file(name) != unit.settings.file:
            answer.err.append(
                f"Warning: The unit file, source configuration file or drop-ins of {name} changed on disk. "
                "Run 'systemctl daemon-reload' to reload units."
            )
        return unit

    async def _do(self, verb: str, unit: Unit, answer: Answer) -> None:
        what = _meant(verb, unit)
        if what == "stop":
            await unit.stop()
        elif what == "reset-failed":
            unit.reset()
        elif what == "reload":
            await self._reload(verb, unit, answer)
        elif what in {"start", "restart"}:
            if what == "restart":
                await unit.stop()
            if not await unit.start():
                answer.fail(FAILED, *_failure(unit))

    async def _reload(self, verb: str, unit: Unit, answer: Answer) -> None:
        if not isinstance(unit, Service) or not unit.settings.reload:
            why = f"Job type reload is not applicable for unit {unit.name}."
            answer.fail(NOT_APPLICABLE, f"Failed to {verb} {unit.name}: {why}")
        elif not unit.condition.up:
            answer.fail(FAILED, f"{unit.name} is not active, cannot reload.")
        elif not await unit.reload():
            answer.fail(FAILED, *_job_failed(unit.name, "exit-code"))


def _meant(verb: str, unit: Unit) -> str:
    """What *verb* comes down to for a unit as it is: "" for nothing."""
    up, reloads = unit.condition.up, isinstance(unit, Service) and bool(unit.settings.reload)
    if verb.startswith("try-") and not up:
        return ""
    if verb in {"reload-or-restart", "try-reload-or-restart"}:
        return "reload" if up and reloads else "restart"
    return verb.removeprefix("try-")


def _failure(unit: Unit) -> list[str]:
    if not isinstance(unit, Service):
        return ['Job failed. See "journalctl -xe" for details.']
    lines = _job_failed(unit.name, unit.condition.result)
    if unit.condition.result == "start-limit-hit":
        lines += [
            f'To force a start use "systemctl reset-failed {unit.name}"',
            f'followed by "systemctl start {unit.name}" again.',
        ]
    return lines


def _job_failed(name: str, result: str) -> list[str]:
    return [
        f"Job for {name} failed because {_WHY.get(result, _WHY['exit-code'])}.",
        f'See "systemctl status {name}" and "journalctl -xeu {name}" for details.',
    ]
