"""azure-batch: pools, their counts, their formulas, and the images they may use."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest


@pytest.fixture
def empty(sdk: Any, batch: Any) -> Iterator[str]:
    """A pool without nodes, made at the account's own host."""
    from azure.batch import models

    name = f"own-{sdk.name}"
    image = models.BatchVmImageReference(publisher="canonical", offer="ubuntu-24_04-lts", sku="server")
    machine = models.VirtualMachineConfiguration(image_reference=image, node_agent_sku_id="batch.node.ubuntu 24.04")
    options = models.BatchPoolCreateOptions(
        id=name,
        vm_size="STANDARD_D2S_V5",
        virtual_machine_configuration=machine,
        target_dedicated_nodes=0,
        start_task=models.BatchStartTask(command_line="/bin/true"),
    )
    sdk.done(batch.create_pool(options))
    yield name
    sdk.poll(batch.begin_delete_pool(name, polling_interval=0))


def test_a_pool_is_found_changed_and_replaced(sdk: Any, batch: Any, empty: str) -> None:
    """A change leaves the start task, what replaces the properties takes it away."""
    from azure.batch import models

    assert sdk.done(batch.pool_exists(empty)) is True
    metadata = [models.BatchMetadataItem(name="team", value="render")]
    sdk.done(batch.update_pool(empty, models.BatchPoolUpdateOptions(metadata=metadata)))
    changed = sdk.done(batch.get_pool(empty))
    assert ([one.value for one in changed.metadata], changed.start_task.command_line) == (["render"], "/bin/true")
    given = models.BatchPoolReplaceOptions(application_package_references=[], metadata=[])
    sdk.done(batch.replace_pool_properties(empty, given))
    replaced = sdk.done(batch.get_pool(empty))
    assert (replaced.metadata or [], replaced.start_task) == ([], None)
    assert empty in [one.id for one in sdk.all(batch.list_pools())]


def test_a_pool_that_does_not_exist(sdk: Any, batch: Any) -> None:
    """This client raises where it is asked whether a pool exists."""
    from azure.core.exceptions import ResourceNotFoundError

    with pytest.raises(ResourceNotFoundError):
        sdk.done(batch.pool_exists("nowhere"))


def test_a_formula_scales_a_pool(sdk: Any, batch: Any, empty: str) -> None:
    """Tried, put in force, replaced, tried again, and taken away."""
    from azure.batch import models
    from azure.core.exceptions import HttpResponseError

    def tried(formula: str) -> Any:
        options = models.BatchPoolEvaluateAutoScaleOptions(auto_scale_formula=formula)
        return sdk.done(batch.evaluate_pool_auto_scale(empty, options))

    none = models.BatchPoolEnableAutoScaleOptions(auto_scale_formula="$TargetDedicatedNodes = 0;")
    with pytest.raises(HttpResponseError, match="Automatic scaling is not enabled on the pool"):
        tried("$TargetDedicatedNodes = 3;")
    sdk.done(batch.enable_pool_auto_scale(empty, none))
    assert sdk.done(batch.get_pool(empty)).enable_auto_scale is True
    assert "$TargetDedicatedNodes=3" in tried("$TargetDedicatedNodes = 3;").results
    sdk.done(batch.disable_pool_auto_scale(empty))
    assert sdk.done(batch.get_pool(empty)).enable_auto_scale is False


def test_a_pool_is_resized(sdk: Any, batch: Any, pool: str, steady: Any) -> None:
    """Up to two nodes, and back by removing one; the counts follow."""
    from azure.batch import models

    options = models.BatchPoolResizeOptions(target_dedicated_nodes=2)
    sdk.poll(batch.begin_resize_pool(pool, options, polling_interval=0))
    steady(pool, 2)
    assert counted(sdk, batch, pool) == (2, 2)
    leaving = [node.id for node in sdk.all(batch.list_nodes(pool))][1:]
    sdk.poll(batch.begin_remove_nodes(pool, models.BatchNodeRemoveOptions(node_ids=leaving), polling_interval=0))
    steady(pool, 1)
    assert counted(sdk, batch, pool) == (1, 1)
    assert leaving[0] not in [node.id for node in sdk.all(batch.list_nodes(pool))]


def counted(sdk: Any, batch: Any, pool: str) -> tuple[int, int]:
    (counts,) = sdk.all(batch.list_pool_node_counts(filter=f"poolId eq '{pool}'"))
    return counts.dedicated.idle, counts.dedicated.total


def test_a_resize_is_stopped(sdk: Any, batch: Any, azure: Any, empty: str) -> None:
    """It leaves the pool steady, with the nodes that it has got so far."""
    from azure.batch import models

    options = models.BatchPoolResizeOptions(target_dedicated_nodes=1)
    with azure.fault("slow-start", resource=f"*/{empty}/*", seconds="600"):
        sdk.done(batch.begin_resize_pool(empty, options, polling_interval=0))
        sdk.poll(batch.begin_stop_pool_resize(empty, polling_interval=0))
        stopped = sdk.done(batch.get_pool(empty))
    assert stopped.allocation_state == "steady"
    assert [error.code for error in stopped.resize_errors] == ["ResizeStopped"]
    assert stopped.target_dedicated_nodes == stopped.current_dedicated_nodes


def test_supported_images(sdk: Any, batch: Any) -> None:
    """Those that a pool may use."""
    images = sdk.all(batch.list_supported_images())
    assert ("batch.node.ubuntu 24.04", "linux") in [(one.node_agent_sku_id, one.os_type) for one in images]


def test_with_a_key_of_the_account(sdk: Any, credential: Any, azure: Any, endpoint: str, pool: str) -> None:
    """The other way to sign in to an account."""
    from azure.core.credentials import AzureNamedKeyCredential

    management = sdk.client("azure.mgmt.batch.BatchManagementClient", credential, azure.subscription)
    account = azure.env["AZURE_BATCH_ACCOUNT"]
    keys = sdk.done(management.batch_account.get_keys(azure.group, account))
    client = sdk.client("azure.batch.BatchClient", endpoint, AzureNamedKeyCredential(account, keys.primary))
    assert pool in [one.id for one in sdk.all(client.list_pools())]
