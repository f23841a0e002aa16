"""The tenant's directory: who may sign in and how; knows no HTTP."""

from __future__ import annotations

import hmac

from local_azure.services.arm.access import AUDIENCES as MANAGEMENT_AUDIENCES
from local_azure.services.entra import errors
from local_azure.settings import Settings
from local_azure.wire.messages import Caller
from local_azure.wire.tokens import Tokens

_OTHER_RESOURCES = frozenset(
    {
        "https://vault.azure.net",
        "https://vault.usgovcloudapi.net",
        "https://vault.azure.cn",
        "https://batch.core.windows.net",
        "https://batch.core.usgovcloudapi.net",
        "https://batch.chinacloudapi.cn",
        "https://graph.microsoft.com",
    }
)


class Directory:
    """One tenant with one service principal: the operator's."""

    def __init__(self, settings: Settings, tokens: Tokens) -> None:
        self.settings = settings
        self.tokens = tokens

    def check_tenant(self, tenant: str) -> None:
        """Raises: AzureError AADSTS90002, where the tenant is not ours."""
        if tenant.lower() not in {self.settings.tenant, "common", "organizations"}:
            raise errors.tenant_not_found(tenant)

    def client_credentials(self, tenant: str, client_id: str, secret: str, scope: str) -> str:
        """A token for the service principal, for the resource that *scope* names.

        Raises: AzureError AADSTS90002 (tenant), AADSTS700016 (client), AADSTS7000215 (secret), AADSTS500011 (resource).
        Source: "Microsoft Entra authentication and authorization error codes" on Microsoft Learn.
        """
        self.check_tenant(tenant)
        if client_id.lower() != self.settings.client_id:
            raise errors.application_not_found(client_id, tenant)
        if not hmac.compare_digest(secret.encode(), self.settings.client_secret.encode()):
            raise errors.invalid_secret(client_id)
        caller = Caller(self.settings.object_id, self.settings.client_id, self.settings.tenant)
        return self.token(caller, resource_of(scope))

    def token(self, caller: Caller, resource: str) -> str:
        """A token for *caller* that *resource* takes. Raises: AzureError AADSTS500011 for an unknown resource."""
        if resource.rstrip("/") not in MANAGEMENT_AUDIENCES | _OTHER_RESOURCES:
            raise errors.resource_not_found(resource, self.settings.tenant)
        return self.tokens.issue(caller, resource, f"https://sts.windows.net/{self.settings.tenant}/")


def resource_of(scope: str) -> str:
    """The resource of a v2 scope: exactly `/.default` is taken off, so a doubled slash leaves one behind."""
    return scope.partition(" ")[0].removesuffix("/.default")
