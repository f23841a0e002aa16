"""Pinned host keys: which algorithm to ask a node for, and whether it showed the right key."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from tasks.ssh import faults
from tasks.ssh.values import Host

# One key, several signature algorithms: RFC 8332, section 3. SHA-1's "ssh-rsa" is left out on purpose.
_RSA_ALGORITHMS = ("rsa-sha2-512", "rsa-sha2-256")


@dataclass(frozen=True)
class HostKey:
    """A public host key: the name of its kind and its encoding by RFC 4253, section 6.6."""

    kind: str
    blob: bytes

    @property
    def algorithms(self) -> tuple[str, ...]:
        """The signature algorithms that go with the key, best first."""
        return _RSA_ALGORITHMS if self.kind == "ssh-rsa" else (self.kind,)

    @property
    def fingerprint(self) -> str:
        """As `ssh-keygen -l` prints it."""
        digest = base64.b64encode(hashlib.sha256(self.blob).digest()).decode().rstrip("=")
        return f"SHA256:{digest}"


def pinned_keys(host: Host, supported: Iterable[str]) -> tuple[HostKey, ...]:
    """The host's pinned keys that can be checked with the *supported* algorithms.

    Raises: Problem `ssh-host-key-unknown` where that leaves none.
    """
    known = set(supported)
    keys = tuple(key for line in host.host_keys if (key := _parsed(line)) and known.intersection(key.algorithms))
    if not keys:
        raise faults.host_key_unknown(host)
    return keys


def in_order(pinned: Sequence[HostKey], supported: Iterable[str]) -> tuple[str, ...]:
    """The *supported* algorithms, those of the pinned keys first.

    A node has a key of each kind and shows the first that is asked for. The others stay on the list, so that a
    node which lost the pinned kind is told as having changed its key, not as speaking no common algorithm.
    """
    first = [name for key in pinned for name in key.algorithms]
    return tuple(dict.fromkeys([*(name for name in first if name in set(supported)), *supported]))


def _parsed(line: str) -> HostKey | None:
    words = line.split()
    try:
        return HostKey(words[0], base64.b64decode(words[1], validate=True))
    except (IndexError, ValueError):
        return None
