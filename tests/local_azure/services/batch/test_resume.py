"""A restart with saved state."""

from __future__ import annotations

import pytest
from pydantic import TypeAdapter

from local_azure.services.batch.service import BatchState

pytestmark = pytest.mark.anyio


def restarted(world, new_world):
    """A second service from what the first has saved, its queue of events included."""
    adapter = TypeAdapter(BatchState)
    again = new_world(adapter.validate_json(adapter.dump_json(world.batch.state)))
    again.clock.restore(world.clock.pending())
    return again


async def test_pools_nodes_and_users_come_back(world, new_world) -> None:
    """Ids, ETags and states are the same; machines boot again with their extensions and users."""
    node = await world.pool()
    world.data("POST", f"{node}/users", {"name": "ada", "isAdmin": True, "password": "not-a-secret"})
    before = (world.arm("GET", "/pools/render").body, world.data("GET", node).body)
    again = restarted(world, new_world)
    await again.batch.resume()
    assert again.arm("GET", "/pools/render").body == before[0]
    after = again.data("GET", node).body
    assert (after["id"], after["state"], after["stateTransitionTime"]) == (
        before[1]["id"],
        "idle",
        before[1]["stateTransitionTime"],
    )
    machine = again.machines.only()
    assert machine.calls == ["boot", "install"]
    assert (machine.users["ada"].admin, machine.users["ada"].password) == (True, "not-a-secret")


async def test_a_user_expires_after_a_restart_too(world, new_world) -> None:
    """The saved event finds the user."""
    node = await world.pool()
    world.data("POST", f"{node}/users", {"name": "ada"})
    again = restarted(world, new_world)
    await again.batch.resume()
    await again.pass_time(3 * 86400)
    assert again.machines.only().users == {}


@pytest.mark.parametrize("seconds", [0, 3, 6])
async def test_what_was_under_way_is_taken_up(world, new_world, seconds) -> None:
    """A pool in the middle of coming up becomes idle and steady after the restart."""
    world.arm("PUT", "/pools/render", world.body(nodes=2))
    await world.pass_time(seconds)
    again = restarted(world, new_world)
    await again.batch.resume()
    await again.pass_time(60)
    assert [node["state"] for node in again.nodes()] == ["idle", "idle"]
    assert again.properties()["allocationState"] == "Steady"


async def test_a_deletion_is_finished(world, new_world) -> None:
    """Nodes that were leaving leave; the pool is gone."""
    await world.pool(nodes=2)
    world.arm("DELETE", "/pools/render")
    await world.pass_time(1)
    again = restarted(world, new_world)
    await again.batch.resume()
    await again.pass_time(60)
    assert again.arm("GET", "/pools/render").status == 404
    assert again.machines.made == {}


async def test_closing_keeps_the_disks(world) -> None:
    """The end of the process stops machines and wipes none."""
    await world.pool(nodes=2)
    machines = list(world.machines.made.values())
    await world.batch.close()
    assert [machine.calls[-1] for machine in machines] == ["close wipe=False"] * 2
