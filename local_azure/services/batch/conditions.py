"""If-Match and If-None-Match, as Azure reads them."""

from __future__ import annotations

from local_azure.services.batch.errors import refusal
from local_azure.services.batch.state import Pool


def check_conditions(pool: Pool | None, if_match: str, if_none_match: str) -> None:
    """Raises: AzureError 412 `ConditionNotMet`; ETags are compared without weakness marks and quotes."""
    etag = pool.etag if pool else ""
    refused = if_match and (pool is None or (if_match != "*" and _bare(if_match) != etag))
    if if_none_match and pool is not None and (if_none_match == "*" or _bare(if_none_match) == etag):
        refused = True
    if refused:
        raise refusal("ConditionNotMet")


def known_already(pool: Pool, if_none_match: str) -> bool:
    """Whether a reader that sends *if_none_match* has this very state of the pool."""
    return if_none_match == "*" or _bare(if_none_match) == pool.etag


def _bare(etag: str) -> str:
    return etag.strip().removeprefix("W/").strip('"')
