"""Every step in Prefect's engine, against the embedded Azure: what it writes, what it leaves, what it refuses."""

from dataclasses import dataclass, replace
from datetime import timedelta

import pytest
from prefect import flow

from batchcert.changes import Action
from batchcert.clouds import CLOUDS, CloudName
from batchcert.plan.policy import desired_policy
from batchcert.problems import Problem, Problems
from batchcert.spec import (
    Authorization,
    CertificateSpec,
    IdentitySpec,
    ImageSpec,
    PoolSpec,
    SshAccess,
    Target,
    VaultSpec,
)
from tasks.access import grant_access
from tasks.azure_api import certificates, identities, nodes, pools, vaults
from tasks.azure_api.clients import Azure
from tasks.certificate import ensure_certificate
from tasks.identity import ensure_identity
from tasks.nodes import await_nodes
from tasks.pool import ensure_pool
from tasks.preflight import preflight
from tasks.teardown import remove_access, remove_certificate, remove_identity, remove_pool
from tasks.vault import ensure_vault

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("prefect_server", "azure")]
AZURE = Azure(CLOUDS[CloudName.PUBLIC], patience=timedelta(0))


@dataclass(frozen=True)
class Order:
    """What is asked for; every name is the test's own."""

    target: Target
    identity: IdentitySpec
    vault: VaultSpec
    certificates: list[CertificateSpec]
    pool: PoolSpec


@pytest.fixture
def order(target, unique):
    return Order(
        target,
        IdentitySpec(name=unique),
        VaultSpec(name=unique, create=True),
        [
            CertificateSpec(name="web", subject="CN=web.example.com", dns_names=["web.example.com"]),
            CertificateSpec(name="api", subject="CN=api.example.com", key_type="EC"),
        ],
        PoolSpec(name=unique, nodes=2, ssh=SshAccess(allowed_networks=["127.0.0.0/8"])),
    )


@flow
def provision(order):
    preflight(order.target, order.identity, order.vault, order.certificates, order.pool)
    identity = ensure_identity(order.target, order.identity)
    vault = ensure_vault(order.target, order.vault)
    held = [ensure_certificate(order.target, vault, spec) for spec in order.certificates]
    access = grant_access(order.target, identity, vault)
    pool = ensure_pool(order.target, order.pool, order.certificates, identity=identity, vault=vault, access=access)
    return [identity, vault, *held, access, pool], await_nodes(order.target, pool, order.pool)


@flow
def tear_down(order):
    target, pool = order.target, order.pool.name
    return [
        remove_pool(target, pool),
        remove_access(target, pool, order.identity, order.vault),
        *[remove_certificate(target, pool, order.vault, spec.name) for spec in order.certificates],
        remove_identity(target, pool, order.identity),
    ]


def run(step, *args, **kwargs):
    """Run one step in a flow of its own."""

    @flow
    def alone():
        return step(*args, **kwargs)

    return alone()


def actions(ready):
    return [one.change.action for one in ready]


def writes_of_the_product(azure):
    """What was written by anyone but the nodes."""
    return [entry for entry in azure.requests() if entry.writes and not entry.machine]


@pytest.mark.parametrize("authorization", list(Authorization))
def test_a_first_run_makes_everything_and_a_second_writes_nothing(azure, order, authorization):
    """By the list of requests; and what was made is handed on in both runs alike."""
    order = replace(order, vault=order.vault.model_copy(update={"authorization": authorization}))
    made, first = provision(order)
    assert set(actions(made)) == {Action.CREATE}
    assert [node.state for node in first.nodes] == ["idle", "idle"]
    azure.call(lambda cloud: cloud.log.clear())
    found, again = provision(order)
    assert set(actions(found)) == {Action.NOTHING}
    assert writes_of_the_product(azure) == []
    assert [replace(one, change=None) for one in found] == [replace(one, change=None) for one in made]
    assert {node.node_id for node in again.nodes} == {node.node_id for node in first.nodes}


def test_a_certificate_tells_what_nodes_should_have(order):
    """The versionless secret, the current version's digest, and when it renews itself."""
    vault = run(ensure_vault, order.target, order.vault)
    ready = run(ensure_certificate, order.target, vault, order.certificates[0])
    assert ready.secret_id == f"https://{order.vault.name}.vault.azure.net/secrets/web"
    assert ready.renews_at == ready.not_after - timedelta(days=30)
    with AZURE.certificates(vault.url) as api:
        version = certificates.read(api, "web").version
    assert (ready.version, ready.sha256, ready.issued_at) == (version.id, version.sha256, version.issued_at)


def test_a_drifted_policy_is_corrected(order):
    """Field by field, and the version that nodes have is not replaced for it."""
    vault = run(ensure_vault, order.target, order.vault)
    spec = order.certificates[0]
    first = run(ensure_certificate, order.target, vault, spec)
    changed = spec.model_copy(update={"dns_names": [], "validity_months": 6})
    second = run(ensure_certificate, order.target, vault, changed)
    assert second.change.action is Action.UPDATE
    assert [field.path for field in second.change.fields] == ["dns_names", "validity_months"]
    assert second.sha256 == first.sha256
    assert run(ensure_certificate, order.target, vault, changed).change.action is Action.NOTHING


def test_a_soft_deleted_certificate_is_recovered_and_corrected(order):
    """With its version, and with the policy that is asked for now."""
    vault = run(ensure_vault, order.target, order.vault)
    spec = order.certificates[0]
    first = run(ensure_certificate, order.target, vault, spec)
    with AZURE.certificates(vault.url) as api:
        certificates.delete(api, spec.name)
    again = run(ensure_certificate, order.target, vault, spec.model_copy(update={"validity_months": 6}))
    assert again.change.action is Action.RECOVER
    assert [field.path for field in again.change.fields] == ["validity_months"]
    assert again.sha256 == first.sha256


def test_a_vault_is_not_made_without_being_asked(order):
    """And the refusal says how to ask."""
    with pytest.raises(Problem) as refused:
        run(ensure_vault, order.target, order.vault.model_copy(update={"create": False}))
    assert refused.value.code == "vault-not-found"
    assert "vault.create" in refused.value.cure


def test_an_identity_of_another_group_is_used_by_its_arm_id(order, unique):
    """It is read where it is, and never written to."""
    with AZURE.identities(order.target.subscription_id) as api:
        known = identities.create(api, IdentitySpec(name=f"{unique}-shared").resource(order.target), "westus2")
    ready = run(ensure_identity, order.target, IdentitySpec(arm_id=known.arm_id))
    assert (ready.client_id, ready.change.action) == (known.client_id, Action.NOTHING)
    missing = IdentitySpec(arm_id=f"{known.arm_id}-not")
    with pytest.raises(Problem) as refused:
        run(ensure_identity, order.target, missing)
    assert refused.value.code == "identity-not-found"


def test_a_pool_that_differs_stops_before_anything_is_written(azure, order):
    """Preflight tells each field, and so does the pool's own step."""
    provision(order)
    other = replace(order, pool=order.pool.model_copy(update={"nodes": 1, "polling_interval_seconds": 600}))
    azure.call(lambda cloud: cloud.log.clear())
    with pytest.raises(Problem) as refused:
        provision(other)
    assert refused.value.code == "pool-differs"
    assert "targetDedicatedNodes: 2 -> 1" in refused.value.what
    assert "pollingIntervalInS: 300 -> 600" in refused.value.what
    assert writes_of_the_product(azure) == []


def test_preflight_tells_everything_that_is_wrong_at_once(azure, order):
    """Region, image, size and vault, in one refusal; nothing was written."""
    wrong = replace(
        order,
        target=order.target.model_copy(update={"region": "eastus"}),
        vault=order.vault.model_copy(update={"create": False}),
        pool=order.pool.model_copy(update={"vm_size": "STANDARD_X1", "image": ImageSpec(sku="none")}),
    )
    azure.call(lambda cloud: cloud.log.clear())
    with pytest.raises(Problems) as refused:
        run(preflight, wrong.target, wrong.identity, wrong.vault, wrong.certificates, wrong.pool)
    codes = [problem.code for problem in refused.value.found]
    assert codes == ["region-mismatch", "image-not-supported", "vm-size-not-offered", "vault-not-found"]
    assert writes_of_the_product(azure) == []


def test_preflight_refuses_the_placeholder_without_asking_azure(azure, order):
    """A region's file comes with a subscription of zeros."""
    zeros = order.target.model_copy(update={"subscription_id": "00000000-0000-0000-0000-000000000000"})
    azure.call(lambda cloud: cloud.log.clear())
    with pytest.raises(Problem) as refused:
        run(preflight, zeros, order.identity, order.vault, order.certificates, order.pool)
    assert refused.value.code == "subscription-placeholder"
    assert azure.requests() == []


def test_broken_nodes_are_told_with_the_extensions_own_words(fresh_azure, order):
    """The vault that it observes is not there, so the extension gives up after its tries."""
    target = order.target
    identity = run(ensure_identity, target, order.identity)
    vault = run(ensure_vault, target, order.vault)
    access = run(grant_access, target, identity, vault)
    pool = run(ensure_pool, target, order.pool, order.certificates, identity=identity, vault=vault, access=access)
    with AZURE.nodes(pool.endpoint) as api:
        while any(node.state != "unusable" for node in nodes.listed(api, pool.name)):
            fresh_azure.advance(timedelta(minutes=10))  # 25 tries for certificates that nobody made
    with pytest.raises(Problems) as refused:
        run(await_nodes, target, pool, order.pool)
    assert [problem.code for problem in refused.value.found] == ["node-unusable"] * 2
    for problem in refused.value.found:
        assert "KVExtensions on it says:" in problem.cause


def test_a_teardown_removes_what_was_made_and_a_second_nothing(azure, order):
    """Pool, access, certificates and identity; the vault stays."""
    provision(order)
    assert {change.action for change in tear_down(order)} == {Action.DELETE}
    with AZURE.pools(order.target.subscription_id) as api:
        assert pools.read(api, order.target.pool_id(order.pool.name)) is None
    with AZURE.vaults(order.target.subscription_id) as api:
        assert vaults.read(api, order.vault.resource(order.target)) is not None
    azure.call(lambda cloud: cloud.log.clear())
    assert {change.action for change in tear_down(order)} == {Action.NOTHING}
    assert writes_of_the_product(azure) == []


def test_a_teardown_leaves_what_batchcert_did_not_make(azure, order):
    """A certificate and an identity that were there before stay, and are used meanwhile."""
    vault = run(ensure_vault, order.target, order.vault)
    with AZURE.certificates(vault.url) as api:
        api.begin_create_certificate("web", _policy(order.certificates[0])).result()
    with AZURE.identities(order.target.subscription_id) as api:
        wanted = order.identity.resource(order.target)
        api.user_assigned_identities.create_or_update(wanted.resource_group, wanted.name, {"location": "westus2"})
    provision(order)
    left = {change.resource: change.action for change in tear_down(order)}
    assert left[f"certificate/{order.vault.name}/web"] is Action.NOTHING
    assert left[f"certificate/{order.vault.name}/api"] is Action.DELETE
    assert left[f"identity/{order.identity.name}"] is Action.NOTHING


def _policy(spec):
    from tasks.azure_api.certificate_policies import to_sdk

    return to_sdk(desired_policy(spec))


def test_a_shared_identity_survives_the_teardown_of_one_pool(order, unique):
    """Two pools of one account: what the other one still needs is named and left."""
    provision(order)
    other = replace(order, pool=order.pool.model_copy(update={"name": f"{unique}b", "nodes": 0}))
    provision(other)
    changes = tear_down(order)
    assert changes[0].action is Action.DELETE
    assert {change.action for change in changes[1:]} == {Action.NOTHING}
    assert all(f"still used by {unique}b" in change.why for change in changes[1:])
    assert {change.action for change in tear_down(other)} == {Action.DELETE}
