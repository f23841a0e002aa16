"""Users of nodes.

Source: Compute Node Add User, Update User and Delete User in the Batch service REST reference: only while the node is
idle or running; without an expiry a user lives one day; on Linux the expiry counts in whole days.
"""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.serialization import load_ssh_public_key

from local_azure.clock import Clock
from local_azure.services.batch.errors import invalid, refusal
from local_azure.services.batch.fleet.fleet import Fleet, machine_user
from local_azure.services.batch.protocol.shapes import text, wrong_type
from local_azure.services.batch.protocol.times import parse_stamp
from local_azure.services.batch.state.accounts import Account, BatchState
from local_azure.services.batch.state.nodes import Node, User
from local_azure.services.batch.state.pools import Pool

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]{0,31}")  # what useradd takes, at its 32 characters
_LIFETIME = timedelta(days=1)
_READY = frozenset({"idle", "running"})
_NOT_READY = {
    "creating": "NodeBeingCreated",
    "starting": "NodeBeingStarted",
    "waitingforstarttask": "NodeBeingStarted",
    "rebooting": "NodeBeingRebooted",
    "reimaging": "NodeBeingReimaged",
    "unusable": "NodeStateUnusable",
}


class Users:
    """The users of all nodes; an expired one is removed when its time comes."""

    def __init__(self, state: BatchState, clock: Clock, fleet: Fleet) -> None:
        self._state = state
        self._clock = clock
        self._fleet = fleet
        clock.on("batch.user.expire", self._expire)

    def add(self, account: Account, pool: Pool, node: Node, body: dict[str, Any]) -> None:
        """Create a user. Raises: AzureError 400 for a bad one, 409 for a duplicate or a node that is not ready."""
        name = text(body.get("name"), "name")
        if not _NAME.fullmatch(name):
            raise invalid("name", "The user name is not valid on a Linux compute node.", name)
        check_ready(node)
        if name in node.users:
            raise refusal("NodeUserExists")
        admin = body.get("isAdmin")
        if admin is not None and not isinstance(admin, bool):
            raise wrong_type("isAdmin", "a boolean")
        self._keep(account, pool, node, self._described(User(name, bool(admin), self._clock.now()), body))

    def update(self, account: Account, pool: Pool, node: Node, name: str, body: dict[str, Any]) -> None:
        """Replace a user's password, key and expiry; what *body* leaves out is reset.

        Raises: AzureError 400, 404 `NodeUserNotFound`, 409 for a node that is not ready.
        """
        check_ready(node)
        user = self._get(node, name)
        self._keep(account, pool, node, self._described(replace(user, password="", public_key=""), body))

    def delete(self, account: Account, pool: Pool, node: Node, name: str) -> None:
        """Remove a user. Raises: AzureError 404 `NodeUserNotFound`, 409 for a node that is not ready."""
        check_ready(node)
        self._remove(account, pool, node, self._get(node, name))

    def _get(self, node: Node, name: str) -> User:
        if name not in node.users:
            raise refusal("NodeUserNotFound")
        return node.users[name]

    def _described(self, user: User, body: dict[str, Any]) -> User:
        """*user* with the credentials and expiry of *body*."""
        password = text(body["password"], "password") if body.get("password") else ""
        key = _public_key(text(body["sshPublicKey"], "sshPublicKey")) if body.get("sshPublicKey") else ""
        return replace(user, password=password, public_key=key, expires=self._expiry(body.get("expiryTime")))

    def _expiry(self, given: Any) -> datetime:
        now = self._clock.now()
        try:
            moment = now + _LIFETIME if given is None else parse_stamp(text(given, "expiryTime"))
        except ValueError:
            raise invalid("expiryTime", "The value must be a time in ISO 8601 format.", given) from None
        if moment <= now:
            raise invalid("expiryTime", "The expiry time must be in the future.", given)
        return _end_of_day(moment)

    def _keep(self, account: Account, pool: Pool, node: Node, user: User) -> None:
        node.users[user.name] = user
        machine = self._fleet.find(account, pool, node)
        if machine is not None:
            machine.put_user(machine_user(user))
        names = (account.name.lower(), pool.name.lower(), node.id, user.name, user.expires.isoformat())
        self._clock.schedule(user.expires, "batch.user.expire", *names)

    def _remove(self, account: Account, pool: Pool, node: Node, user: User) -> None:
        del node.users[user.name]
        machine = self._fleet.find(account, pool, node)
        if machine is not None:
            machine.remove_user(user.name)

    def _expire(self, account_name: str, pool_name: str, node_id: str, name: str, expires: str) -> None:
        account = self._state.accounts.get(account_name)
        pool = account.pools.get(pool_name) if account else None
        node = pool.nodes.get(node_id) if pool else None
        user = node.users.get(name) if node else None
        if account and pool and node and user and user.expires.isoformat() == expires:
            self._remove(account, pool, node, user)


def check_ready(node: Node) -> None:
    """Raises: AzureError 409 unless *node* is idle or running."""
    if node.state not in _READY:
        raise refusal(_NOT_READY.get(node.state, "OperationInvalidForCurrentState"), {"NodeState": node.state})


def _end_of_day(moment: datetime) -> datetime:
    """The midnight (UTC) that ends the day of *moment*: Linux counts an account's expiry in whole days."""
    midnight = moment.replace(hour=0, minute=0, second=0, microsecond=0)
    return midnight if midnight == moment else midnight + timedelta(days=1)


def _public_key(key: str) -> str:
    """An OpenSSH public key line. Raises: AzureError 400 for what is none."""
    try:
        load_ssh_public_key(key.strip().encode())
    except (ValueError, UnsupportedAlgorithm):
        raise invalid("sshPublicKey", "The value must be a public key in OpenSSH encoding.") from None
    return key.strip()
