"""All that Key Vault answers: behind Azure Resource Manager, and at each vault's own host."""

from __future__ import annotations

from local_azure.services.keyvault import (
    certificate_routes,
    deleted_certificate_routes,
    deleted_secret_routes,
    issuer_routes,
    secret_routes,
    vault_routes,
)
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
