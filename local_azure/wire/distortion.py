"""What a fault does to one request: a refusal instead of an answer, or an answer that travels badly.

These effects know nothing of what is asked; the names are those of the catalogue that a person chooses from.
"""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus

from local_azure.wire.faults import Effect
from local_azure.wire.messages import AzureError, Delivery

DOMAIN = "request"
THROTTLED, ERROR, RESET, LOST, SLOW, TRUNCATED = "throttled", "error", "reset", "lost", "slow", "truncated"

Words = Mapping[int, tuple[str, str]]


def refusal_of(effect: Effect, words: Words) -> AzureError | None:
    """The refusal that the effect puts in the operation's place, or None. *words*: the service's own, by status."""
    if effect.name not in {THROTTLED, ERROR}:
        return None
    code, message = words.get(effect.status) or _usual_words(effect.status)
    headers = {} if effect.retry_after is None else {"Retry-After": str(effect.retry_after)}
    return AzureError(effect.status, effect.code or code, effect.message or message, headers=headers)


def unheard(effect: Effect) -> bool:
    """Whether the operation is not even begun, though the client gets no answer."""
    return effect.name == RESET


def delivery_of(effect: Effect, fault: str) -> Delivery:
    """How the answer travels."""
    return Delivery(
        fault=fault,
        delay=effect.seconds if effect.name == SLOW else 0.0,
        lost=effect.name in {RESET, LOST},
        keep=0.5 if effect.name == TRUNCATED else 1.0,
    )


def _usual_words(status: int) -> tuple[str, str]:
    known = HTTPStatus(status)
    return "".join(word.capitalize() for word in known.phrase.split()), known.description or known.phrase
