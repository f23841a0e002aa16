"""Where Azure Resource Manager answers in each cloud, and what its tokens are for.

Source: the clouds' endpoint tables on Microsoft Learn.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Cloud:
    """The names that belong together in one cloud.

    Attributes:
        manager: the host of Azure Resource Manager.
        core: the older name of its audience.
        login: the host that signs in.
        issuer: who signs tokens, before the tenant.
    """

    manager: str
    core: str
    login: str
    issuer: str

    @property
    def audiences(self) -> tuple[str, ...]:
        """The audiences of tokens for Azure Resource Manager; a slash at the end does not matter."""
        return f"https://{self.core}", f"https://{self.manager}"


CLOUDS = (
    Cloud("management.azure.com", "management.core.windows.net", "login.windows.net", "https://sts.windows.net"),
    Cloud(
        "management.usgovcloudapi.net",
        "management.core.usgovcloudapi.net",
        "login.microsoftonline.us",
        "https://sts.windows.net",
    ),
    Cloud(
        "management.chinacloudapi.cn",
        "management.core.chinacloudapi.cn",
        "login.chinacloudapi.cn",
        "https://sts.chinacloudapi.cn",
    ),
)


def cloud_at(manager: str) -> Cloud:
    """The cloud whose Azure Resource Manager is at *manager*."""
    return next(cloud for cloud in CLOUDS if cloud.manager == manager)
