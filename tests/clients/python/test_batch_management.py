"""azure-mgmt-batch: accounts, pools, locations, supported images and sizes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest


@pytest.fixture(scope="session")
def management(sdk: Any, credential: Any, azure: Any) -> Any:
    return sdk.client("azure.mgmt.batch.BatchManagementClient", credential, azure.subscription)


@pytest.fixture(scope="session")
def account(azure: Any) -> str:
    return str(azure.env["AZURE_BATCH_ACCOUNT"])


@pytest.fixture
def pool(sdk: Any, management: Any, azure: Any, account: str, pool_body: Any) -> Iterator[str]:
    """An empty pool, deleted at the end."""
    name = f"management-{sdk.name}"
    sdk.done(management.pool.create(azure.group, account, name, {"properties": pool_body(nodes=0)}))
    yield name
    sdk.poll(management.pool.begin_delete(azure.group, account, name))


def test_an_account_from_creation_to_deletion(sdk: Any, management: Any, azure: Any) -> None:
    """In another region; its keys are read and renewed."""
    from azure.core.exceptions import ResourceNotFoundError

    accounts, name = management.batch_account, f"new{sdk.name}"
    made = sdk.poll(accounts.begin_create(azure.group, name, {"location": "eastus"}))
    assert made.properties.account_endpoint == f"{name}.eastus.batch.azure.com"
    assert sdk.done(accounts.update(azure.group, name, {"tags": {"team": "render"}})).tags == {"team": "render"}
    for listed in (accounts.list(), accounts.list_by_resource_group(azure.group)):
        assert name in [one.name for one in sdk.all(listed)]
    before = sdk.done(accounts.get_keys(azure.group, name))
    after = sdk.done(accounts.regenerate_key(azure.group, name, {"keyName": "Primary"}))
    assert (after.primary != before.primary, after.secondary) == (True, before.secondary)
    sdk.poll(accounts.begin_delete(azure.group, name))
    with pytest.raises(ResourceNotFoundError):
        sdk.done(accounts.get(azure.group, name))


def test_a_pool_is_read_changed_and_listed(sdk: Any, management: Any, azure: Any, account: str, pool: str) -> None:
    """With the defaults that Azure fills in; a condition that no longer holds is refused."""
    from azure.core import MatchConditions
    from azure.core.exceptions import ResourceModifiedError

    found = sdk.done(management.pool.get(azure.group, account, pool))
    assert (found.properties.vm_size, found.properties.task_slots_per_node) == ("STANDARD_D2S_V5", 1)
    change = {"properties": {"metadata": [{"name": "team", "value": "render"}]}}
    changed = sdk.done(management.pool.update(azure.group, account, pool, change))
    assert [(one.name, one.value) for one in changed.properties.metadata] == [("team", "render")]
    with pytest.raises(ResourceModifiedError):
        sdk.done(
            management.pool.update(
                azure.group, account, pool, change, etag=found.etag, match_condition=MatchConditions.IfNotModified
            )
        )
    assert pool in [one.name for one in sdk.all(management.pool.list_by_batch_account(azure.group, account))]


def test_a_pool_is_deleted(sdk: Any, management: Any, azure: Any, account: str, pool_body: Any) -> None:
    """The poller ends once it is gone; the namesake of another pool is refused where the client asks so."""
    from azure.core import MatchConditions
    from azure.core.exceptions import ResourceExistsError, ResourceNotFoundError

    name, body = f"going-{sdk.name}", {"properties": pool_body(nodes=0)}
    sdk.done(management.pool.create(azure.group, account, name, body))
    with pytest.raises(ResourceExistsError):
        sdk.done(
            management.pool.create(
                azure.group, account, name, body, etag="*", match_condition=MatchConditions.IfMissing
            )
        )
    sdk.poll(management.pool.begin_delete(azure.group, account, name))
    with pytest.raises(ResourceNotFoundError):
        sdk.done(management.pool.get(azure.group, account, name))


def test_a_formula_is_taken_away(sdk: Any, management: Any, azure: Any, account: str, pool: str) -> None:
    """The pool keeps the nodes that it has."""
    scale = {"autoScale": {"formula": "$TargetDedicatedNodes = 0;", "evaluationInterval": "PT5M"}}
    changed = sdk.done(management.pool.update(azure.group, account, pool, {"properties": {"scaleSettings": scale}}))
    assert changed.properties.scale_settings.auto_scale.formula == "$TargetDedicatedNodes = 0;"
    left = sdk.done(management.pool.disable_auto_scale(azure.group, account, pool))
    assert left.properties.scale_settings.auto_scale is None
    assert left.properties.scale_settings.fixed_scale.target_dedicated_nodes == 0


def test_a_resize_is_stopped(sdk: Any, management: Any, azure: Any, account: str, pool: str) -> None:
    """The pool is steady afterwards, with the nodes that it has got so far."""
    scale = {"fixedScale": {"targetDedicatedNodes": 1}}
    with azure.fault("slow-start", resource=f"*/{pool}/*", seconds="600"):
        sdk.done(management.pool.update(azure.group, account, pool, {"properties": {"scaleSettings": scale}}))
        sdk.done(management.pool.stop_resize(azure.group, account, pool))
        stopped = sdk.until(
            lambda: sdk.done(management.pool.get(azure.group, account, pool)).properties,
            lambda found: found.allocation_state == "Steady",
        )
    assert [error.code for error in stopped.resize_operation_status.errors] == ["ResizeStopped"]


def test_what_a_region_offers(sdk: Any, management: Any) -> None:
    """Quota, names, sizes."""
    assert sdk.done(management.location.get_quotas("westus2")).account_quota > 0
    kind = "Microsoft.Batch/batchAccounts"
    free = sdk.done(management.location.check_name_availability("westus2", {"name": "freename", "type": kind}))
    assert free.name_available is True
    taken = sdk.done(management.location.check_name_availability("westus2", {"name": "Not Valid", "type": kind}))
    assert (taken.name_available, taken.reason) == (False, "Invalid")
    sizes = sdk.all(management.location.list_supported_virtual_machine_skus("westus2"))
    assert "standard_d2s_v5" in [one.name.lower() for one in sizes]
