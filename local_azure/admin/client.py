"""The admin port as its own command uses it."""

from __future__ import annotations

import time
from datetime import timedelta
from typing import Any

import httpx

from local_azure.admin.ready import Ready

_POLL_SECONDS = 0.1


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
        deadline = time.monotonic() + patience_seconds
        while (clock := self.clock())["moving"]:
            if time.monotonic() > deadline:
                raise TimeoutError("the clock has not arrived")
            time.sleep(_POLL_SECONDS)
        return clock

    def close(self) -> None:
        """Close the connection."""
        self._http.close()

    def _get(self, path: str) -> Any:
        return self._http.get(path).raise_for_status().json()
