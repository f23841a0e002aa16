"""What a pool's nodes should have: read from the pool's own settings and from Key Vault."""

from dataclasses import replace
from datetime import timedelta

import pytest
from prefect.logging import disable_run_logger

from batchcert.problems import Problem
from batchcert.spec import CertificateSpec, IdentitySpec, PoolSpec, SshAccess, VaultSpec
from tasks.access import grant_access
from tasks.azure_api import certificates, pools
from tasks.azure_api.clients import Azure
from tasks.certificate import ensure_certificate
from tasks.identity import ensure_identity
from tasks.pool import ensure_pool
from tasks.vault import ensure_vault
from tasks.watching import watched_of

SPEC = CertificateSpec(name="web", subject="CN=web.example.com", link_name="web.pem")


@pytest.fixture
def session(azure, target):
    return Azure(target.endpoints, patience=timedelta(0))


@pytest.fixture
def vault(session, target, unique):
    with disable_run_logger():
        return ensure_vault.fn(target, VaultSpec(name=unique, create=True))


@pytest.fixture
def pool(vault, target, unique):
    """A pool of no nodes that observes one certificate."""
    wanted = PoolSpec(
        name=unique,
        nodes=0,
        polling_interval_seconds=90,
        ssh=SshAccess(allowed_networks=["127.0.0.0/8"]),
    )
    with disable_run_logger():
        reader = ensure_identity.fn(target, IdentitySpec(name=unique))
        ensure_certificate.fn(target, vault, SPEC)
        access = grant_access.fn(target, reader, vault)
        ensure_pool.fn(target, wanted, [SPEC], identity=reader, vault=vault, access=access)
    return unique


def create_raw(session, target, name, extensions=()):
    machine = {
        "imageReference": {"publisher": "Canonical", "offer": "ubuntu-24_04-lts", "sku": "server"},
        "nodeAgentSkuId": "batch.node.ubuntu 24.04",
        "extensions": list(extensions),
    }
    body = {
        "properties": {
            "vmSize": "STANDARD_D2S_V5",
            "deploymentConfiguration": {"virtualMachineConfiguration": machine},
            "scaleSettings": {"fixedScale": {"targetDedicatedNodes": 0}},
        }
    }
    with session.pools(target.subscription_id) as api:
        pools.create(api, target.pool_id(name), body)


def extension(url):
    return {
        "name": "KVExtensions",
        "publisher": "Microsoft.Azure.KeyVault",
        "type": "KeyVaultForLinux",
        "typeHandlerVersion": "2.0",
        "settings": {"secretsManagementSettings": {"observedCertificates": [url]}},
    }


def refusal(session, target, name):
    with pytest.raises(Problem) as refused:
        watched_of(session, target, name)
    return refused.value


def test_it_is_the_pool_that_is_asked(session, target, vault, pool):
    """Version, interval, folder and link are those of its extension; the fingerprint is that of Key Vault."""
    watched = watched_of(session, target, pool)
    assert (watched.pool, watched.extension_version, watched.polling_interval_seconds) == (pool, "3.0", 90)
    assert watched.endpoint == "batchcertlocal.westus2.batch.azure.com"
    (expected,), (line,) = watched.expected, watched.certificates
    with session.certificates(vault.url) as api:
        held = certificates.read(api, "web")
    assert (expected.label, expected.store, expected.link_name) == (f"{pool}/web", SPEC.store, "web.pem")
    assert (expected.version, expected.sha256, expected.pinned_version) == (held.version.id, held.version.sha256, "")
    assert (expected.earlier_sha256, watched.asked.stores) == ((), (SPEC.store,))
    assert line.renews_at == line.not_after - timedelta(days=SPEC.renewal.value)


def test_earlier_versions_are_known(session, target, vault, pool):
    """By them a node that is behind is told from one that holds a stranger's certificate."""
    before = watched_of(session, target, pool).expected[0].sha256
    with session.certificates(vault.url) as api:
        api.begin_create_certificate("web", api.get_certificate_policy("web")).result()
    after = watched_of(session, target, pool).expected[0]
    assert after.sha256 != before
    assert after.earlier_sha256 == (before,)


def test_a_pool_of_somebody_else_s_making(session, target, vault, pool, unique):
    """Whatever form its settings have; a pinned version is told, and compared with the current one."""
    version = watched_of(session, target, pool).expected[0].version
    create_raw(session, target, f"{unique}-old", [extension(f"{vault.url}/secrets/web/{version}")])
    watched = watched_of(session, target, f"{unique}-old")
    assert (watched.extension_version, watched.polling_interval_seconds) == ("2.0", 3600)
    assert watched.expected[0].pinned_version == version
    assert watched.expected[0].link_name == ""


def test_settings_with_faults_are_told_and_read_all_the_same(session, target, vault, pool, unique):
    """Without an interval, and without a word on authentication: the nodes show what comes of it."""
    create_raw(session, target, f"{unique}-odd", [extension(f"{vault.url}/secrets/web")])
    told = []
    watched = watched_of(replace(session, tell=told.append), target, f"{unique}-odd")
    assert watched.polling_interval_seconds == 3600
    assert [expected.name for expected in watched.expected] == ["web"]
    assert len(told) == 2
    assert "[polling-interval-out-of-range]" in told[0]
    assert "[authentication-settings-missing]" in told[1]


def test_a_pool_that_is_not_there(session, target, unique):
    """And where to look."""
    problem = refusal(session, target, unique)
    assert problem.code == "pool-not-found"
    assert unique in problem.what
    assert not problem.passes


def test_a_pool_without_the_extension(session, target, unique):
    """Nothing puts certificates on its nodes, so there is nothing to validate."""
    create_raw(session, target, unique)
    assert refusal(session, target, unique).code == "pool-without-extension"


def test_a_certificate_that_key_vault_does_not_have(session, target, vault, unique):
    """The pool's nodes wait for it in vain."""
    create_raw(session, target, unique, [extension(f"{vault.url}/secrets/nothing")])
    problem = refusal(session, target, unique)
    assert problem.code == "certificate-not-found"
    assert f"{unique}/nothing" in problem.what


def test_settings_that_observe_nothing(session, target, unique):
    """What is wrong with them is told instead of a verdict."""
    create_raw(session, target, unique, [{**extension(""), "settings": {}}])
    problem = refusal(session, target, unique)
    assert "no-observed-certificates" in {one.code for one in problem.found}
