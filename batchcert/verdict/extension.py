"""Checks on the extension: is it installed, and what does its newest status say."""

from __future__ import annotations

from datetime import datetime, timedelta

from batchcert.spec import Channel
from batchcert.verdict.evidence import Evidence
from batchcert.verdict.finding import Finding, Verdict
from batchcert.verdict.messages import known_reason
from batchcert.verdict.reasons import Reason
from batchcert.verdict.seen import handler_of, matches, reported_at, status_of, version_is_new
from batchcert.verdict.trail import known_behind, trail
from batchcert.verdict.words import lasting
from batchcert.visit.report import Status

RETRY_PATIENCE = timedelta(days=1)
"""How long a node that does not hold the current version may go on saying that it is about to get it."""


def status_unreadable(seen: Evidence, _now: datetime) -> Finding | None:
    """There is a status file, and it says nothing: too large, half-written, garbage."""
    handler = handler_of(seen)
    if handler is None or handler.fault is None:
        return None
    fault = handler.fault
    message = f"handler {handler.version}, {handler.sequence}.status: {fault.what}"
    return Finding(Verdict.FAILED, fault.code, message, fault.cause, fault.cure)


def extension_failed(seen: Evidence, _now: datetime) -> Finding | None:
    """The extension reports an error; a known message is its own reason."""
    status = status_of(seen)
    if status is None or status.state != "error":
        return None
    reason = known_reason(status.message) or Reason.EXTENSION_ERROR
    return reason.finding(trail(seen, _words(status)), **known_behind(seen)._asdict())


def extension_warned(seen: Evidence, _now: datetime) -> Finding | None:
    """Only *success* proves anything."""
    status = status_of(seen)
    if status is None or status.state != "warning":
        return None
    return Reason.EXTENSION_WARNING.finding(trail(seen, _words(status)), **known_behind(seen)._asdict())


def handler_missing(seen: Evidence, _now: datetime) -> Finding | None:
    """No version of the handler is installed."""
    if seen.report is None or handler_of(seen) is not None:
        return None
    versions = ", ".join(
        f"{handler.version} is {handler.state or 'without a state'}" for handler in seen.report.handlers
    )
    words = f"the node has no installed KeyVaultForLinux handler{f': {versions}' if versions else ''}"
    return Reason.HANDLER_NOT_INSTALLED.finding(trail(seen, words), **known_behind(seen)._asdict())


def status_missing(seen: Evidence, _now: datetime) -> Finding | None:
    """The handler is there and never wrote a status."""
    handler = handler_of(seen)
    if handler is None or handler.sequence is not None:
        return None
    words = f"handler {handler.version} is {handler.state} and has no status file"
    return Reason.STATUS_MISSING.finding(trail(seen, words), **known_behind(seen)._asdict())


def transitioning(seen: Evidence, now: datetime) -> Finding | None:
    """The extension is at work: pending while that is news, failed when it has gone on for too long."""
    status = status_of(seen)
    if status is None or status.state != "transitioning":
        return None
    known = known_reason(status.message)
    patient = version_is_new(seen, now) or _is_news(seen, status, now)
    reason = Reason.EXTENSION_TRANSITIONING if patient else known or Reason.EXTENSION_STUCK
    since = reported_at(status)
    told = f", {lasting(now - since)} ago" if since else ""
    return reason.finding(trail(seen, f"{_words(status)}{told}"), **known_behind(seen)._asdict())


def reported(seen: Evidence, _now: datetime) -> Finding | None:
    """The extension says that all is well, through a channel that shows no certificate."""
    status, handler = status_of(seen), handler_of(seen)
    if seen.channel is not Channel.EXTENSION or status is None or handler is None or status.state != "success":
        return None
    told = f": {status.message}" if status.message else ""
    return Reason.EXTENSION_REPORTS_SUCCESS.finding(f"handler {handler.version} reports success{told}")


def _is_news(seen: Evidence, status: Status, now: datetime) -> bool:
    """Whether the status is fresh, and the node not long behind: 2.0 retries, and reports, for ever."""
    since = reported_at(status)
    looked = seen.channel is not Channel.EXTENSION  # whose view shows no leaf, and begins with the node's last boot
    behind = looked and not matches(seen) and now - seen.expected.issued_at > RETRY_PATIENCE
    return since is not None and abs(now - since) <= seen.tolerance and not behind


def _words(status: Status) -> str:
    return f"the extension reports {status.state}: {status.message or status.operation or 'no message'}"
