"""Examples that cannot be matched, and why.

`REFUSED`: the embedded Azure does not do what the example asks; it must say so with this code. `LACKING`: it answers,
without these properties of the example's answer. An excuse that is not needed any more fails its test.
"""

from __future__ import annotations

_RETIRED_CLOUD_SERVICES = "pools of Cloud Services have been retired"
_RETIRED_CERTIFICATES = "certificates of Batch have been retired"
_ONE_PAGE = "all fits on one page"
_PARTS = "the example's answer is that of another pool than its request makes"

REFUSED: dict[str, tuple[str, str]] = {
    "batch/data-plane/JobAdd_Complex": ("UnsupportedProperty", "no pools that jobs make for themselves"),
    "batch/data-plane/JobScheduleAdd_Complex": ("UnsupportedProperty", "no pools that jobs make for themselves"),
    "batch/data-plane/PoolAdd_CloudServiceConfiguration": ("MissingRequiredProperty", _RETIRED_CLOUD_SERVICES),
    "batch/data-plane/TaskAdd_ContainerSettings": ("UnsupportedProperty", "nodes run no containers"),
    "batch/resource-manager/PoolCreate_CloudServiceConfiguration": ("CertificateRetired", _RETIRED_CERTIFICATES),
    "batch/resource-manager/PoolCreate_MinimalCloudServiceConfiguration": (
        "UnsupportedProperty",
        _RETIRED_CLOUD_SERVICES,
    ),
    "batch/resource-manager/PoolGet": ("PoolNotFound", f"{_RETIRED_CERTIFICATES}, and nothing can make such a pool"),
    "batch/resource-manager/PoolUpdate_OtherProperties": ("CertificateRetired", _RETIRED_CERTIFICATES),
    "keyvault/resource-manager/createVaultWithNetworkAcls": ("BadRequest", "the example quotes an address in its text"),
}
LACKING: dict[str, dict[str, str]] = {
    "authorization/resource-manager/GetPermissions": {"nextLink": _ONE_PAGE},
    "batch/data-plane/JobListPreparationAndReleaseTaskStatus": {"odata.nextLink": _ONE_PAGE},
    "batch/data-plane/PoolList_Basic": {"value[].cloudServiceConfiguration": _RETIRED_CLOUD_SERVICES},
    "batch/data-plane/TaskGet": {"multiInstanceSettings": "no tasks on several nodes at once"},
    "batch/resource-manager/PrivateBatchAccountGet": {
        "properties.privateEndpointConnections": "no private endpoints",
    },
    "batch/resource-manager/PoolCreate_AcceleratedNetworking": {
        "properties.networkConfiguration.dynamicVnetAssignmentScope": "shown where given, as in the other examples",
    },
    "batch/resource-manager/PoolList": {
        "value[].properties.deploymentConfiguration.cloudServiceConfiguration": _RETIRED_CLOUD_SERVICES,
        "value[].properties.certificates": _RETIRED_CERTIFICATES,
        "value[].properties.applicationLicenses": _PARTS,
        "value[].properties.applicationPackages": _PARTS,
        "value[].properties.metadata": _PARTS,
        "value[].properties.networkConfiguration": _PARTS,
        "value[].properties.resizeOperationStatus": _PARTS,
        "value[].properties.scaleSettings.fixedScale": _PARTS,
        "value[].properties.startTask": _PARTS,
        "value[].properties.userAccounts": _PARTS,
    },
    "batch/resource-manager/PoolUpdate_EnableAutoScale": {
        "properties.deploymentConfiguration.cloudServiceConfiguration": _RETIRED_CLOUD_SERVICES,
    },
    "batch/resource-manager/PoolUpdate_RemoveStartTask": {
        "properties.deploymentConfiguration.cloudServiceConfiguration": _RETIRED_CLOUD_SERVICES,
        "properties.autoScaleRun": _PARTS,
        "properties.scaleSettings.autoScale": _PARTS,
    },
    "batch/resource-manager/PoolUpdate_ResizePool": {
        "properties.deploymentConfiguration.cloudServiceConfiguration": _RETIRED_CLOUD_SERVICES,
        "properties.autoScaleRun": _PARTS,
        "properties.scaleSettings.fixedScale.nodeDeallocationOption": "for writing only, by its x-ms-mutability",
    },
    "keyvault/data-plane/GetCertificate-example": {"policy": "belongs to the certificate, not to one version"},
    "keyvault/resource-manager/DeletedManagedHsm_List": {"nextLink": _ONE_PAGE},
    "keyvault/resource-manager/ManagedHsm_ListBySubscription": {"nextLink": _ONE_PAGE},
    "keyvault/resource-manager/createVault": {
        "properties.hsmPoolResourceId": "no managed HSM pools",
        "properties.networkAcls": "the example's request gives none",
        "properties.privateEndpointConnections": "no private endpoints",
    },
    "keyvault/resource-manager/getVault": {"properties.hsmPoolResourceId": "no managed HSM pools"},
    "keyvault/resource-manager/listDeletedVaults": {"nextLink": _ONE_PAGE},
    "keyvault/resource-manager/listVaultByResourceGroup": {
        "value[].properties.hsmPoolResourceId": "no managed HSM pools",
    },
    "keyvault/resource-manager/listVaultBySubscription": {
        "value[].properties.hsmPoolResourceId": "no managed HSM pools",
    },
    "keyvault/resource-manager/updateVault": {
        "properties.hsmPoolResourceId": "no managed HSM pools",
        "properties.networkAcls": "the example's request gives none",
        "properties.privateEndpointConnections": "no private endpoints",
    },
    "msi/resource-manager/FederatedIdentityCredentialList": {"nextLink": _ONE_PAGE},
    "msi/resource-manager/IdentityListByResourceGroup": {"nextLink": _ONE_PAGE},
    "msi/resource-manager/IdentityListBySubscription": {"nextLink": _ONE_PAGE},
    "msi/resource-manager/MsiOperationsList": {"nextLink": _ONE_PAGE},
    "msi/resource-manager/SystemAssignedIdentityGet": {
        "properties.clientSecretUrl": "the machine has no address of its own for secrets",
    },
}
