"""The time as Azure has it, which may not be this machine's."""

from __future__ import annotations

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from azure.core.pipeline import PipelineRequest, PipelineResponse
from azure.core.pipeline.policies import SansIOHTTPPolicy
from azure.core.rest import HttpRequest, HttpResponse


class ServiceClock(SansIOHTTPPolicy[HttpRequest, HttpResponse]):
    """Remembers the `Date` of the newest response: the time by which Azure itself judges.

    Source: RFC 9110, section 6.6.1.
    """

    def __init__(self) -> None:
        self._now: datetime | None = None

    @property
    def now(self) -> datetime:
        """The service's time at its last response, UTC, in whole seconds.

        Raises: RuntimeError where there was no response yet: a caller's mistake.
        """
        if self._now is None:
            raise RuntimeError("no response has told the service's time yet")
        return self._now

    def on_response(
        self, request: PipelineRequest[HttpRequest], response: PipelineResponse[HttpRequest, HttpResponse]
    ) -> None:
        """Read the `Date` header; a response without one, or with one that is none, tells nothing."""
        del request
        try:
            self._now = parsedate_to_datetime(response.http_response.headers["Date"]).astimezone(UTC)
        except (KeyError, ValueError):
            return
