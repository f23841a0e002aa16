"""Certificate authorities and contacts of a vault."""

from __future__ import annotations

from datetime import timedelta

ISSUER = {
    "provider": "DigiCert",
    "credentials": {"account_id": "ours", "pwd": "hidden"},
    "org_details": {"id": "org", "admin_details": [{"first_name": "A", "last_name": "B", "email": "a@b.example"}]},
}


def test_an_issuer_lives_from_creation_to_deletion(door):
    """Its password is taken and never shown; a change leaves the rest, and moves the date."""
    made = door.data("PUT", "/certificates/issuers/ca", ISSUER).body
    assert made["id"] == "https://kv-test.vault.azure.net/certificates/issuers/ca"
    assert made["credentials"] == {"account_id": "ours"}
    door.advance(timedelta(days=1))
    changed = door.data("PATCH", "/certificates/issuers/CA", {"attributes": {"enabled": False}}).body
    assert changed["attributes"]["updated"] - made["attributes"]["updated"] >= 86400
    assert (changed["provider"], changed["attributes"]["enabled"]) == ("DigiCert", False)
    listed = door.data("GET", "/certificates/issuers").body["value"]
    assert listed == [{"id": made["id"], "provider": "DigiCert"}]
    assert door.data("DELETE", "/certificates/issuers/ca").body["provider"] == "DigiCert"
    gone = door.data("GET", "/certificates/issuers/ca")
    assert (gone.status, gone.body["error"]["code"]) == (404, "CertificateIssuerNotFound")


def test_key_vaults_own_issuers_cannot_be_set(door):
    """Nor one without a provider."""
    for name, body in (("Self", ISSUER), ("unknown", ISSUER), ("ca", {})):
        assert door.data("PUT", f"/certificates/issuers/{name}", body).status == 400


def test_a_policy_names_an_issuer_that_the_vault_has(door):
    """Any other is refused when the certificate is asked for."""
    policy = {**door.POLICY, "issuer": {"name": "ca"}, "lifetime_actions": []}
    refused = door.data("POST", "/certificates/web/create", {"policy": policy})
    assert (refused.status, refused.body["error"]["code"]) == (400, "BadParameter")
    door.data("PUT", "/certificates/issuers/ca", ISSUER)
    assert door.data("POST", "/certificates/web/create", {"policy": policy}).status == 202


def test_contacts_are_set_all_at_once(door):
    """Members that are missing are not shown; without contacts there is nothing to read or delete."""
    missing = door.data("GET", "/certificates/contacts")
    assert (missing.status, missing.body["error"]["code"]) == (404, "ContactsNotFound")
    contacts = [{"email": "a@b.example", "name": "A"}, {"email": "c@d.example"}]
    assert door.data("PUT", "/certificates/contacts", {"contacts": contacts}).body["contacts"] == contacts
    assert door.data("GET", "/certificates/contacts").body["contacts"] == contacts
    assert door.data("DELETE", "/certificates/contacts").body["contacts"] == contacts
    assert door.data("DELETE", "/certificates/contacts").status == 404
    assert door.data("PUT", "/certificates/contacts", {"contacts": [{"name": "no address"}]}).status == 400


def test_manageissuers_stands_for_all_that_is_done_with_them(door):
    """A policy with that one permission lets the operator read and write issuers, and no contacts."""
    own = door.policy(door.settings.object_id, {"certificates": ["manageissuers"]})
    door.vault(body=door.vault_body(accessPolicies=[own]))
    assert door.data("PUT", "/certificates/issuers/ca", ISSUER).status == 200
    assert door.data("GET", "/certificates/issuers").status == 200
    assert door.data("GET", "/certificates/contacts").status == 403
