"""What keeps a certificate from its nodes, done to the embedded Azure itself: each cause is told in the node's row."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from azure.identity import EnvironmentCredential
from azure.keyvault.certificates import CertificateClient, CertificatePolicy
from prefect.logging import disable_run_logger

from batchcert.arm_ids import parse_arm_id
from batchcert.outcomes import IdentityReady
from batchcert.plan.pool_body import pool_body
from batchcert.plan.readiness import SETTLED
from batchcert.spec import CertificateSpec, IdentitySpec, PoolSpec, SshAccess
from batchcert.verdict.finding import Finding, Verdict
from tasks.azure_api import grants, nodes, pools
from tasks.azure_api.clients import Azure
from tasks.identity import ensure_identity

from .farm import CERTIFICATE, VAULT, Farm, farm

pytestmark = pytest.mark.slow

POLLING = timedelta(hours=1)
SECONDS = 60  # for a pool's nodes to come to rest
VAULT_URL = f"https://{VAULT}.vault.azure.net"
SPEC = CertificateSpec(name=CERTIFICATE, subject="CN=render.example.com")
Trouble = Callable[[Farm], AbstractContextManager[None]]
Extension = dict[str, Any]


def certificates() -> CertificateClient:
    """Microsoft's own client."""
    return CertificateClient(VAULT_URL, EnvironmentCredential())


@contextmanager
def firewall(pool: Farm) -> Iterator[None]:
    """The vault lets no address in."""
    _network(pool, "Deny")
    yield
    _network(pool, "Allow")


def _network(pool: Farm, action: str) -> None:
    with Azure(pool.target.endpoints).vaults(pool.target.subscription_id) as api:
        rules = {"defaultAction": action, "ipRules": [], "virtualNetworkRules": []}
        api.vaults.update(pool.target.resource_group, VAULT, {"properties": {"networkAcls": rules}})


@contextmanager
def role_taken_back(pool: Farm) -> Iterator[None]:
    """The identity may no longer read the vault."""
    azure, me = Azure(pool.target.endpoints), identity(pool)
    with azure.vaults(pool.target.subscription_id) as api:
        vault = str(api.vaults.get(pool.target.resource_group, VAULT).id)
    with azure.grants(pool.target.subscription_id) as api:
        held = grants.of_principal(api, vault, me.principal_id)
        for grant in held:
            grants.take_back(api, grant)
        yield
        for grant in held:
            grants.give(api, grant, parse_arm_id(vault).subscription, me.principal_id)


@contextmanager
def version_disabled(_: Farm) -> Iterator[None]:
    """The current version is switched off."""
    with certificates() as api:
        api.update_certificate_properties(CERTIFICATE, enabled=False)
        yield
        api.update_certificate_properties(CERTIFICATE, enabled=True)


@contextmanager
def certificate_deleted(_: Farm) -> Iterator[None]:
    """The certificate is gone; it comes back."""
    with certificates() as api:
        api.begin_delete_certificate(CERTIFICATE).wait()
        yield
        api.begin_recover_deleted_certificate(CERTIFICATE).wait()


CLOUD: Mapping[str, tuple[Trouble, str, str]] = {
    "firewall": (firewall, "extension-vault-firewall", "ForbiddenByFirewall"),
    "role taken back": (role_taken_back, "extension-vault-forbidden", "ForbiddenByRbac"),
    "version disabled": (version_disabled, "extension-secret-disabled", "disabled"),
    "certificate deleted": (certificate_deleted, "extension-secret-not-found", "SecretNotFound"),
}


@pytest.fixture(scope="module")
def pool() -> Iterator[Farm]:
    """A pool with a node for each trouble of the cloud."""
    with farm(nodes=len(CLOUD), certificate=SPEC, polling=POLLING) as made:
        made.azure.advance(timedelta(days=2))
        yield made


@pytest.fixture(scope="module")
def findings(pool: Farm) -> dict[str, Finding]:
    """What is said of nodes whose extension was restarted during the trouble, and stopped with what it then said."""
    machines = pool.machines
    struck = dict(zip(CLOUD, machines, strict=True))
    for name, node in struck.items():
        with CLOUD[name][0](pool):
            pool.azure.run(machines[node].agent.restart())
            pool.azure.call(lambda _, agent=machines[node].agent: agent.stop())
    pool.azure.advance(2 * POLLING)
    found = {row.node: row.finding for row in pool.validate()}
    return {name: found[node] for name, node in struck.items()}


@pytest.mark.parametrize("name", CLOUD)
def test_the_extension_s_own_words_are_understood(findings: dict[str, Finding], name: str) -> None:
    """The message that a real request brought about has its own reason."""
    _, reason, told = CLOUD[name]
    found = findings[name]
    assert (found.verdict, found.reason) == (Verdict.FAILED, reason), found
    assert told in found.message
    assert found.cause
    assert found.cure


def client_id(extension: Extension, given: str) -> None:
    """This is given for the client id."""
    extension["settings"]["authenticationSettings"]["msiClientId"] = given


def misplaced(extension: Extension, _: IdentityReady) -> None:
    """authenticationSettings lies one level too deep."""
    settings = extension["settings"]
    settings["secretsManagementSettings"]["authenticationSettings"] = settings.pop("authenticationSettings")


def as_text(extension: Extension, _: IdentityReady) -> None:
    """The settings are text that holds JSON."""
    extension["settings"] = json.dumps(extension["settings"])


@dataclass(frozen=True)
class Body:
    """How a pool's body is wrong, and what is said of its node: piece of the message, and pattern of the cause."""

    change: Callable[[Extension, IdentityReady], None]
    told: str
    cause: str


BODIES: Mapping[str, Body] = {
    "object-id": Body(
        lambda extension, me: client_id(extension, me.principal_id),
        "Identity not found",
        r"msiClientId: .* is the identity's object id \(principalId\): ",
    ),
    "arm-id": Body(
        lambda extension, me: client_id(extension, me.arm_id), "Identity not found", "msiClientId: .* is an ARM id: "
    ),
    "not-on-the-pool": Body(
        lambda extension, _: client_id(extension, "00000000-0000-0000-0000-00000000beef"),
        "Identity not found",
        "msiClientId: .* is not among the pool's identities: ",
    ),
    "misplaced": Body(
        misplaced, "Attempt to get non-existent AuthConfig", "authenticationSettings lies where the extension does not"
    ),
    "settings-as-text": Body(as_text, "'not an object'", "settings: settings is JSON text"),
}


@pytest.mark.parametrize("name", BODIES)
def test_the_pool_s_own_body_is_the_nearer_cause(pool: Farm, name: str) -> None:
    """One line from the pool through node and guest agent to the extension's own words; the cause names the field."""
    case = BODIES[name]
    found = made_wrong(pool, name, case)
    assert (found.verdict, found.reason) == (Verdict.FAILED, "node-unusable")
    said = ("the pool says: Allocation", " -> the node is unusable: VMExtension", " -> the guest agent says", case.told)
    places = [found.message.find(words) for words in said[:3]] + [found.message.rfind(case.told)]
    assert -1 not in places, found.message
    assert places == sorted(places)
    assert re.search(case.cause, found.cause), found.cause
    assert found.cure


def made_wrong(pool: Farm, name: str, case: Body) -> Finding:
    """What is said of the node of a pool whose body was changed."""
    azure, target, me = Azure(pool.target.endpoints), pool.target, identity(pool)
    spec = PoolSpec(name=name, ssh=SshAccess(allowed_networks=["127.0.0.0/8"]))
    body = pool_body(spec, identity_id=me.arm_id, client_id=me.client_id, vault_url=VAULT_URL, certificates=[SPEC])
    machine: Any = body["properties"]["deploymentConfiguration"]["virtualMachineConfiguration"]  # type: ignore[index]
    case.change(machine["extensions"][0], me)
    with azure.pools(target.subscription_id) as api:
        pools.create(api, target.pool_id(name), body)
        account = pools.read_account(api, target.account_id)
    assert account is not None
    settle(pool, name, account.endpoint)
    (row,) = pool.validate(name)
    return row.finding


def settle(pool: Farm, name: str, endpoint: str) -> None:
    """Move the clock until the pool's nodes have come to rest."""
    deadline, states = time.monotonic() + SECONDS, list[str]()
    with Azure(pool.target.endpoints).nodes(endpoint) as api:
        while not states or not SETTLED.issuperset(states):
            assert time.monotonic() < deadline, states
            pool.azure.advance(timedelta(minutes=1))
            states = [node.state for node in nodes.listed(api, name)]


def test_a_version_without_a_key_is_told(pool: Farm) -> None:
    """A policy whose key is not exportable: nodes get the certificate, the extension reports success, and no key."""
    with certificates() as api:
        policy = api.get_certificate_policy(CERTIFICATE)
        wanted = CertificatePolicy(
            issuer_name="Self",
            subject=policy.subject,
            exportable=False,
            key_type="RSA",
            content_type=policy.content_type,
        )
        api.begin_create_certificate(CERTIFICATE, wanted).wait()
    for machine in pool.machines.values():
        pool.azure.run(machine.agent.resume())
    pool.azure.advance(POLLING)
    assert {row.finding.reason for row in pool.validate()} == {"key-missing"}


def identity(pool: Farm) -> IdentityReady:
    """The pool's identity."""
    with disable_run_logger():
        return ensure_identity.fn(pool.target, IdentitySpec())
