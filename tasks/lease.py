"""One run at a time for one pool, whatever deployment, region or person started it."""

from __future__ import annotations

import contextlib
import hashlib
import re
from collections.abc import Iterator

from prefect import get_client
from prefect.client.schemas.actions import GlobalConcurrencyLimitCreate
from prefect.concurrency.sync import concurrency
from prefect.exceptions import ObjectAlreadyExists, ObjectNotFound
from prefect.logging import get_run_logger

from batchcert.arm_ids import ArmId
from batchcert.problems import Problem

LEASE_SECONDS = 60.0  # Prefect's shortest: a killed run frees its pool after that, a live one renews by itself
WAIT_SECONDS = 3600.0


@contextlib.contextmanager
def pool_lease(pool: ArmId) -> Iterator[None]:
    """Hold the pool for this block; waits for another run that holds it, an hour at most.

    Raises: Problem `pool-is-held`, where the other run has not ended by then.
    """
    name = lease_name(pool)
    _ensure_limit(name)
    get_run_logger().info("taking the lease of pool %s (%s)", pool.name, name)
    with contextlib.ExitStack() as held:
        try:
            held.enter_context(
                concurrency(name, timeout_seconds=WAIT_SECONDS, lease_duration=LEASE_SECONDS, strict=True)
            )
        except TimeoutError:
            raise Problem(
                "pool-is-held",
                what=f"pool {pool.name}: another run has held it for {WAIT_SECONDS / 60:.0f} minutes",
                cause="two runs for one pool never overlap",
                cure=f"see which run holds the concurrency limit {name}; cancel it if it hangs",
            ) from None
        yield


def lease_name(pool: ArmId) -> str:
    """The lease's name: readable, within Prefect's characters, and different for different pools."""
    readable = re.sub(r"[^a-z0-9-]+", "-", f"{pool.names[0]}-{pool.name}".lower())
    return f"batchcert-pool-{readable}-{hashlib.sha256(pool.key.encode()).hexdigest()[:8]}"


def _ensure_limit(name: str) -> None:
    with get_client(sync_client=True) as client:
        try:
            client.read_global_concurrency_limit_by_name(name)
        except ObjectNotFound:
            with contextlib.suppress(ObjectAlreadyExists):  # another run's first look came in between
                client.create_global_concurrency_limit(GlobalConcurrencyLimitCreate(name=name, limit=1))
