"""What examples at Resource Manager need: identities, roles, vaults."""

from __future__ import annotations

from local_azure.services.msi.machine_identity import machine_id
from local_azure.settings import Settings
from tests.conformance.preparing import before
from tests.conformance.scene import Scene

IDENTITY, ROLES, VAULTS = "msi/resource-manager", "authorization/resource-manager", "keyvault/resource-manager"
READER = "acdd72a7-3385-48ef-bd42-f606fba81ae7"
_ROLE = "/providers/Microsoft.Authorization/roleDefinitions/"
_ASSIGNMENT = "/providers/Microsoft.Authorization/roleAssignments/"
_FEDERATED = {
    "properties": {
        "issuer": "https://issuer.example",
        "subject": "someone",
        "audiences": ["api://AzureADTokenExchange"],
    }
}


@before(IDENTITY, "UserAssignedIdentities_Get", "UserAssignedIdentities_Update", "UserAssignedIdentities_Delete")
@before(IDENTITY, "UserAssignedIdentities_ListByResourceGroup", "UserAssignedIdentities_ListBySubscription")
@before(IDENTITY, "FederatedIdentityCredentials_CreateOrUpdate")
def identity(scene: Scene) -> str:
    """An identity, with the tags and the place that all examples show; returns its path."""
    group, name = scene.values.get("resourceGroupName", f"rg-{scene.number}"), scene.values.get("resourceName", "one")
    scene.group(group)
    path = f"/resourceGroups/{group}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/{name}"
    body = {"location": "eastus", "tags": {"key1": "value1", "key2": "value2"}}
    scene.speaker.manage("PUT", path, body, version=scene.version)
    return path


@before(IDENTITY, "FederatedIdentityCredentials_Get", "FederatedIdentityCredentials_Delete")
@before(IDENTITY, "FederatedIdentityCredentials_List")
def federated_credential(scene: Scene) -> None:
    """A federated credential of an identity."""
    name = scene.values.get("federatedIdentityCredentialResourceName", "ficResourceName")
    path = f"{identity(scene)}/federatedIdentityCredentials/{name}"
    scene.speaker.manage("PUT", path, _FEDERATED, version=scene.version)


@before(IDENTITY, "SystemAssignedIdentities_GetByScope")
def machine(scene: Scene) -> None:
    """The one resource with an identity of itself: the machine that callers sit at."""
    scene.values["scope"] = machine_id(Settings())


@before(ROLES, "RoleAssignments_Create", "RoleAssignments_CreateById")
def assignable(scene: Scene) -> None:
    """A role that exists, in the place of the example's; and the group of the scope."""
    _, _, rest = str(scene.values.get("scope", "")).partition("/resourceGroups/")
    if rest:
        scene.group(rest.partition("/")[0])
    _name_assignment(scene)
    scene.body["properties"]["roleDefinitionId"] = f"{_subscription(scene)}{_ROLE}{READER}"
    scene.body["properties"]["principalId"] = f"ce2ce14e-85d7-4629-bdbb-{scene.number:012}"  # one to each


@before(ROLES, "RoleAssignments_Get", "RoleAssignments_Delete", "RoleAssignments_ListForScope")
@before(ROLES, "RoleAssignments_ListForSubscription", "RoleAssignments_GetById", "RoleAssignments_DeleteById")
def assignment(scene: Scene) -> None:
    """A role assignment of the example's name at the subscription."""
    _name_assignment(scene)
    principal = f"ce2ce14e-85d7-4629-bdbc-{scene.number:012}"
    role = f"{_subscription(scene)}{_ROLE}{READER}"
    properties = {"roleDefinitionId": role, "principalId": principal, "principalType": "User"}
    path = f"{_ASSIGNMENT}{scene.values['roleAssignmentName']}"
    scene.speaker.manage("PUT", path, {"properties": properties}, version=scene.version)


@before(ROLES, "RoleAssignments_ListForResourceGroup", "RoleAssignments_ListForResource")
def assignment_below(scene: Scene) -> None:
    """A role assignment at the subscription, which holds below it, and a resource to ask about."""
    assignment(scene)
    _name_resource(scene)


@before(ROLES, "Permissions_ListForResource")
def _name_resource(scene: Scene) -> None:
    """A provider and a type, in the place of the example's words."""
    scene.values.update(resourceProviderNamespace="Microsoft.Batch", parentResourcePath="batchAccounts/one")
    scene.values.update(resourceType="pools" if "parentResourcePath" in scene.example.parameters else "batchAccounts")


@before(ROLES, "RoleDefinitions_List", "RoleDefinitions_Get", "RoleDefinitions_GetById")
def role(scene: Scene) -> None:
    """The example says "scope" and "roleDefinitionId": here the subscription, and a role that exists."""
    scope = _subscription(scene).strip("/")
    scene.values.update(scope=scope, roleDefinitionId=READER, roleId=f"{scope}{_ROLE}{READER}")


@before(ROLES, "RoleDefinitions_CreateOrUpdate")
def unmade_role(scene: Scene) -> None:
    """A name for the role, and the properties that the example has outside of its body."""
    role(scene)
    scene.values["roleDefinitionId"] = f"0b5fe924-9a61-425c-96af-{scene.number:012}"
    given = {**scene.example.parameters["body"]["roleDefinition"], "assignableScopes": [_subscription(scene)]}
    kept = {name: given[name] for name in ("description", "assignableScopes")}
    permissions = [{"actions": ["Microsoft.Batch/*/read"], "notActions": [], "dataActions": [], "notDataActions": []}]
    scene.body = {"properties": {**kept, "roleName": f"Example {scene.number}", "permissions": permissions}}


@before(ROLES, "RoleDefinitions_Delete")
def own_role(scene: Scene) -> None:
    """A role of one's own."""
    role(scene)
    name = scene.values["roleDefinitionId"] = f"0b5fe924-9a61-425c-96af-{scene.number:012}"
    permissions = [{"actions": ["Microsoft.Batch/*/read"], "notActions": [], "dataActions": [], "notDataActions": []}]
    properties = {"roleName": f"Example {scene.number}", "assignableScopes": [_subscription(scene)]}
    body = {"properties": {**properties, "permissions": permissions}}
    scene.speaker.manage("PUT", f"{_ROLE}{name}", body, version=scene.version)


@before(VAULTS, "Vaults_Get", "Vaults_Update", "Vaults_Delete", "Vaults_UpdateAccessPolicy")
def vault(scene: Scene) -> str:
    """A vault; returns its path."""
    return _vault(scene, scene.values["vaultName"])


@before(VAULTS, "Vaults_ListByResourceGroup", "Vaults_ListBySubscription", "Vaults_List")
def vaults(scene: Scene) -> None:
    """More vaults than the example's page shows, which come before all others."""
    for letter in "ab":
        _vault(scene, f"a-sample-{letter}-{scene.number}")


def _vault(scene: Scene, name: str) -> str:
    group = scene.values.get("resourceGroupName", f"rg-{scene.number}")
    scene.group(group)
    path = f"/resourceGroups/{group}/providers/Microsoft.KeyVault/vaults/{name}"
    permissions = {"keys": ["get"], "secrets": ["get"], "certificates": ["get"]}
    policy = {"objectId": "00000000-0000-0000-0000-000000000000", "permissions": permissions}
    properties = {
        "tenantId": scene.speaker.env["AZURE_TENANT_ID"],
        "sku": {"family": "A", "name": "standard"},
        "accessPolicies": [{"tenantId": scene.speaker.env["AZURE_TENANT_ID"], **policy}],
        "enabledForDeployment": True,
        "enabledForDiskEncryption": True,
        "enabledForTemplateDeployment": True,
        "publicNetworkAccess": "Enabled",
    }
    body = {"location": "westus", "properties": properties, "tags": {}}
    scene.speaker.manage("PUT", path, body, version=scene.version)
    return path


@before(VAULTS, "Vaults_PurgeDeleted")
def deleted_vault(scene: Scene) -> None:
    """A vault that has been deleted."""
    scene.speaker.manage("DELETE", vault(scene), version=scene.version)


@before(VAULTS, "Vaults_ListDeleted", "Vaults_GetDeleted")
def protected_vault(scene: Scene) -> None:
    """A deleted vault that nobody can purge."""
    path = _vault(scene, scene.values.get("vaultName", f"sample-vault-{scene.number}"))
    scene.speaker.manage("PATCH", path, {"properties": {"enablePurgeProtection": True}}, version=scene.version)
    scene.speaker.manage("DELETE", path, version=scene.version)


def _subscription(scene: Scene) -> str:
    return f"/subscriptions/{scene.speaker.env['AZURE_SUBSCRIPTION_ID']}"


def _name_assignment(scene: Scene) -> None:
    name = scene.values["roleAssignmentName"] = f"05c5a614-a7d6-4502-b150-{scene.number:012}"
    scene.values["roleAssignmentId"] = f"{_subscription(scene)}{_ASSIGNMENT}{name}"
