"""All that Microsoft.ManagedIdentity answers."""

from __future__ import annotations

from local_azure.services.msi import federation_routes as _federation  # noqa: F401 - importing declares the operations
from local_azure.services.msi.identities import Identities
from local_azure.services.msi.identity_routes import routes
from local_azure.wire.router import Routes

ALL: tuple[Routes[Identities], ...] = (routes,)
