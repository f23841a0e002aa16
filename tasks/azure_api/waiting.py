"""Two small things that every resource needs: is it there, and has it finished."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import TypeVar

from azure.core.exceptions import ResourceNotFoundError
from azure.core.polling import LROPoller

from batchcert.problems import Problem
from tasks.azure_api.faults import is_refused_with

T = TypeVar("T")

# Codes of a 404 which say that something else is missing than what was asked for.
_PARENTS = ("ResourceGroupNotFound", "SubscriptionNotFound", "InvalidSubscriptionId", "ParentResourceNotFound")


def found(read: Callable[[], T]) -> T | None:
    """What *read* gives, or None where the service says that it does not exist.

    Raises: what *read* raises; a missing subscription or resource group is not "does not exist".
    """
    try:
        return read()
    except ResourceNotFoundError as error:
        if is_refused_with(error, *_PARENTS):
            raise
        return None


def finished(poller: LROPoller[T], limit: timedelta, what: str) -> T:
    """The result of a long-running operation.

    Raises: Problem `azure-operation-slow`, which passes, after *limit*; what the operation raises.
    """
    poller.wait(limit.total_seconds())
    if not poller.done():
        raise Problem(
            "azure-operation-slow",
            what=f"{what} has not finished in {limit.total_seconds() / 60:.0f} minutes",
            cause="Azure accepted it and still works on it",
            cure="run again: what is done already is not done twice",
            passes=True,
        )
    return poller.result()
