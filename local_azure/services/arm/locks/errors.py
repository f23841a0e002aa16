"""What locks refuse, in Azure's words."""

from __future__ import annotations

from collections.abc import Sequence

from local_azure.wire.messages import AzureError


def scope_locked(scope: str, what: str, locked: Sequence[str]) -> AzureError:
    """409: a lock is in the way of *what*, "write" or "delete"."""
    named = "','".join(dict.fromkeys(locked))
    return AzureError(
        409,
        "ScopeLocked",
        f"The scope '{scope}' cannot perform {what} operation because following scope(s) are locked: '{named}'. "
        "Please remove the lock and try again.",
    )


def not_found(scope: str, name: str) -> AzureError:
    """404: no lock of this name at the scope."""
    return AzureError(404, "LockNotFound", f"The lock '{name}' could not be found at scope '{scope}'.")


def invalid(name: str, value: str) -> AzureError:
    """400: a property that Azure does not take."""
    return AzureError(400, "InvalidRequestContent", f"The value '{value}' of the lock's property '{name}' is invalid.")
