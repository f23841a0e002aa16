"""Teardown: what batchcert made and marked, and nothing else; and only for who types the pool's name."""

from __future__ import annotations

from typing import Any

import pytest
from azure.identity import EnvironmentCredential
from azure.keyvault.certificates import CertificateClient, CertificatePolicy
from azure.mgmt.authorization import AuthorizationManagementClient
from azure.mgmt.batch import BatchManagementClient
from azure.mgmt.keyvault import KeyVaultManagementClient
from azure.mgmt.msi import ManagedServiceIdentityClient

from batchcert.spec import IdentitySpec, VaultSpec
from flows.provision import provision
from flows.teardown import teardown

from .asked import asking
from .conftest import Provisioned, foreign_pool, identity_of_another, wanted
from .line import VAULT, Line

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

PASSING, FOREIGN = "passing", "foreign"


@pytest.fixture(scope="module")
def passing(line: Line, provisioned: Provisioned) -> Provisioned:
    """A second pool in the same vault, with an identity and a certificate of its own."""
    parameters = wanted(line.target, PASSING, identity=PASSING)
    made = Provisioned(parameters, asking(line, provision, **parameters))
    assert made.run.state == "COMPLETED", made.run.said
    return made


@pytest.fixture(scope="module")
def foreign(line: Line, provisioned: Provisioned) -> str:
    """A pool, an identity and a certificate in the same vault, of one name, none of them made by batchcert."""
    identity_of_another(line, FOREIGN)
    foreign_pool(line, FOREIGN, nodes=0)
    with line.inside(), CertificateClient(f"https://{VAULT}.vault.azure.net", EnvironmentCredential()) as api:
        api.begin_create_certificate(FOREIGN, CertificatePolicy.get_default()).result()
    return FOREIGN


def asked_for(line: Line, pool: str, *, certificates: list[str], identity: str, confirm: str = "") -> dict[str, Any]:
    """Parameters of teardown; by default confirmed as it should be."""
    return {
        "target": line.target,
        "identity": IdentitySpec(name=identity),
        "vault": VaultSpec(name=VAULT),
        "certificates": certificates,
        "pool": pool,
        "confirm": confirm or pool,
    }


def test_without_the_pool_s_name_nothing_is_even_asked(line: Line, passing: Provisioned) -> None:
    """The run fails before it speaks to Azure, and says what to type."""
    parameters = asked_for(line, PASSING, certificates=[PASSING], identity=PASSING, confirm="pasing")
    asked = asking(line, teardown, **parameters)
    assert asked.run.state == "FAILED"
    assert "[teardown-not-confirmed]" in asked.run.said
    assert [one for one in asked.requests if not one.machine] == []


def test_what_others_made_or_use_stays(line: Line, foreign: str) -> None:
    """A pool without the mark, asked for with the identity and the certificate of a pool that is needed."""
    before = there(line)
    asked = asking(line, teardown, **asked_for(line, foreign, certificates=["render", foreign], identity="batchcert"))
    assert asked.run.state == "COMPLETED"
    assert asked.writes == []
    assert there(line) == before
    (report,) = (artifact.data for artifact in line.api.artifacts(asked.run.id))
    assert report.count("not made by batchcert; left as it is") == 2
    assert report.count("still used by render") == 3


def test_what_was_made_for_the_pool_goes(line: Line, passing: Provisioned, foreign: str) -> None:
    """Pool, access, certificate and identity; the vault stays, and in it what another asked for in vain."""
    before = there(line)
    asked = asking(line, teardown, **asked_for(line, PASSING, certificates=[PASSING, foreign], identity=PASSING))
    assert asked.run.state == "COMPLETED", line.log(asked.run.id)
    after = there(line)
    gone = {kind: before[kind] - after[kind] for kind in before}
    grants = gone.pop("grants")
    assert gone == {"pools": {PASSING}, "identities": {PASSING}, "certificates": {PASSING}, "vaults": set()}
    assert len(grants) == 1
    assert all(after[kind] <= before[kind] for kind in before)
    (report,) = (artifact.data for artifact in line.api.artifacts(asked.run.id))
    assert report.count("**deleted**") == 4


def test_a_deleted_certificate_comes_back_with_its_pool(line: Line, passing: Provisioned) -> None:
    """The vault kept it, so the name is taken: provision recovers it instead of failing."""
    line.run(teardown, **asked_for(line, PASSING, certificates=[PASSING], identity=PASSING))
    again = line.run(provision, **passing.parameters)
    assert again.said == "Completed: 1 node: 1 current", line.log(again.id)
    (report,) = (artifact.data for artifact in line.api.artifacts(again.id) if artifact.type == "markdown")
    assert f"**recovered** `certificate/{VAULT}/{PASSING}`" in report


def there(line: Line) -> dict[str, set[str]]:
    """The names of all that a teardown could remove, as Microsoft's own clients list them."""
    target, credential = line.target, EnvironmentCredential
    group, subscription = target.resource_group, target.subscription_id
    with (
        line.inside(),
        BatchManagementClient(credential(), subscription) as batch,
        ManagedServiceIdentityClient(credential(), subscription) as identities,
        KeyVaultManagementClient(credential(), subscription) as vaults,
        AuthorizationManagementClient(credential(), subscription) as grants,
        CertificateClient(f"https://{VAULT}.vault.azure.net", credential()) as certificates,
    ):
        return {
            "pools": {pool.name for pool in batch.pool.list_by_batch_account(group, target.batch_account)},
            "identities": {one.name for one in identities.user_assigned_identities.list_by_resource_group(group)},
            "certificates": {one.name for one in certificates.list_properties_of_certificates()},
            "grants": {one.name for one in grants.role_assignments.list_for_subscription()},
            "vaults": {one.name for one in vaults.vaults.list_by_resource_group(group)},
        }
