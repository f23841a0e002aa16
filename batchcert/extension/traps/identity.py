"""Traps in the pool's identity, and in how the extension is told to use it."""

from __future__ import annotations

from collections.abc import Iterator

from batchcert.arm_ids import parse_arm_id
from batchcert.extension.pool_body import ExtensionBody, Field, PoolBody, shown
from batchcert.extension.settings import GUID, MSI_ENDPOINT
from batchcert.extension.traps.trap import Severity, Sighting, rule
from batchcert.problems import Problem
from batchcert.spec import IDENTITY_TYPE

_ENDPOINTS = {MSI_ENDPOINT, f"{MSI_ENDPOINT}/oauth2/token"}  # both are seen in the wild
_AUTHENTICATION = "Key Vault virtual machine extension for Linux, authenticationSettings"
_NOT_FOUND = 'with any other the extension stops at "Identity not found"'


@rule(
    "pool-identity-missing",
    Severity.BREAKS,
    cause="the nodes read Key Vault as a user-assigned identity of the pool; pools have no other kind",
    cure='add identity with type "UserAssigned" and the identity\'s ARM id under userAssignedIdentities',
    answer="ensures an identity, or takes an existing one by ARM id, and gives it to the pool",
    source="Configure managed identities in Batch pools",
)
def _pool_identity_missing(pool: PoolBody) -> Iterator[Sighting]:
    identity = pool.root["identity"]
    kind = identity["type"]
    if not identity.present:
        yield Sighting("identity", "the body has none")
    elif not kind.open and "userassigned" not in kind.text.lower().replace(" ", "").split(","):
        yield Sighting(kind.path, f"the type is {shown(kind.value)}" if kind.present else "no type is given")
    elif not pool.identities:
        yield Sighting(identity["userAssignedIdentities"].path, "no identity is listed")


@rule(
    "identity-not-an-arm-id",
    Severity.BREAKS,
    cause="userAssignedIdentities lists identities by their ARM id",
    cure="copy the id from the identity's properties page: /subscriptions/.../userAssignedIdentities/NAME",
    answer="takes ARM ids, and finds client and principal ids itself",
    source="Batch management REST 2025-06-01, BatchPoolIdentity",
)
def _identity_not_an_arm_id(pool: PoolBody) -> Iterator[Sighting]:
    for name, field in pool.identities.items():
        try:
            parse_arm_id(name, IDENTITY_TYPE)
        except Problem:
            if not Field("", name).open and "<" not in name and "{{" not in name:
                yield Sighting(field.path, f"{shown(name)} is not a user-assigned identity's ARM id")


def _wrong_places(extension: ExtensionBody) -> list[Field]:
    places = (extension.secrets["authenticationSettings"], extension.field["authenticationSettings"])
    return [place for place in places if place.present]


@rule(
    "authentication-settings-misplaced",
    Severity.BREAKS,
    cause="the extension reads authenticationSettings beside secretsManagementSettings, and only there",
    cure="move it into settings, beside secretsManagementSettings",
    answer="generates the settings with authenticationSettings in its place",
    source="microsoft/AzureTRE#3492, Azure/azure-linux-extensions#1915",
)
def _authentication_settings_misplaced(pool: PoolBody) -> Iterator[Sighting]:
    for extension in pool.key_vault:
        for place in _wrong_places(extension):
            yield Sighting(place.path, "authenticationSettings lies where the extension does not look")


@rule(
    "authentication-settings-missing",
    Severity.BREAKS,
    cause="without it the extension does not know which of the node's identities to use, and fails",
    cure="add authenticationSettings with msiEndpoint and msiClientId beside secretsManagementSettings",
    answer="always writes both",
    source=_AUTHENTICATION,
)
def _authentication_settings_missing(pool: PoolBody) -> Iterator[Sighting]:
    for extension in pool.key_vault:
        client = extension.authentication["msiClientId"]
        if extension.settings.present and not client.present and not _wrong_places(extension):
            where = client if extension.authentication.present else extension.authentication
            yield Sighting(where.path, "not given")


def _clients(pool: PoolBody) -> Iterator[Field]:
    clients = (extension.authentication["msiClientId"] for extension in pool.key_vault)
    return (client for client in clients if client.present and not client.open)


def _known_ids(pool: PoolBody, name: str) -> set[str]:
    """What the body says of its identities' *name* (clientId, principalId), as a body read back from Azure does."""
    return {field[name].text.lower() for field in pool.identities.values() if field[name].text}


@rule(
    "client-id-not-a-guid",
    Severity.BREAKS,
    cause=f"msiClientId is the identity's client id, a GUID; {_NOT_FOUND}",
    cure="use the client id from the identity's overview page",
    answer="takes the identity's ARM id, and finds its client id itself",
    source="microsoft/AzureTRE#3492, Azure/azure-linux-extensions#1915",
)
def _client_id_not_a_guid(pool: PoolBody) -> Iterator[Sighting]:
    for client in _clients(pool):
        if not GUID.fullmatch(client.text):
            kind = "an ARM id" if client.text.lower().startswith("/subscriptions/") else "no GUID"
            yield Sighting(client.path, f"{shown(client.value)} is {kind}")


@rule(
    "client-id-of-another",
    Severity.BREAKS,
    cause=f"msiClientId must be the client id of an identity that the pool has; {_NOT_FOUND}",
    cure="use the client id of the pool's identity",
    answer="takes the client id from the very identity it gives to the pool",
    source=_AUTHENTICATION,
)
def _client_id_of_another(pool: PoolBody) -> Iterator[Sighting]:
    known = _known_ids(pool, "clientId")
    for client in _clients(pool):
        own = client.text.lower()
        if own in _known_ids(pool, "principalId"):
            cure = f"use {', '.join(sorted(known))}" if known else ""
            yield Sighting(client.path, f"{client.text} is the identity's object id (principalId)", cure)
        elif known and GUID.fullmatch(own) and own not in known:
            yield Sighting(
                client.path, f"{client.text} is not among the pool's identities", f"use {', '.join(sorted(known))}"
            )


@rule(
    "client-id-unverified",
    Severity.NOTES,
    cause="client id and object id are both GUIDs, and the object id is a common mistake",
    cure="compare it with clientId, not principalId, of the identity's properties",
    answer="takes the identity's ARM id, and finds its client id itself",
    source=_AUTHENTICATION,
)
def _client_id_unverified(pool: PoolBody) -> Iterator[Sighting]:
    if not _known_ids(pool, "clientId"):
        for client in _clients(pool):
            if GUID.fullmatch(client.text) and client.text.lower() not in _known_ids(pool, "principalId"):
                yield Sighting(client.path, f"nothing in the body says whose {client.text} is")


@rule(
    "msi-endpoint-wrong",
    Severity.BREAKS,
    cause="the extension gets its token at msiEndpoint, which is required beside msiClientId",
    cure=f"use {MSI_ENDPOINT}",
    answer="writes the instance metadata service's address",
    source=_AUTHENTICATION,
)
def _msi_endpoint_wrong(pool: PoolBody) -> Iterator[Sighting]:
    for extension in pool.key_vault:
        endpoint = extension.authentication["msiEndpoint"]
        if extension.authentication.present and not endpoint.open and endpoint.text.rstrip("/") not in _ENDPOINTS:
            yield Sighting(endpoint.path, shown(endpoint.value) if endpoint.present else "not given")


RULES = (
    _pool_identity_missing,
    _identity_not_an_arm_id,
    _authentication_settings_misplaced,
    _authentication_settings_missing,
    _client_id_not_a_guid,
    _client_id_of_another,
    _msi_endpoint_wrong,
    _client_id_unverified,
)
