"""Where the corrected parameters work: target, identity and vault."""

from __future__ import annotations

from batchcert.arm_ids import ArmId, parse_arm_id
from batchcert.clouds import CloudName, cloud_of_vault_host
from batchcert.extension.correction.remarks import Remarks
from batchcert.extension.observed import ObservedCertificate
from batchcert.extension.pool_body import PoolBody
from batchcert.problems import Problem
from batchcert.spec import IDENTITY_TYPE, IdentitySpec, Target, VaultSpec

POOL_TYPE = "Microsoft.Batch/batchAccounts/pools"
NOWHERE: dict[str, object] = {
    "subscription_id": "00000000-0000-0000-0000-000000000000",
    "resource_group": "replace-me",
    "region": "replaceme",
    "batch_account": "replaceme",
}


def target(pool: PoolBody, observed: list[ObservedCertificate], remarks: Remarks) -> dict[str, object]:
    """Cloud from the vault's host; the rest from the pool's own id, else from the identity's as far as that goes."""
    cloud = cloud_of_vault_host(observed[0].vault_url.removeprefix("https://")) if observed else None
    known = _from_ids(pool, remarks)
    for name in (name for name in NOWHERE if name not in known):
        remarks.fill_in(f"target.{name}", "the body does not say")
    wanted = {"cloud": (cloud.name if cloud else CloudName.PUBLIC).value, **NOWHERE, **known}
    return remarks.held_to(Target, wanted, NOWHERE, "target")


def _from_ids(pool: PoolBody, remarks: Remarks) -> dict[str, object]:
    own = _read(pool.root["id"].text, POOL_TYPE)
    if own:
        where = {"subscription_id": own.subscription, "resource_group": own.resource_group}
        return {**where, "batch_account": own.names[0]}
    account, slash, _ = pool.root["name"].text.partition("/")  # a template names a pool ACCOUNT/POOL
    known: dict[str, object] = {"batch_account": account} if slash and not pool.root["name"].open else {}
    identity = _pool_identity(pool)
    if identity:
        known |= {"subscription_id": identity.subscription, "resource_group": identity.resource_group}
        for name in ("subscription_id", "resource_group"):
            remarks.fill_in(f"target.{name}", "the identity's; the Batch account may lie in another")
    return known


def identity(pool: PoolBody, remarks: Remarks) -> dict[str, object]:
    """The identity that the extension uses, by ARM id; else a name to be ensured."""
    chosen = _pool_identity(pool)
    for name, field in pool.identities.items():
        if chosen and _read(name, IDENTITY_TYPE) != chosen:
            remarks.leave_out(field.path, "provision gives the pool one identity, the one that reads Key Vault")
    if chosen:
        return {"arm_id": str(chosen)}
    name = IdentitySpec().name
    remarks.fill_in("identity", f"the body names no identity by ARM id; one named {name} will be ensured")
    return {"name": name}


def vault(observed: list[ObservedCertificate], remarks: Remarks) -> dict[str, object]:
    """The vault of the first certificate that is observed."""
    if not observed:
        remarks.fill_in("vault.name", "no observed address names a vault")
        return {"name": "replace-me"}
    remarks.fill_in("vault.resource_group", "add it where it is not the Batch account's")
    return remarks.held_to(VaultSpec, {"name": observed[0].vault}, {"name": "replace-me"}, "vault")


def _pool_identity(pool: PoolBody) -> ArmId | None:
    """The identity whose client id the extension is given, where the body tells; else the first."""
    clients = {extension.authentication["msiClientId"].text.lower() for extension in pool.observing} - {""}
    listed = [(_read(name, IDENTITY_TYPE), field["clientId"].text.lower()) for name, field in pool.identities.items()]
    known = [(arm_id, client) for arm_id, client in listed if arm_id]
    used = [arm_id for arm_id, client in known if client in clients]
    return next(iter(used or [arm_id for arm_id, _ in known]), None)


def _read(text: str, resource_type: str) -> ArmId | None:
    try:
        return parse_arm_id(text, resource_type)
    except Problem:
        return None
