"""All that Microsoft.Authorization answers."""

from __future__ import annotations

from local_azure.services.arm import role_assignment_routes as _assignments  # noqa: F401 - declares the operations
from local_azure.services.arm import role_definition_routes as _definitions  # noqa: F401
from local_azure.services.arm.authorization_plane import routes

__all__ = ["routes"]
