"""Backup and restore of a certificate."""

from __future__ import annotations

import base64
from datetime import timedelta


def test_a_restored_certificate_has_its_versions_and_its_key(door):
    """Nothing of it can be read in the backup; the same version, secret and policy come back, and it still renews."""
    before = door.create().body
    secret = door.data("GET", "/secrets/web").body["value"]
    blob = door.data("POST", "/certificates/web/backup").body["value"]
    assert b"www.example.com" not in base64.urlsafe_b64decode(blob + "==")
    door.data("DELETE", "/certificates/web")
    refused = door.data("POST", "/certificates/restore", {"value": blob})
    assert refused.body["error"]["innererror"] == {"code": "ObjectIsDeletedButRecoverable"}
    door.data("DELETE", "/deletedcertificates/web")
    restored = door.data("POST", "/certificates/restore", {"value": blob}).body
    assert (restored["id"], restored["policy"]) == (before["id"], before["policy"])
    assert door.data("GET", "/secrets/web").body["value"] == secret
    door.advance(timedelta(days=340))
    assert len(door.versions()) == 2


def test_restoring_over_a_certificate_is_refused(door):
    """Whatever has the name now stays."""
    door.create()
    blob = door.data("POST", "/certificates/web/backup").body["value"]
    refused = door.data("POST", "/certificates/restore", {"value": blob})
    assert (refused.status, refused.body["error"]["code"]) == (409, "Conflict")


def test_other_blobs_are_refused(door):
    """Nothing that Key Vault did not make is restored, and nothing that does not exist is backed up."""
    for blob in ("", "bm9uc2Vuc2U", "***"):
        assert door.data("POST", "/certificates/restore", {"value": blob}).status == 400
    assert door.data("POST", "/certificates/lost/backup").status == 404
