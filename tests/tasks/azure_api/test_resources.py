"""Identities, vaults, grants, certificates: read, written and read back through the embedded Azure."""

from dataclasses import replace
from datetime import timedelta

import pytest

from batchcert.arm_ids import parse_arm_id
from batchcert.clouds import CLOUDS, CloudName
from batchcert.plan.access import our_grant, plan_access
from batchcert.plan.certificate import plan_certificate
from batchcert.plan.policy import LifetimeAction, desired_policy, policy_drift
from batchcert.plan.vault import AccessPolicy, vault_body
from batchcert.problems import Problem
from batchcert.spec import Authorization, CertificateSpec, IdentitySpec, Renewal, RenewalTrigger, VaultSpec
from tasks.azure_api import certificates, grants, identities, issuing, vaults
from tasks.azure_api.clients import Azure

pytestmark = pytest.mark.usefixtures("azure")


@pytest.fixture
def session():
    return Azure(CLOUDS[CloudName.PUBLIC], patience=timedelta(0))


@pytest.fixture
def identity(session, target, unique):
    """An identity of the test's own."""
    wanted = IdentitySpec(name=unique).resource(target)
    with session.identities(target.subscription_id) as api:
        return identities.create(api, wanted, target.region)


def made_vault(session, target, name, authorization):
    spec = VaultSpec(name=name, authorization=authorization)
    me = session.caller()
    body = vault_body(spec, target, tenant_id=me.tenant_id, operator_id=me.object_id)
    with session.vaults(target.subscription_id) as api:
        return vaults.create(api, spec.resource(target), body)


@pytest.fixture
def vault(session, target, unique):
    """A vault of the test's own that decides access by roles."""
    return made_vault(session, target, unique, Authorization.RBAC)


@pytest.fixture
def policy_vault(session, target, unique):
    """A vault of the test's own that decides access by access policies."""
    return made_vault(session, target, unique, Authorization.ACCESS_POLICIES)


@pytest.fixture
def spec():
    return CertificateSpec(name="web", subject="CN=web.example.com", dns_names=["web.example.com", "example.com"])


def test_an_identity_comes_and_goes(session, target, unique):
    """Absent, made with our mark, read back equal, gone; gone twice is fine."""
    wanted = IdentitySpec(name=unique).resource(target)
    with session.identities(target.subscription_id) as api:
        assert identities.read(api, wanted) is None
        made = identities.create(api, wanted, target.region)
        assert made.ours
        assert parse_arm_id(made.arm_id).key == wanted.key
        assert len({made.client_id, made.principal_id, made.tenant_id}) == 3
        assert identities.read(api, wanted) == made
        identities.delete(api, wanted)
        identities.delete(api, wanted)
        assert identities.read(api, wanted) is None


@pytest.mark.parametrize("authorization", list(Authorization))
def test_a_vault_is_made_as_asked(session, target, unique, authorization):
    """And can be used at once by whoever made it."""
    made = made_vault(session, target, unique, authorization)
    assert (made.authorization, made.region, made.public, made.open_to_all) == (authorization, "westus2", True, True)
    assert made.url == f"https://{unique}.vault.azure.net"
    with session.vaults(target.subscription_id) as api:
        assert vaults.read(api, VaultSpec(name=unique).resource(target)) == made
    with session.certificates(made.url) as api:
        assert certificates.read(api, "web") is None


def test_a_deleted_vault_still_holds_its_name(session, target, vault, unique):
    """In its region, until it is purged."""
    wanted = VaultSpec(name=unique).resource(target)
    with session.vaults(target.subscription_id) as api:
        assert not vaults.is_soft_deleted(api, wanted, target.region)
        api.vaults.delete(wanted.resource_group, wanted.name)
        assert vaults.read(api, wanted) is None
        assert vaults.is_soft_deleted(api, wanted, target.region)


def test_a_vaults_firewall_is_read(session, target, vault, unique):
    """Whether it lets everyone in, and which subnets."""
    wanted = VaultSpec(name=unique).resource(target)
    subnet = f"/subscriptions/{target.subscription_id}/resourceGroups/n/providers/Microsoft.Network/virtualNetworks/v"
    rules = {"defaultAction": "Deny", "virtualNetworkRules": [{"id": f"{subnet}/subnets/Nodes"}], "ipRules": []}
    with session.vaults(target.subscription_id) as api:
        api.vaults.update(wanted.resource_group, wanted.name, {"properties": {"networkAcls": rules}})
        seen = vaults.read(api, wanted)
    assert not seen.open_to_all
    assert seen.subnets == (f"{subnet}/subnets/nodes".lower(),)


def test_a_role_is_given_once_and_taken_back(session, target, vault, identity):
    """A second gift of the same role is fine, also where somebody else gave it; so is taking back what is gone."""
    ours = our_grant(vault, identity.principal_id)
    with session.grants(target.subscription_id) as api:
        assert grants.of_principal(api, vault.arm_id, identity.principal_id) == []
        grants.give(
            api,
            replace(ours, name="5f0f6a4e-2f3c-4c1b-9b53-6c0e1d7a8b24"),
            target.subscription_id,
            identity.principal_id,
        )
        grants.give(api, ours, target.subscription_id, identity.principal_id)
        held = grants.of_principal(api, vault.arm_id, identity.principal_id)
        assert not plan_access(identity, vault, held).writes
        for grant in held:
            grants.take_back(api, grant)
        grants.take_back(api, ours)
        assert grants.of_principal(api, vault.arm_id, identity.principal_id) == []


def test_the_operators_permissions_are_read_at_a_group_and_at_a_resource(session, target, vault):
    """The embedded Azure's operator is Owner, and Key Vault Administrator for the data plane."""
    group = vault.arm_id.partition("/providers/")[0]
    with session.grants(target.subscription_id) as api:
        for scope in (group, vault.arm_id):
            held = grants.permissions_at(api, scope)
            assert any(one.allows("Microsoft.Batch/batchAccounts/pools/write") for one in held)
            assert any(one.allows("Microsoft.KeyVault/vaults/certificates/read", data=True) for one in held)


def test_an_access_policy_is_added_to_and_removed(session, target, policy_vault, identity, unique):
    """What a principal may do already stays."""
    wanted = VaultSpec(name=unique).resource(target)
    first = AccessPolicy(identity.principal_id, frozenset({"get"}), frozenset())
    more = AccessPolicy(identity.principal_id, frozenset({"get", "list"}), frozenset({"get", "list"}))
    with session.vaults(target.subscription_id) as api:
        for policy in (first, more):
            vaults.add_policy(api, wanted, policy_vault.tenant_id, policy)
        assert vaults.read(api, wanted).policy_of(identity.principal_id) == more
        vaults.remove_policy(api, wanted, policy_vault.tenant_id, more)
        left = vaults.read(api, wanted)
    assert left.policy_of(identity.principal_id).secrets == frozenset()
    assert len(left.policies) == 1  # the operator's own


POLICIES = {
    "rsa": {},
    "ec": {"key_type": "EC", "curve": "P-384"},
    "large": {"key_size": 4096, "validity_months": 24},
    "percentage": {"renewal": Renewal(trigger=RenewalTrigger.LIFETIME_PERCENTAGE, value=80)},
    "pkcs12": {"content_type": "application/x-pkcs12"},
    "no names": {"dns_names": []},
}


@pytest.mark.parametrize("changes", POLICIES.values(), ids=POLICIES.keys())
def test_a_certificate_is_made_with_its_policy(session, vault, spec, changes):
    """Read back, the policy has no drift, whatever it asks for."""
    wanted = spec.model_copy(update=changes)
    with session.certificates(vault.url) as api:
        issuing.create(api, "web", desired_policy(wanted))
        observed, version = certificates.read_issued(api, "web", sleep=lambda _: None)
    assert policy_drift(desired_policy(wanted), observed.policy) == ()
    assert observed.ours
    assert observed.secret_id == f"{vault.url}/secrets/web"
    assert version.not_before < version.issued_at < version.not_after
    assert len(version.sha256) == 64


def test_a_policy_is_corrected_in_every_field_and_read_back(session, vault, spec):
    """Names can go, too; what batchcert does not decide stays as it was."""
    drifted = replace(
        desired_policy(spec),
        subject="CN=old.example.com",
        dns_names=("old.example.com",),
        key_size=4096,
        content_type="application/x-pkcs12",
        validity_months=3,
        actions=(LifetimeAction("EmailContacts", days_before_expiry=10),),
    )
    wanted = desired_policy(spec.model_copy(update={"dns_names": []}))
    with session.certificates(vault.url) as api:
        issuing.create(api, "web", drifted)
        api.update_certificate_policy("web", _with_usage(api.get_certificate_policy("web")))
        certificates.update_policy(api, "web", wanted)
        assert policy_drift(wanted, certificates.read(api, "web").policy) == ()
        kept = api.get_certificate_policy("web")
    assert kept.enhanced_key_usage == ["1.3.6.1.5.5.7.3.1"]
    assert kept.reuse_key is True


def _with_usage(policy):
    policy._enhanced_key_usage, policy._reuse_key = ["1.3.6.1.5.5.7.3.1"], True
    return policy


def test_a_deleted_certificate_is_seen_and_recovered(session, vault, spec):
    """With its versions; deleting twice is fine."""
    with session.certificates(vault.url) as api:
        issuing.create(api, "web", desired_policy(spec))
        before = certificates.read(api, "web")
        certificates.delete(api, "web")
        certificates.delete(api, "web")
        assert certificates.read(api, "web") is None
        gone = certificates.read_deleted(api, "web")
        assert (gone.recoverable, gone.issuer) == (True, "Self")
        assert gone.purged_at is not None
        certificates.recover(api, "web")
        assert certificates.read(api, "web") == before
        assert certificates.read_deleted(api, "web") is None


def test_an_imported_certificate_is_known_as_such(session, vault, spec):
    """Its issuer is Unknown, and the plan refuses it."""
    with session.certificates(vault.url) as api:
        issuing.create(api, "made", desired_policy(spec))
        pem = _secret_pem(session, vault.url)
        api.import_certificate("web", pem, policy=_pem_policy())
        observed = certificates.read(api, "web")
    assert observed.policy.imported
    with pytest.raises(Problem) as refused:
        plan_certificate(spec, vault.name, observed, None)
    assert refused.value.code == "certificate-imported"


def _pem_policy():
    from azure.keyvault.certificates import CertificatePolicy

    return CertificatePolicy(issuer_name="Unknown", content_type="application/x-pem-file", exportable=True)


def _secret_pem(session, url):
    from azure.core.rest import HttpRequest

    with session.certificates(url) as api:
        return api.send_request(HttpRequest("GET", "/secrets/made")).json()["value"].encode()


def test_a_disabled_version_is_seen(session, vault, spec):
    """The node would be refused its secret."""
    with session.certificates(vault.url) as api:
        issuing.create(api, "web", desired_policy(spec))
        api.update_certificate_properties("web", enabled=False)
        assert certificates.read(api, "web").enabled is False


def test_earlier_versions_are_read_newest_first(fresh_azure, session, target, unique, spec):
    """As many as asked for, without the current one."""
    made = made_vault(session, target, unique, Authorization.RBAC)
    digests = []
    with session.certificates(made.url) as api:
        for _ in range(4):
            issuing.create(api, "web", desired_policy(spec))
            digests.append(certificates.read(api, "web").version.sha256)
            fresh_azure.advance(timedelta(minutes=1))
        assert [one.sha256 for one in certificates.earlier_versions(api, "web", most=9)] == digests[2::-1]
        newest, older = certificates.earlier_versions(api, "web", most=2)
        assert (newest.sha256, older.sha256) == (digests[2], digests[1])
        assert newest.issuer == older.issuer == spec.subject
        assert newest.dns_names == older.dns_names == tuple(spec.dns_names)


def test_a_first_version_has_none_before_it(session, vault, spec):
    """Nothing to tell."""
    with session.certificates(vault.url) as api:
        issuing.create(api, "web", desired_policy(spec))
        assert certificates.earlier_versions(api, "web") == ()


@pytest.mark.parametrize("reach", [certificates.read, certificates.read_deleted])
def test_a_vault_that_lets_nobody_in_is_told(session, target, policy_vault, unique, reach):
    """Without an access policy: the vault's own refusal, with the cure for its kind."""
    wanted = VaultSpec(name=unique).resource(target)
    with session.vaults(target.subscription_id) as api:
        mine = policy_vault.policy_of(session.caller().object_id)
        vaults.remove_policy(api, wanted, policy_vault.tenant_id, mine)
    with session.certificates(policy_vault.url) as api, pytest.raises(Problem) as refused:
        reach(api, "web")
    assert refused.value.code == "vault-forbidden"
    assert "access polic" in refused.value.cause
