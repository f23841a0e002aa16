"""Remove what provision made: only what batchcert made and marked, and only when the pool's name is typed."""

from __future__ import annotations

from prefect import flow

from batchcert.plan.teardown import confirm as confirmed
from batchcert.spec import IdentitySpec, Target, VaultSpec
from tasks.lease import pool_lease
from tasks.report import publish_changes
from tasks.teardown import remove_access, remove_certificate, remove_identity, remove_pool


@flow(name="teardown", flow_run_name="tear down {pool} in {target.region}")
def teardown(  # noqa: PLR0917 - each is a section of the run's form
    target: Target, identity: IdentitySpec, vault: VaultSpec, certificates: list[str], pool: str, confirm: str
) -> None:
    """Delete a pool, and what was made for it: access, certificates, identity. The vault always stays.

    What batchcert did not make, or another pool of the account still uses, is left and told.

    Args:
        target: The Azure in which the pool is.
        identity: The managed identity that was made for the pool.
        vault: The Key Vault that holds the certificates.
        certificates: Names of the certificates to delete; the vault keeps them recoverable.
        pool: The name of the pool to delete.
        confirm: Type the pool's name again to confirm.
    """
    confirmed(confirm, pool)
    with pool_lease(target.pool_id(pool)):
        changes = [remove_pool(target, pool), remove_access(target, pool, identity, vault)]
        changes += [remove_certificate(target, pool, vault, name) for name in certificates]
        changes.append(remove_identity(target, pool, identity))
        publish_changes(target, pool, changes)
