"""`systemctl` on a node: its verbs, its words, its exit codes."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime

from local_azure.nodes.disk import Disk
from local_azure.nodes.systemd import jobs, show
from local_azure.nodes.systemd.answer import FAILED, NO_PERMISSION, NOT_RUNNING, UNKNOWN, Answer, failed
from local_azure.nodes.systemd.links import can_be_enabled, disable, enable, state_of
from local_azure.nodes.systemd.options import Options, UsageError, parse
from local_azure.nodes.systemd.service import Service
from local_azure.nodes.systemd.unit_file import BadSettingError
from local_azure.nodes.systemd.units import Unit, Units
from local_azure.nodes.views import ROOT

Verb = Callable[[Options, Answer], Awaitable[None]]

_NOT_TO_BE_ENABLED = (
    "The unit files have no installation config (WantedBy=, RequiredBy=, Also=,",
    "Alias= settings in the [Install] section, and DefaultInstance= for template",
    "units). This means they are not meant to be enabled or disabled using systemctl.",
)


class Systemctl:
    """Answers the command for one node."""

    def __init__(self, units: Units, disk: Disk, now: Callable[[], datetime]) -> None:
        self._units = units
        self._disk = disk
        self._now = now
        self._jobs = jobs.Jobs(units)
        self._verbs: dict[str, Verb] = {
            "daemon-reload": self._daemon_reload,
            "enable": self._enable,
            "disable": self._disable,
            "is-active": self._is_active,
            "is-failed": self._is_failed,
            "is-enabled": self._is_enabled,
            "status": self._status,
            "show": self._show,
            **dict.fromkeys(jobs.VERBS, self._job),
        }

    async def answer(self, words: Sequence[str], user: str) -> Answer:
        """Do what the command line *words* says, for *user*."""
        try:
            options = parse(words)
        except UsageError as error:
            return failed(str(error))
        answer, verb = Answer(), self._verbs.get(options.verb)
        if not verb:
            return failed(f"Unknown command verb {options.verb}.")
        if not options.names and options.verb != "daemon-reload":
            return failed("Too few arguments.")
        if user != ROOT and options.verb in _CHANGES:
            return _denied(options)
        self._units.look()
        await verb(options, answer)
        return answer

    async def _job(self, options: Options, answer: Answer) -> None:
        await self._jobs.run(options.verb, options.names, answer, block=options.block)

    async def _daemon_reload(self, _: Options, __: Answer) -> None:
        self._units.read_again()

    async def _enable(self, options: Options, answer: Answer) -> None:
        files = [(name, self._units.file(name)) for name in options.names]
        for name, file in files:
            if not file:
                answer.fail(FAILED, f"Failed to enable unit: Unit file {name} does not exist.")
                return
        for _, file in files:
            if file and not can_be_enabled(file):
                answer.err += _NOT_TO_BE_ENABLED
            elif file:
                made = [f"Created symlink {link} → {file.path}." for link in enable(self._disk, file)]
                answer.err += [] if options.quiet else made
        self._units.read_again()
        if options.now:
            await self._jobs.run("start", options.names, answer, block=options.block)

    async def _disable(self, options: Options, answer: Answer) -> None:
        for name in options.names:
            links = disable(self._disk, name)
            if not links and not self._units.file(name):
                answer.fail(FAILED, f"Failed to disable unit: Unit file {name} does not exist.")
                return
            answer.err += [] if options.quiet else [f'Removed "{link}".' for link in links]
        if options.now:
            await self._jobs.run("stop", options.names, answer, block=options.block)
        self._units.read_again()

    async def _is_active(self, options: Options, answer: Answer) -> None:
        self._states(options, answer, ("active", "reloading"), NOT_RUNNING)

    async def _is_failed(self, options: Options, answer: Answer) -> None:
        self._states(options, answer, ("failed",), FAILED)

    def _states(self, options: Options, answer: Answer, good: tuple[str, ...], code: int) -> None:
        units = [self._find(name) for name in options.names]
        states = [unit.condition.active if unit else "inactive" for unit, _ in units]
        if not options.quiet:
            answer.out += states
        if not any(state in good for state in states):
            answer.code = UNKNOWN if all(loaded == "not-found" for _, loaded in units) else code

    async def _is_enabled(self, options: Options, answer: Answer) -> None:
        states = []
        for name in options.names:
            file = self._units.file(name)
            if not file:
                answer.err.append(f"Failed to get unit file state for {name}: No such file or directory")
                answer.code = FAILED
                return
            states.append(state_of(self._disk, file))
        if not options.quiet:
            answer.out += states
        if not {"enabled", "static"} & set(states):
            answer.code = FAILED

    async def _status(self, options: Options, answer: Answer) -> None:
        for name in options.names:
            unit, loaded = self._find(name)
            if not unit and loaded == "not-found":
                answer.fail(UNKNOWN, f"Unit {name} could not be found.")
                continue
            if answer.out:
                answer.out.append("")
            log = self._units.journal.newest(name)
            if not unit:
                answer.out += [f"○ {name}", f"     Loaded: {loaded}", "     Active: inactive (dead)", "", *log]
                answer.code = answer.code or NOT_RUNNING
                continue
            answer.out += show.status_page(unit, self._file_state(name), self._triggers(unit), self._now(), log)
            if not unit.condition.up:
                answer.code = answer.code or NOT_RUNNING

    async def _show(self, options: Options, answer: Answer) -> None:
        for name in options.names:
            unit, loaded = self._find(name)
            if unit:
                when, file = (show.unix if options.unix else show.pretty), self._units.file(name)
                known = show.properties(unit, file, self._file_state(name), self._triggers(unit), when)
            else:
                known = show.properties_without_unit(name, loaded)
            if answer.out:
                answer.out.append("")
            for key in options.wanted or known:
                if key in known:
                    answer.out.append(known[key] if options.value else f"{key}={known[key]}")

    def _find(self, name: str) -> tuple[Unit | None, str]:
        """The unit, and how it loads."""
        try:
            unit = self._units.find(name)
        except BadSettingError as error:
            self._units.journal.write(name, str(error))
            return None, "bad-setting"
        return unit, "loaded" if unit else "not-found"

    def _file_state(self, name: str) -> str:
        file = self._units.file(name)
        return state_of(self._disk, file) if file else ""

    def _triggers(self, unit: Unit) -> list[str]:
        return [path.name for path in self._units.triggers_of(unit)] if isinstance(unit, Service) else []


_CHANGES = jobs.VERBS | {"daemon-reload", "enable", "disable"}


def _denied(options: Options) -> Answer:
    """What a plain user is told."""
    if options.verb == "daemon-reload":
        return failed("Failed to reload daemon: Access denied")
    if options.verb in {"enable", "disable"}:
        return failed(f"Failed to {options.verb} unit: Access denied")
    answer = Answer()
    for name in options.names:
        see = f"See system logs and 'systemctl status {name}' for details."
        answer.fail(NO_PERMISSION, f"Failed to {options.verb} {name}: Access denied", see)
    return answer
