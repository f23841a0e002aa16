"""A fault rule as it is sent to the admin port, and as it is shown."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from fnmatch import fnmatchcase
from typing import Any

from local_azure.admin.effects import EFFECTS, Kind
from local_azure.admin.fields import LONGEST, ONE_OR_MORE, SPAN, Field, count, number, text
from local_azure.wire import distortion
from local_azure.wire.faults import Effect, Rule, When
from local_azure.wire.messages import AzureError

_ANY = "*"


_PATTERN = Field("a pattern of a shell, as Vaults_* or */pools/render", text)
_WHERE = {"operation": _PATTERN, "resource": _PATTERN}
_WHEN = {
    "nth": ONE_OR_MORE,
    "every": ONE_OR_MORE,
    "first": ONE_OR_MORE,
    "for_seconds": SPAN,
    "chance": Field("a number from 0 to 1", number(0, 1)),
    "seed": Field("a text", text),
}
_OPTIONS = {
    "status": Field("an HTTP status", count(400)),
    "code": Field("a text", text),
    "message": Field("a text", text),
    "retry_after": Field("whole seconds of 0 or more", count(0)),
    "seconds": Field(f"seconds, at most {LONGEST:.0f}", number(-LONGEST, LONGEST)),
    "size": Field("a number of bytes of 0 or more", count(0)),
    "kind": Field("a word", text),
}
_NEGATIVE = "clock-skewed"  # the one effect whose seconds may be negative


@dataclass(frozen=True)
class Wanted:
    """A rule that holds, to be added."""

    domain: str
    effect: Effect
    operation: str
    resource: str
    when: When


def read_rule(body: Mapping[str, Any], operations: Iterable[str], now: datetime) -> Wanted:
    """The rule that *body* asks for. *operations* are the names of those that are served.

    Raises: AzureError 400 `InvalidFault`, naming all that is wrong.
    """
    name = body.get("effect")
    kind = EFFECTS.get(name) if isinstance(name, str) else None
    if kind is None:
        raise _invalid([f"effect: {name!r} is none of {', '.join(EFFECTS)}"])
    wrong = [*_wrong_fields(body, kind), *_wrong_options(body, str(name), kind), *_wrong_place(body, kind, operations)]
    if wrong:
        raise _invalid(wrong)
    span = body.get("for_seconds")
    when = {field: body[field] for field in ("nth", "every", "first", "chance", "seed") if field in body}
    until = None if span is None else now + timedelta(seconds=span)
    options: dict[str, Any] = {field: body[field] for field in _OPTIONS if field in body}
    return Wanted(
        domain=kind.domain,
        effect=Effect(**{"name": str(name), "status": kind.status, **options}),
        operation=body.get("operation", _ANY),
        resource=body.get("resource", _ANY),
        when=When(**when, until=until),
    )


def rule_json(rule: Rule) -> dict[str, Any]:
    """A rule as JSON: what was asked for, and what it has done so far."""
    until = rule.when.until
    given = {**asdict(rule.effect), **asdict(rule.when), "until": until.isoformat() if until else None}
    effect = given.pop("name")
    unset = asdict(Effect("")) | asdict(When())
    shown = {name: value for name, value in given.items() if value != unset[name]}
    return {
        "id": rule.id,
        "effect": effect,
        "operation": rule.operation,
        "resource": rule.resource,
        **shown,
        "seen": rule.seen,
        "struck": rule.struck,
    }


def _wrong_fields(body: Mapping[str, Any], kind: Kind) -> Iterable[str]:
    known = {**_WHERE, **_WHEN, **_OPTIONS}
    for name, value in body.items():
        if name != "effect" and name not in known:
            yield f"{name}: a rule has no such field"
        elif name in known and (wrong := known[name].fault(name, value)):
            yield wrong
        elif name in kind.choices and value not in kind.choices[name]:
            yield f"{name}: {value!r} is none of {', '.join(map(str, kind.choices[name]))}"


def _wrong_options(body: Mapping[str, Any], name: str, kind: Kind) -> Iterable[str]:
    for option in _OPTIONS:
        if option in kind.needs and option not in body:
            yield f"{option}: {name} needs it"
        elif option in body and option not in kind.needs | kind.takes:
            yield f"{option}: {name} does not take it"
    seconds = body.get("seconds")
    if isinstance(seconds, int | float) and seconds < 0 and name != _NEGATIVE:
        yield f"seconds: {name} takes no negative number"


def _wrong_place(body: Mapping[str, Any], kind: Kind, operations: Iterable[str]) -> Iterable[str]:
    operation = body.get("operation", _ANY)
    if not isinstance(operation, str):
        return
    if kind.domain == distortion.DOMAIN:
        known = set(operations)
    elif kind.operations:
        known = set(kind.operations)
    else:
        known = {_ANY}
    if not any(fnmatchcase(name.lower(), operation.lower()) for name in known):
        named = ", ".join(sorted(known)) if kind.operations else "one of the embedded Azure's"
        yield f"operation: {operation!r} is not {named}" if kind.domain != "node" else "operation: a node has none"


def _invalid(wrong: Iterable[str]) -> AzureError:
    return AzureError(400, "InvalidFault", "; ".join(wrong))
