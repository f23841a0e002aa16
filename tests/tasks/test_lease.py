"""The name under which a pool is held."""

import re

import pytest

from batchcert.arm_ids import arm_id, parse_arm_id
from tasks.lease import lease_name

SUBSCRIPTION = "aaaa0a0a-bb1b-cc2c-dd3d-eeeeee4e4e4e"
OTHER = "bbbb0a0a-bb1b-cc2c-dd3d-eeeeee4e4e4e"


def pool(name="render", account="batcheu", group="prod", subscription=SUBSCRIPTION):
    return arm_id(subscription, group, "Microsoft.Batch/batchAccounts/pools", account, name)


def test_a_person_sees_which_pool_it_is():
    """In the page's list of concurrency limits, by account and pool."""
    assert re.fullmatch(r"batchcert-pool-batcheu-render-[0-9a-f]{8}", lease_name(pool()))


@pytest.mark.parametrize(
    "other",
    [
        pool(name="render2"),
        pool(account="batchus"),
        pool(group="test"),
        pool(subscription=OTHER),
        pool(name="a_b"),
        pool(name="a-b"),
    ],
    ids=str,
)
def test_different_pools_never_share_a_lease(other):
    """Also where what a person reads is the same."""
    assert lease_name(other) != lease_name(pool())


def test_names_that_read_alike_differ():
    """An underscore is no character of Prefect's."""
    assert lease_name(pool(name="a_b")) != lease_name(pool(name="a-b"))


def test_one_pool_has_one_lease_however_its_id_is_written():
    """Azure compares ids without case, and gives them back in another one than it got."""
    written = parse_arm_id(str(pool()).upper().replace("/SUBSCRIPTIONS", "/subscriptions"))
    assert lease_name(written) == lease_name(pool())


@pytest.mark.parametrize("name", ["_", "A" * 64, "x_Y-z"])
def test_prefect_takes_the_name(name):
    """Lower-case letters, digits and hyphens."""
    assert re.fullmatch(r"[a-z0-9-]+", lease_name(pool(name=name)))
