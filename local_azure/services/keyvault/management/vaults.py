"""Microsoft.KeyVault over HTTP: speaks, decides nothing."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from local_azure.services.arm import errors
from local_azure.services.arm.access import HOSTS, guard
from local_azure.services.arm.lists import listed
from local_azure.services.keyvault.hosts import cloud_of_manager
from local_azure.services.keyvault.management.vault_view import deleted_vault_json, vault_json
from local_azure.services.keyvault.service import KeyVault
from local_azure.services.keyvault.state.deleted import Deleted
from local_azure.services.keyvault.state.vaults import Vault
from local_azure.services.keyvault.vaults import access_policies
from local_azure.services.keyvault.vaults import errors as vault_errors
from local_azure.services.keyvault.vaults.body import read_vault
from local_azure.services.keyvault.vaults.errors import VAULT_TYPE
from local_azure.services.keyvault.vaults.vaults import RBAC_BY_DEFAULT_SINCE, Origin
from local_azure.wire.messages import AzureError, Reply, Request
from local_azure.wire.router import Routes

_HSM = "Microsoft.KeyVault"
_PROVIDER = "/subscriptions/{subscription}/providers/Microsoft.KeyVault"
_ALL = f"/subscriptions/{{subscription}}/resourceGroups/{{group}}/providers/{VAULT_TYPE}"
_ONE = f"{_ALL}/{{name}}"
_DELETED = f"{_PROVIDER}/locations/{{location}}/deletedVaults/{{name}}"
_MERGES = {
    "add": access_policies.added,
    "replace": access_policies.swapped,
    "remove": access_policies.removed,
}

routes: Routes[KeyVault] = Routes(
    service="keyvault-management",
    hosts=HOSTS,
    render=errors.render,
    not_found=errors.not_found,
    api_versions=frozenset(
        {"2023-02-01", "2023-07-01", "2024-11-01", "2025-05-01", RBAC_BY_DEFAULT_SINCE, "2026-05-15"}
    ),
    bad_version=errors.bad_version,
    guard=guard,
    finish=errors.finish,
    trouble=errors.TROUBLE,
)


@routes.put(
    _ONE,
    name="Vaults_CreateOrUpdate",
    permission=f"{VAULT_TYPE}/write",
    lacks="rules for virtual networks are kept, not acted on; no private endpoints",
)
def put(keyvault: KeyVault, request: Request) -> Reply:
    """Create, update or recover a vault. A new one still registers its DNS name; the next GET finds it ready."""
    change = read_vault(request.json(), keyvault.access.settings.tenant)
    if not change.location:
        raise AzureError(400, "LocationRequired", "The location property is required for this definition.")
    group, name = request.params["group"], request.params["name"]
    if change.recover:
        return Reply(200, _json(keyvault, keyvault.deleted_vaults.recover(group, name, change)))
    vault, created = keyvault.vaults.put(group, name, change, _origin(request))
    body = vault_json(vault, keyvault.vaults.arm_id(vault), registering=created)
    return Reply(200, body, {"Retry-After": "0"} if created else {})


@routes.patch(_ONE, name="Vaults_Update", permission=f"{VAULT_TYPE}/write")
def patch(keyvault: KeyVault, request: Request) -> Reply:
    """Change some of a vault's properties."""
    change = read_vault(request.json(), keyvault.access.settings.tenant)
    vault = keyvault.vaults.update(request.params["group"], request.params["name"], change, _origin(request))
    return Reply(200, _json(keyvault, vault))


@routes.get(_ONE, name="Vaults_Get", permission=f"{VAULT_TYPE}/read")
def get(keyvault: KeyVault, request: Request) -> Reply:
    """One vault."""
    return Reply(200, _json(keyvault, keyvault.vaults.get(request.params["group"], request.params["name"])))


@routes.delete(_ONE, name="Vaults_Delete", permission=f"{VAULT_TYPE}/delete")
def delete(keyvault: KeyVault, request: Request) -> Reply:
    """Soft-delete a vault: 200, or 204 where there was none."""
    there = keyvault.deleted_vaults.delete(request.params["group"], request.params["name"])
    return Reply(200 if there else 204)


@routes.get(_ALL, name="Vaults_ListByResourceGroup", permission=f"{VAULT_TYPE}/read")
def list_group(keyvault: KeyVault, request: Request) -> Reply:
    """The vaults of one group."""
    group = keyvault.groups.get(request.params["group"]).name
    return listed(request, [_json(keyvault, vault) for vault in keyvault.vaults.all(group)])


@routes.get(f"{_PROVIDER}/vaults", name="Vaults_ListBySubscription", permission=f"{VAULT_TYPE}/read")
def list_all(keyvault: KeyVault, request: Request) -> Reply:
    """All vaults of the subscription."""
    return listed(request, [_json(keyvault, vault) for vault in keyvault.vaults.all()])


@routes.get(
    f"{_PROVIDER}/managedHSMs",
    name="ManagedHsms_ListBySubscription",
    permission=f"{_HSM}/managedHSMs/read",
    lacks="always empty",
)
@routes.get(
    f"{_PROVIDER}/deletedManagedHSMs",
    name="ManagedHsms_ListDeleted",
    permission=f"{_HSM}/deletedManagedHsms/read",
    lacks="always empty",
)
def list_hardware(keyvault: KeyVault, request: Request) -> Reply:
    """There is no managed HSM here, and none was deleted; the Azure CLI looks at both beside the vaults."""
    del keyvault
    return listed(request, [])


@routes.put(
    f"{_ONE}/accessPolicies/{{kind}}",
    name="Vaults_UpdateAccessPolicy",
    permission=f"{VAULT_TYPE}/accessPolicies/write",
)
def update_access_policies(keyvault: KeyVault, request: Request) -> Reply:
    """Add, replace or remove what some principals may do."""
    vault = keyvault.vaults.get(request.params["group"], request.params["name"])
    merge = _MERGES.get(request.params["kind"].lower())
    if merge is None:
        raise vault_errors.invalid_value("operationKind")
    given = read_vault(request.json(), keyvault.access.settings.tenant).access_policies
    if given is None:
        raise vault_errors.not_specified("accessPolicies")
    keyvault.vaults.set_access(vault, given, merge, _origin(request))
    content = {
        "id": f"{keyvault.vaults.arm_id(vault)}/accessPolicies/",
        "type": f"{VAULT_TYPE}/accessPolicies",
        "properties": {
            "accessPolicies": [access_policies.access_policy_json(policy) for policy in vault.access_policies]
        },
    }
    return Reply(200, content)


@routes.post(f"{_PROVIDER}/checkNameAvailability", name="Vaults_CheckNameAvailability", permission=f"{VAULT_TYPE}/read")
def check_name(keyvault: KeyVault, request: Request) -> Reply:
    """Whether a new vault can have a name."""
    refusal = keyvault.vaults.availability(str(request.json().get("name", "")))
    if refusal is None:
        return Reply(200, {"nameAvailable": True})
    reason = "AlreadyExists" if refusal.status == 409 else "AccountNameInvalid"
    return Reply(200, {"nameAvailable": False, "reason": reason, "message": refusal.message})


@routes.get(f"{_PROVIDER}/deletedVaults", name="Vaults_ListDeleted", permission="Microsoft.KeyVault/deletedVaults/read")
def list_deleted(keyvault: KeyVault, request: Request) -> Reply:
    """All deleted vaults of the subscription."""
    return listed(request, [_deleted_json(keyvault, deleted) for deleted in keyvault.deleted_vaults.all()])


@routes.get(_DELETED, name="Vaults_GetDeleted", permission="Microsoft.KeyVault/locations/deletedVaults/read")
def get_deleted(keyvault: KeyVault, request: Request) -> Reply:
    """One deleted vault."""
    deleted = keyvault.deleted_vaults.get(request.params["location"], request.params["name"])
    return Reply(200, _deleted_json(keyvault, deleted))


@routes.post(
    f"{_DELETED}/purge",
    name="Vaults_PurgeDeleted",
    permission="Microsoft.KeyVault/locations/deletedVaults/purge/action",
)
def purge(keyvault: KeyVault, request: Request) -> Reply:
    """Remove a deleted vault for good; `Location` leads to the outcome, which is there at once."""
    location = request.params["location"]
    keyvault.deleted_vaults.purge(location, request.params["name"])
    begun = f"{int(keyvault.clock.now().timestamp()):x}"
    path = f"/subscriptions/{keyvault.access.settings.subscription}/providers/Microsoft.KeyVault/locations/{location}"
    url = f"https://{request.host}{path}/operationResults/{begun}?api-version={request.api_version}"
    return Reply(202, None, {"Location": url, "Retry-After": "0"})


@routes.get(
    f"{_PROVIDER}/locations/{{location}}/operationResults/{{begun}}",
    name="Vaults_PurgeDeleted",
    permission="Microsoft.KeyVault/locations/operationResults/read",
)
def purge_outcome(keyvault: KeyVault, request: Request) -> Reply:
    """How the purge that began then went; what the address does not say, nobody remembers."""
    try:
        begun = datetime.fromtimestamp(int(request.params["begun"], 16), UTC)
    except (ValueError, OverflowError):
        raise errors.not_found(request) from None
    done = keyvault.clock.now()
    times = {"createdDateTime": _universal(begun), "lastActionDateTime": _universal(done)}
    return Reply(200, {**times, "status": "Succeeded"})


def _universal(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%d %H:%M:%SZ")


def _origin(request: Request) -> Origin:
    return Origin(request.who().client_id, cloud_of_manager(request.host), request.api_version)


def _json(keyvault: KeyVault, vault: Vault) -> dict[str, Any]:
    return vault_json(vault, keyvault.vaults.arm_id(vault))


def _deleted_json(keyvault: KeyVault, deleted: Deleted[Vault]) -> dict[str, Any]:
    subscription = keyvault.access.settings.subscription
    return deleted_vault_json(deleted, keyvault.vaults.arm_id(deleted.item), subscription)
