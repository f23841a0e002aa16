"""That the suite has called every operation it is for, of the sync and of the aio clients. Runs last."""

from __future__ import annotations

from typing import Any

import pytest
from python.watched import groups, operations

NAMED: dict[str, tuple[str, ...]] = {  # by client: its groups of operations; none where it has no groups
    "azure.batch.BatchClient": (),
    "azure.keyvault.certificates.CertificateClient": (),
    "azure.keyvault.secrets.SecretClient": (),
    "azure.mgmt.authorization.AuthorizationManagementClient": ("role_assignments", "role_definitions"),
    "azure.mgmt.batch.BatchManagementClient": ("batch_account", "location", "pool"),
    "azure.mgmt.keyvault.KeyVaultManagementClient": ("vaults",),
    "azure.mgmt.msi.ManagedServiceIdentityClient": (
        "federated_identity_credentials",
        "operations",
        "system_assigned_identities",
        "user_assigned_identities",
    ),
}
WHOLE = ("azure.mgmt.msi.ManagedServiceIdentityClient",)  # no group of these is left out

_APPLICATIONS = "application packages lie in a storage account, and no storage answers"
_BACKUP = "the backup of a certificate takes its secret along; that of an ordinary secret is not served"
_SCHEDULES = "job schedules are tried by this SDK among the tests of the embedded Azure itself"
LEFT_OUT: dict[str, dict[str, str]] = {
    "azure.batch.BatchClient": {
        "begin_delete_job_schedule": _SCHEDULES,
        "begin_terminate_job_schedule": _SCHEDULES,
        "create_job_schedule": _SCHEDULES,
        "disable_job_schedule": _SCHEDULES,
        "enable_job_schedule": _SCHEDULES,
        "get_job_schedule": _SCHEDULES,
        "job_schedule_exists": _SCHEDULES,
        "list_job_schedules": _SCHEDULES,
        "list_jobs_from_schedule": _SCHEDULES,
        "replace_job_schedule": _SCHEDULES,
        "update_job_schedule": _SCHEDULES,
        "get_application": _APPLICATIONS,
        "list_applications": _APPLICATIONS,
        "list_pool_usage_metrics": "what a pool would have cost is not counted",
        "upload_node_logs": "the logs go to a storage account, and no storage answers",
    },
    "azure.keyvault.secrets.SecretClient": {
        "backup_secret": _BACKUP,
        "restore_secret_backup": _BACKUP,
    },
    "azure.mgmt.batch.BatchManagementClient.batch_account": {
        "get_detector": "detectors diagnose the real service",
        "list_detectors": "detectors diagnose the real service",
        "list_outbound_network_dependencies_endpoints": "nodes here have no network of their own",
        "synchronize_auto_storage_keys": "no storage answers",
    },
}
CASES = sorted(".".join(filter(None, (client, group))) for client, those in NAMED.items() for group in those or ("",))


def place(case: str) -> tuple[str, str]:
    """The path of the client, and the name of its group or ""."""
    return (case, "") if case in NAMED else (case.rpartition(".")[0], case.rpartition(".")[2])


@pytest.mark.parametrize("case", CASES)
def test_every_operation_is_called(sdk: Any, case: str) -> None:
    """By a test, not by the client itself; but for those that are left out, each with its reason."""
    client, group = place(case)
    found = sdk.clients[sdk.path(client)]
    path = ".".join(filter(None, (sdk.path(client), group)))
    offered = operations(getattr(found, group) if group else found)
    called = {name for name in offered if f"{path}.{name}" in sdk.called}
    assert offered - called == set(LEFT_OUT.get(case, ()))


@pytest.mark.parametrize("client", WHOLE)
def test_no_group_is_left_out(sdk: Any, client: str) -> None:
    """Of those packages that are to be called whole."""
    assert set(groups(sdk.clients[sdk.path(client)])) == set(NAMED[client])
