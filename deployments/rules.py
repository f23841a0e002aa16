"""What must be true of one deployment: an ordered list of checks, each with one question."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import PurePosixPath
from typing import Any

from cronsim import CronSim, CronSimError
from pydantic import TypeAdapter, ValidationError

from deployments.cures import message
from deployments.entrypoints import NoFlowError
from deployments.faults import Fault
from deployments.regions import is_timezone
from deployments.subject import LOAD, SEE_OTHERS, Subject
from deployments.templates import filled_in, placeholders, why_unknown

# Fields of a deployment in Prefect 3's prefect.yaml.
FIELDS = (
    *("name", "entrypoint", "description", "version", "version_type", "tags", "flow_name", "parameters", "work_pool"),
    *("schedule", "schedules", "paused", "concurrency_limit", "enforce_parameter_schema", "triggers", "sla"),
    *("build", "push", "pull"),
)
TIMINGS = ("cron", "interval", "rrule")
STRATEGIES = ("ENQUEUE", "CANCEL_NEW")


def fields_are_known(subject: Subject) -> Iterator[Fault]:
    """A misspelt field would be left aside by Prefect without a word."""
    for field in subject.entry:
        if field not in FIELDS:
            close = difflib.get_close_matches(str(field), FIELDS, n=1)
            cure = f"did you mean {close[0]}?" if close else "remove it"
            yield subject.fault((field,), "is no field of a deployment", cure)


def has_a_name(subject: Subject) -> Iterator[Fault]:
    """A deployment without a name cannot be deployed without questions."""
    if not isinstance(subject.entry.get("name"), str):
        yield subject.fault(("name",), "the deployment has no name", "give it its region's")


def leads_to_a_flow(subject: Subject) -> Iterator[Fault]:
    """The entrypoint names a file and a flow in it."""
    if isinstance(subject.flow, NoFlowError):
        yield subject.fault(("entrypoint",), subject.flow.what, subject.flow.cure)


def has_a_work_pool(subject: Subject) -> Iterator[Fault]:
    """Without a work pool, deploying asks for one."""
    if not subject.map("work_pool").get("name"):
        yield subject.fault(("work_pool", "name"), "the deployment has no work pool", SEE_OTHERS)


def reads_its_region(subject: Subject) -> Iterator[Fault]:
    """Its region's file exists, has been given, and is not another region's."""
    for place, function, arguments in subject.steps():
        if function == LOAD and not (isinstance(arguments.get("file"), str) and arguments.get("id")):
            yield subject.fault(("build", place, LOAD), "the step needs an id and a file", SEE_OTHERS)
    for place, file in subject.region_files():
        at = ("build", place, LOAD, "file")
        own = str(PurePosixPath(file).with_name(f"{subject.entry.get('name')}.yaml"))
        if file not in subject.regions:
            known = ", ".join(sorted(subject.regions)) or "none"
            yield subject.fault(at, f"there is no region's file {file}", f"create it, or name one of: {known}")
        elif file != own and own in subject.regions:
            yield subject.fault(at, f"{subject.entry.get('name')} reads another region's file: {file}", f"name {own}")


def placeholders_stand_for_something(subject: Subject) -> Iterator[Fault]:
    """Prefect drops a field whose placeholder nothing stands behind. Triggers have templates of their own."""
    outputs = subject.outputs()
    for field, value in subject.entry.items():
        for placeholder in placeholders(value, (field,)) if field != "triggers" else ():
            why = why_unknown(placeholder.name, outputs)
            if why:
                yield subject.fault(placeholder.path, why, "correct it; Prefect would leave the field out")


def parameters_fit_the_flow(subject: Subject) -> Iterator[Fault]:
    """Each parameter is one of the flow's and of its type; a scheduled run has nobody to ask for the rest."""
    if isinstance(subject.flow, NoFlowError):
        return
    takes, gives, outputs = subject.flow.parameters, subject.map("parameters"), subject.outputs()
    for name, value in gives.items():
        if name not in takes:
            what = f"the flow has no parameter {name}"
            yield subject.fault(("parameters", name), what, f"its parameters are {', '.join(takes)}")
        elif takes[name].kind is not None and (given := filled_in(value, outputs)) is not None:
            yield from _fits(subject, name, takes[name].kind, given)
    needed = [name for name, parameter in takes.items() if parameter.required and name not in gives]
    if needed and subject.list("schedules"):
        what = f"a scheduled run would lack {', '.join(needed)}"
        yield subject.fault(("parameters",), what, "give a value for each")


def schedules_are_sound(subject: Subject) -> Iterator[Fault]:
    """Each schedule says when, in a form that can be read, and in a time zone that exists."""
    outputs = subject.outputs()
    for place, schedule in enumerate(subject.list("schedules")):
        at = ("schedules", place)
        if not isinstance(schedule, dict) or not any(schedule.get(timing) for timing in TIMINGS):
            yield subject.fault(at, "the schedule does not say when", f"give one of {', '.join(TIMINGS)}")
            continue
        cron, zone = (filled_in(schedule.get(key), outputs) for key in ("cron", "timezone"))
        if cron is not None and (why := _why_no_cron(cron)):
            cure = "minute, hour, day, month, day of week: 17 6 * * *"
            yield subject.fault((*at, "cron"), f"{cron!r} is no cron expression: {why}", cure)
        if zone is not None and not is_timezone(str(zone)):
            yield subject.fault((*at, "timezone"), f"{zone} is no time zone", "use an IANA name: America/Los_Angeles")


def concurrency_is_limited(subject: Subject) -> Iterator[Fault]:
    """Two runs for one pool must not overlap, and a person's run must wait rather than be dropped in silence."""
    limit = subject.entry.get("concurrency_limit")
    count = limit.get("limit") if isinstance(limit, dict) else limit
    if count != 1:
        what = "two runs of this deployment could overlap" if count is None else f"the limit is {count}"
        at = ("concurrency_limit", "limit") if isinstance(limit, dict) else ("concurrency_limit",)
        yield subject.fault(at, what, "limit: 1, collision_strategy: ENQUEUE")
    strategy = limit.get("collision_strategy", "ENQUEUE") if isinstance(limit, dict) else "ENQUEUE"
    if strategy not in STRATEGIES:
        what = f"{strategy} is no strategy"
        yield subject.fault(("concurrency_limit", "collision_strategy"), what, f"use {' or '.join(STRATEGIES)}")


Check = Callable[[Subject], Iterator[Fault]]
CHECKS: tuple[Check, ...] = (
    fields_are_known,
    has_a_name,
    leads_to_a_flow,
    has_a_work_pool,
    reads_its_region,
    placeholders_stand_for_something,
    parameters_fit_the_flow,
    schedules_are_sound,
    concurrency_is_limited,
)


def _fits(subject: Subject, name: str, kind: Any, given: Any) -> Iterator[Fault]:
    try:
        TypeAdapter(kind).validate_python(given)
    except ValidationError as error:
        for each in error.errors(include_url=False, include_input=False):
            yield subject.fault(("parameters", name, *each["loc"]), message(each), "see the flow's parameters")


def _why_no_cron(text: Any) -> str:
    """Why *text* is no cron expression, or "" where it is one."""
    try:
        CronSim(str(text), datetime(2000, 1, 1, tzinfo=UTC))
    except CronSimError as error:
        return str(error)
    return ""
