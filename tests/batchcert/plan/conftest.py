"""What a run is asked for, and an Azure in which all of it is there and right; tests change one thing at a time."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from batchcert.plan.access import our_grant
from batchcert.plan.account import ObservedAccount, SupportedImage, VmSize
from batchcert.plan.certificate import ObservedCertificate, Version
from batchcert.plan.identity import ObservedIdentity
from batchcert.plan.marks import TAGS
from batchcert.plan.policy import desired_policy
from batchcert.plan.pool import ObservedPool
from batchcert.plan.pool_body import pool_body
from batchcert.plan.surroundings import Surroundings, Wanted
from batchcert.plan.vault import ObservedVault
from batchcert.spec import (
    Authorization,
    CertificateSpec,
    IdentitySpec,
    PoolSpec,
    SshAccess,
    Target,
    VaultSpec,
)

NOW = datetime(2026, 6, 1, 12, 0, tzinfo=UTC)
SUBSCRIPTION = "aaaa0a0a-bb1b-cc2c-dd3d-eeeeee4e4e4e"
TENANT = "11111111-2222-3333-4444-555555555555"
GROUP = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/render"


@pytest.fixture
def target() -> Target:
    return Target(subscription_id=SUBSCRIPTION, resource_group="render", region="westus2", batch_account="render")


@pytest.fixture
def certificate_spec() -> CertificateSpec:
    return CertificateSpec(name="web", subject="CN=web.example.com", dns_names=["web.example.com", "example.com"])


@pytest.fixture
def pool_spec() -> PoolSpec:
    return PoolSpec(name="farm", nodes=3, ssh=SshAccess(allowed_networks=["203.0.113.0/24", "198.51.100.7/32"]))


@pytest.fixture
def identity() -> ObservedIdentity:
    return ObservedIdentity(
        arm_id=f"{GROUP}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/batchcert",
        client_id="c11e0000-0000-4000-8000-000000000001",
        principal_id="0b1e0000-0000-4000-8000-000000000002",
        tenant_id=TENANT,
        region="westus2",
        tags=dict(TAGS),
    )


@pytest.fixture
def vault() -> ObservedVault:
    return ObservedVault(
        arm_id=f"{GROUP}/providers/Microsoft.KeyVault/vaults/kv-render",
        url="https://kv-render.vault.azure.net",
        tenant_id=TENANT,
        region="westus2",
        authorization=Authorization.RBAC,
    )


@pytest.fixture
def certificate(certificate_spec: CertificateSpec) -> ObservedCertificate:
    issued = NOW - timedelta(days=10)
    return ObservedCertificate(
        name="web",
        secret_id="https://kv-render.vault.azure.net/secrets/web",
        policy=desired_policy(certificate_spec),
        version=Version("v1", "ab" * 32, issued, issued - timedelta(minutes=10), issued + timedelta(days=365)),
        tags=dict(TAGS),
    )


@pytest.fixture
def body(
    pool_spec: PoolSpec, identity: ObservedIdentity, vault: ObservedVault, certificate_spec: CertificateSpec
) -> dict[str, object]:
    """The desired ARM body."""
    return pool_body(
        pool_spec,
        identity_id=identity.arm_id,
        client_id=identity.client_id,
        vault_url=vault.url,
        certificates=[certificate_spec],
    )


@pytest.fixture
def pool(body: dict[str, object]) -> ObservedPool:
    """The pool as it was asked for."""
    return ObservedPool(
        arm_id=f"{GROUP}/providers/Microsoft.Batch/batchAccounts/render/pools/farm",
        body=body,
        allocation="Steady",
        provisioning="Succeeded",
        target_nodes=3,
        current_nodes=3,
    )


@pytest.fixture
def empty(target: Target, pool_spec: PoolSpec, certificate_spec: CertificateSpec) -> Surroundings:
    """An account in which nothing has been provisioned yet."""
    wanted = Wanted(target, IdentitySpec(), VaultSpec(name="kv-render", create=True), [certificate_spec], pool_spec)
    return Surroundings(
        wanted=wanted,
        now=NOW,
        account=ObservedAccount(
            str(target.account_id), "westus2", "render.westus2.batch.azure.com", "BatchService", takes_entra=True
        ),
        images=(
            SupportedImage("canonical", "ubuntu-24_04-lts", "server", "batch.node.ubuntu 24.04", True, True),
            SupportedImage("canonical", "ubuntu-22_04-lts", "server", "batch.node.ubuntu 22.04", True, True),
        ),
        sizes=(VmSize("Standard_D2s_v5"), VmSize("Standard_D4s_v5")),
    )


@pytest.fixture
def provisioned(
    empty: Surroundings,
    identity: ObservedIdentity,
    vault: ObservedVault,
    certificate: ObservedCertificate,
    pool: ObservedPool,
) -> Surroundings:
    """An account in which all that is asked for is there."""
    return replace(
        empty,
        identity=identity,
        vault=vault,
        certificates={"web": certificate},
        grants=[our_grant(vault, identity.principal_id)],
        pool=pool,
    )
