"""Files of tasks, and how long they are kept."""

from __future__ import annotations

from typing import Any

import pytest

pytestmark = pytest.mark.anyio


async def test_a_task_s_files_are_named_from_its_folder(world: Any) -> None:
    """Listed, described, read whole and in part."""
    node = await world.pool()
    path = await world.task(await world.job(), "t1", "exit 0")
    world.machine_of(node).content["workitems/job/job-1/t1/wd/out.txt"] = b"0123456789"
    files = {file["name"]: file for file in world.show(f"{path}/files")["value"]}
    assert set(files) == {"stdout.txt", "wd"}
    assert files["stdout.txt"]["url"].endswith("/jobs/job/tasks/t1/files/stdout.txt")
    assert files["wd"]["isDirectory"] is True
    all_names = [f["name"] for f in world.data("GET", f"{path}/files", recursive="true").body["value"]]
    assert all_names == ["stdout.txt", "wd", "wd/out.txt"]
    head = world.data("HEAD", f"{path}/files/wd%2Fout.txt")
    assert (head.status, head.headers["Content-Length"]) == (200, "10")
    part = world.data("GET", f"{path}/files/wd%2Fout.txt", headers={"ocp-range": "bytes=2-4"})
    assert part.body == b"234"
    assert world.data("GET", f"{path}/files/nothing").body["code"] == "FileNotFound"


async def test_files_are_removed_one_by_one_or_with_their_folder(world: Any) -> None:
    """A folder only where the caller says so; the same holds for files of nodes."""
    node = await world.pool()
    path = await world.task(await world.job(), "t1")
    machine = world.machine_of(node)
    machine.content["workitems/job/job-1/t1/wd/out.txt"] = b"x"
    assert world.data("DELETE", f"{path}/files/wd").status == 409
    assert world.data("DELETE", f"{path}/files/wd", recursive="true").status == 200
    assert world.data("DELETE", f"{path}/files/wd").body["code"] == "FileNotFound"
    assert world.data("DELETE", f"{node}/files/workitems%2Fjob%2Fjob-1%2Ft1%2Fstdout.txt").status == 200
    assert world.data("DELETE", f"{node}/files/startup").status == 409
    assert [name for name in machine.content if name.startswith("workitems")] == []


@pytest.mark.parametrize(("retention", "days"), [("PT1H", 1 / 24), (None, 7)])
async def test_a_task_s_folder_is_kept_for_its_retention_time(world: Any, retention: str | None, days: float) -> None:
    """Seven days where nothing is said."""
    await world.pool()
    path = await world.task(await world.job(), "t1", constraints={"retentionTime": retention})
    await world.pass_time(days * 86400 - 1)
    assert world.data("GET", f"{path}/files").status == 200
    await world.pass_time(1)
    gone = world.data("GET", f"{path}/files")
    assert (gone.status, gone.body["code"]) == (409, "TaskFilesCleanedup")


async def test_a_task_that_runs_again_keeps_its_folder(world: Any) -> None:
    """The old date is no longer its."""
    await world.pool()
    path = await world.task(await world.job(), "t1", "exit 1", constraints={"retentionTime": "PT1H"})
    await world.pass_time(1800)
    world.data("POST", f"{path}/reactivate")
    await world.pass_time(1800)
    assert world.data("GET", f"{path}/files").status == 200
    await world.pass_time(1800)
    assert world.data("GET", f"{path}/files").body["code"] == "TaskFilesCleanedup"


async def test_a_task_has_no_files_where_its_node_is_gone(world: Any) -> None:
    """Nor before it has run, nor after a reimage."""
    node = await world.pool()
    job = await world.job()
    ran = await world.task(job, "t1")
    blocked = await world.task(job, "t2", requiredSlots=2)
    assert world.data("GET", f"{blocked}/files").body["code"] == "TaskFilesUnavailable"
    world.data("POST", f"{node}/reimage")
    await world.pass_time(60)
    assert world.data("GET", f"{ran}/files").body["code"] == "TaskFilesUnavailable"
    world.data("POST", "/pools/render/resize", {"targetDedicatedNodes": 0})
    await world.pass_time(60)
    assert world.data("GET", f"{ran}/files/stdout.txt").status == 409
