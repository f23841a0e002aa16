"""A region's file, read and checked: `load` is the build step that prefect.yaml's deployments share."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import ValidationError

from batchcert.problems import raise_all
from batchcert.spec.region import NO_SUBSCRIPTION, RegionSpec
from deployments.cures import cure_for, message
from deployments.documents import Document, FieldPath, UnreadableError, read_document
from deployments.environment import Expansion
from deployments.faults import Fault

# What `load` gives to the templates of prefect.yaml: {{ region.target }} and so on.
KEYS = (
    "checkout",
    "target",
    "identity",
    "vault",
    "certificates",
    "certificate_names",
    "pool",
    "pool_name",
    "validation",
    "repair",
    "drill",
    "cron",
    "timezone",
)

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Reading:
    """What reading one file gave: the region, or None and its faults; *notes* are for a person to know."""

    region: RegionSpec | None
    faults: tuple[Fault, ...] = ()
    notes: tuple[str, ...] = ()


def load(file: str) -> dict[str, Any]:
    """Read and check *file*, for a deployment's build step.

    Returns plain JSON-able values under `KEYS`.
    Raises: Problem or Problems `invalid-deployment`: every fault of the file with its line and field.
    """
    reading = read_region(Path(file), os.environ)
    raise_all([fault.problem() for fault in reading.faults])
    for note in reading.notes:
        _say_once(note)
    assert reading.region is not None  # noqa: S101 - a region without faults was read
    return values(reading.region)


def read_region(path: Path, environ: Mapping[str, str]) -> Reading:
    """Read the region in *path*, `${NAME}` filled in from *environ*; all faults at once, none raised."""
    try:
        document = read_document(path)
    except UnreadableError as error:
        return Reading(None, (error.fault,))
    if not isinstance(document.root, dict):
        return Reading(None, (document.fault((), "is not a map of fields", "see another region's file"),))
    expansion = Expansion(environ)
    filled_in = expansion.of(document.root)
    faults = [_unset(document, path, name) for path, name in expansion.missing]
    region, wrong = _validate(document, filled_in)
    faults += [fault for fault in wrong if fault.line not in {unset.line for unset in faults}]
    return Reading(None if faults else region, tuple(faults), _notes(document, region))


def values(region: RegionSpec) -> dict[str, Any]:
    """What the templates of a region's deployments are filled in from: the keys of `KEYS`.

    *checkout* is the folder of the project, where `prefect deploy` runs.
    """
    whole = region.model_dump(mode="json", exclude={"schedule"})
    return {
        **whole,
        "checkout": str(Path.cwd()),
        "certificate_names": [certificate.name for certificate in region.certificates],
        "pool_name": region.pool.name,
        "cron": region.schedule.cron,
        "timezone": region.schedule.timezone,
    }


def is_timezone(name: str) -> bool:
    """Whether *name* is a time zone in this machine's database, or in the tzdata package."""
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return True


def _validate(document: Document, filled_in: Any) -> tuple[RegionSpec | None, list[Fault]]:
    try:
        region = RegionSpec.model_validate(filled_in)
    except ValidationError as error:
        found = error.errors(include_url=False, include_input=False)
        return None, [document.fault(each["loc"], message(each), cure_for(RegionSpec, each)) for each in found]
    unknown = list(_unknown_zones(document, region))
    return None if unknown else region, unknown


def _unknown_zones(document: Document, region: RegionSpec) -> Iterator[Fault]:
    zones = {("schedule",): region.schedule.timezone, ("drill", "window"): region.drill.window.timezone}
    for path, zone in zones.items():
        if not is_timezone(zone):
            cure = "use an IANA name: America/Los_Angeles"
            yield document.fault((*path, "timezone"), f"{zone} is no time zone", cure)


def _unset(document: Document, path: FieldPath, name: str) -> Fault:
    what = f"the environment variable {name} is not set" if name else "${} names no environment variable"
    return document.fault(path, what, f"set it, or give a default: ${{{name or 'NAME'}:-value}}")


def _notes(document: Document, region: RegionSpec | None) -> tuple[str, ...]:
    if region is None or region.target.subscription_id != NO_SUBSCRIPTION:
        return ()
    place = f"{document.file}:{document.line(('target', 'subscription_id'))}"
    return (f"{place}: no subscription is given (AZURE_SUBSCRIPTION_ID); a run's preflight will refuse it",)


@cache
def _say_once(note: str) -> None:
    """A region's deployments share its file, and one telling is enough."""
    _log.warning(note)
