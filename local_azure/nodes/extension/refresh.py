"""One poll: every observed certificate is fetched and, where its version is new, written."""

from __future__ import annotations

from local_azure.nodes.extension.log import ServiceLog
from local_azure.nodes.extension.pem import SecretError, read_secret
from local_azure.nodes.extension.settings import Authentication, Observed
from local_azure.nodes.extension.store import Store
from local_azure.nodes.extension.vault import RefreshError, Vaults
from local_azure.nodes.outside import Outside

_PART = "CertificateManager"


class Refresher:
    """Refreshes certificates into *store* with the identity that *authentication* names."""

    def __init__(self, outside: Outside, authentication: Authentication, store: Store, log: ServiceLog) -> None:
        self._outside = outside
        self._authentication = authentication
        self._store = store
        self._log = log

    async def refresh(self, certificates: tuple[Observed, ...]) -> str:
        """Refresh all; one that fails does not hold up the others. Returns what failed, "" where nothing did."""
        async with self._outside.client() as client:
            vaults = Vaults(client, self._authentication)
            faults = [(observed.url, await self._refresh(vaults, observed)) for observed in certificates]
        return " ".join(f"Refreshing '{url}' failed with exception: {fault}" for url, fault in faults if fault)

    async def _refresh(self, vaults: Vaults, observed: Observed) -> str:
        try:
            secret = await vaults.fetch(observed)
            if not self._store.has(observed, secret.version):
                path = self._store.put(observed, secret.version, read_secret(secret.value, secret.content_type))
                self._log.info(_PART, f"certificate file name: {path}")
        except (RefreshError, SecretError) as error:
            return str(error)
        except OSError as error:
            return error.strerror or type(error).__name__  # its whole text would name a folder of the host
        return ""
