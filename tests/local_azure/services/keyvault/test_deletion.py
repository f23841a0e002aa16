from __future__ import annotations

from datetime import timedelta

from .door import POLICY, Door


def error(reply):
    content = reply.body["error"]
    return reply.status, content["code"], content.get("innererror", {}).get("code")


def test_a_deleted_certificate_says_how_long_it_can_be_recovered(door):
    """The bundle as it was, with the way back and the date of the purge."""
    bundle = door.create().body
    deleted = door.data("DELETE", "/certificates/web").body
    assert deleted == door.data("GET", "/deletedcertificates/web").body
    assert deleted["recoveryId"] == "https://kv-test.vault.azure.net/deletedcertificates/web"
    assert deleted["scheduledPurgeDate"] - deleted["deletedDate"] == 90 * 86400
    assert {key: deleted[key] for key in bundle} == bundle
    (item,) = door.data("GET", "/deletedcertificates").body["value"]
    assert (item["id"], item["x5t"]) == ("https://kv-test.vault.azure.net/certificates/web", bundle["x5t"])
    assert "cer" not in item
    assert (item["attributes"]["recoveryLevel"], item["attributes"]["recoverableDays"]) == ("Recoverable+Purgeable", 90)


def test_a_deleted_namesake_blocks_create_and_import(door):
    """409 ObjectIsDeletedButRecoverable, whatever the case of the name."""
    door.create()
    door.data("DELETE", "/certificates/web")
    expected = (409, "Conflict", "ObjectIsDeletedButRecoverable")
    assert error(door.data("POST", "/certificates/WEB/create", {"policy": POLICY})) == expected
    assert error(door.data("POST", "/certificates/web/import", {"value": "x"})) == expected


def test_a_recovered_certificate_is_as_it_was(door):
    """Every version, the policy, and no longer deleted."""
    bundle = door.create().body
    door.data("DELETE", "/certificates/web")
    assert door.data("POST", "/deletedcertificates/web/recover").body == bundle
    assert door.data("GET", "/certificates/web").body == bundle
    assert error(door.data("GET", "/deletedcertificates/web"))[:2] == (404, "CertificateNotFound")


def test_the_retention_ends_with_a_purge():
    """At the very date that was announced, the name is free again."""
    door = Door()
    door.vault(body=door.vault_body(softDeleteRetentionInDays=7))
    door.create()
    door.data("DELETE", "/certificates/web")
    door.advance(timedelta(days=6, hours=23))
    assert door.data("GET", "/deletedcertificates/web").status == 200
    door.advance(timedelta(hours=1))
    assert door.data("GET", "/deletedcertificates/web").status == 404
    assert door.create().status == 200


def test_a_purge_frees_the_name_at_once(door):
    """And the old date does not touch a later namesake that is deleted too."""
    door.create()
    door.data("DELETE", "/certificates/web")
    assert door.data("DELETE", "/deletedcertificates/web").status == 204
    door.advance(timedelta(days=60))
    door.create()
    door.data("DELETE", "/certificates/web")
    door.advance(timedelta(days=60))
    assert door.data("GET", "/deletedcertificates/web").status == 200
    door.advance(timedelta(days=30))
    assert door.data("GET", "/deletedcertificates/web").status == 404


def test_purge_protection_leaves_it_to_the_retention(door):
    """403, and the certificate can still be recovered."""
    door.create()
    door.vault(method="PATCH", body={"properties": {"enablePurgeProtection": True}})
    door.data("DELETE", "/certificates/web")
    reply = door.data("DELETE", "/deletedcertificates/web")
    assert reply.status == 403
    assert "purge protection is enabled" in reply.body["error"]["message"]
    assert door.data("POST", "/deletedcertificates/web/recover").status == 200


def test_what_is_not_there_cannot_be_deleted_recovered_or_purged(door):
    """404 in each case."""
    assert error(door.data("DELETE", "/certificates/none"))[:2] == (404, "CertificateNotFound")
    assert error(door.data("POST", "/deletedcertificates/none/recover"))[:2] == (404, "CertificateNotFound")
    assert error(door.data("DELETE", "/deletedcertificates/none"))[:2] == (404, "CertificateNotFound")


def test_a_certificate_that_never_had_a_version_can_go_too(door):
    """It is listed among the deleted on request alone."""
    door.data("POST", "/certificates/manual/create", {"policy": {**POLICY, "issuer": {"name": "Unknown"}}})
    deleted = door.data("DELETE", "/certificates/manual").body
    assert deleted["policy"]["issuer"] == {"name": "Unknown"}
    assert door.data("GET", "/deletedcertificates").body["value"] == []
    assert len(door.data("GET", "/deletedcertificates", includepending="true").body["value"]) == 1
