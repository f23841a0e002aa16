"""The instance metadata service's tokens: a machine gets them for the identities it has, and for no others.

Source: "How to use managed identities on an Azure VM to acquire an access token" on Microsoft Learn.
"""

from __future__ import annotations

import hmac
import secrets
import time
import uuid
from dataclasses import dataclass

from local_azure.services.entra.directory import Directory
from local_azure.services.msi.identities import Identities
from local_azure.services.msi.machine_identity import machine_id, machine_principal
from local_azure.wire.messages import AzureError, Caller
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

    A real IMDS knows the asking machine by its network card; here a node shows the proxy credentials that `register`
    gave out for it. Whoever shows none asks from the caller's own machine: it has a system-assigned identity, and every
    user-assigned identity of the subscription.
    """

    def __init__(self, identities: Identities, directory: Directory) -> None:
        self._identities = identities
        self._directory = directory
        self._machines: dict[str, tuple[str, tuple[str, ...]]] = {}
        self._given: dict[tuple[Caller, str], ManagedToken] = {}

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

        *credentials* are the proxy credentials that came with the request, "machine:password", or "".
        Raises: AzureError 400 invalid_request: no machine of ours, no such identity on it, or several and none named.
        """
        candidates = self._candidates(credentials)
        chosen = [caller for caller in candidates if _is(caller, wanted)]
        if not wanted and chosen and not credentials:
            chosen = chosen[:1]  # "System assigned managed identity is used by default", where there is one
        if not wanted and len(chosen) > 1:
            raise AzureError(
                400,
                "invalid_request",
                "Multiple user assigned identities exist, please specify the clientId / "
                "resourceId of the identity in the token request",
            )
        if not chosen:
            raise AzureError(400, "invalid_request", "Identity not found")
        return self._token(chosen[0], resource)

    def _token(self, caller: Caller, resource: str) -> ManagedToken:
        """A new token, or the one that was given before, for as long as more than half of its life is left.

        Source: "Managed identity best practice recommendations": tokens are cached by the infrastructure.
        """
        now = int(time.time())
        given = self._given.get((caller, resource))
        if given is None or given.expires_on - now < LIFETIME_SECONDS / 2:
            given = ManagedToken(
                access_token=self._directory.token(caller, resource),
                client_id=caller.client_id,
                resource=resource,
                not_before=now,
                expires_on=now + LIFETIME_SECONDS,
            )
            self._given[caller, resource] = given
        return given

    def compute(self) -> dict[str, str]:
        """The caller's own machine, as its instance metadata describe it."""
        settings = self._directory.settings
        return {
            "azEnvironment": "AzurePublicCloud",
            "location": settings.region,
            "name": settings.machine,
            "osType": "Linux",
            "provider": "Microsoft.Compute",
            "resourceGroupName": settings.resource_group,
            "resourceId": machine_id(settings),
            "subscriptionId": settings.subscription,
            "vmId": str(uuid.uuid5(uuid.NAMESPACE_URL, machine_id(settings))),
        }

    def _candidates(self, credentials: str) -> list[Caller]:
        if not credentials:
            own = machine_principal(self._directory.settings)
            return [principal.caller for principal in (own, *self._identities.principals())]
        machine, _, password = credentials.rpartition(":")
        known, arm_ids = self._machines.get(machine, ("", ()))
        if not known or not hmac.compare_digest(known.encode(), password.encode()):
            return []
        found = (self._identities.find(arm_id) for arm_id in arm_ids)
        return [self._identities.caller(identity) for identity in found if identity is not None]


def _is(caller: Caller, wanted: dict[str, str]) -> bool:
    own = {"client_id": caller.client_id, "object_id": caller.object_id, "msi_res_id": caller.resource_id}
    return all(own[name].lower() == value.lower() for name, value in wanted.items())
