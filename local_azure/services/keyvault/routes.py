"""All that Key Vault answers: behind Azure Resource Manager, and at each vault's own host."""

from __future__ import annotations

from local_azure.services.keyvault.data import certificates as certificate_routes
from local_azure.services.keyvault.data import deleted_certificates as deleted_certificate_routes
from local_azure.services.keyvault.data import deleted_secrets as deleted_secret_routes
from local_azure.services.keyvault.data import issuers as issuer_routes
from local_azure.services.keyvault.data import secrets as secret_routes
from local_azure.services.keyvault.management import vaults as vault_routes
from local_azure.services.keyvault.service import KeyVault
from local_azure.wire.router import Routes

ALL: tuple[Routes[KeyVault], ...] = (
    vault_routes.routes,
    certificate_routes.routes,
    deleted_certificate_routes.routes,
    issuer_routes.routes,
    secret_routes.routes,
    deleted_secret_routes.routes,
)
