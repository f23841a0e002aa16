"""Requests signed with one of the account's keys.

Source: "Authenticate requests to the Azure Batch service" on Microsoft Learn (authentication via shared key).
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import time
from collections.abc import Iterator
from email.utils import parsedate_to_datetime

from local_azure.services.batch.state.accounts import Account
from local_azure.wire.messages import Request

_LATE_SECONDS = 900  # "the service rejects a request that reaches it 15 minutes or more after it was signed"
_SIGNED = (
    "content-md5",
    "content-type",
    "date",
    "if-modified-since",
    "if-match",
    "if-none-match",
    "if-unmodified-since",
    "range",
)


def is_signed(request: Request) -> bool:
    """Whether *request* says that it is signed with a key."""
    return request.headers.get("authorization", "").startswith("SharedKey ")


def fault(account: Account, request: Request) -> str:
    """Why the signature of *request* does not count, in Batch's words; "" where it does.

    Dates keep to real time, since clients sign by their own clock.
    """
    name, _, signature = request.headers["authorization"].removeprefix("SharedKey ").partition(":")
    if name.strip().lower() != account.name.lower():
        return "The account name in the Authorization header is not the account's."
    if not _is_recent(request):
        return "The Date header, or ocp-date, must be there and within 15 minutes of the current time."
    keys = [base64.b64decode(key) for key in (account.primary_key, account.secondary_key)]
    known = (_signature(key, text) for key in keys for text in _texts(account, request))
    if not any(hmac.compare_digest(signature.strip().encode(), one) for one in known):
        return "The MAC signature found in the HTTP request is not the same as any computed signature."
    return ""


def _is_recent(request: Request) -> bool:
    given = request.headers.get("ocp-date") or request.headers.get("date", "")
    try:
        return abs(parsedate_to_datetime(given).timestamp() - time.time()) <= _LATE_SECONDS
    except ValueError:
        return False


def _texts(account: Account, request: Request) -> Iterator[str]:
    """What may have been signed: clients write the length of an empty body as 0 or leave it out."""
    length = request.headers.get("content-length", "")
    for written in (length,) if length not in {"", "0"} else ("", "0"):
        yield "\n".join(
            [
                request.method,
                request.headers.get("content-encoding", ""),
                request.headers.get("content-language", ""),
                written,
                *(request.headers.get(name, "") for name in _SIGNED),
                *(f"{name}:{value}" for name, value in sorted(request.headers.items()) if name.startswith("ocp-")),
                f"/{account.name}{request.path}",
                *(f"{name}:{value}" for name, value in sorted(request.query.items()) if value),
            ]
        )


def _signature(key: bytes, text: str) -> bytes:
    return base64.b64encode(hmac.digest(key, text.encode(), hashlib.sha256))
