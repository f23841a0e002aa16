"""Accounts, pools, nodes and their users: read and written through the embedded Azure."""

import time
from datetime import UTC, timedelta

import pytest

from batchcert.clouds import CLOUDS, CloudName
from batchcert.plan.pool import plan_pool
from batchcert.plan.pool_body import pool_body
from batchcert.problems import Problem
from batchcert.spec import CertificateSpec, IdentitySpec, PoolSpec, SshAccess, Target
from batchcert.visit.host_keys import parse_host_keys
from tasks.azure_api import identities, nodes, pools, users
from tasks.azure_api.clients import Azure
from tasks.ssh.keys import EphemeralKey

pytestmark = pytest.mark.usefixtures("azure")
SPEC = CertificateSpec(name="web", subject="CN=web.example.com")


@pytest.fixture
def session():
    return Azure(CLOUDS[CloudName.PUBLIC], patience=timedelta(0))


def body_of(session, target, spec, vault="nowhere"):
    """A pool whose extension finds no vault, so that its nodes need nothing else to be there."""
    wanted = IdentitySpec().resource(target)
    with session.identities(target.subscription_id) as api:
        identity = identities.read(api, wanted) or identities.create(api, wanted, target.region)
    return pool_body(
        spec,
        identity_id=identity.arm_id,
        client_id=identity.client_id,
        vault_url=f"https://{vault}.vault.azure.net",
        certificates=[SPEC],
    )


def pool_spec(name, **changes):
    return PoolSpec(name=name, ssh=SshAccess(allowed_networks=["127.0.0.0/8"]), **changes)


@pytest.fixture
def pool(session, target, unique):
    """A pool of two nodes whose extension keeps trying in the background."""
    spec = pool_spec(unique, nodes=2, extension_version="2.0")
    body = body_of(session, target, spec)
    body["properties"]["deploymentConfiguration"]["virtualMachineConfiguration"]["extensions"] = []
    with session.pools(target.subscription_id) as api:
        pools.create(api, target.pool_id(unique), body)
    yield unique
    with session.pools(target.subscription_id) as api:
        pools.delete(api, target.pool_id(unique))


@pytest.fixture
def endpoint(session, target):
    with session.pools(target.subscription_id) as api:
        return pools.read_account(api, target.account_id).endpoint


@pytest.fixture
def idle(session, endpoint, pool):
    """The pool's nodes, once they are idle."""
    deadline = time.monotonic() + 60
    with session.nodes(endpoint) as api:
        while time.monotonic() < deadline:
            seen = nodes.listed(api, pool)
            if len(seen) == 2 and all(node.state == "idle" for node in seen):
                return seen
            time.sleep(0.05)
    raise AssertionError(seen)


def test_the_account_tells_where_its_data_plane_is(session, target, endpoint):
    """The endpoint is read, never composed; an account that is not there is None."""
    assert endpoint == f"{target.batch_account}.westus2.batch.azure.com"
    nowhere = target.model_copy(update={"batch_account": "nowhere"})
    with session.pools(target.subscription_id) as api:
        account = pools.read_account(api, target.account_id)
        assert (account.region, account.allocation_mode, account.takes_entra) == ("westus2", "BatchService", True)
        assert pools.read_account(api, nowhere.account_id) is None


def test_an_account_of_another_group_is_a_wrong_target(session, target):
    """A group that does not exist is told as that."""
    lost = Target(**{**target.model_dump(), "resource_group": "nowhere"})
    with session.pools(target.subscription_id) as api, pytest.raises(Problem) as refused:
        pools.read_account(api, lost.account_id)
    assert refused.value.code == "azure-wrong-target"


@pytest.mark.parametrize("version", ["1.0", "2.0", "3.0"])
def test_a_pool_reads_back_equal_to_what_was_written(session, target, unique, version):
    """Whatever Azure fills in and respells: a second run finds nothing to do."""
    spec = pool_spec(unique, nodes=0, extension_version=version, resize_timeout_minutes=60, vm_size="Standard_d4s_v5")
    body = body_of(session, target, spec)
    wanted = target.pool_id(unique)
    with session.pools(target.subscription_id) as api:
        assert pools.read(api, wanted) is None
        created = pools.create(api, wanted, body)
        observed = pools.read(api, wanted)
        assert observed.ours
        assert plan_pool(unique, body, observed).fields == ()
        assert plan_pool(unique, body, created).fields == ()
        assert unique in {one.name for one in pools.listed(api, target.account_id)}
        pools.delete(api, wanted)
        pools.delete(api, wanted)
        assert pools.read(api, wanted) is None


def test_creating_never_replaces(session, target, pool):
    """A PUT on a pool that exists would replace it whole; ours is refused instead."""
    spec = pool_spec(pool, nodes=9)
    body = body_of(session, target, spec)
    with session.pools(target.subscription_id) as api:
        with pytest.raises(Problem) as refused:
            pools.create(api, target.pool_id(pool), body)
        assert pools.read(api, target.pool_id(pool)).target_nodes == 2
    assert (refused.value.code, refused.value.passes) == ("azure-changed-meanwhile", True)


def test_a_body_that_batch_refuses_is_told_in_its_words(session, target, unique):
    """With Batch's code and message."""
    body = body_of(session, target, pool_spec(unique, nodes=0))
    body["properties"]["deploymentConfiguration"]["virtualMachineConfiguration"]["nodeAgentSkuId"] = "batch.node.none"
    with session.pools(target.subscription_id) as api, pytest.raises(Problem) as refused:
        pools.create(api, target.pool_id(unique), body)
    assert refused.value.code == "azure-refused"
    assert "400" in refused.value.what


def test_sizes_and_images_are_offered(session, target, endpoint):
    """The defaults of the parameters are among them."""
    default = pool_spec("p")
    with session.pools(target.subscription_id) as api:
        assert default.vm_size.lower() in {size.name.lower() for size in pools.vm_sizes(api, target.region)}
    with session.nodes(endpoint) as api:
        images = nodes.supported_images(api)
    image = default.image
    pairs = {(one.publisher.lower(), one.offer, one.sku, one.node_agent) for one in images if one.linux}
    assert (image.publisher.lower(), image.offer, image.sku, image.node_agent) in pairs


def test_nodes_are_listed_with_what_verdicts_need(idle):
    """State, since when, and how old, in plain UTC."""
    for node in idle:
        assert node.node_id
        assert node.state_since.tzinfo is UTC
        assert node.allocated_at.tzinfo is UTC
        assert node.allocated_at <= node.state_since
        assert node.errors == ()


def test_the_start_tasks_output_is_read_and_has_host_keys(session, endpoint, pool, idle):
    """The channel by which host keys are known before the first connection."""
    with session.nodes(endpoint) as api:
        text = nodes.read_file(api, pool, idle[0].node_id, nodes.START_TASK_OUTPUT)
        tail = nodes.read_file(api, pool, idle[0].node_id, nodes.START_TASK_OUTPUT, last=10)
    assert parse_host_keys(text)
    assert tail == text[-10:]


def test_a_file_that_is_not_there_is_told(session, endpoint, pool, idle):
    """In Batch's words, though the SDK asks for it as a stream and reads no refusal."""
    with session.nodes(endpoint) as api, pytest.raises(Problem) as refused:
        nodes.read_file(api, pool, idle[0].node_id, "startup/nothing.txt")
    assert refused.value.code == "azure-not-found"
    assert "404 FileNotFound" in refused.value.what


def test_each_node_has_its_own_way_in(session, endpoint, pool, idle):
    """Address and port of its SSH server."""
    with session.nodes(endpoint) as api:
        logins = {nodes.remote_login(api, pool, node.node_id) for node in idle}
    assert len(logins) == 2
    assert all(login.port > 0 and login.address for login in logins)


def test_a_user_comes_and_goes(session, endpoint, pool, idle):
    """Put twice is renewed; removed twice, or from a node that is gone, is fine."""
    node, key = idle[0].node_id, EphemeralKey.generate().public_line
    with session.nodes(endpoint) as api:
        nodes.listed(api, pool)
        expires = session.clock.now + timedelta(days=1)
        for _ in range(2):
            users.put(api, pool, node, "batchcert", public_key=key, expires=expires)
        for _ in range(2):
            users.remove(api, pool, node, "batchcert")
        users.remove(api, pool, "tvmps_gone_d", "batchcert")


def test_a_healthy_node_has_no_extension_faults(session, endpoint, pool, idle):
    """Nothing to explain."""
    with session.nodes(endpoint) as api:
        assert nodes.extension_faults(api, pool, idle[0].node_id) == []


def test_what_the_guest_agent_says_is_read(fresh_azure, session, target, unique):
    """An extension whose client id no identity of the pool has: its message names the cause."""
    body = body_of(session, target, pool_spec(unique, nodes=1))
    machine = body["properties"]["deploymentConfiguration"]["virtualMachineConfiguration"]
    settings = machine["extensions"][0]["settings"]["authenticationSettings"]
    settings["msiClientId"] = "00000000-0000-4000-8000-00000000dead"
    with session.pools(target.subscription_id) as management:
        pools.create(management, target.pool_id(unique), body)
        endpoint = pools.read_account(management, target.account_id).endpoint
    with session.nodes(endpoint) as api:
        while (node := nodes.listed(api, unique)[0]).state != "unusable":
            fresh_azure.advance(timedelta(minutes=10))  # 25 tries with growing pauses
        faults = nodes.extension_faults(api, unique, node.node_id)
    assert node.state == "unusable"
    assert node.errors
    assert [fault.extension for fault in faults] == ["KVExtensions"]
    assert "Identity not found" in faults[0].message
