"""What of a pool bears on its nodes."""

from __future__ import annotations

from batchcert.plan.pool import ObservedPool, ResizeError
from batchcert.plan.pool_view import pool_view

IDENTITY = "/subscriptions/s/resourceGroups/g/providers/Microsoft.ManagedIdentity/userAssignedIdentities/nodes"


def observed(client_id: str, *, sku: str = "server", errors: tuple[ResizeError, ...] = ()) -> ObservedPool:
    """A pool as Azure Resource Manager tells it, with the ids of its identity."""
    settings = {
        "secretsManagementSettings": {
            "pollingIntervalInS": "300",
            "requireInitialSync": True,
            "observedCertificates": [{"url": "https://kv.vault.azure.net/secrets/web"}],
        },
        "authenticationSettings": {
            "msiEndpoint": "http://169.254.169.254/metadata/identity",
            "msiClientId": client_id,
        },
    }
    extension = {
        "name": "KVExtensions",
        "publisher": "Microsoft.Azure.KeyVault",
        "type": "KeyVaultForLinux",
        "typeHandlerVersion": "3.0",
        "settings": settings,
    }
    image = {"publisher": "canonical", "offer": "ubuntu-24_04-lts", "sku": sku}
    machine = {
        "imageReference": image | ({"offer": "ubuntuserver"} if sku != "server" else {}),
        "nodeAgentSkuId": "batch.node.ubuntu 24.04" if sku == "server" else "batch.node.ubuntu 18.04",
        "extensions": [extension],
    }
    known = {"clientId": "11111111-0000-4000-8000-000000000000", "principalId": "22222222-0000-4000-8000-000000000000"}
    body = {
        "identity": {"type": "UserAssigned", "userAssignedIdentities": {IDENTITY: known}},
        "properties": {
            "vmSize": "STANDARD_D2S_V5",
            "deploymentConfiguration": {"virtualMachineConfiguration": machine},
        },
    }
    return ObservedPool("/pools/p", body, "Steady", "Succeeded", 1, 1, errors)


def codes(pool: ObservedPool) -> set[str]:
    return {fault.code for fault in pool_view(pool).faults}


def test_a_pool_that_is_right_has_nothing_to_tell():
    """Neither an error nor a trap that breaks its nodes."""
    view = pool_view(observed("11111111-0000-4000-8000-000000000000"))
    assert [fault.code for fault in view.faults if fault.code.startswith(("client", "auth", "settings", "image"))] == []
    assert view.resize_errors == ()


def test_the_object_id_is_known_by_the_pool_s_own_identities():
    """The body that Azure gives back has both ids of each."""
    pool = observed("22222222-0000-4000-8000-000000000000")
    (fault,) = [fault for fault in pool_view(pool).faults if fault.code == "client-id-of-another"]
    assert fault.what.startswith("extensions[0].settings.authenticationSettings.msiClientId: 22222222-")
    assert "11111111-0000-4000-8000-000000000000" in fault.cure
    assert fault.cause


def test_an_arm_id_and_a_retired_image_are_seen():
    """Whatever the nodes say of it."""
    assert {"client-id-not-a-guid", "image-retired"} <= codes(observed(IDENTITY, sku="18.04-lts"))


def test_resize_errors_are_told_with_their_codes():
    """In Batch's own words."""
    pool = observed("x", errors=(ResizeError("AllocationFailed", "no machines"), ResizeError("Other", "x")))
    assert pool_view(pool).resize_errors == ("AllocationFailed: no machines", "Other: x")
