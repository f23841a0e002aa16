"""How many requests a caller may still send to Azure Resource Manager.

Source: "Understand how Azure Resource Manager throttles requests" on Microsoft Learn: a bucket of tokens for each
principal and kind of request, and one of fifteen times its size for the whole subscription.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from local_azure.clock import Clock
from local_azure.services.arm import errors
from local_azure.wire.messages import AzureError, Reply, Request
from local_azure.wire.router import Answer
from local_azure.wire.tokens import Tokens

_KINDS = {"GET": "reads", "HEAD": "reads", "DELETE": "deletes"}
_GLOBAL = 15  # times the limit of one principal
_SUBSCRIPTION = re.compile(r"/subscriptions/([^/]+)", re.IGNORECASE)
_UNCOUNTED = frozenset({0, 401})  # no answer at all, or nobody known who asked


@dataclass(frozen=True)
class Limit:
    """A bucket's size, in tokens, and how many flow in each second."""

    size: int
    refill: int


LIMITS = {"reads": Limit(250, 25), "writes": Limit(200, 10), "deletes": Limit(200, 10)}


@dataclass(frozen=True)
class _Level:
    """How full a bucket was when somebody looked last."""

    tokens: float
    at: datetime


@dataclass(frozen=True)
class _Bucket:
    """One bucket: what its header is called, whose it is, its limit."""

    header: str
    owner: str
    limit: Limit


class Throttling:
    """Stands in front of Azure Resource Manager: says what remains and, where *enforced*, refuses what exceeds it.

    Buckets fill by the clock. They are not kept over a restart.
    """

    def __init__(self, clock: Clock, *, enforced: bool) -> None:
        self._clock = clock
        self._enforced = enforced
        self._levels: dict[tuple[str, str], _Level] = {}

    def answer(self, request: Request, proceed: Answer) -> Reply:
        """The reply to *request*, which *proceed* gives, with the headers that tell what remains."""
        buckets = list(_buckets(request))
        if self._enforced and (empty := [bucket for bucket in buckets if self._tokens(bucket) < 1]):
            return self._refusal(request, empty[0])
        reply = proceed(request)
        if reply.status in _UNCOUNTED:
            return reply
        remaining = {f"x-ms-ratelimit-remaining-{bucket.header}": str(self._take(bucket)) for bucket in buckets}
        return replace(reply, headers={**remaining, **reply.headers})

    def _take(self, bucket: _Bucket) -> int:
        """Take a token where there is one; returns how many whole ones are left."""
        left = max(self._tokens(bucket) - 1, 0.0)
        self._levels[bucket.header, bucket.owner] = _Level(left, self._clock.now())
        return int(left)

    def _tokens(self, bucket: _Bucket) -> float:
        level = self._levels.get((bucket.header, bucket.owner))
        if level is None:
            return float(bucket.limit.size)
        passed = (self._clock.now() - level.at).total_seconds()
        return min(level.tokens + passed * bucket.limit.refill, float(bucket.limit.size))

    def _refusal(self, request: Request, bucket: _Bucket) -> Reply:
        seconds = max(math.ceil((1 - self._tokens(bucket)) / bucket.limit.refill), 1)
        error = _throttled(request, bucket, seconds)
        reply = errors.render(error, request)
        return errors.finish(request, replace(reply, headers={**reply.headers, **error.headers}))


def _buckets(request: Request) -> Iterator[_Bucket]:
    kind = _KINDS.get(request.method, "writes")
    principal, limit = Tokens.peek(request.bearer), LIMITS[kind]
    if _SUBSCRIPTION.match(request.path) is None:
        yield _Bucket(f"tenant-{kind}", principal, limit)
        return
    yield _Bucket(f"subscription-{kind}", principal, limit)
    yield _Bucket(f"subscription-global-{kind}", "", Limit(limit.size * _GLOBAL, limit.refill * _GLOBAL))


def _throttled(request: Request, bucket: _Bucket, seconds: int) -> AzureError:
    match = _SUBSCRIPTION.match(request.path)
    scope = f"subscription '{match[1]}'" if match else "tenant"
    actor = f" actor '{bucket.owner}'" if bucket.owner else ""
    kind = bucket.header.rpartition("-")[2].removesuffix("s")
    return AzureError(
        429,
        "SubscriptionRequestsThrottled" if match else "TenantRequestsThrottled",
        f"Number of '{kind}' requests for {scope}{actor} exceeded. Please try again after '{seconds}' seconds.",
        headers={"Retry-After": str(seconds)},
    )
