"""The parameter models: what a person fills in, in a run's form or in a region's file."""

from batchcert.spec.certificate import DEFAULT_STORE, CertificateSpec, Reader, Renewal, RenewalTrigger
from batchcert.spec.change import ChangeSpec, JobsChoice, OldPoolChoice, WayChoice
from batchcert.spec.drill import DrillSpec, Weekday, WindowSpec
from batchcert.spec.identity import IDENTITY_TYPE, IdentitySpec
from batchcert.spec.pool import SUBNET_TYPE, ExtensionVersion, ImageSpec, NodeFillType, PoolSpec
from batchcert.spec.repair import BusyChoice, RepairChoice, RepairSpec
from batchcert.spec.service import Endpoint, ServiceSpec
from batchcert.spec.ssh import SshAccess
from batchcert.spec.target import Spec, Target
from batchcert.spec.vault import VAULT_TYPE, Authorization, VaultSpec
from batchcert.spec.visit import Channel, CrossCheck, ValidationSpec, VisitSpec

__all__ = [
    "DEFAULT_STORE",
    "IDENTITY_TYPE",
    "SUBNET_TYPE",
    "VAULT_TYPE",
    "Authorization",
    "BusyChoice",
    "CertificateSpec",
    "ChangeSpec",
    "Channel",
    "CrossCheck",
    "DrillSpec",
    "Endpoint",
    "ExtensionVersion",
    "IdentitySpec",
    "ImageSpec",
    "JobsChoice",
    "NodeFillType",
    "OldPoolChoice",
    "PoolSpec",
    "Reader",
    "Renewal",
    "RenewalTrigger",
    "RepairChoice",
    "RepairSpec",
    "ServiceSpec",
    "Spec",
    "SshAccess",
    "Target",
    "ValidationSpec",
    "VaultSpec",
    "VisitSpec",
    "WayChoice",
    "Weekday",
    "WindowSpec",
]
