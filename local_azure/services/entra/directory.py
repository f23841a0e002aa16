"""The tenant's directory: who may sign in and how; knows no HTTP."""

from __future__ import annotations

import hmac
from collections.abc import Callable, Collection, Iterable

from local_azure.services.arm.access import AUDIENCES as MANAGEMENT_AUDIENCES
from local_azure.services.entra import errors
from local_azure.services.entra.assertions import Assertions
from local_azure.services.entra.principals import Principal
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
        "https://graph.microsoft.us",
        "https://microsoftgraph.chinacloudapi.cn",
    }
)


class Directory:
    """One tenant and its service principals: the operator's, and those that other services tell of in *sources*."""

    def __init__(self, settings: Settings, tokens: Tokens, assertions: Assertions, operator: Principal) -> None:
        self.settings = settings
        self.tokens = tokens
        self._assertions = assertions
        self.sources: list[Callable[[], Iterable[Principal]]] = [lambda: (operator,)]

    def principals(self) -> list[Principal]:
        """Every service principal of the tenant."""
        return [principal for source in self.sources for principal in source()]

    def check_tenant(self, tenant: str) -> None:
        """Raises: AzureError AADSTS90002, where the tenant is not ours."""
        if not self.has_tenant(tenant):
            raise errors.tenant_not_found(tenant)

    def has_tenant(self, tenant: str) -> bool:
        """Whether *tenant* names ours, be it without naming any in particular."""
        return tenant.lower() in {self.settings.tenant, "common", "organizations"}

    def with_secret(self, tenant: str, client_id: str, secret: str, scope: str) -> str:
        """A token for the application *client_id*, for the resource that *scope* names.

        Raises: AzureError AADSTS90002 (tenant), AADSTS700016 (client), AADSTS7000215 (secret), AADSTS500011 (resource).
        Source: "Microsoft Entra authentication and authorization error codes" on Microsoft Learn.
        """
        principal = self._application(tenant, client_id)
        known = self.settings.client_secret
        if not principal.has_secret or not hmac.compare_digest(secret.encode(), known.encode()):
            raise errors.invalid_secret(client_id)
        return self.token(principal.caller, resource_of(scope))

    def with_assertion(
        self, tenant: str, client_id: str, assertion: str, scope: str, *, endpoints: Collection[str]
    ) -> str:
        """The same for a client that shows a signed *assertion* instead of a secret; see `Assertions.verify`."""
        principal = self._application(tenant, client_id)
        self._assertions.verify(assertion, principal, endpoints)
        return self.token(principal.caller, resource_of(scope))

    def _application(self, tenant: str, client_id: str) -> Principal:
        self.check_tenant(tenant)
        wanted = client_id.lower()
        found = next((known for known in self.principals() if known.caller.client_id == wanted), None)
        if found is None:
            raise errors.application_not_found(client_id, tenant)
        return found

    def token(self, caller: Caller, resource: str) -> str:
        """A token for *caller* that *resource* takes. Raises: AzureError AADSTS500011 for an unknown resource."""
        if resource.rstrip("/") not in MANAGEMENT_AUDIENCES | _OTHER_RESOURCES:
            raise errors.resource_not_found(resource, self.settings.tenant)
        return self.tokens.issue(caller, resource, f"https://sts.windows.net/{self.settings.tenant}/")


def resource_of(scope: str) -> str:
    """The resource of a v2 scope: exactly `/.default` is taken off, so a doubled slash leaves one behind."""
    return scope.partition(" ")[0].removesuffix("/.default")
