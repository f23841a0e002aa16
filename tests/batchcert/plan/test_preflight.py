"""What stands in the way, found before anything is written: all of it, in one look."""

from dataclasses import replace

import pytest

from batchcert.plan.certificate import DeletedCertificate
from batchcert.plan.preflight import preflight_problems
from batchcert.spec import CertificateSpec, IdentitySpec, ImageSpec, Reader, VaultSpec

SUBNET = (
    "/subscriptions/aaaa0a0a-bb1b-cc2c-dd3d-eeeeee4e4e4e/resourceGroups/n/providers/Microsoft.Network/"
    "virtualNetworks/v/subnets/nodes"
)


def codes(seen):
    return [problem.code for problem in preflight_problems(seen)]


def asking(seen, **changes):
    """*seen* with other parameters."""
    return replace(seen, wanted=replace(seen.wanted, **changes))


def with_pool(seen, **changes):
    return asking(seen, pool=seen.wanted.pool.model_copy(update=changes))


def test_nothing_stands_in_the_way_of_a_first_run(empty):
    """An account with nothing in it is fine."""
    assert codes(empty) == []


def test_nothing_stands_in_the_way_of_a_second_run(provisioned):
    """What is there already is equal."""
    assert codes(provisioned) == []


def test_the_placeholder_subscription_is_told_alone(empty):
    """Nothing else can be known then."""
    zeros = empty.wanted.target.model_copy(update={"subscription_id": "00000000-0000-0000-0000-000000000000"})
    assert codes(asking(replace(empty, account=None), target=zeros)) == ["subscription-placeholder"]


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda seen: replace(seen, account=None), "batch-account-not-found"),
        (lambda seen: replace(seen, account=replace(seen.account, region="eastus")), "region-mismatch"),
        (lambda seen: replace(seen, account=replace(seen.account, takes_entra=False)), "batch-account-without-entra"),
        (lambda seen: with_pool(seen, image=ImageSpec(sku="18.04-lts")), "image-not-supported"),
        (lambda seen: with_pool(seen, image=ImageSpec(node_agent="batch.node.ubuntu 22.04")), "node-agent-mismatch"),
        (lambda seen: with_pool(seen, vm_size="STANDARD_X1"), "vm-size-not-offered"),
        (lambda seen: asking(seen, vault=VaultSpec(name="kv-render")), "vault-not-found"),
        (lambda seen: replace(seen, vault_soft_deleted=True), "vault-soft-deleted"),
    ],
)
def test_each_fault_has_its_code_and_a_cure(empty, change, code):
    """One thing wrong, one problem."""
    problems = preflight_problems(change(empty))
    assert [problem.code for problem in problems] == [code]
    assert all(problem.cure for problem in problems)


def test_a_missing_image_names_some_that_are_there(empty):
    """Verified ones for Linux, with their node agents."""
    (problem,) = preflight_problems(with_pool(empty, image=ImageSpec(offer="UbuntuServer", sku="18.04-lts")))
    assert "canonical/ubuntu-24_04-lts/server with batch.node.ubuntu 24.04" in problem.cure


def test_what_could_not_be_read_is_not_judged(empty):
    """Whoever read it has told why it could not."""
    unread = replace(with_pool(empty, vm_size="STANDARD_X1", image=ImageSpec(sku="none")), images=None, sizes=None)
    assert codes(unread) == []


@pytest.mark.parametrize(
    ("firewall", "subnet", "closed"),
    [
        ({"open_to_all": True}, "", False),
        ({"open_to_all": False}, "", True),
        ({"open_to_all": False, "subnets": (SUBNET.lower(),)}, SUBNET, False),
        ({"open_to_all": False, "subnets": (SUBNET.lower(),)}, "", True),
        ({"open_to_all": False, "subnets": ("/other",)}, SUBNET, True),
        ({"public": False}, SUBNET, True),
        ({"public": False, "private_endpoints": 1}, SUBNET, False),
    ],
)
def test_a_vault_has_to_let_the_nodes_in(provisioned, vault, firewall, subnet, closed):
    """By an open firewall or the pool's own subnet; a private endpoint may do it, which cannot be seen from here."""
    seen = with_pool(replace(provisioned, vault=replace(vault, **firewall), pool=None), subnet_id=subnet)
    assert codes(seen) == (["vault-closed-to-nodes"] if closed else [])


def test_every_certificate_is_judged(provisioned, certificate):
    """A soft-deleted namesake that cannot come back, an imported one: both are told."""
    imported = replace(certificate, policy=replace(certificate.policy, issuer="Unknown"))
    stuck = DeletedCertificate("api", recoverable=False, purgeable=True, purged_at=None, issuer="Self")
    specs = [*provisioned.wanted.certificates, CertificateSpec(name="api", subject="CN=api")]
    seen = asking(
        replace(provisioned, certificates={"web": imported}, deleted={"api": stuck}, pool=None), certificates=specs
    )
    assert codes(seen) == ["certificate-imported", "certificate-soft-deleted"]


def test_what_the_extension_cannot_do_is_told_before_it_is_installed(empty):
    """Readers came with 3.0."""
    spec = CertificateSpec(name="web", subject="CN=web", readers=[Reader(user="www-data")])
    seen = asking(with_pool(empty, extension_version="2.0"), certificates=[spec])
    assert codes(seen) == ["extension-too-old"]


def test_an_identity_of_another_tenant_is_told(provisioned, identity):
    """The vault would not take its tokens."""
    stranger = replace(identity, tenant_id="99999999-2222-3333-4444-555555555555")
    assert codes(replace(provisioned, identity=stranger)) == ["identity-other-tenant"]


def test_a_pool_that_differs_is_told_with_its_fields(provisioned):
    """Before the certificate and the identity are touched."""
    (problem,) = preflight_problems(with_pool(provisioned, polling_interval_seconds=3600))
    assert problem.code == "pool-differs"
    assert "300 -> 3600" in problem.what


def test_a_pool_that_exists_without_its_identity_differs(provisioned):
    """The identity that would be created is not the one on the pool's settings."""
    assert codes(replace(provisioned, identity=None, grants=())) == ["pool-differs"]


def test_a_pool_that_is_being_deleted_passes(provisioned, pool):
    """Waiting helps, so the step may be tried again."""
    (problem,) = preflight_problems(replace(provisioned, pool=replace(pool, provisioning="Deleting")))
    assert problem.passes


def test_all_faults_are_told_at_once(empty):
    """In the order in which a person would go through them."""
    wrong = with_pool(empty, vm_size="STANDARD_X1", image=ImageSpec(sku="none"))
    wrong = replace(asking(wrong, vault=VaultSpec(name="kv-render")), account=replace(empty.account, region="eastus"))
    assert codes(wrong) == ["region-mismatch", "image-not-supported", "vm-size-not-offered", "vault-not-found"]


NAMED = "/subscriptions/aaaa0a0a-bb1b-cc2c-dd3d-eeeeee4e4e4e/resourceGroups/g/providers/Microsoft.ManagedIdentity/"


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("account", lambda seen: replace(seen, account=None)),
        ("vault", lambda seen: asking(seen, vault=VaultSpec(name="kv-render"))),
        (
            "identity",
            lambda seen: asking(seen, identity=IdentitySpec(arm_id=f"{NAMED}userAssignedIdentities/shared")),
        ),
    ],
)
def test_nothing_is_judged_that_could_not_be_read(empty, name, change):
    """A refused read is told by itself; "there is none" would be a guess."""
    seen = change(empty)
    assert codes(seen) != []
    assert codes(replace(seen, unread=frozenset({name}))) == []
