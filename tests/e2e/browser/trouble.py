"""Nodes that go wrong as nodes do: nobody writes a verdict, each is what the node then shows."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from local_azure.serving import LocalAzure
from local_azure.settings import BATCH_ACCOUNT

PAST_RENEWAL = timedelta(days=336)  # a year's certificate is renewed 30 days before its end, and every node has polled


def bring_trouble(azure: LocalAzure, pool: str, nodes: list[str]) -> dict[str, str]:
    """Let three of *nodes* go wrong, then the certificate renew itself. Returns the verdict that each node deserves."""
    remaining: Iterator[str] = iter(nodes)
    stale, failed, unreachable = (next(remaining) for _ in range(3))
    _stop_polling(azure, f"{BATCH_ACCOUNT}/{pool}/{stale}")
    _lose_identity(azure, f"{BATCH_ACCOUNT}/{pool}/{failed}")
    _refuse_ssh(azure, f"{BATCH_ACCOUNT}/{pool}/{unreachable}")
    azure.advance(PAST_RENEWAL)
    return {stale: "stale", failed: "failed", unreachable: "unreachable", **dict.fromkeys(remaining, "current")}


def _stop_polling(azure: LocalAzure, key: str) -> None:
    """The extension's service dies, and its last status goes on saying success."""
    azure.call(lambda cloud: cloud.machines.find(key).agent.stop())


def _lose_identity(azure: LocalAzure, key: str) -> None:
    """The metadata service knows the node's identity no more; after a reboot the extension tries, and gives up."""
    azure.call(lambda cloud: cloud.metadata.forget(key))
    azure.run(azure.call(lambda cloud: cloud.machines.find(key)).reboot())


def _refuse_ssh(azure: LocalAzure, key: str) -> None:
    """Nobody listens at the node's SSH port."""
    azure.run(azure.call(lambda cloud: cloud.machines.find(key)).ssh.stop())
