"""Visits of a pool: who is visited, with which user, and what stays behind. Each verdict is told in tests/e2e."""

import threading
import time
from datetime import timedelta

import pytest
from azure.batch.models import BatchNodeDisableSchedulingOptions, BatchNodeUserCreateOptions
from prefect.logging import disable_run_logger

from batchcert.spec import CertificateSpec, IdentitySpec, PoolSpec, SshAccess, VaultSpec, VisitSpec
from local_azure import settings
from tasks.access import grant_access
from tasks.azure_api.clients import Azure
from tasks.certificate import ensure_certificate
from tasks.identity import ensure_identity
from tasks.pool import ensure_pool
from tasks.vault import ensure_vault
from tasks.visiting import NODE_USER, visit_pool
from tasks.watching import watched_of

LIMITS = VisitSpec(start_up_attempts=1, retry_seconds=0)


def visit(session, target, pool, progress=lambda *_: None):
    return visit_pool(session, watched_of(session, target, pool), LIMITS, progress)


@pytest.fixture
def session(azure, target):
    return Azure(target.endpoints, patience=timedelta(0))


@pytest.fixture
def pool(azure, session, target, unique):
    """A pool of two nodes that hold a certificate, once both are idle."""
    spec = CertificateSpec(name="web", subject="CN=web.example.com", key_type="EC")
    wanted = PoolSpec(name=unique, nodes=2, ssh=SshAccess(allowed_networks=["127.0.0.0/8"]))
    with disable_run_logger():
        vault = ensure_vault.fn(target, VaultSpec(name=unique, create=True))
        reader = ensure_identity.fn(target, IdentitySpec(name=unique))
        ensure_certificate.fn(target, vault, spec)
        access = grant_access.fn(target, reader, vault)
        made = ensure_pool.fn(target, wanted, [spec], identity=reader, vault=vault, access=access)
    eventually(lambda: set(states(azure, unique).values()) == {"idle"} and len(states(azure, unique)) == 2)
    assert made.name == unique
    return unique


def eventually(true, seconds=60):
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def nodes_of(azure, pool):
    return azure.call(lambda cloud: dict(cloud.batch.state.accounts[settings.BATCH_ACCOUNT].pools[pool].nodes))


def states(azure, pool):
    return {name: node.state for name, node in nodes_of(azure, pool).items()}


def left(azure, pool):
    """The users that Batch still has on the pool's nodes, by node."""
    return {name: set(node.users) for name, node in nodes_of(azure, pool).items() if node.users}


def test_each_node_is_visited_and_keeps_no_user(azure, session, target, pool):
    """Progress is told from the first to the last, in the calling thread."""
    told = []
    visited = visit(session, target, pool, lambda *done: told.append((threading.get_ident(), *done)))
    assert {visit.node_id for visit in visited.visits} == set(states(azure, pool))
    assert all(visit.report and not visit.failure and not visit.left_behind for visit in visited.visits)
    assert told == [(threading.get_ident(), done, 2) for done in (0, 1, 2)]
    assert left(azure, pool) == {}


def test_its_user_does_not_outlive_a_day_whatever_happens(azure, session, target, pool):
    """Batch removes by itself what a run that was killed has left."""
    seen = []
    with azure.fault("throttled", retry_after=600, operation="ComputeNode_DeleteUser", resource=f"*{pool}*"):
        visit(session, target, pool)
        seen = [node.users[NODE_USER] for node in nodes_of(azure, pool).values()]
    now = azure.call(lambda cloud: cloud.clock.now())
    assert all(user.admin and not user.password for user in seen)
    assert all(now < user.expires <= now + timedelta(days=2) for user in seen)  # on Linux to the end of the day


def test_what_could_not_be_removed_is_told_beside_the_answer(azure, session, target, pool):
    """The node has answered all the same; the next visit takes the user over and removes it."""
    first, second = states(azure, pool)
    with azure.fault("throttled", retry_after=600, operation="ComputeNode_DeleteUser", resource=f"*{first}*"):
        visits = {visit.node_id: visit for visit in visit(session, target, pool).visits}
    assert visits[first].report
    assert visits[first].left_behind.code == "azure-throttled"
    assert visits[second].left_behind is None
    assert left(azure, pool) == {first: {NODE_USER}}
    visits = visit(session, target, pool).visits
    assert all(visit.report and not visit.left_behind for visit in visits)
    assert left(azure, pool) == {}


def test_a_node_that_takes_no_user_fails_alone(azure, session, target, pool):
    """In the service's words; the other node is visited."""
    first, second = states(azure, pool)
    with azure.fault("throttled", retry_after=600, operation="ComputeNode_AddUser", resource=f"*{first}*"):
        visits = {visit.node_id: visit for visit in visit(session, target, pool).visits}
    assert visits[first].failure.code == "azure-throttled"
    assert visits[second].report
    assert left(azure, pool) == {}


def test_a_user_that_was_made_without_an_answer_is_taken_over(azure, session, target, pool):
    """The connection broke after Batch had made it: asking again finds it there."""
    with azure.fault("lost", operation="ComputeNode_AddUser", resource=f"*{pool}*", first=1):
        visits = visit(session, target, pool).visits
    assert all(visit.report for visit in visits)
    assert left(azure, pool) == {}


def test_a_node_that_takes_no_tasks_is_listed_and_not_visited(azure, session, target, pool):
    """Batch lets no user in there; whoever judges sees its state."""
    first, second = states(azure, pool)
    watched = watched_of(session, target, pool)
    with session.nodes(watched.endpoint) as api:
        api.disable_node_scheduling(
            pool, first, BatchNodeDisableSchedulingOptions(node_disable_scheduling_option="requeue")
        )
    visited = visit(session, target, pool)
    assert {node.node_id: node.state for node in visited.nodes} == {first: "offline", second: "idle"}
    assert [visit.node_id for visit in visited.visits] == [second]


def test_nodes_can_be_left_in_peace(azure, session, target, pool):
    """They are listed, and nobody goes there."""
    first, second = states(azure, pool)
    azure.forget_requests()
    watched = watched_of(session, target, pool)
    visited = visit_pool(session, watched, LIMITS, lambda *_: None, skip={first})
    assert {node.node_id for node in visited.nodes} == {first, second}
    assert [visit.node_id for visit in visited.visits] == [second]
    assert [one for one in azure.requests() if f"/nodes/{first}/" in one.path and not one.machine] == []


def test_the_service_tells_the_time(azure, session, target, pool):
    """By which the nodes are judged: not this machine's, nor a node's."""
    before = azure.call(lambda cloud: cloud.clock.now())
    visited = visit(session, target, pool)
    assert before.replace(microsecond=0) <= visited.now <= azure.call(lambda cloud: cloud.clock.now())


def test_users_that_an_interrupted_run_left_go_too(azure, session, target, pool):
    """They are found on their node by how their names begin; one that will not go is told beside the answer."""
    first, second = states(azure, pool)
    watched = watched_of(session, target, pool)
    with session.nodes(watched.endpoint) as api:
        for node, name in ((first, "batchcert-5c2f00aa"), (second, "batchcert-5c2f00aa"), (second, "operator")):
            api.create_node_user(pool, node, BatchNodeUserCreateOptions(name=name, password="Secret-1"))
    stuck = {"operation": "ComputeNode_DeleteUser", "resource": f"*{first}*"}
    with azure.fault("throttled", retry_after=600, **stuck):
        visits = {visit.node_id: visit for visit in visit(session, target, pool).visits}
    assert visits[first].report
    assert visits[first].left_behind.code == "azure-throttled"
    assert left(azure, pool) == {first: {NODE_USER, "batchcert-5c2f00aa"}, second: {"operator"}}
    assert all(not visit.left_behind for visit in visit(session, target, pool).visits)
    assert left(azure, pool) == {second: {"operator"}}


def test_when_a_node_told_its_time_is_known(azure, session, target, pool):
    """Between two answers of the service; so a slow visit is no wrong clock."""
    for one in visit(session, target, pool).visits:
        assert one.span.begin <= one.report.node_time <= one.span.end + timedelta(seconds=1)
        assert one.span.end - one.span.begin < timedelta(minutes=1)
