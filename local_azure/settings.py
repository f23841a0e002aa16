"""What the embedded Azure holds when it is new: one tenant, one subscription, one way to sign in."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field

TENANT = "7ad1c0de-0000-4000-8000-00000000e7a0"
SUBSCRIPTION = "5ab5c0de-0000-4000-8000-00000000a2e1"
CLIENT = "c11ec0de-0000-4000-8000-0000000000a1"
OPERATOR_OBJECT = "0b1ec0de-0000-4000-8000-0000000000a2"
MACHINE = "workstation"
MACHINE_CLIENT = "c11ec0de-0000-4000-8000-0000000000b1"
MACHINE_OBJECT = "0b1ec0de-0000-4000-8000-0000000000b2"
RESOURCE_GROUP = "batchcert-local"
REGION = "westus2"
BATCH_ACCOUNT = "batchcertlocal"


@dataclass(frozen=True)
class Settings:
    """How the embedded Azure starts out and how fast it is.

    Attributes:
        client_secret: the service principal's secret; made at random for each new process or state folder.
        node_seconds: seconds that a node takes from `creating` to the start task.
        grant_seconds: seconds until a new access policy or role assignment takes effect.
        order_seconds: seconds that a certificate authority takes to sign a certificate that a vault ordered.
        renewal_seconds: how much later than its lifetime action says a certificate is renewed, in seconds; the real
            Key Vault takes up to 72 hours.
        unregistered_providers: resource providers that the subscription is not registered with at first.
        throttling: whether Azure Resource Manager refuses what exceeds its limits; its headers say what remains anyway.
        machine: the virtual machine that callers are taken to sit at, with a system-assigned identity of its own.
    """

    client_secret: str = field(default_factory=lambda: secrets.token_urlsafe(24), repr=False)
    node_seconds: float = 3.0
    grant_seconds: float = 0.0
    order_seconds: float = 3.0
    renewal_seconds: float = 0.0
    unregistered_providers: tuple[str, ...] = ()
    throttling: bool = False
    region: str = REGION
    resource_group: str = RESOURCE_GROUP
    batch_account: str = BATCH_ACCOUNT
    tenant: str = TENANT
    subscription: str = SUBSCRIPTION
    client_id: str = CLIENT
    object_id: str = OPERATOR_OBJECT
    machine: str = MACHINE
    machine_client_id: str = MACHINE_CLIENT
    machine_object_id: str = MACHINE_OBJECT
