"""Key Vault behind its routes, with a clock to move and tokens to ask with."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from local_azure.clock import Clock
from local_azure.services.arm.access import Access
from local_azure.services.arm.groups import Groups
from local_azure.services.keyvault import routes
from local_azure.services.keyvault.service import KeyVault, KeyVaultState
from local_azure.settings import Settings
from local_azure.wire.messages import LOOPBACK, Caller, Reply, Request
from local_azure.wire.router import Router
from local_azure.wire.tokens import Tokens

ARM = "https://management.azure.com/"
DATA = "https://vault.azure.net"
EVERYTHING = {"certificates": ["all", "purge"], "secrets": ["all", "purge"]}
POLICY: dict[str, Any] = {
    "key_props": {"kty": "EC", "crv": "P-256"},
    "secret_props": {"contentType": "application/x-pem-file"},
    "x509_props": {"subject": "CN=www.example.com", "sans": {"dns_names": ["www.example.com"]}},
    "issuer": {"name": "Self"},
    "lifetime_actions": [{"trigger": {"days_before_expiry": 30}, "action": {"action_type": "AutoRenew"}}],
}


@dataclass
class Door:
    """One tenant with Key Vault in it; requests go through the router as they would over the wire."""

    POLICY = POLICY
    EVERYTHING = EVERYTHING
    AUDIENCE = DATA
    settings: Settings = field(default_factory=Settings)
    state: KeyVaultState | None = None
    issuance: timedelta = timedelta(0)
    tokens: Tokens = field(default_factory=Tokens)
    clock: Clock = field(default_factory=Clock)

    def __post_init__(self) -> None:
        self.access = Access(self.settings, self.clock, self.tokens)
        self.groups = Groups(self.access)
        self.keyvault = KeyVault(self.access, self.groups, self.clock, self.state, issuance=self.issuance)
        self.router = Router()
        for table in routes.ALL:
            self.router.mount(table, self.keyvault)
        self.operator = Caller(self.settings.object_id, self.settings.client_id, self.settings.tenant)

    def token(self, audience: str, caller: Caller | None = None) -> str:
        return self.tokens.issue(caller or self.operator, audience, "https://sts.windows.net/")

    def send(  # noqa: PLR0917
        self, method: str, host: str, path: str, body: Any, token: str, query: dict[str, str], address: str = LOOPBACK
    ) -> Reply:
        headers = {"authorization": f"Bearer {token}"} if token else {}
        content = b"" if body is None else json.dumps(body).encode()
        return self.router.answer(Request(method, host, path, query, headers, content, address=address))

    def arm(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        api_version: str = "2025-05-01",
        host: str = "management.azure.com",
        caller: Caller | None = None,
    ) -> Reply:
        """Ask Azure Resource Manager; *path* goes on from the subscription."""
        path = f"/subscriptions/{self.settings.subscription}{path}"
        return self.send(method, host, path, body, self.token(ARM, caller), {"api-version": api_version})

    def vault(self, name: str = "kv-test", method: str = "PUT", **asked: Any) -> Reply:
        """Ask for a vault of the usual group; without a body, one whose access policies let the operator do all."""
        path = f"/resourceGroups/{self.settings.resource_group}/providers/Microsoft.KeyVault/vaults/{name}"
        if method == "PUT" and "body" not in asked:
            asked["body"] = self.vault_body()
        return self.arm(method, path, **asked)

    def vault_body(self, **properties: Any) -> dict[str, Any]:
        """The body of a PUT; a property of None is left out."""
        everything = {
            "tenantId": self.settings.tenant,
            "sku": {"family": "A", "name": "standard"},
            "accessPolicies": [self.policy(self.settings.object_id, EVERYTHING)],
            **properties,
        }
        given = {name: value for name, value in everything.items() if value is not None}
        return {"location": "westus2", "properties": given}

    def policy(self, object_id: str, permissions: dict[str, list[str]]) -> dict[str, Any]:
        """An access policy as a request writes it."""
        return {"tenantId": self.settings.tenant, "objectId": object_id, "permissions": permissions}

    def data(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        token: str | None = None,
        host: str = "kv-test.vault.azure.net",
        address: str = LOOPBACK,
        **query: str,
    ) -> Reply:
        """Ask a vault's own host, from an *address*."""
        token = self.token(DATA) if token is None else token
        return self.send(method, host, path, body, token, {"api-version": "7.6", **query}, address)

    def create(self, name: str = "web", **changes: Any) -> Reply:
        """Create a certificate and let the clock complete it; *changes* replace parts of the usual policy."""
        reply = self.data("POST", f"/certificates/{name}/create", {"policy": {**POLICY, **changes}})
        assert reply.status == 202, reply.body
        own = POLICY["issuer"] == changes.get("issuer", POLICY["issuer"])
        self.advance(self.issuance if own else timedelta(seconds=self.settings.order_seconds))
        return self.data("GET", f"/certificates/{name}")

    def mails(self) -> list[tuple[str, str]]:
        """What the contacts were written about, and which certificate, oldest first."""
        return [(mail.event, mail.certificate) for mail in self.keyvault.mailbox.all()]

    def advance(self, by: timedelta) -> None:
        asyncio.run(self.clock.advance(by))

    def versions(self, name: str = "web") -> list[str]:
        """The ids of a certificate's versions, oldest first."""
        return list(self.keyvault.state.vaults["kv-test"].certificates[name].versions)
