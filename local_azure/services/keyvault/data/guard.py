"""The door of a vault: who is asking, from where, and what the vault lets them do."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from local_azure.services.keyvault.hosts import VaultCloud, cloud_of_vault
from local_azure.services.keyvault.service import KeyVault
from local_azure.services.keyvault.state.vaults import Vault
from local_azure.services.keyvault.vaults import access_policies
from local_azure.services.keyvault.vaults.firewall import admits
from local_azure.wire.messages import AzureError, Caller, Request
from local_azure.wire.router import Operation
from local_azure.wire.tokens import TokenError

_TYPE = "Microsoft.KeyVault/vaults"
DATA_ACTIONS = {
    "certificates/get": f"{_TYPE}/certificates/read",
    "certificates/list": f"{_TYPE}/certificates/read",
    "certificates/create": f"{_TYPE}/certificates/create/action",
    "certificates/import": f"{_TYPE}/certificates/import/action",
    "certificates/update": f"{_TYPE}/certificates/update/action",
    "certificates/delete": f"{_TYPE}/certificates/delete",
    "certificates/recover": f"{_TYPE}/certificates/recover/action",
    "certificates/purge": f"{_TYPE}/certificates/purge/action",
    "certificates/backup": f"{_TYPE}/certificates/backup/action",
    "certificates/restore": f"{_TYPE}/certificates/restore/action",
    "certificates/managecontacts": f"{_TYPE}/certificatecontacts/write",
    "certificates/getissuers": f"{_TYPE}/certificatecas/read",
    "certificates/listissuers": f"{_TYPE}/certificatecas/read",
    "certificates/setissuers": f"{_TYPE}/certificatecas/write",
    "certificates/deleteissuers": f"{_TYPE}/certificatecas/delete",
    "secrets/get": f"{_TYPE}/secrets/getSecret/action",
    "secrets/list": f"{_TYPE}/secrets/readMetadata/action",
    "secrets/set": f"{_TYPE}/secrets/setSecret/action",
    "secrets/delete": f"{_TYPE}/secrets/delete",
    "secrets/recover": f"{_TYPE}/secrets/recover/action",
    "secrets/purge": f"{_TYPE}/secrets/purge/action",
}
"""What each permission of an access policy is called as a data action of a role.

Source: "Azure resource provider operations", Microsoft.KeyVault.
"""


@dataclass(frozen=True)
class _Visit:
    """Somebody at the door of a vault."""

    vault: Vault
    cloud: VaultCloud
    caller: Caller

    @property
    def issuer(self) -> str:
        return f"{self.cloud.issuer}/{self.caller.tenant}/"

    @property
    def who(self) -> str:
        return f"appid={self.caller.client_id};oid={self.caller.object_id};iss={self.issuer}"

    @property
    def where(self) -> str:
        return f"{self.vault.name};location={self.vault.location}"


def vault_guard(keyvault: KeyVault, request: Request, operation: Operation[KeyVault]) -> Caller:
    """Let the request through, or say why not, in the order in which Key Vault looks.

    Raises: AzureError 401 with the challenge that tells a client where to sign in; 403 `Forbidden` with
    `innererror.code` ForbiddenByConnection, ForbiddenByFirewall, ForbiddenByRbac, AccessDenied (no access
    policy for the caller) or ForbiddenByPolicy (one that holds other permissions).
    """
    cloud = cloud_of_vault(request.host)
    vault = keyvault.vaults.at(request.host)
    if vault is None:
        raise AzureError(404, "VaultNotFound", f"There is no vault at {request.host}.")
    visit = _Visit(vault, cloud, _authenticate(keyvault, request, cloud))
    _check_network(visit, request.address)
    if vault.rbac:
        _check_roles(keyvault, visit, operation.permission, request.params.get("name", ""))
    else:
        _check_policies(visit, operation.permission, keyvault.clock.now())
    return visit.caller


def _authenticate(keyvault: KeyVault, request: Request, cloud: VaultCloud) -> Caller:
    tenant = keyvault.access.settings.tenant
    try:
        return keyvault.access.authenticate(request, {cloud.resource})
    except TokenError as error:
        message = {
            "missing": "AKV10000: Request is missing a Bearer or PoP token.",
            "audience": f"AKV10022: Invalid audience. Expected {cloud.resource}, found: {error.detail}.",
            "tenant": f"AKV10032: Invalid issuer. Expected one of {cloud.issuer}/{tenant}/, "
            f"found {cloud.issuer}/{error.detail}/.",
            "expired": "[TokenExpired] Error validating token: 'S2S12086'.",
        }.get(error.reason, "AKV10001: Token validation failed.")
        challenge = f'Bearer authorization="https://{cloud.login}/{tenant}", resource="{cloud.resource}"'
        raise AzureError(401, "Unauthorized", message, headers={"WWW-Authenticate": challenge}) from None


def _check_network(visit: _Visit, address: str) -> None:
    """Source: "Configure network security for Azure Key Vault" on Microsoft Learn, and the refusals quoted there.

    Nobody here is one of the trusted services that `bypass` is about, the extension on a node least of all.
    """
    where = f"Caller: {visit.who}\r\nVault: {visit.where}"
    if visit.vault.public_network_access == "Disabled":
        message = (
            "Public network access is disabled and request is not from a trusted service nor via an approved private "
            "link."
        )
        raise _forbidden(f"{message}\r\n{where}", "ForbiddenByConnection")
    rules = visit.vault.network
    if rules is None or admits(rules, address):
        return
    ignored = "caller was ignored because bypass is set to None"
    caller = ignored if rules.bypass == "None" else "caller is not a trusted service."
    message = f"Client address is not authorized and {caller}\r\nClient address: {address}"
    raise _forbidden(f"{message}\r\n{where}", "ForbiddenByFirewall")


def _check_roles(keyvault: KeyVault, visit: _Visit, permission: str, name: str) -> None:
    action = DATA_ACTIONS[permission]
    scope = keyvault.vaults.arm_id(visit.vault)
    if name:
        scope += f"/{permission.partition('/')[0]}/{name}"
    if keyvault.access.allows(visit.caller.object_id, action, scope, data=True):
        return
    message = (
        "Caller is not authorized to perform action on resource.\r\n"
        "If role assignments, deny assignments or role definitions were changed recently, please observe propagation "
        f"time.\r\nCaller: {visit.who}\r\nAction: '{action}'\r\nResource: '{scope.lower()}'\r\n"
        "Assignment: (not found)\r\nDenyAssignmentId: null\r\nDecisionReason: null \r\n"
        f"Vault: {visit.where}\r\n"
    )
    raise _forbidden(message, "ForbiddenByRbac")


def _check_policies(visit: _Visit, permission: str, now: datetime) -> None:
    policies, caller = visit.vault.access_policies, visit.caller
    if access_policies.allows(policies, caller, permission, now):
        return
    kind, _, name = permission.partition("/")
    message = (
        f"The user, group or application '{visit.who}' does not have {kind} {name} permission on key vault "
        f"'{visit.where}'. For help resolving this issue, please see https://go.microsoft.com/fwlink/?linkid=2125287"
    )
    known = access_policies.has_any(policies, caller, now)
    raise _forbidden(message, "ForbiddenByPolicy" if known else "AccessDenied")


def _forbidden(message: str, inner_code: str) -> AzureError:
    return AzureError(403, "Forbidden", message, inner_code=inner_code)
