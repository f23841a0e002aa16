from __future__ import annotations

from datetime import timedelta

DELETED = "/providers/Microsoft.KeyVault/locations/westus2/deletedVaults"


def names(door):
    return [vault["name"] for vault in door.arm("GET", "/providers/Microsoft.KeyVault/deletedVaults").body["value"]]


def test_a_deleted_vault_is_kept_for_its_retention_and_then_purged_by_itself(door):
    """Its dates say for how long; when the clock passes the last one, the name is free."""
    door.vault("kv-short", body=door.vault_body(softDeleteRetentionInDays=7))
    assert door.vault("kv-short", "DELETE").status == 200
    assert door.vault("kv-short", "DELETE").status == 204
    deleted = door.arm("GET", f"{DELETED}/kv-short").body
    assert deleted["properties"]["vaultId"].endswith("/vaults/kv-short")
    door.advance(timedelta(days=6, hours=23))
    assert names(door) == ["kv-short"]
    door.advance(timedelta(hours=1))
    assert names(door) == []
    assert door.vault("kv-short").status == 200


def test_a_deleted_namesake_blocks_a_new_vault(door):
    """The conflict says to recover or to purge."""
    door.vault(method="DELETE")
    reply = door.vault()
    assert (reply.status, reply.body["error"]["code"]) == (409, "ConflictError")
    assert reply.body["error"]["message"].startswith("A vault with the same name already exists in deleted state.")


def test_a_recovered_vault_is_as_it_was(door):
    """createMode recover brings back settings, access policies and certificates."""
    before = door.vault(method="GET").body["properties"]
    version = door.create().body["id"]
    door.vault(method="DELETE")
    assert door.data("GET", "/certificates/web").status == 404
    recovered = door.vault(body=door.vault_body(createMode="recover", accessPolicies=None))
    assert (recovered.status, recovered.body["properties"]) == (200, before)
    assert door.data("GET", "/certificates/web").body["id"] == version
    assert names(door) == []


def test_only_a_deleted_vault_can_be_recovered(door):
    """Also not one of another group."""
    reply = door.vault("kv-none", body=door.vault_body(createMode="recover"))
    assert (reply.status, reply.body["error"]["code"]) == (404, "DeletedVaultNotFound")


def test_a_purged_vault_is_gone(door):
    """Purging frees the name at once, and what lay in the vault does not come back with the name."""
    door.create()
    door.vault(method="DELETE")
    begun = door.arm("POST", f"{DELETED}/kv-test/purge")
    assert begun.status == 202
    outcome = begun.headers["Location"].partition(door.settings.subscription)[2].partition("?")[0]
    assert door.arm("GET", outcome).body["status"] == "Succeeded"
    assert door.arm("GET", outcome + "x").status == 404
    assert door.arm("GET", f"{DELETED}/kv-test").body["error"]["code"] == "DeletedVaultNotFound"
    door.vault()
    assert door.data("GET", "/certificates/web").body["error"]["code"] == "CertificateNotFound"


def test_purge_protection_keeps_a_deleted_vault(door):
    """Only the retention ends it."""
    door.vault(method="PATCH", body={"properties": {"enablePurgeProtection": True}})
    door.vault(method="DELETE")
    reply = door.arm("POST", f"{DELETED}/kv-test/purge")
    assert (reply.status, reply.body["error"]["message"]) == (405, "Operation 'DeletedVaultPurge' is not allowed.")
    assert door.arm("GET", f"{DELETED}/kv-test").body["properties"]["purgeProtectionEnabled"] is True


def test_a_deleted_group_takes_its_vaults_along(door):
    """They are soft-deleted, as by themselves."""
    door.groups.delete(door.settings.resource_group)
    assert names(door) == ["kv-test"]


def test_certificates_of_a_deleted_vault_do_not_renew_until_it_is_back(door):
    """What fell due meanwhile is made up for once the vault is recovered."""
    door.create()
    door.advance(timedelta(days=300))
    door.vault(method="DELETE")
    door.advance(timedelta(days=60))
    door.vault(body=door.vault_body(createMode="recover"))
    assert len(door.versions()) == 1
    door.advance(timedelta(seconds=1))
    assert len(door.versions()) == 2
