"""The system-assigned identity of the machine that callers sit at.

Everybody who asks without the credentials of a node asks from there: a virtual machine of the settings' resource group.
"""

from __future__ import annotations

from local_azure.services.entra.principals import Principal
from local_azure.settings import Settings
from local_azure.wire.messages import Caller

MACHINE_TYPE = "Microsoft.Compute/virtualMachines"


def machine_id(settings: Settings) -> str:
    """The machine's ARM id."""
    group = f"/subscriptions/{settings.subscription}/resourceGroups/{settings.resource_group}"
    return f"{group}/providers/{MACHINE_TYPE}/{settings.machine}"


def machine_principal(settings: Settings) -> Principal:
    """The service principal of its identity; it lives and ends with the machine, and has its name."""
    caller = Caller(settings.machine_object_id, settings.machine_client_id, settings.tenant, machine_id(settings))
    return Principal(caller, settings.machine, "ManagedIdentity")
