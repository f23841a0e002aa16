"""The admin port as its own command uses it."""

from __future__ import annotations

import time
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import httpx

from local_azure.admin.ready import Ready

_POLL_SECONDS = 0.1
_FAULT_SECONDS = 300.0  # 1,000 nodes restart their SSH servers in some seconds


class AdminClient:
    """Speaks to one running embedded Azure; never through a proxy."""

    def __init__(self, ready: Ready) -> None:
        self._http = httpx.Client(
            base_url=ready.admin_url,
            headers={"Authorization": f"Bearer {ready.admin_token}"},
            trust_env=False,
            timeout=30,
        )

    def env(self) -> dict[str, str]:
        """The environment for clients."""
        return dict(self._get("/env"))

    def requests(self) -> list[dict[str, Any]]:
        """Every request received, oldest first."""
        return list(self._get("/requests")["value"])

    def clear_requests(self) -> None:
        """Forget the requests received so far."""
        self._http.delete("/requests").raise_for_status()

    def clock(self) -> dict[str, Any]:
        """The clock: `now`, `ahead_seconds`, `moving`, `pending`."""
        return dict(self._get("/clock"))

    def advance(self, by: timedelta, *, patience_seconds: float = 3600) -> dict[str, Any]:
        """Move the clock and wait until it has arrived. Raises: TimeoutError after *patience_seconds*."""
        self._http.post("/clock/advance", json={"seconds": by.total_seconds()}).raise_for_status()
        return self._settled("/clock", "moving", patience_seconds)

    def set_speed(self, speed: float) -> dict[str, Any]:
        """Let the clock go at another speed: 1 is real time."""
        return dict(self._http.put("/clock/speed", json={"speed": speed}).raise_for_status().json())

    def faults(self) -> list[dict[str, Any]]:
        """The fault rules, oldest first."""
        return list(self._get("/faults")["value"])

    def add_fault(self, rule: dict[str, Any]) -> dict[str, Any]:
        """Add a rule, wait until the nodes have followed, and return it as it now is."""
        added = dict(self._http.post("/faults", json=rule).raise_for_status().json())
        self._settled("/faults", "applying", _FAULT_SECONDS)
        return added

    def clear_faults(self, *ids: str) -> None:
        """Take these rules out, or all, and wait until the nodes have followed."""
        for path in [f"/faults/{fault}" for fault in ids] or ["/faults"]:
            self._http.delete(path).raise_for_status()
        self._settled("/faults", "applying", _FAULT_SECONDS)

    def preempt(self, nodes: str, *, first: int | None = None, back_after: timedelta | None = None) -> list[str]:
        """Take the machines of Spot nodes like *nodes*, a pattern of account/pool/node. Returns whose.

        At most *first* of them, where given; *back_after* they have machines again.
        """
        span = None if back_after is None else back_after.total_seconds()
        wanted = {"nodes": nodes, "first": first, "for_seconds": span}
        return self._nodes("preempt", {name: value for name, value in wanted.items() if value is not None})

    def give_back(self, nodes: str) -> list[str]:
        """Let the preempted nodes like *nodes*, a pattern of account/pool/node, have machines again. Returns which."""
        return self._nodes("give-back", {"nodes": nodes})

    def quotas(self) -> list[dict[str, Any]]:
        """The quotas of every Batch account."""
        return list(self._get("/batch/quotas")["value"])

    def set_quotas(self, account: str, quotas: Mapping[str, int]) -> dict[str, Any]:
        """Set some of an account's *quotas*; returns all of them."""
        return dict(self._http.put(f"/batch/quotas/{account}", json=dict(quotas)).raise_for_status().json())

    def mails(self) -> list[dict[str, Any]]:
        """What the contacts of vaults would have been written, oldest first."""
        return list(self._get("/mails")["value"])

    def close(self) -> None:
        """Close the connection."""
        self._http.close()

    def _settled(self, path: str, going_on: str, patience_seconds: float) -> dict[str, Any]:
        """What is at *path* once it no longer says that something is *going_on*."""
        deadline = time.monotonic() + patience_seconds
        while (found := dict(self._get(path)))[going_on]:
            if time.monotonic() > deadline:
                raise TimeoutError(f"{path[1:]}: still {going_on} after {patience_seconds:.0f} s")
            time.sleep(_POLL_SECONDS)
        return found

    def _nodes(self, what: str, body: dict[str, Any]) -> list[str]:
        return list(self._http.post(f"/batch/{what}", json=body).raise_for_status().json()["value"])

    def _get(self, path: str) -> Any:
        return self._http.get(path).raise_for_status().json()
