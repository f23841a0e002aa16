"""What Key Vault does by itself near a certificate's end, and whom it would write to."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from pydantic import TypeAdapter

from local_azure.services.keyvault.state.vaults import KeyVaultState
from local_azure.settings import Settings

ISSUER = {"provider": "DigiCert", "credentials": {"account_id": "ours", "pwd": "hidden"}}
CONTACTS = {"contacts": [{"email": "a@example.com"}, {"email": "b@example.com"}]}
HALF_A_YEAR = {"subject": "CN=a", "validity_months": 6}


def acting(action, **trigger):
    return [{"trigger": trigger, "action": {"action_type": action}}]


@pytest.fixture
def watched(door):
    """A vault with two contacts and an issuer."""
    door.data("PUT", "/certificates/contacts", CONTACTS)
    door.data("PUT", "/certificates/issuers/ca", ISSUER)
    return door


@pytest.fixture
def lagging(new_door):
    """A Key Vault that renews three days late."""
    door = new_door(settings=Settings(renewal_seconds=timedelta(days=3).total_seconds()))
    door.vault()
    door.data("PUT", "/certificates/contacts", CONTACTS)
    return door


def ends(door, name="web"):
    shown = door.data("GET", f"/certificates/{name}").body["attributes"]
    return datetime.fromtimestamp(shown["nbf"], UTC), datetime.fromtimestamp(shown["exp"], UTC)


@pytest.mark.parametrize("trigger", [{"days_before_expiry": 30}, {"lifetime_percentage": 80}])
def test_contacts_are_written_to_when_the_action_says_so(watched, trigger):
    """Once, at its date, all of them; nothing is renewed."""
    watched.create(x509_props=HALF_A_YEAR, lifetime_actions=acting("EmailContacts", **trigger))
    begin, end = ends(watched)
    watched.advance(timedelta(days=365))
    (mail,) = watched.keyvault.mailbox.all()
    due = end - timedelta(days=30) if "days_before_expiry" in trigger else begin + (end - begin) * 0.8
    assert abs(mail.sent - due) < timedelta(seconds=1)
    assert (mail.to, mail.vault, mail.event) == (["a@example.com", "b@example.com"], "kv-test", "NearExpiry")
    assert f"expires on {end:%Y-%m-%d %H:%M} UTC" in mail.text
    assert len(watched.versions()) == 1


def test_nobody_is_written_to_where_there_are_no_contacts(door):
    """The certificate expires all the same."""
    door.create(x509_props=HALF_A_YEAR, lifetime_actions=acting("EmailContacts", days_before_expiry=30))
    door.advance(timedelta(days=365))
    assert door.mails() == []


def test_a_merged_certificate_is_renewed_by_hand(watched):
    """Issuer Unknown with the action AutoRenew does nothing by itself; with EmailContacts it writes."""
    watched.create("auto", x509_props=HALF_A_YEAR, lifetime_actions=acting("AutoRenew", days_before_expiry=30))
    watched.create("mail", x509_props=HALF_A_YEAR, lifetime_actions=acting("EmailContacts", days_before_expiry=30))
    for name in ("auto", "mail"):
        watched.data("PATCH", f"/certificates/{name}/policy", {"issuer": {"name": "Unknown"}})
    watched.advance(timedelta(days=365))
    assert watched.mails() == [("NearExpiry", "mail")]


def test_a_changed_policy_does_not_write_twice_about_one_version(watched):
    """The next version is another matter."""
    actions = acting("EmailContacts", days_before_expiry=30)
    watched.create(x509_props=HALF_A_YEAR, lifetime_actions=actions)
    watched.advance(timedelta(days=170))
    watched.data(
        "PATCH", "/certificates/web/policy", {"lifetime_actions": acting("EmailContacts", days_before_expiry=40)}
    )
    watched.advance(timedelta(days=1))
    assert watched.mails() == [("NearExpiry", "web")]
    watched.create(x509_props=HALF_A_YEAR, lifetime_actions=actions)
    watched.advance(timedelta(days=170))
    assert watched.mails() == [("NearExpiry", "web")] * 2


@pytest.mark.parametrize("issuer", ["Self", "ca"])
def test_contacts_hear_before_and_after_a_renewal(watched, issuer):
    """With an own signature, and with an authority's."""
    watched.create(
        x509_props=HALF_A_YEAR,
        issuer={"name": issuer},
        lifetime_actions=acting("AutoRenew", lifetime_percentage=50),
    )
    watched.advance(timedelta(days=100))
    assert watched.mails() == [("RenewalAhead", "web"), ("Renewed", "web")]
    assert len(watched.versions()) == 2


def test_key_vault_may_renew_late(lagging):
    """The contacts learn at the date that the policy says; the version comes three days later."""
    lagging.create(x509_props=HALF_A_YEAR, lifetime_actions=acting("AutoRenew", days_before_expiry=30))
    due = ends(lagging)[1] - timedelta(days=30)
    lagging.advance(due - lagging.clock.now() + timedelta(days=2))
    assert (len(lagging.versions()), lagging.mails()) == (1, [("RenewalAhead", "web")])
    lagging.advance(timedelta(days=2))
    assert lagging.mails() == [("RenewalAhead", "web"), ("Renewed", "web")]
    newest = lagging.keyvault.state.vaults["kv-test"].certificates["web"].current
    assert abs(newest.created - (due + timedelta(days=3))) < timedelta(seconds=1)


@pytest.mark.parametrize(
    "change",
    [
        {"lifetime_actions": acting("EmailContacts", days_before_expiry=30)},
        {"lifetime_actions": acting("AutoRenew", days_before_expiry=1)},
        {"issuer": {"name": "Unknown"}},
    ],
)
def test_a_policy_that_changes_during_the_lag_counts(lagging, change):
    """What was due is due no longer."""
    lagging.create(x509_props=HALF_A_YEAR, lifetime_actions=acting("AutoRenew", days_before_expiry=30))
    lagging.advance(ends(lagging)[1] - lagging.clock.now() - timedelta(days=29))
    assert lagging.data("PATCH", "/certificates/web/policy", change).status == 200
    lagging.advance(timedelta(days=5))
    assert len(lagging.versions()) == 1


@pytest.mark.parametrize("change", [{"attributes": {"enabled": False}}, {"provider": "Nobody"}, None])
def test_a_renewal_fails_where_the_issuer_cannot_renew(watched, change):
    """The operation and a mail say so, each day anew, and the old version stays."""
    watched.create(
        x509_props=HALF_A_YEAR, issuer={"name": "ca"}, lifetime_actions=acting("AutoRenew", days_before_expiry=30)
    )
    path = "/certificates/issuers/ca"
    assert (watched.data("PATCH", path, change) if change else watched.data("DELETE", path)).status == 200
    watched.advance(ends(watched)[1] - watched.clock.now() - timedelta(days=28, hours=12))
    assert watched.mails() == [("RenewalAhead", "web"), ("RenewalFailed", "web"), ("RenewalFailed", "web")]
    ended = watched.data("GET", "/certificates/web/pending").body
    assert (ended["status"], ended["error"]["code"]) == ("failed", "Certificate issuer error")
    assert ended["error"]["message"] in watched.keyvault.mailbox.all()[-1].text
    assert len(watched.versions()) == 1


def test_a_renewal_is_made_up_for_once_the_issuer_can(watched):
    """At the next attempt, a day later."""
    watched.create(
        x509_props=HALF_A_YEAR, issuer={"name": "ca"}, lifetime_actions=acting("AutoRenew", days_before_expiry=30)
    )
    watched.data("PATCH", "/certificates/issuers/ca", {"attributes": {"enabled": False}})
    watched.advance(ends(watched)[1] - watched.clock.now() - timedelta(days=29, hours=12))
    assert watched.mails()[-1] == ("RenewalFailed", "web")
    watched.data("PATCH", "/certificates/issuers/ca", {"attributes": {"enabled": True}})
    watched.advance(timedelta(days=1))
    assert watched.mails()[-1] == ("Renewed", "web")
    assert len(watched.versions()) == 2


def test_a_renewal_waits_for_a_creation_that_is_in_progress(watched):
    """It begins a day after that one is gone."""
    watched.create(x509_props=HALF_A_YEAR, lifetime_actions=acting("AutoRenew", days_before_expiry=30))
    own = watched.data("GET", "/certificates/web/policy").body
    manual = {"policy": {**own, "issuer": {"name": "Unknown"}}}
    assert watched.data("POST", "/certificates/web/create", manual).status == 202
    watched.data("PATCH", "/certificates/web/policy", {"issuer": {"name": "Self"}})
    watched.advance(ends(watched)[1] - watched.clock.now() - timedelta(days=29, hours=12))
    assert len(watched.versions()) == 1
    watched.data("DELETE", "/certificates/web/pending")
    watched.advance(timedelta(days=1))
    assert len(watched.versions()) == 2


def test_mails_and_authorities_survive_a_restart(watched):
    """And a state that knew neither is read as well."""
    watched.create(
        x509_props=HALF_A_YEAR, issuer={"name": "ca"}, lifetime_actions=acting("AutoRenew", days_before_expiry=30)
    )
    watched.advance(timedelta(days=160))
    adapter = TypeAdapter(KeyVaultState)
    saved = adapter.dump_python(watched.keyvault.state, mode="json")
    assert len(saved["mails"]) == 2
    assert list(saved["authorities"]) == ["DigiCert"]
    assert adapter.validate_python(saved) == watched.keyvault.state
    older = {name: value for name, value in saved.items() if name not in {"mails", "authorities"}}
    assert adapter.validate_python(older).vaults == watched.keyvault.state.vaults
