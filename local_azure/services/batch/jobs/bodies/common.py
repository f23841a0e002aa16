"""What the bodies of jobs and tasks have in common: names, words, users, constraints.

Source: TaskAddParameter, JobAddParameter and their parts in the Batch service API description 2024-02-01.19.0.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from local_azure.services.batch.errors import invalid, missing, refusal
from local_azure.services.batch.protocol.shapes import chosen_option, integer, items, members, text
from local_azure.services.batch.protocol.times import UNLIMITED, parse_duration

_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
_DISPLAY_NAME = 1024  # characters
_MOST_RETRIES = 2**31 - 1
RETENTION = "P7D"
DEFAULT_USER = {"autoUser": {"scope": "task", "elevationLevel": "nonadmin"}}


def present(body: dict[str, Any], names: Iterable[str]) -> dict[str, Any]:
    """The members of *body* that are called one of *names* and are not null."""
    return {name: body[name] for name in names if body.get(name) is not None}


def checked_id(value: Any, path: str) -> str:
    """An id of a job or task. Raises: AzureError 400."""
    if not _ID.fullmatch(text(value, path)):
        raise invalid(
            path,
            "The id can contain any combination of alphanumeric characters including hyphens and underscores, and "
            "cannot contain more than 64 characters.",
            str(value)[:80],
        )
    return str(value)


def check_command(properties: dict[str, Any], path: str = "") -> None:
    """Raises: AzureError 400 for a command without a command line, or with environment settings that are none."""
    text(properties.get("commandLine"), f"{path}commandLine")
    check_environment(properties.get("environmentSettings"), f"{path}environmentSettings")
    if properties.get("displayName"):
        text(properties["displayName"], f"{path}displayName", _DISPLAY_NAME)
    check_served(properties, path)


def check_environment(settings: Any, path: str) -> None:
    """Raises: AzureError 400 for settings that have no name."""
    for entry in items(settings, path):
        text(members(entry, path).get("name"), f"{path}.name")


def check_served(properties: dict[str, Any], path: str = "") -> None:
    """Raises: AzureError for what a task may ask of Batch, and no region here has: containers, application packages."""
    if properties.get("applicationPackageReferences"):
        raise refusal("InvalidApplicationPackageReferences")  # an account here holds no applications
    for name in ("containerSettings", "multiInstanceSettings", "authenticationTokenSettings"):
        if properties.get(name):
            raise refusal(
                "UnsupportedProperty",
                {"PropertyName": name, "PropertyPath": f"{path}{name}", "Reason": "No pool here can run such tasks."},
            )


def completed_user(identity: Any, path: str, *, scope: str) -> dict[str, Any]:
    """A user identity with its defaults. *scope* is that of a task which names none. Raises: AzureError 400."""
    if identity is None:
        return {"autoUser": {"scope": scope, "elevationLevel": "nonadmin"}}
    given = members(identity, path)
    named, auto = given.get("username"), given.get("autoUser")
    if (named is None) == (auto is None):
        raise invalid(path, "Exactly one of username and autoUser must be specified.")
    if named is not None:
        return {"username": text(named, f"{path}.username")}
    auto = members(auto, f"{path}.autoUser")
    return {
        "autoUser": {
            "scope": chosen_option(auto.get("scope"), f"{path}.autoUser.scope", ("pool", "task")),
            "elevationLevel": chosen_option(
                auto.get("elevationLevel"), f"{path}.autoUser.elevationLevel", ("nonadmin", "admin")
            ),
        }
    }


def completed_constraints(given: Any, path: str, *, retries: int) -> dict[str, Any]:
    """A task's constraints with their defaults; *retries* is the job's. Raises: AzureError 400."""
    constraints = members(given, path) if given is not None else {}
    wanted = constraints.get("maxTaskRetryCount")
    return {
        "maxWallClockTime": duration(constraints.get("maxWallClockTime") or UNLIMITED, f"{path}.maxWallClockTime"),
        "retentionTime": duration(constraints.get("retentionTime") or RETENTION, f"{path}.retentionTime"),
        "maxTaskRetryCount": retries if wanted is None else retry_count(wanted, f"{path}.maxTaskRetryCount"),
    }


def retry_count(value: Any, path: str) -> int:
    """A number of retries; -1 is without limit. Raises: AzureError 400."""
    return integer(value, path, -1, _MOST_RETRIES)


def duration(value: Any, path: str, most: timedelta | None = None) -> str:
    """An ISO 8601 duration of at most *most*, as given. Raises: AzureError 400."""
    try:
        span = parse_duration(text(value, path))
    except ValueError:
        raise invalid(path, "The value must be a duration in ISO 8601 format, as PT15M.", value) from None
    if most is not None and span > most:
        raise invalid(path, f"The value must not be longer than {most}.", value)
    return str(value)


def check_metadata(metadata: Any, path: str = "metadata") -> None:
    """Raises: AzureError 400 for an entry without name or value."""
    for entry in items(metadata, path):
        text(members(entry, path).get("name"), f"{path}.name")
        if entry.get("value") is None:
            raise missing(f"{path}.value")
