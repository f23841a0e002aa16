"""Users of nodes."""

from __future__ import annotations

from datetime import timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

pytestmark = pytest.mark.anyio


def public_key() -> str:
    return Ed25519PrivateKey.generate().public_key().public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH).decode()


async def test_a_user_reaches_the_machine_and_leaves_it(world) -> None:
    """POST answers 201, PUT replaces credentials but not rights, DELETE removes."""
    node = await world.pool()
    key = public_key()
    made = world.data("POST", f"{node}/users", {"name": "ada", "isAdmin": True, "sshPublicKey": key})
    assert made.status == 201
    machine = world.machines.only()
    assert (machine.users["ada"].admin, machine.users["ada"].public_key) == (True, key)
    assert world.data("PUT", f"{node}/users/ada", {"password": "not-a-secret"}).status == 200
    assert (machine.users["ada"].admin, machine.users["ada"].public_key) == (True, "")
    assert world.data("DELETE", f"{node}/users/ada").status == 200
    assert machine.users == {}


@pytest.mark.parametrize(
    ("method", "path", "body", "refusal"),
    [
        ("POST", "/users", {"name": "ada"}, (409, "NodeUserExists")),
        ("PUT", "/users/bob", {}, (404, "NodeUserNotFound")),
        ("DELETE", "/users/bob", None, (404, "NodeUserNotFound")),
        ("POST", "/users", {}, (400, "MissingRequiredProperty")),
        ("POST", "/users", {"name": "a b"}, (400, "InvalidPropertyValue")),
        ("POST", "/users", {"name": "bob", "sshPublicKey": "ssh-rsa nonsense"}, (400, "InvalidPropertyValue")),
        ("POST", "/users", {"name": "bob", "expiryTime": "2001-01-01T00:00:00Z"}, (400, "InvalidPropertyValue")),
        ("POST", "/users", {"name": "bob", "expiryTime": "soon"}, (400, "InvalidPropertyValue")),
        ("POST", "/users", {"name": "bob", "isAdmin": "yes"}, (400, "InvalidRequestBody")),
    ],
)
async def test_what_is_refused(world, method, path, body, refusal) -> None:
    """Each refusal has Batch's status and code, and changes nothing."""
    node = await world.pool()
    world.data("POST", f"{node}/users", {"name": "ada"})
    reply = world.data(method, node + path, body)
    assert (reply.status, reply.body["code"]) == refusal
    assert set(world.machines.only().users) == {"ada"}


@pytest.mark.parametrize(
    ("seconds", "says", "code"),
    [
        (1, {}, "NodeBeingCreated"),
        (7, {}, "NodeBeingStarted"),
        (60, {"state": "error"}, "NodeStateUnusable"),
    ],
)
async def test_a_node_that_is_not_ready_takes_no_user(world, seconds, says, code) -> None:
    """Users are taken while a node is idle or running, not before and not when it is unusable."""
    world.machines.says.update(says)
    node = await world.pool(seconds=seconds)
    reply = world.data("POST", f"{node}/users", {"name": "ada"})
    assert (reply.status, reply.body["code"]) == (409, code)


@pytest.mark.parametrize("given", [None, timedelta(hours=1), timedelta(days=3)])
async def test_a_user_expires_at_the_end_of_its_last_day(world, given) -> None:
    """An expiry counts in whole days, one day where none is given; then the user is gone from the machine."""
    node = await world.pool()
    now = world.clock.now()
    expiry = now + (given or timedelta(days=1))
    body = {"name": "ada", **({"expiryTime": expiry.isoformat()} if given else {})}
    assert world.data("POST", f"{node}/users", body).status == 201
    midnight = expiry.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
    await world.pass_time((midnight - world.clock.now()).total_seconds() - 1)
    assert set(world.machines.only().users) == {"ada"}
    await world.pass_time(2)
    assert world.machines.only().users == {}
    assert world.data("DELETE", f"{node}/users/ada").body["code"] == "NodeUserNotFound"


async def test_a_prolonged_user_outlives_its_first_expiry(world) -> None:
    """The expiry that counts is the newest."""
    node = await world.pool()
    world.data("POST", f"{node}/users", {"name": "ada"})
    later = (world.clock.now() + timedelta(days=10)).isoformat()
    world.data("PUT", f"{node}/users/ada", {"expiryTime": later})
    await world.pass_time(5 * 86400)
    assert set(world.machines.only().users) == {"ada"}
