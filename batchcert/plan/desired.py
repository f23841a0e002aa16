"""The pool's body as a run asks for it, from what is known before anything is written."""

from __future__ import annotations

from batchcert.plan.pool_body import Json, pool_body
from batchcert.plan.surroundings import Surroundings

NO_CLIENT = "00000000-0000-0000-0000-000000000000"
"""Stands in for the client id of an identity that does not exist yet."""


def desired_body(seen: Surroundings) -> Json:
    """The ARM body of the pool that is asked for.

    Raises: what `pool_body` raises.
    """
    wanted, identity = seen.wanted, seen.identity
    return pool_body(
        wanted.pool,
        identity_id=identity.arm_id if identity else str(wanted.identity.resource(wanted.target)),
        client_id=identity.client_id if identity else NO_CLIENT,
        vault_url=seen.vault.url if seen.vault else wanted.target.endpoints.vault_url(wanted.vault.name),
        certificates=wanted.certificates,
    )
