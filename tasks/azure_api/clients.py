"""Signing in, and the SDK clients of one cloud: each wired to the same policies."""

from __future__ import annotations

import base64
import functools
import json
import logging
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import requests
from azure.batch import BatchClient
from azure.core.credentials import TokenCredential
from azure.core.pipeline.transport import RequestsTransport
from azure.identity import DefaultAzureCredential
from azure.keyvault.certificates import CertificateClient
from azure.mgmt.authorization import AuthorizationManagementClient
from azure.mgmt.batch import BatchManagementClient
from azure.mgmt.keyvault import KeyVaultManagementClient
from azure.mgmt.msi import ManagedServiceIdentityClient
from requests.adapters import HTTPAdapter

from batchcert.clouds import Cloud
from tasks.azure_api.faults import explained
from tasks.azure_api.models import make_ready
from tasks.azure_api.patience import BoundedRetry, FreshGrantPolicy, Tell
from tasks.azure_api.server_time import ServiceClock

GRANT_PATIENCE = timedelta(minutes=5)  # "may take several minutes": Azure RBAC troubleshooting, Microsoft Learn
CONNECT_SECONDS = 20
READ_SECONDS = 60
POLLING_SECONDS = 2  # of a long-running operation whose service names no Retry-After
_LOG = logging.getLogger("batchcert.azure")


@dataclass(frozen=True)
class Caller:
    """Who this process is to Azure: object id and tenant, from its own token."""

    object_id: str
    tenant_id: str


@dataclass(frozen=True)
class Azure:
    """One cloud, and how patiently to speak to it. Each client is a context manager and closes its connections.

    Proxy and CA come from the process's environment (HTTPS_PROXY, NO_PROXY, REQUESTS_CA_BUNDLE), as Microsoft's SDKs
    read it; so does the way to sign in, as `DefaultAzureCredential` documents.

    Attributes:
        patience: how long refusals that follow a fresh grant are waited through, for each client.
        tell: where to say that something is being waited for.
        sleep: how to wait for a grant, in seconds.
        clock: the service's time, by the newest response to any of the clients.
    """

    cloud: Cloud
    patience: timedelta = GRANT_PATIENCE
    tell: Tell = _LOG.warning
    sleep: Callable[[float], None] = time.sleep
    clock: ServiceClock = field(default_factory=ServiceClock, compare=False)

    def identities(self, subscription: str) -> ManagedServiceIdentityClient:
        """User-assigned identities (management plane)."""
        return ManagedServiceIdentityClient(self._credential, subscription, **self._management())

    def vaults(self, subscription: str) -> KeyVaultManagementClient:
        """Vaults and their access policies (management plane)."""
        return KeyVaultManagementClient(self._credential, subscription, **self._management())

    def grants(self, subscription: str) -> AuthorizationManagementClient:
        """Role assignments and permissions."""
        return AuthorizationManagementClient(self._credential, subscription, **self._management())

    def pools(self, subscription: str) -> BatchManagementClient:
        """Batch accounts and pools (management plane)."""
        return BatchManagementClient(self._credential, subscription, **self._management())

    def certificates(self, vault_url: str) -> CertificateClient:
        """The certificates of one vault (data plane), also where other threads have clients of their own."""
        make_ready("azure.keyvault.certificates")
        return CertificateClient(vault_url, self._credential, **self._usual())

    def nodes(self, endpoint: str, *, threads: int = 1) -> BatchClient:
        """The nodes of one Batch account (data plane), for as many *threads* at a time.

        *endpoint*: the account's `accountEndpoint`, with or without a scheme.
        """
        make_ready("azure.batch")
        url = endpoint if "://" in endpoint else f"https://{endpoint}"
        scopes = {"credential_scopes": [self.cloud.batch_scope]}
        return BatchClient(url, self._credential, transport=_transport(threads), **scopes, **self._usual())

    @explained
    def caller(self) -> Caller:
        """Who signs in, as Entra's token for Azure Resource Manager names them."""
        token = self._credential.get_token(self.cloud.management_scope).token
        payload = token.split(".")[1]
        claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
        return Caller(object_id=str(claims["oid"]), tenant_id=str(claims["tid"]))

    @property
    def _credential(self) -> TokenCredential:
        return credential(self.cloud.login)

    def _management(self) -> dict[str, Any]:
        return {
            "base_url": self.cloud.management_url,
            "credential_scopes": [self.cloud.management_scope],
            "polling_interval": POLLING_SECONDS,
            **self._usual(),
        }

    def _usual(self) -> dict[str, Any]:
        # After the retry policy: there each response passes, also one that ends as an exception further out.
        return {
            "retry_policy": BoundedRetry(),
            "per_retry_policies": [FreshGrantPolicy(self.patience, self.tell, sleep=self.sleep), self.clock],
            "connection_timeout": CONNECT_SECONDS,
            "read_timeout": READ_SECONDS,
        }


@functools.cache
def credential(login: str) -> TokenCredential:
    """How this process signs in at the Entra host *login*; one for all clients, so that they share its tokens."""
    return DefaultAzureCredential(authority=login)


def _transport(threads: int) -> RequestsTransport:
    """A transport that keeps a connection for each thread; azure-core's own keeps ten."""
    session = requests.Session()
    session.mount("https://", HTTPAdapter(pool_maxsize=max(10, threads), max_retries=0))
    return RequestsTransport(session=session, connection_timeout=CONNECT_SECONDS, read_timeout=READ_SECONDS)
