"""How a task reaches Azure."""

from __future__ import annotations

from prefect.logging import get_run_logger

from batchcert.spec import Target
from tasks.azure_api.clients import Azure


def connect(target: Target) -> Azure:
    """The target's cloud; what is being waited for goes to the run's log."""
    return Azure(target.endpoints, tell=get_run_logger().warning)
