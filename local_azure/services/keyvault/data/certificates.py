"""Certificates over HTTP: speaks, decides nothing."""

from __future__ import annotations

from local_azure.services.keyvault.bodies import Body
from local_azure.services.keyvault.data.certificate_view import (
    certificate_json,
    certificate_url,
    item_json,
    pending_json,
    version_item_json,
    version_json,
)
from local_azure.services.keyvault.data.plane import operations, page_of, vault_of
from local_azure.services.keyvault.data.policy_view import policy_json
from local_azure.services.keyvault.service import KeyVault
from local_azure.wire.messages import Reply, Request

_ONE = "/certificates/{name}"
_PENDING = f"{_ONE}/pending"

routes = operations("keyvault-certificates")


@routes.post(
    f"{_ONE}/create",
    name="CreateCertificate",
    permission="certificates/create",
    lacks="preserveCertOrder",
)
def create(keyvault: KeyVault, request: Request) -> Reply:
    """Begin a new version; `Location` tells where its progress is seen."""
    vault = vault_of(keyvault, request)
    certificate = keyvault.certificates.create(vault, request.params["name"], Body(request.json()))
    certificate, pending = keyvault.pending.get(vault, certificate.name)
    location = f"{certificate_url(vault, certificate)}/pending?api-version={request.api_version}"
    return Reply(
        202,
        pending_json(vault, certificate, pending),
        {"Location": f"{location}&request_id={pending.request_id}", "Retry-After": "0"},
    )


@routes.post(f"{_ONE}/import", name="ImportCertificate", permission="certificates/import", lacks="preserveCertOrder")
def bring_in(keyvault: KeyVault, request: Request) -> Reply:
    """Import a version that was made elsewhere."""
    vault = vault_of(keyvault, request)
    certificate, _ = keyvault.certificates.bring_in(vault, request.params["name"], Body(request.json()))
    return Reply(200, certificate_json(vault, certificate))


@routes.post(f"{_ONE}/backup", name="BackupCertificate", permission="certificates/backup")
def backup(keyvault: KeyVault, request: Request) -> Reply:
    """The certificate with all its versions, as a blob that only Key Vault can read."""
    return Reply(200, {"value": keyvault.backups.make(vault_of(keyvault, request), request.params["name"])})


@routes.post("/certificates/restore", name="RestoreCertificate", permission="certificates/restore")
def restore(keyvault: KeyVault, request: Request) -> Reply:
    """Bring a backup back."""
    vault = vault_of(keyvault, request)
    certificate = keyvault.backups.restore(vault, Body(request.json()).text("value", ""))
    return Reply(200, certificate_json(vault, certificate))


@routes.get(_PENDING, name="GetCertificateOperation", permission="certificates/get")
def get_pending(keyvault: KeyVault, request: Request) -> Reply:
    """How far the newest creation is."""
    vault = vault_of(keyvault, request)
    found = keyvault.pending.get(vault, request.params["name"], request.query.get("request_id", ""))
    return Reply(200, pending_json(vault, *found), {"Retry-After": "0"})


@routes.patch(_PENDING, name="UpdateCertificateOperation", permission="certificates/update")
def cancel_pending(keyvault: KeyVault, request: Request) -> Reply:
    """Ask for the end of a creation."""
    vault = vault_of(keyvault, request)
    wanted = Body(request.json()).flag("cancellation_requested", default=False)
    return Reply(200, pending_json(vault, *keyvault.pending.cancel(vault, request.params["name"], wanted=wanted)))


@routes.delete(_PENDING, name="DeleteCertificateOperation", permission="certificates/update")
def delete_pending(keyvault: KeyVault, request: Request) -> Reply:
    """Forget a creation."""
    vault = vault_of(keyvault, request)
    return Reply(200, pending_json(vault, *keyvault.pending.delete(vault, request.params["name"])))


@routes.post(f"{_PENDING}/merge", name="MergeCertificate", permission="certificates/create")
def merge(keyvault: KeyVault, request: Request) -> Reply:
    """Complete a creation with what somebody signed for it."""
    vault = vault_of(keyvault, request)
    certificate, _ = keyvault.pending.merge(vault, request.params["name"], Body(request.json()))
    location = f"{certificate_url(vault, certificate)}?api-version={request.api_version}"
    return Reply(201, certificate_json(vault, certificate), {"Location": location})


@routes.get("/certificates", name="GetCertificates", permission="certificates/list")
def list_all(keyvault: KeyVault, request: Request) -> Reply:
    """The certificates of the vault, with `includePending` those too that have no version yet."""
    vault = vault_of(keyvault, request)
    with_pending = request.query.get("includepending", "").lower() == "true"
    certificates = keyvault.certificates.all(vault, with_pending=with_pending)
    return page_of(request, certificates, lambda certificate: item_json(vault, certificate))


@routes.get(f"{_ONE}/versions", name="GetCertificateVersions", permission="certificates/list")
def list_versions(keyvault: KeyVault, request: Request) -> Reply:
    """The versions of a certificate, in the order of their ids."""
    vault = vault_of(keyvault, request)
    certificate, versions = keyvault.certificates.versions(vault, request.params["name"])
    return page_of(request, versions, lambda version: version_item_json(vault, certificate, version))


@routes.get(_ONE, name="GetCertificate", permission="certificates/get")
@routes.get(f"{_ONE}/{{version}}", name="GetCertificate", permission="certificates/get")
def get(keyvault: KeyVault, request: Request) -> Reply:
    """A version of a certificate, the current one where none is named."""
    vault = vault_of(keyvault, request)
    name, version = request.params["name"], request.params.get("version", "")
    if not version:
        return Reply(200, certificate_json(vault, keyvault.certificates.get(vault, name)))
    return Reply(200, version_json(vault, *keyvault.certificates.version(vault, name, version)))


@routes.patch(_ONE, name="UpdateCertificate", permission="certificates/update")
@routes.patch(f"{_ONE}/{{version}}", name="UpdateCertificate", permission="certificates/update")
def update(keyvault: KeyVault, request: Request) -> Reply:
    """Change the attributes and tags of a version."""
    vault = vault_of(keyvault, request)
    name, version = request.params["name"], request.params.get("version", "")
    certificate, found = keyvault.certificates.update(vault, name, version, Body(request.json()))
    body = version_json(vault, certificate, found) if version else certificate_json(vault, certificate)
    return Reply(200, body)


@routes.get(f"{_ONE}/policy", name="GetCertificatePolicy", permission="certificates/get")
def get_policy(keyvault: KeyVault, request: Request) -> Reply:
    """The policy of a certificate."""
    vault = vault_of(keyvault, request)
    certificate = keyvault.certificates.get(vault, request.params["name"])
    return Reply(200, policy_json(certificate.policy, certificate_url(vault, certificate)))


@routes.patch(f"{_ONE}/policy", name="UpdateCertificatePolicy", permission="certificates/update")
def update_policy(keyvault: KeyVault, request: Request) -> Reply:
    """Change members of the policy; the others stay."""
    vault = vault_of(keyvault, request)
    body = Body(request.json(), "policy")
    certificate = keyvault.certificates.update_policy(vault, request.params["name"], body)
    return Reply(200, policy_json(certificate.policy, certificate_url(vault, certificate)))
