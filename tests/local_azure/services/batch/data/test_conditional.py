"""Conditional requests at the account's host."""

from __future__ import annotations

from datetime import timedelta
from email.utils import format_datetime

import pytest

pytestmark = pytest.mark.anyio
BEFORE, AT, AFTER = -3600, 0, 3600  # seconds from the last change


def dated(world, name: str, seconds: int) -> dict[str, str]:
    """A header with the time of the pool's last change, and *seconds* more."""
    pool = world.batch.pools.get(world.batch.accounts.find("batchcertlocal"), "render")
    return {name: format_datetime(pool.modified + timedelta(seconds=seconds), usegmt=True)}


@pytest.mark.parametrize(
    ("name", "seconds", "status"),
    [
        ("if-modified-since", BEFORE, 200),
        ("if-modified-since", AT, 304),
        ("if-modified-since", AFTER, 304),
        ("if-unmodified-since", BEFORE, 412),
        ("if-unmodified-since", AT, 200),
        ("if-unmodified-since", AFTER, 200),
    ],
)
@pytest.mark.parametrize("method", ["GET", "HEAD"])
async def test_a_read_by_date(world, method, name, seconds, status) -> None:
    """Only what has changed since, or only what has not; dates have whole seconds."""
    await world.pool(nodes=0)
    assert world.data(method, "/pools/render", headers=dated(world, name, seconds)).status == status


@pytest.mark.parametrize("method", ["GET", "HEAD"])
async def test_a_read_by_tag(world, method) -> None:
    """304 for the state that the client knows, 412 for one that it asked for and that is gone; the tag goes first."""
    await world.pool(nodes=0)
    tag = world.data("HEAD", "/pools/render").headers["ETag"]
    asked = [{"if-none-match": tag}, {"if-none-match": "0x1"}, {"if-match": tag}, {"if-match": "0x1"}]
    assert [world.data(method, "/pools/render", headers=each).status for each in asked] == [304, 200, 200, 412]
    known_by_date = dated(world, "if-modified-since", AT)
    assert world.data(method, "/pools/render", headers={"if-none-match": "0x1", **known_by_date}).status == 200


async def test_what_is_not_new_is_not_sent(world) -> None:
    """304 has the headers and no body."""
    await world.pool(nodes=0)
    reply = world.data("GET", "/pools/render", headers=dated(world, "if-modified-since", AT))
    assert (reply.status, reply.body) == (304, None)
    assert reply.headers["ETag"] == world.data("HEAD", "/pools/render").headers["ETag"]


@pytest.mark.parametrize(
    ("name", "seconds", "status"),
    [
        ("if-modified-since", BEFORE, 200),
        ("if-modified-since", AFTER, 412),
        ("if-unmodified-since", BEFORE, 412),
        ("if-unmodified-since", AFTER, 200),
    ],
)
async def test_a_change_by_date(world, name, seconds, status) -> None:
    """Refused with ConditionNotMet where the pool is in another state, and then nothing has changed."""
    await world.pool(nodes=0)
    body = {"metadata": [{"name": "a", "value": "b"}]}
    reply = world.data("PATCH", "/pools/render", body, headers=dated(world, name, seconds))
    assert reply.status == status
    assert ("metadata" in world.data("GET", "/pools/render").body) is (status == 200)
    assert status == 200 or reply.body["code"] == "ConditionNotMet"


async def test_a_change_by_tag(world) -> None:
    """Of jobs and tasks as of pools; adding a task is no change of its job."""
    await world.pool(nodes=0)
    job = await world.job()
    task = await world.task(job, "one", "exit 0")
    for path in ("/pools/render", job, task):
        assert world.data("DELETE", path, headers={"if-none-match": "*"}).status == 412
        assert world.data("DELETE", path, headers={"if-match": "0x1"}).status == 412
    added = world.data("POST", f"{job}/tasks", {"id": "two", "commandLine": "x"}, headers={"if-match": "0x1"})
    assert added.status == 201


async def test_a_condition_that_cannot_be_read(world) -> None:
    """400 InvalidHeaderValue names the header."""
    await world.pool(nodes=0)
    reply = world.data("GET", "/pools/render", headers={"if-modified-since": "yesterday"})
    assert (reply.status, reply.body["code"]) == (400, "InvalidHeaderValue")
    assert {"key": "HeaderName", "value": "if-modified-since"} in reply.body["values"]
