"""The instance metadata service's tokens: a machine gets them for the identities it has, and for no others.

Source: "How to use managed identities on an Azure VM to acquire an access token" on Microsoft Learn.
"""

from __future__ import annotations

import hmac
import secrets
import time
from dataclasses import dataclass

from local_azure.services.entra.directory import Directory
from local_azure.services.msi.identities import Identities, Identity
from local_azure.wire.messages import AzureError
from local_azure.wire.tokens import LIFETIME_SECONDS


@dataclass(frozen=True)
class ManagedToken:
    """A token as IMDS gives it; times are seconds since 1970, real time."""

    access_token: str
    client_id: str
    resource: str
    not_before: int
    expires_on: int


class Metadata:
    """Which machine has which identities.

    A real IMDS knows the asking machine by its network card; here a machine shows the proxy credentials that
    `register` gave out for it.
    """

    def __init__(self, identities: Identities, directory: Directory) -> None:
        self._identities = identities
        self._directory = directory
        self._machines: dict[str, tuple[str, tuple[str, ...]]] = {}

    def register(self, machine: str, identity_ids: tuple[str, ...]) -> str:
        """Give *machine* these identities (ARM ids); returns its proxy password."""
        password = secrets.token_urlsafe(12)
        self._machines[machine] = (password, tuple(arm_id.lower() for arm_id in identity_ids))
        return password

    def forget(self, machine: str) -> None:
        """The machine is gone."""
        self._machines.pop(machine, None)

    def token(self, credentials: str, resource: str, wanted: dict[str, str]) -> ManagedToken:
        """A token for the one identity of the machine that *wanted* names (client_id, object_id or msi_res_id).

        *credentials* are the proxy credentials that came with the request, "machine:password".
        Raises: AzureError 400 invalid_request: no machine of ours, no such identity on it, or several and none named.
        """
        candidates = self._candidates(credentials)
        chosen = [identity for identity in candidates if self._is(identity, wanted)]
        if not wanted and len(chosen) > 1:
            raise AzureError(
                400,
                "invalid_request",
                "Multiple user assigned identities exist, please specify the clientId / "
                "resourceId of the identity in the token request",
            )
        if not chosen:
            raise AzureError(400, "invalid_request", "Identity not found")
        caller = self._identities.caller(chosen[0])
        now = int(time.time())
        return ManagedToken(
            access_token=self._directory.token(caller, resource),
            client_id=caller.client_id,
            resource=resource,
            not_before=now,
            expires_on=now + LIFETIME_SECONDS,
        )

    def _candidates(self, credentials: str) -> list[Identity]:
        machine, _, password = credentials.rpartition(":")
        known, arm_ids = self._machines.get(machine, ("", ()))
        if not known or not hmac.compare_digest(known.encode(), password.encode()):
            return []
        return [identity for arm_id in arm_ids if (identity := self._identities.find(arm_id)) is not None]

    def _is(self, identity: Identity, wanted: dict[str, str]) -> bool:
        own = {
            "client_id": identity.client_id,
            "object_id": identity.principal_id,
            "msi_res_id": self._identities.arm_id(identity.group, identity.name),
        }
        return all(own[name].lower() == value.lower() for name, value in wanted.items())
