"""What goes wrong with Azure, as Problems: each known code with its cause and its cure."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable
from typing import ParamSpec, TypeVar, cast

from azure.core.exceptions import (
    AzureError,
    ClientAuthenticationError,
    HttpResponseError,
    IncompleteReadError,
    ServiceRequestError,
    ServiceResponseError,
)
from azure.core.rest import HttpResponse

from batchcert.problems import Problem
from tasks.azure_api.known_faults import BY_CODE, BY_ENTRA_CODE, BY_STATUS, NOT_SIGNED_IN, UNREACHABLE, UNTRUSTED, Fault
from tasks.azure_api.refusals import Refusal, public_text, read_refusal

P = ParamSpec("P")
R = TypeVar("R")

_ENTRA_CODE = re.compile(r"\bAADSTS\d+")
_NO_AUTHORITY = "unable to get authority configuration"  # MSAL's words for a tenant that Entra does not have
_TLS = (
    "certificate_verify_failed",
    "certificate verify failed",
    "ssl:",
    "sslerror",
    "could not find a suitable tls ca",
)
_NO_WAY = (
    "max retries exceeded",
    "connection refused",
    "connection aborted",
    "connection reset",
    "name resolution",
    "failed to resolve",
    "timed out",
    "proxy",
)


def explained(call: Callable[P, R]) -> Callable[P, R]:
    """A function whose SDK errors leave it as Problems.

    The SDK's exception is not chained: it holds the request with its token, and a traceback or a pickle of it may be
    kept.
    """

    @functools.wraps(call)
    def speaking(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return call(*args, **kwargs)
        except (AzureError, OSError) as error:
            raise problem_of(error) from None

    return speaking


def problem_of(error: AzureError | OSError) -> Problem:
    """*error* as a Problem. Nothing in it is secret; `passes` says whether a later try may go otherwise.

    A 403 never passes: whoever waits for a fresh grant is the client's `FreshGrantPolicy`, and it has waited.
    """
    refusal = _refusal(error)
    if isinstance(error, ClientAuthenticationError):
        return _sign_in(error, refusal)
    if refusal is not None and not isinstance(error, IncompleteReadError):
        return refused(refusal)
    # requests raises a plain OSError for a REQUESTS_CA_BUNDLE that is no file
    if isinstance(error, ServiceRequestError | ServiceResponseError | IncompleteReadError | OSError):
        return _connection(str(error))
    return Problem("azure-unexpected", what=public_text(str(error)), cure="run again; if it stays, report it")


def refused(refusal: Refusal) -> Problem:
    """A refusal as a Problem: by its most exact known code, else by its status."""
    known = next((BY_CODE[code] for code in refusal.codes if code in BY_CODE), None)
    fault = known or _by_status(refusal.status)
    codes = "/".join(code for code in (refusal.code, refusal.inner_code) if code)
    said = ": ".join(text for text in (codes, refusal.message) if text)
    # what Azure's support asks for, where nobody here can say more than the status does
    request = f" (request {refusal.request_id})" if refusal.request_id and known is None else ""
    return Problem(
        fault.code,
        what=f"{refusal.where}: {refusal.status} {said}{request}".rstrip(),
        cause=fault.cause,
        cure=fault.cure,
        passes=fault.passes,
        retry_after=refusal.retry_after,
    )


def is_refused_with(error: AzureError, *codes: str) -> bool:
    """Whether a service refused with one of *codes*, in any case."""
    refusal = _refusal(error)
    return refusal is not None and not {code.lower() for code in codes}.isdisjoint(refusal.codes)


def _refusal(error: AzureError | OSError) -> Refusal | None:
    """What the service said, where it was the service that said something."""
    if not isinstance(error, HttpResponseError) or error.response is None:
        return None
    return read_refusal(cast("HttpResponse", error.response))


def _by_status(status: int) -> Fault:
    return BY_STATUS.get(status) or BY_STATUS[status // 100 * 100]


def _sign_in(error: ClientAuthenticationError, refusal: Refusal | None) -> Problem:
    """Entra refused, a service refused the token, or nothing to sign in with was found.

    azure-identity folds what kept it from reaching Entra into the same exception, as text.
    """
    text = str(error.message)
    if match := _ENTRA_CODE.search(text):
        said, _, _ = text[match.start() :].partition("Trace ID")
        fault = BY_ENTRA_CODE.get(match[0], NOT_SIGNED_IN)
        return fault.problem(f"Entra refuses to sign in: {public_text(said)}")
    if _NO_AUTHORITY in text.lower():
        return BY_ENTRA_CODE["AADSTS90002"].problem("Entra knows nothing of the tenant")
    if refusal is not None and refusal.status == 401:
        return refused(refusal)
    if any(piece in text.lower() for piece in (*_TLS, *_NO_WAY)):
        return _connection(text)
    return NOT_SIGNED_IN.problem("no way to sign in to Azure was found")


def _connection(text: str) -> Problem:
    fault = UNTRUSTED if any(piece in text.lower() for piece in _TLS) else UNREACHABLE
    return fault.problem(f"no answer from Azure: {public_text(text)}")
