"""Who waits for what: the two policies that every client of ours sends its requests through.

Each kind of fault that passes by itself has one owner:

- 429, 5xx and connections: azure-core's retry policy, with bounded totals (`BoundedRetry`);
- the codes that follow a fresh grant: `FreshGrantPolicy`;
- everything else: nobody here. What leaves as a Problem that passes is tried again by the whole step.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from azure.core.pipeline import PipelineRequest, PipelineResponse
from azure.core.pipeline.policies import HTTPPolicy, RetryPolicy
from azure.core.rest import HttpRequest, HttpResponse

from tasks.azure_api.refusals import Refusal, read_refusal

LONGEST_RETRY_AFTER = 60.0  # seconds; a service that asks for more is left to the step's own retries
FIRST_PAUSE, LONGEST_PAUSE = 2.0, 20.0  # seconds between two tries while a grant is on its way
FRESH_GRANT_CODES = frozenset(
    {
        "forbiddenbyrbac",
        "forbiddenbypolicy",
        "accessdenied",
        "authorizationfailed",
        "linkedauthorizationfailed",
        "principalnotfound",  # 400: a new identity that Entra has not told everyone of yet
    }
)
"""What Azure answers while a role, an access policy or a new identity is on its way to all of its servers."""

_AT_ONCE = "answered_at_once"
AT_ONCE = {_AT_ONCE: True}
"""A keyword for an SDK's operation whose refusal is an answer: no grant is waited for."""

Tell = Callable[[str], None]


class BoundedRetry(RetryPolicy[HttpRequest, HttpResponse]):
    """azure-core's own retries: five at most, three of a kind, some 25 seconds of pauses, Retry-After obeyed.

    A Retry-After above *longest* seconds is not slept through: the refusal is handed up at once.
    """

    def __init__(self, *, longest: float = LONGEST_RETRY_AFTER) -> None:
        super().__init__(
            retry_total=5, retry_connect=3, retry_read=3, retry_status=4, retry_backoff_factor=0.8, retry_backoff_max=15
        )
        self._longest = longest

    def is_retry(self, settings: dict[str, Any], response: PipelineResponse[Any, Any]) -> bool:
        """Whether *response* is a refusal that a retry may help against."""
        asked = self.get_retry_after(response)
        if asked is not None and asked > self._longest:
            return False
        return bool(super().is_retry(settings, response))


class FreshGrantPolicy(HTTPPolicy[HttpRequest, HttpResponse]):
    """Sends a request again while Azure refuses it with a code that follows a fresh grant.

    *patience* is spent once for a client, pause by pause: a client that lacks a right for good waits for it once and
    not at every request. A firewall's refusal is never waited for.
    """

    def __init__(self, patience: timedelta, tell: Tell, *, sleep: Callable[[float], None] = time.sleep) -> None:
        super().__init__()
        self._left = patience.total_seconds()
        self._tell = tell
        self._sleep = sleep

    def send(self, request: PipelineRequest[HttpRequest]) -> PipelineResponse[HttpRequest, HttpResponse]:
        """Send *request* until it is answered otherwise, or patience is spent."""
        at_once = request.context.options.pop(_AT_ONCE, False)
        pause = FIRST_PAUSE
        while True:
            response = self.next.send(request)
            refusal = _may_pass(response.http_response)
            if at_once or refusal is None or pause > self._left:
                return response
            self._left -= pause
            self._tell(
                f"{refusal.where}: {refusal.codes[0]}; a new grant takes minutes to take effect, asking again in "
                f"{pause:.0f} s"
            )
            self._sleep(pause)
            pause = min(pause * 1.5, LONGEST_PAUSE)


def _may_pass(response: HttpResponse) -> Refusal | None:
    if response.status_code < 400:
        return None
    # a refusal is read here also where a stream was asked for: azure-batch itself does not
    refusal = read_refusal(response)
    if refusal.status not in {400, 403}:
        return None
    return refusal if FRESH_GRANT_CODES.intersection(refusal.codes[:1]) else None
