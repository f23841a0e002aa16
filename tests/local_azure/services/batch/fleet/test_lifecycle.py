"""A node's way from creation to leaving, on the clock."""

from __future__ import annotations

import re

import pytest

pytestmark = pytest.mark.anyio


async def test_a_pool_comes_up_step_by_step(world) -> None:
    """The answer to PUT shows no node yet; its node is created, starts, becomes idle, and the pool is steady."""
    created = world.arm("PUT", "/pools/render", world.body()).body["properties"]
    assert (created["allocationState"], created["currentDedicatedNodes"]) == ("Resizing", 0)
    seen = []
    for seconds in (0, 4.9, 0.2, 4.7, 0.3):
        await world.pass_time(seconds)
        seen.append((world.nodes()[0]["state"], world.properties()["allocationState"]))
    assert seen == [
        ("creating", "Resizing"),
        ("creating", "Resizing"),
        ("starting", "Resizing"),
        ("starting", "Resizing"),
        ("idle", "Steady"),
    ]


async def test_a_node_bears_what_batch_tells_of_it(world) -> None:
    """An idle node has a Batch id, its times, its private address, its image and how its start task went."""
    await world.pool()
    (node,) = world.nodes()
    assert re.fullmatch(r"tvmps_[0-9a-f]{64}_d", node["id"])
    assert node["ipAddress"] == "10.0.0.4"
    assert node["vmSize"] == "standard_d2s_v5"
    assert node["virtualMachineInfo"]["imageReference"]["offer"] == "ubuntu-24_04-lts"
    assert node["allocationTime"] < node["lastBootTime"] < node["stateTransitionTime"]
    assert node["startTaskInfo"]["state"] == "completed"
    assert node["startTaskInfo"]["exitCode"] == 0
    assert node["startTaskInfo"]["result"] == "success"
    assert world.machines.only().calls == ["boot", "install", "start task /bin/true elevated=True"]


async def test_the_ssh_endpoint_and_remote_login_agree(world) -> None:
    """Both lead to the machine's own SSH port, so that either can be connected to."""
    node = await world.pool()
    (endpoint,) = world.data("GET", node).body["endpointConfiguration"]["inboundEndpoints"]
    login = world.data("GET", f"{node}/remoteloginsettings").body
    assert (login["remoteLoginIPAddress"], login["remoteLoginPort"]) == ("127.0.0.1", 40000)
    assert (endpoint["publicIPAddress"], endpoint["frontendPort"], endpoint["backendPort"]) == ("127.0.0.1", 40000, 22)


async def test_without_a_nat_pool_for_ssh_nobody_learns_the_port(world) -> None:
    """Remote login is refused, and the node shows no endpoint."""
    node = await world.pool(networkConfiguration=None)
    refused = world.data("GET", f"{node}/remoteloginsettings")
    assert (refused.status, refused.body["code"]) == (409, "OperationNotValidOnPool")
    assert "endpointConfiguration" not in world.data("GET", node).body


async def test_an_extension_in_error_makes_the_node_unusable(world) -> None:
    """The extension's own message reaches the node's errors and, as relayed by the provider, the pool's."""
    world.machines.says.update(state="error", message="Identity not found")
    node = await world.pool()
    shown = world.data("GET", node).body
    assert shown["state"] == "unusable"
    (error,) = shown["errors"]
    assert error["code"] == "VMExtensionProvisioningError"
    assert "'KVExtensions'" in error["message"]
    assert "Identity not found" in error["message"]
    status = world.properties()["resizeOperationStatus"]
    assert [failure["code"] for failure in status["errors"]] == ["AllocationFailed"]
    assert "Identity not found" in status["errors"][0]["details"][0]["message"]
    assert world.properties()["allocationState"] == "Steady"


async def test_an_extension_that_keeps_trying_holds_its_node_until_the_resize_times_out(world) -> None:
    """The node stays in starting; after the resize timeout the pool is steady, with Batch's error."""
    world.machines.says.update(state="transitioning", message="retrying...")
    await world.pool(seconds=899)
    assert world.nodes()[0]["state"] == "starting"
    assert world.properties()["allocationState"] == "Resizing"
    assert "errors" not in world.properties()["resizeOperationStatus"]
    await world.pass_time(2)
    assert world.nodes()[0]["state"] == "starting"
    assert world.properties()["allocationState"] == "Steady"
    assert world.properties()["resizeOperationStatus"]["errors"][0]["code"] == "AllocationTimedout"


async def test_a_node_goes_on_once_its_extension_has_succeeded_after_all(world) -> None:
    """The agent is asked again and again; success leads to the start task and to idle."""
    world.machines.says.update(state="transitioning", message="retrying...")
    await world.pool(seconds=100)
    world.machines.says.update(state="success")
    await world.pass_time(300)
    assert world.nodes()[0]["state"] == "idle"


async def test_a_machine_that_cannot_boot_is_an_unusable_node(world) -> None:
    """One broken machine never stops the service."""
    world.machines.says.update(boot="no disk")
    node = await world.pool()
    assert world.data("GET", node).body["state"] == "unusable"
    assert "no disk" in world.data("GET", node).body["errors"][0]["message"]


@pytest.mark.parametrize(
    ("exit_codes", "retries", "state", "retried"),
    [([1], 0, "starttaskfailed", 0), ([1, 1, 0], 2, "idle", 2), ([7, 7], 1, "starttaskfailed", 1)],
)
async def test_a_start_task_is_retried_as_the_pool_says(world, exit_codes, retries, state, retried) -> None:
    """With waitForSuccess, the last attempt decides between idle and starttaskfailed."""
    world.machines.exit_codes = exit_codes
    node = await world.pool(startTask={"commandLine": "/bin/false", "maxTaskRetryCount": retries})
    shown = world.data("GET", node).body
    assert (shown["state"], shown["startTaskInfo"]["retryCount"]) == (state, retried)
    if state == "starttaskfailed":
        assert shown["startTaskInfo"]["failureInfo"]["code"] == "FailureExitCode"
        assert shown["startTaskInfo"]["exitCode"] == exit_codes[-1]


async def test_a_start_task_that_nobody_waits_for_does_not_hold_the_node(world) -> None:
    """Without waitForSuccess, a failing start task leaves the node idle."""
    world.machines.exit_codes = [3]
    node = await world.pool(startTask={"commandLine": "/bin/false", "waitForSuccess": False})
    shown = world.data("GET", node).body
    assert (shown["state"], shown["startTaskInfo"]["exitCode"]) == ("idle", 3)


async def test_a_reboot_keeps_users_and_runs_the_start_task_again(world) -> None:
    """The node goes rebooting, starting, idle; its machine restarts from the same disk."""
    node = await world.pool()
    world.data("POST", f"{node}/users", {"name": "ada", "password": "not-a-secret"})
    assert world.data("POST", f"{node}/reboot").status == 202
    assert world.data("GET", node).body["state"] == "rebooting"
    assert world.data("POST", f"{node}/reboot").body["code"] == "NodeBeingRebooted"
    await world.pass_time(20)
    assert world.data("GET", node).body["state"] == "idle"
    machine = world.machines.only()
    assert machine.calls[3:] == ["reboot", "install", "start task /bin/true elevated=True"]
    assert set(machine.users) == {"ada"}


async def test_a_reimage_leaves_no_user_behind(world) -> None:
    """The node gets a fresh disk from a new machine."""
    node = await world.pool()
    world.data("POST", f"{node}/users", {"name": "ada", "password": "not-a-secret"})
    before = world.machines.only()
    assert world.data("POST", f"{node}/reimage").status == 202
    await world.pass_time(20)
    assert world.data("GET", node).body["state"] == "idle"
    assert before.calls[-1] == "close wipe=True"
    assert world.machines.only() is not before
    assert world.data("DELETE", f"{node}/users/ada").body["code"] == "NodeUserNotFound"


async def test_a_reboot_clears_the_errors_of_a_node_that_was_unusable(world) -> None:
    """Once its extension succeeds, an unusable node becomes idle by a reboot, and shows no error any more."""
    world.machines.says.update(state="error", message="forbidden")
    node = await world.pool()
    assert world.data("GET", node).body["state"] == "unusable"
    world.machines.says.update(state="success")
    assert world.data("POST", f"{node}/reboot").status == 202
    await world.pass_time(20)
    shown = world.data("GET", node).body
    assert (shown["state"], "errors" in shown) == ("idle", False)
