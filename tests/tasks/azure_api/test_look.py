"""Looking around: everything is read, nothing is written, and one refused read does not hide the others."""

from datetime import timedelta

import pytest

from batchcert.clouds import CLOUDS, CloudName
from batchcert.plan.policy import desired_policy
from batchcert.plan.preflight import preflight_problems
from batchcert.plan.rights import missing_rights, needs
from batchcert.plan.surroundings import Wanted
from batchcert.plan.vault import vault_body
from batchcert.problems import Problem, Problems
from batchcert.spec import Authorization, CertificateSpec, IdentitySpec, PoolSpec, SshAccess, VaultSpec
from tasks.azure_api import certificates, identities, issuing, vaults
from tasks.azure_api.clients import Azure
from tasks.azure_api.look import Look

pytestmark = pytest.mark.usefixtures("azure")


@pytest.fixture
def session():
    return Azure(CLOUDS[CloudName.PUBLIC], patience=timedelta(0))


@pytest.fixture
def wanted(target, unique):
    """What a first run would be asked for."""
    return Wanted(
        target,
        IdentitySpec(name=unique),
        VaultSpec(name=unique, create=True),
        [CertificateSpec(name=name, subject=f"CN={name}") for name in ("here", "gone", "never")],
        PoolSpec(name=unique, ssh=SshAccess(allowed_networks=["127.0.0.0/8"])),
    )


@pytest.fixture
def vault(session, target, unique):
    """A vault with access policies, with one certificate there and one deleted."""
    spec, me = VaultSpec(name=unique, authorization=Authorization.ACCESS_POLICIES), session.caller()
    body = vault_body(spec, target, tenant_id=me.tenant_id, operator_id=me.object_id)
    with session.vaults(target.subscription_id) as api:
        made = vaults.create(api, spec.resource(target), body)
    with session.certificates(made.url) as api:
        for name in ("here", "gone"):
            issuing.create(api, name, desired_policy(CertificateSpec(name=name, subject=f"CN={name}")))
        certificates.delete(api, "gone")
    return made


def test_an_empty_place_is_fine(session, wanted):
    """Nothing stands in the way of a first run, and the operator has every right it needs."""
    look = Look(session, wanted)
    seen = look.around()
    assert look.problems == []
    assert preflight_problems(seen) == []
    needed = needs(seen)
    assert missing_rights(needed, look.permissions(needed)) == []
    assert (seen.identity, seen.vault, seen.pool, seen.certificates) == (None, None, None, {})


def test_looking_writes_nothing(azure, session, wanted, vault):
    """Every request reads."""
    azure.call(lambda cloud: cloud.log.clear())
    look = Look(session, wanted)
    look.permissions(needs(look.around()))
    entries = azure.requests()
    assert len(entries) > 8
    assert [entry for entry in entries if entry.writes] == []


def test_what_is_there_is_seen(session, wanted, target, vault):
    """Identity, vault, certificates that are there, and those whose names are held."""
    with session.identities(target.subscription_id) as api:
        identity = identities.create(api, wanted.identity.resource(target), target.region)
    seen = Look(session, wanted).around()
    assert (seen.identity, seen.vault) == (identity, vault)
    assert (list(seen.certificates), list(seen.deleted)) == (["here"], ["gone"])
    assert seen.images
    assert seen.sizes
    assert seen.access_missing


def test_a_vault_that_refuses_hides_nothing_else(session, wanted, target, vault, unique):
    """Its refusal is kept, and the rest is read."""
    with session.vaults(target.subscription_id) as api:
        mine = vault.policy_of(session.caller().object_id)
        vaults.remove_policy(api, VaultSpec(name=unique).resource(target), vault.tenant_id, mine)
    look = Look(session, wanted)
    seen = look.around()
    assert [problem.code for problem in look.problems] == ["vault-forbidden"]
    assert seen.vault is not None
    assert seen.account is not None


def test_what_keeps_every_read_from_succeeding_is_told_once(session, wanted):
    """And nothing is judged by what could not be read: no "there is no vault" where nobody could look."""
    lost = wanted.target.model_copy(update={"subscription_id": "aaaa0a0a-bb1b-cc2c-dd3d-eeeeee4e4e4e"})
    look = Look(session, Wanted(lost, wanted.identity, wanted.vault, wanted.certificates, wanted.pool))
    seen = look.around()
    assert [problem.code for problem in look.problems] == ["azure-wrong-target"]
    assert {"account", "identity", "vault", "sizes"} <= seen.unread
    assert preflight_problems(seen) == []
    assert needs(seen) == []


ROLES_AT_THE_GROUP = {
    "b24988ac-6180-42a0-ab88-20f7382dd24c": "Contributor",
    "f58310d9-a9f6-439a-9e8d-f62e7b41a168": "Role Based Access Control Administrator",
    "a4417e6f-fecd-4de8-b567-7b0420556985": "Key Vault Certificates Officer",
    "6aaa78f1-f7de-44ca-8722-c64a23943cae": "Azure Batch Data Contributor",
}
"""What the README asks for; nothing at the subscription."""


def test_rights_at_the_resource_group_are_enough(fresh_azure, session, wanted, target):
    """Sizes are listed at the subscription alone: without a right there they are not checked, and that is noted."""

    def limit(cloud):
        group = f"/subscriptions/{target.subscription_id}/resourceGroups/{target.resource_group}"
        cloud.access.state.assignments.clear()
        for role in ROLES_AT_THE_GROUP:
            cloud.access.assign(role, group, role, cloud.access.settings.object_id, at_once=True)

    fresh_azure.call(limit)
    look = Look(session, wanted)
    seen = look.around()
    needed = needs(seen)
    assert [*look.problems, *preflight_problems(seen), *missing_rights(needed, look.permissions(needed))] == []
    assert seen.unread == {"sizes"}
    assert [note.partition(":")[0] for note in look.notes] == ["sizes are not checked"]


def test_without_a_sign_in_that_alone_is_told(session, wanted, monkeypatch):
    """Not once for each read."""
    monkeypatch.setenv("AZURE_CLIENT_SECRET", "wrong")
    with pytest.raises(Problem) as refused:
        Look(session, wanted).around()
    assert refused.value.code == "entra-wrong-secret"


def test_an_azure_that_never_answers_is_told_once(at_double, double, naps, wanted):
    """Signed in, and no service can be reached: that is the whole story."""
    double.close()
    with pytest.raises(Problems) as refused:
        Look(at_double, wanted).around()
    assert [problem.code for problem in refused.value.found] == ["azure-unreachable"]
    assert refused.value.passes
