"""What a refusing response says, read once for whoever has to decide on it."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

from azure.core.exceptions import AzureError
from azure.core.pipeline.policies import RetryPolicy
from azure.core.rest import HttpRequest, HttpResponse

from batchcert.visit.text import one_line

_SECRETS = re.compile(
    r"eyJ[\w-]+\.[\w-]+\.[\w-]*"  # a JSON Web Token
    r"|-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)"
    r"|(?<=\bsig=)[^&\s]+|(?<=\bclient_secret=)[^&\s]+|(?<=\bpassword=)[^&\s]+",
    re.DOTALL | re.IGNORECASE,
)
_SUBSCRIPTION = re.compile(r"^/subscriptions/[^/]+", re.IGNORECASE)


@dataclass(frozen=True)
class Refusal:
    """A response of status 400 or above.

    Attributes:
        where: the request, as a person finds it again: method, host and path.
        code, inner_code: the service's own codes, "" where it gave none.
        message: the service's words, on one line, without anything secret.
        retry_after: seconds it asked to wait, or None.
        request_id: what Azure's support asks for, or "".
    """

    status: int
    where: str
    code: str = ""
    inner_code: str = ""
    message: str = ""
    retry_after: float | None = None
    request_id: str = ""

    @property
    def codes(self) -> tuple[str, ...]:
        """The codes given, the more exact one first, in lower case."""
        return tuple(code.lower() for code in (self.inner_code, self.code) if code)


def read_refusal(response: HttpResponse) -> Refusal:
    """What *response* says; a body that cannot be had any more says nothing."""
    error = _error(_body(response))
    return Refusal(
        status=response.status_code,
        where=_where(response.request),
        code=_text(error.get("code")),
        inner_code=_text(_mapping(error.get("innererror")).get("code")),
        message=public_text(_message(error)),
        retry_after=_retry_after(response),
        request_id=_text(response.headers.get("x-ms-request-id") or response.headers.get("request-id")),
    )


def public_text(text: str) -> str:
    """*text* on one line, with tokens, keys and passwords blotted out: services may quote what they were sent."""
    return one_line(_SECRETS.sub("REDACTED", text))


def _error(body: object) -> Mapping[str, object]:
    """The error object: ARM and Key Vault wrap it, Batch's data plane does not."""
    whole = _mapping(body)
    return _mapping(whole.get("error")) or whole


def _message(error: Mapping[str, object]) -> str:
    message = error.get("message")
    text = _text(_mapping(message).get("value")) or _text(message)
    values = error.get("values")
    details = [
        f"{_text(item.get('key'))}: {_text(item.get('value'))}"
        for item in (values if isinstance(values, list) else [])
        if isinstance(item, Mapping)
    ]
    return "; ".join([text, *details])


def _body(response: HttpResponse) -> object:
    try:
        if isinstance(response, HttpResponse):  # the older kind, of azure-mgmt-authorization, has its body already
            response.read()
        return json.loads(response.text())
    except (ValueError, AzureError):  # no JSON, or a stream that is closed
        return {}


def _where(request: HttpRequest) -> str:
    parts = urlsplit(request.url)
    return one_line(f"{request.method} {parts.hostname}{_SUBSCRIPTION.sub('', unquote(parts.path))}", 300)


def _retry_after(response: HttpResponse) -> float | None:
    header = response.headers.get("Retry-After")
    try:
        return RetryPolicy().parse_retry_after(header) if header else None
    except ValueError:
        return None


def _mapping(value: object) -> Mapping[str, object]:
    return value if isinstance(value, Mapping) else {}


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
