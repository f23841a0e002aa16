from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from local_azure.services.keyvault.certificates.renewal import renewal_due
from local_azure.services.keyvault.policies.policy import LifetimeAction

BEGIN, END = datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 4, 11, tzinfo=UTC)  # 100 days
EMAIL = [{"trigger": {"lifetime_percentage": 80}, "action": {"action_type": "EmailContacts"}}]


def renew(**trigger):
    return [{"trigger": trigger, "action": {"action_type": "AutoRenew"}}]


def created(door, name="web"):
    certificate = door.keyvault.state.vaults["kv-test"].certificates[name]
    return [version.created for version in certificate.versions.values()]


@pytest.mark.parametrize(
    ("action", "due"),
    [
        (LifetimeAction("AutoRenew", days_before_expiry=30), END - timedelta(days=30)),
        (LifetimeAction("AutoRenew", days_before_expiry=1), END - timedelta(days=1)),
        (LifetimeAction("AutoRenew", lifetime_percentage=80), BEGIN + timedelta(days=80)),
        (LifetimeAction("AutoRenew", lifetime_percentage=1), BEGIN + timedelta(days=1)),
        (LifetimeAction("AutoRenew", lifetime_percentage=99), BEGIN + timedelta(days=99)),
    ],
)
def test_when_renewal_falls_due(action, due):
    """Counted back from the expiry in days, or forward as a share of the lifetime."""
    assert renewal_due(BEGIN, END, action) == due


def test_a_moved_clock_replays_each_renewal_at_its_date(door):
    """Twelve months of a monthly certificate make a version for each due date, none skipped and none late."""
    door.create(x509_props={"subject": "CN=a", "validity_months": 1}, lifetime_actions=renew(days_before_expiry=5))
    door.advance(timedelta(days=365))
    certificate = door.keyvault.state.vaults["kv-test"].certificates["web"]
    dates = created(door)
    assert 13 <= len(dates) <= 15
    for earlier, later in zip(list(certificate.versions.values()), dates[1:], strict=False):
        bundle = door.data("GET", f"/certificates/web/{earlier.id}").body
        expires = datetime.fromtimestamp(bundle["attributes"]["exp"], UTC)
        assert abs(later - (expires - timedelta(days=5))) < timedelta(seconds=1)


def test_a_renewed_version_has_a_key_of_its_own(door):
    """Unless the policy says to use the key again."""
    door.create()
    door.create("same", key_props={"kty": "EC", "reuse_key": True})
    door.advance(timedelta(days=340))
    certificates = door.keyvault.state.vaults["kv-test"].certificates
    assert len({version.key for version in certificates["web"].versions.values()}) == 2
    assert len(certificates["same"].versions) == 2
    assert len({version.key for version in certificates["same"].versions.values()}) == 1


def test_a_key_that_no_longer_fits_is_not_used_again(door):
    """reuse_key with another curve in the policy makes a new key."""
    door.create("same", key_props={"kty": "EC", "reuse_key": True})
    door.data("PATCH", "/certificates/same/policy", {"key_props": {"crv": "P-384"}})
    door.advance(timedelta(days=340))
    first, second = door.keyvault.state.vaults["kv-test"].certificates["same"].versions.values()
    assert first.key != second.key


@pytest.mark.parametrize(
    ("patch", "versions"),
    [
        ({"lifetime_actions": renew(days_before_expiry=200)}, 2),
        ({"lifetime_actions": renew(days_before_expiry=60)}, 1),
        ({"lifetime_actions": renew(lifetime_percentage=10)}, 3),
        ({"lifetime_actions": EMAIL}, 1),
        ({"lifetime_actions": []}, 1),
        ({"attributes": {"enabled": False}}, 1),
        ({"issuer": {"name": "Unknown"}}, 1),
    ],
)
def test_a_changed_policy_moves_the_renewal(door, patch, versions):
    """The next renewal follows the policy as it is now; one that is past due happens at once."""
    door.create()
    door.advance(timedelta(days=100))
    assert door.data("PATCH", "/certificates/web/policy", patch).status == 200
    door.advance(timedelta(days=70))
    assert len(door.versions()) == versions


def test_renewal_goes_on_from_the_newest_version(door):
    """A version made by hand puts the next renewal off."""
    door.create()
    door.advance(timedelta(days=300))
    door.create()
    door.advance(timedelta(days=300))
    assert len(door.versions()) == 2
    door.advance(timedelta(days=40))
    assert len(door.versions()) == 3


def test_a_deleted_certificate_does_not_renew(door):
    """Its renewal is made up for when it is recovered."""
    door.create()
    door.advance(timedelta(days=300))
    door.data("DELETE", "/certificates/web")
    door.advance(timedelta(days=60))
    assert door.data("POST", "/deletedcertificates/web/recover").status == 200
    assert len(door.versions()) == 1
    door.advance(timedelta(seconds=1))
    assert len(door.versions()) == 2


def test_the_event_of_a_purged_certificate_does_not_renew_its_namesake(door):
    """A vault and a certificate of the same names later on have a schedule of their own."""
    door.create()
    door.vault(method="DELETE")
    door.arm("POST", "/providers/Microsoft.KeyVault/locations/westus2/deletedVaults/kv-test/purge")
    door.advance(timedelta(days=300))
    door.vault()
    door.create()
    door.advance(timedelta(days=100))
    assert len(door.versions()) == 1
