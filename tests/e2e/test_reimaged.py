"""Nodes that are made anew while a validation is under way, and users whom an interrupted run left on them."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from azure.batch.models import BatchNodeUserCreateOptions

from batchcert.spec import CertificateSpec
from batchcert.verdict.finding import Verdict
from local_azure.cloud import Cloud
from tasks.azure_api import pools
from tasks.azure_api.clients import Azure

from .farm import CERTIFICATE, POOL, Farm, farm

pytestmark = pytest.mark.slow

POLLING = timedelta(hours=1)
SECONDS = 60  # for a node to come up


@pytest.fixture(scope="module")
def pool() -> Iterator[Farm]:
    """Three nodes, a day old."""
    certificate = CertificateSpec(name=CERTIFICATE, subject="CN=render.example.com")
    with farm(nodes=3, certificate=certificate, polling=POLLING) as made:
        made.azure.advance(timedelta(days=1))
        yield made


@pytest.fixture(scope="module")
def endpoint(pool: Farm) -> str:
    """The account's data plane."""
    with Azure(pool.target.endpoints).pools(pool.target.subscription_id) as api:
        account = pools.read_account(api, pool.target.account_id)
    assert account is not None
    return account.endpoint


def keys_told(pool: Farm, node: str) -> bytes:
    """What the node's start task printed."""
    return pool.machines[node].read_file("startup/stdout.txt")


def reimage(pool: Farm, endpoint: str, node: str) -> None:
    """Have Batch make the node anew, and wait until it is up."""
    with Azure(pool.target.endpoints).nodes(endpoint) as api:
        api.begin_reimage_node(POOL, node, {"nodeReimageOption": "terminate"}, polling_interval=0).result()
        deadline = time.monotonic() + SECONDS
        while (state := api.get_node(POOL, node).state) != "idle":
            assert time.monotonic() < deadline, state
            pool.azure.advance(timedelta(seconds=10))


def test_a_node_reimaged_after_its_keys_were_read_is_visited_with_its_new_ones(pool: Farm, endpoint: str) -> None:
    """By its times it came up anew: the new keys are read, over Batch's API, and the node is not called unreachable."""
    node = next(iter(pool.machines))
    old = keys_told(pool, node)

    def meanwhile(done: int, _: int) -> None:
        if done == 0:
            reimage(pool, endpoint, node)

    rows = {row.node: row.finding for row in pool.validate(progress=meanwhile)}
    assert keys_told(pool, node) != old
    assert rows[node].verdict is Verdict.CURRENT, rows[node]
    assert {finding.reason for finding in rows.values()} == {"current"}


def test_a_key_that_changed_since_the_start_task_ran_is_a_reimage_for_a_while(pool: Farm) -> None:
    """Booted after it, by Batch's own times: pending as long as a start task may take, and then unreachable."""
    node = list(pool.machines)[1]
    pool.azure.run(pool.machines[node].ssh.replace_host_key())
    assert reason_of(pool, node) == "ssh-host-key-changed"
    booted = pool.now

    def boot(cloud: Cloud) -> None:
        _set_boot(cloud, pool, node, booted)

    pool.azure.call(boot)
    assert reason_of(pool, node) == "node-reimaged"
    pool.azure.advance(timedelta(minutes=31))
    assert reason_of(pool, node) == "ssh-host-key-changed"


def _set_boot(cloud: Cloud, pool: Farm, node: str, booted: datetime) -> None:
    cloud.batch.state.accounts[pool.target.batch_account].pools[POOL].nodes[node].last_boot = booted


def reason_of(pool: Farm, node: str) -> str:
    """What a validation says of the node."""
    return next(row.finding.reason for row in pool.validate() if row.node == node)


def test_users_that_an_interrupted_run_left_are_removed(pool: Farm, endpoint: str) -> None:
    """They are found on the node by how their names begin; the users of others stay."""
    node = list(pool.machines)[2]
    with Azure(pool.target.endpoints).nodes(endpoint) as api:
        for name in ("batchcert", "batchcert-5c2f00aa", "operator"):
            api.create_node_user(POOL, node, BatchNodeUserCreateOptions(name=name, is_admin=True, password="Secret-1"))
    assert reason_of(pool, node) == "current"
    assert set(pool.machines[node].accounts.users) == {"operator"}
