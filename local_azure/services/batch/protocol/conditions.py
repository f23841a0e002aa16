"""If-Match and If-None-Match, as Azure reads them."""

from __future__ import annotations

from typing import Protocol

from local_azure.services.batch.errors import refusal


class Tagged(Protocol):
    """A resource with an ETag: a pool, a job, a task."""

    @property
    def etag(self) -> str:
        """The ETag, without quotes."""


def check_conditions(resource: Tagged | None, if_match: str, if_none_match: str) -> None:
    """Raises: AzureError 412 `ConditionNotMet`; ETags are compared without weakness marks and quotes."""
    etag = resource.etag if resource else ""
    refused = if_match and (resource is None or (if_match != "*" and _bare(if_match) != etag))
    if if_none_match and resource is not None and (if_none_match == "*" or _bare(if_none_match) == etag):
        refused = True
    if refused:
        raise refusal("ConditionNotMet")


def known_already(resource: Tagged, if_none_match: str) -> bool:
    """Whether a reader that sends *if_none_match* has this very state of the resource."""
    return if_none_match == "*" or _bare(if_none_match) == resource.etag


def _bare(etag: str) -> str:
    return etag.strip().removeprefix("W/").strip('"')
