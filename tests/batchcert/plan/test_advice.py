"""What is fine and should be known all the same."""

from dataclasses import replace
from datetime import timedelta

import pytest

from batchcert.plan.account import VmSize
from batchcert.plan.advice import advice
from batchcert.spec import Renewal, RenewalTrigger, SshAccess


def with_renewal(seen, months, renewal):
    (spec,) = seen.wanted.certificates
    changed = spec.model_copy(update={"renewal": renewal, "validity_months": months})
    return replace(seen, wanted=replace(seen.wanted, certificates=[changed]))


def with_pool(seen, **changes):
    return replace(seen, wanted=replace(seen.wanted, pool=seen.wanted.pool.model_copy(update=changes)))


def test_an_ordinary_run_needs_no_advice(empty, provisioned):
    """Nothing is said for the sake of saying it."""
    assert advice(empty) == []
    assert advice(provisioned) == []


@pytest.mark.parametrize(
    ("months", "renewal", "told"),
    [
        (12, Renewal(value=4), True),
        (12, Renewal(value=5), False),
        (12, Renewal(trigger=RenewalTrigger.LIFETIME_PERCENTAGE, value=99), True),
        (12, Renewal(trigger=RenewalTrigger.LIFETIME_PERCENTAGE, value=80), False),
        (1, Renewal(trigger=RenewalTrigger.LIFETIME_PERCENTAGE, value=90), True),
    ],
)
def test_a_late_renewal_is_told(empty, months, renewal, told):
    """Key Vault may lag three days, and then the nodes have to poll."""
    assert any("renewed" in note for note in advice(with_renewal(empty, months, renewal))) is told


@pytest.mark.parametrize(("days", "told"), [(30, True), (179, True), (181, False), (None, False)])
def test_an_image_that_ends_soon_is_told(empty, days, told):
    """Within half a year."""
    ends = empty.now + timedelta(days=days) if days else None
    images = [replace(image, ends=ends) for image in empty.images]
    assert any("ubuntu-24_04-lts/server" in note for note in advice(replace(empty, images=images))) is told


def test_a_size_that_ends_soon_is_told(empty):
    """By the account's own date."""
    sizes = [VmSize("Standard_D2s_v5", empty.now + timedelta(days=10))]
    (note,) = advice(replace(empty, sizes=sizes))
    assert "STANDARD_D2S_V5" in note


def test_a_series_announced_to_end_is_told_with_its_successor(empty):
    """Also where the account has no date yet."""
    (note,) = advice(with_pool(replace(empty, sizes=None), vm_size="STANDARD_DS2_V2"))
    assert "STANDARD_D2S_V5" in note


@pytest.mark.parametrize(
    ("network", "told"), [("203.0.0.0/8", True), ("203.0.0.0/16", False), ("10.0.0.0/8", False), ("2001::/16", True)]
)
def test_a_very_wide_network_is_told(empty, network, told):
    """One that is private reaches nobody else."""
    notes = advice(with_pool(empty, ssh=SshAccess(allowed_networks=[network])))
    assert any(network in note for note in notes) is told


def test_nodes_in_the_owners_subscription_are_told(empty):
    """Its quotas count then."""
    (note,) = advice(replace(empty, account=replace(empty.account, allocation_mode="UserSubscription")))
    assert "quotas" in note


def test_a_private_vault_is_told(provisioned, vault):
    """Whether the nodes' network reaches it cannot be seen."""
    (note,) = advice(replace(provisioned, vault=replace(vault, public=False, private_endpoints=1)))
    assert "private endpoints" in note
