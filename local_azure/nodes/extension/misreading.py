"""Settings as an extension may wrongly get to see them, each the cause of an error that is known from real nodes.

Nothing is made up: the service reads what comes out of here as it reads any settings, asks for what it finds, and
tells of it in its own words.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlsplit

_NOBODY = "00000000-0000-0000-0000-00000000dead"  # no identity has this client id


def misread(settings: Any, how: str) -> Any:
    """A copy of *settings*, changed as *how* says: one of `MISREADINGS`, or "" for not at all.

    Settings without what would be changed are wrong by themselves, and stay as they are.
    """
    if not how:
        return settings
    try:
        return MISREADINGS[how](copy.deepcopy(settings))
    except (TypeError, KeyError, AttributeError):
        return settings


def _without_authentication(settings: Any) -> Any:
    settings.pop("authenticationSettings", None)
    return settings


def _other_identity(settings: Any) -> Any:
    settings.setdefault("authenticationSettings", {})["msiClientId"] = _NOBODY
    return settings


def _other_urls(change: Callable[[str], str]) -> Callable[[Any], Any]:
    def changed(settings: Any) -> Any:
        management = settings["secretsManagementSettings"]
        management["observedCertificates"] = [
            {**entry, "url": change(entry["url"])} if isinstance(entry, dict) else change(entry)
            for entry in management["observedCertificates"]
        ]
        return settings

    return changed


MISREADINGS: Mapping[str, Callable[[Any], Any]] = {
    "not-an-object": json.dumps,  # "Failed to parse the configuration settings with: 'not an object'"
    "no-auth-config": _without_authentication,  # "Attempt to get non-existent AuthConfig"
    "identity-not-found": _other_identity,  # "Identity not found"
    "no-hostname": _other_urls(lambda url: urlsplit(url).path),  # "URI must contain a hostname."
    "download-failing": _other_urls(lambda url: f"{url}-that-does-not-exist"),  # "Failed to download one or more ..."
}
