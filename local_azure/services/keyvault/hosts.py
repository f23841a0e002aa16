"""Where vaults answer, in each cloud, and what their tokens are for.

Source: the clouds' endpoint tables on Microsoft Learn.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class VaultCloud:
    """The names that belong together in one cloud.

    Attributes:
        suffix: what a vault's host name ends with.
        manager: the host of Azure Resource Manager.
        login: the host that signs in.
        issuer: who signs tokens, before the tenant.
    """

    suffix: str
    manager: str
    login: str
    issuer: str

    @property
    def resource(self) -> str:
        """The audience of tokens for vaults."""
        return f"https://{self.suffix}"


CLOUDS = (
    VaultCloud("vault.azure.net", "management.azure.com", "login.microsoftonline.com", "https://sts.windows.net"),
    VaultCloud(
        "vault.usgovcloudapi.net", "management.usgovcloudapi.net", "login.microsoftonline.us", "https://sts.windows.net"
    ),
    VaultCloud(
        "vault.azure.cn", "management.chinacloudapi.cn", "login.chinacloudapi.cn", "https://sts.chinacloudapi.cn"
    ),
)
DATA_HOSTS = tuple(f"{{vault}}.{cloud.suffix}" for cloud in CLOUDS)


def cloud_of_manager(host: str) -> VaultCloud:
    """The cloud whose Azure Resource Manager is at *host*."""
    return next(cloud for cloud in CLOUDS if cloud.manager == host)


def cloud_of_vault(host: str) -> VaultCloud:
    """The cloud of the vault at *host*."""
    return next(cloud for cloud in CLOUDS if host.endswith("." + cloud.suffix))
