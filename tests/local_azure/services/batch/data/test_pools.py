"""Pools at the account's own host: what a change leaves, and what a replacement takes away."""

from __future__ import annotations

from typing import Any

import pytest

pytestmark = pytest.mark.anyio

TEAM = [{"name": "team", "value": "render"}]


def shown(world: Any) -> tuple[Any, Any, Any]:
    pool = world.data("GET", "/pools/render").body
    return pool.get("startTask", {}).get("commandLine"), pool.get("metadata") or [], pool["targetDedicatedNodes"]


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "expected"),
    [
        ("PATCH", "", {"metadata": []}, 200, ("old", [], 1)),
        ("PATCH", "", {"startTask": {"commandLine": "new"}}, 200, ("new", TEAM, 1)),
        ("POST", "/updateproperties", {"metadata": [], "applicationPackageReferences": []}, 204, (None, [], 1)),
        ("POST", "/updateproperties", {"startTask": {"commandLine": "new"}, "metadata": TEAM}, 204, ("new", TEAM, 1)),
    ],
)
async def test_what_is_left_out(  # noqa: PLR0917 - a fixture and a row of the table
    world, method, path, body, status, expected
) -> None:
    """A change keeps it; what replaces the properties takes it away, and touches the scale of neither."""
    await world.pool(startTask={"commandLine": "old"}, metadata=TEAM)
    before = world.data("GET", "/pools/render").headers["ETag"]
    reply = world.data(method, f"/pools/render{path}", body)
    assert (reply.status, shown(world)) == (status, expected)
    assert reply.headers["ETag"] != before


async def test_a_replacement_obeys_its_condition(world) -> None:
    """An ETag that is not the pool's is refused."""
    await world.pool(startTask={"commandLine": "old"})
    reply = world.data("POST", "/pools/render/updateproperties", {"metadata": []}, headers={"if-match": "0x1"})
    assert (reply.status, shown(world)[0]) == (412, "old")
