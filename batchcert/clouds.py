"""Azure's clouds and where each of them answers."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class CloudName(StrEnum):
    """The clouds batchcert knows, as a person picks them in the run form."""

    PUBLIC = "public"
    US_GOVERNMENT = "us-government"
    CHINA = "china"


@dataclass(frozen=True)
class Cloud:
    """Where one cloud answers.

    Attributes:
        login: Entra's host, which issues the tokens.
        management: Azure Resource Manager's host.
        vault_suffix: what a vault's name is followed by in its host name.
        batch_suffix: what the host of a Batch account ends with.
        batch_audience: whom a token for Batch's data plane is for.
        portal: the host of the Azure portal.
    """

    name: CloudName
    login: str
    management: str
    vault_suffix: str
    batch_suffix: str
    batch_audience: str
    portal: str

    @property
    def management_url(self) -> str:
        """Azure Resource Manager's base address."""
        return f"https://{self.management}"

    @property
    def management_scope(self) -> str:
        """The OAuth scope of the management plane."""
        return f"https://{self.management}/.default"

    @property
    def batch_scope(self) -> str:
        """The OAuth scope of Batch's data plane; the doubled slash is how the SDK asks for it."""
        return f"https://{self.batch_audience}//.default"

    def vault_url(self, vault: str) -> str:
        """The address of the vault named *vault*, without a trailing slash."""
        return f"https://{vault.lower()}.{self.vault_suffix}"


CLOUDS: dict[CloudName, Cloud] = {
    cloud.name: cloud
    for cloud in (
        Cloud(
            name=CloudName.PUBLIC,
            login="login.microsoftonline.com",
            management="management.azure.com",
            vault_suffix="vault.azure.net",
            batch_suffix="batch.azure.com",
            batch_audience="batch.core.windows.net",
            portal="portal.azure.com",
        ),
        Cloud(
            name=CloudName.US_GOVERNMENT,
            login="login.microsoftonline.us",
            management="management.usgovcloudapi.net",
            vault_suffix="vault.usgovcloudapi.net",
            batch_suffix="batch.usgovcloudapi.net",
            batch_audience="batch.core.usgovcloudapi.net",
            portal="portal.azure.us",
        ),
        Cloud(
            name=CloudName.CHINA,
            login="login.chinacloudapi.cn",
            management="management.chinacloudapi.cn",
            vault_suffix="vault.azure.cn",
            batch_suffix="batch.chinacloudapi.cn",
            batch_audience="batch.chinacloudapi.cn",  # by analogy: Microsoft's documents name none
            portal="portal.azure.cn",
        ),
    )
}


def cloud_of_vault_host(host: str) -> Cloud | None:
    """The cloud whose vaults have host names like *host*, or None for a host that is no vault's."""
    return next((cloud for cloud in CLOUDS.values() if host.lower().endswith(f".{cloud.vault_suffix}")), None)
