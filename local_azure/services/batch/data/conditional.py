"""Conditional requests at the account's host: a change only of the state that the client knows, a read only of news.

Source: If-Match, If-None-Match, If-Modified-Since and If-Unmodified-Since of pools, job schedules, jobs, tasks and
files in the Batch service API description 2024-02-01.19.0; RFC 9110, section 13, for their order.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from local_azure.services.batch.errors import refusal
from local_azure.services.batch.protocol.conditions import check_conditions, known_already
from local_azure.services.batch.service import Batch
from local_azure.services.batch.state.accounts import Account
from local_azure.services.batch.state.jobs import Job, Task
from local_azure.services.batch.state.pools import Pool
from local_azure.services.batch.state.schedules import JobSchedule
from local_azure.wire.messages import Reply, Request

_READS = frozenset({"GET", "HEAD"})
_UNCONDITIONAL = frozenset({"addtaskcollection", "disableautoscale", "evaluateautoscale", "tasks"})


def check_change(batch: Batch, account: Account, request: Request) -> None:
    """Raises: AzureError 412 `ConditionNotMet` where a change is of another state than the client names; 404."""
    resource = None if request.method in _READS else _changed(batch, account, request)
    if resource is None:
        return
    headers = request.headers
    check_conditions(resource, headers.get("if-match", ""), headers.get("if-none-match", ""))
    modified = resource.modified.replace(microsecond=0)
    since, until = _date(headers, "if-modified-since"), _date(headers, "if-unmodified-since")
    if (since and modified <= since) or (until and modified > until):
        raise refusal("ConditionNotMet")


def as_asked(request: Request, reply: Reply) -> Reply:
    """*reply* to a read, or 304 where the client knows it already. Raises: AzureError 412 `ConditionNotMet`."""
    tag, modified = reply.headers.get("ETag", ""), _date(reply.headers, "Last-Modified")
    if request.method not in _READS or reply.status != 200 or modified is None:
        return reply
    headers = request.headers
    until = _date(headers, "if-unmodified-since")
    if (until and modified > until) or (tag and not _matches(headers.get("if-match", "*"), tag)):
        raise refusal("ConditionNotMet")
    given, since = headers.get("if-none-match", ""), _date(headers, "if-modified-since")
    known = _matches(given, tag) if given and tag else since is not None and modified <= since
    return Reply(304, None, reply.headers) if known else reply


def _changed(batch: Batch, account: Account, request: Request) -> Pool | JobSchedule | Job | Task | None:
    """The pool, job schedule, job or task that the request changes, None where it is about something else."""
    params = request.params
    if "node" in params or "file" in params or request.path.rpartition("/")[2].lower() in _UNCONDITIONAL:
        return None
    if "pool" in params:
        return batch.pools.get(account, params["pool"])
    if "schedule" in params:
        return batch.schedules.get(account, params["schedule"])
    if "job" not in params:
        return None
    job = batch.work.jobs.get(account, params["job"])
    return batch.work.tasks.get(job, params["task"]) if "task" in params else job


def _matches(given: str, tag: str) -> bool:
    return known_already(_Tag(tag), given)


class _Tag:
    """An ETag that stands in a header."""

    def __init__(self, etag: str) -> None:
        self.etag = etag.strip('"')


def _date(headers: Mapping[str, str], name: str) -> datetime | None:
    """A date in a header. Raises: AzureError 400 `InvalidHeaderValue`."""
    text = headers.get(name, "")
    if not text:
        return None
    try:
        return parsedate_to_datetime(text).astimezone(UTC)
    except ValueError:
        raise refusal("InvalidHeaderValue", {"HeaderName": name, "HeaderValue": text}) from None
