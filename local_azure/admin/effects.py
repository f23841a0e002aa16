"""The catalogue of what can go wrong on purpose."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from local_azure import happenings
from local_azure.nodes import troubles
from local_azure.wire import distortion

_WORDS = frozenset({"code", "message"})


@dataclass(frozen=True)
class Kind:
    """One effect that a rule can have.

    Attributes:
        domain: what it is about: "request", "happening" or "node".
        does: what it does, for people.
        needs: options that must be given.
        takes: options that may be given besides.
        status: the HTTP status that it has in any case, or 0.
        choices: what an option accepts, where that is a set of words or numbers.
        operations: the names of which one must be meant, where only some can suffer it.
    """

    domain: str
    does: str
    needs: frozenset[str] = frozenset()
    takes: frozenset[str] = frozenset()
    status: int = 0
    choices: Mapping[str, tuple[str | int, ...]] = field(default_factory=dict)
    operations: frozenset[str] = frozenset()

    def options(self) -> Iterator[tuple[str, bool]]:
        """Each option by name, and whether it must be given."""
        for name in sorted(self.needs | self.takes):
            yield name, name in self.needs


def _request(does: str, *needs: str) -> Kind:
    return Kind(distortion.DOMAIN, does, needs=frozenset(needs))


def _node(does: str, *needs: str, choices: Mapping[str, tuple[str | int, ...]] | None = None) -> Kind:
    return Kind(troubles.DOMAIN, does, needs=frozenset(needs), choices=choices or {})


EFFECTS: Mapping[str, Kind] = {
    distortion.THROTTLED: Kind(
        distortion.DOMAIN,
        "is refused with 429, with a Retry-After where --retry-after is given",
        takes=_WORDS | {"retry_after"},
        status=429,
    ),
    distortion.ERROR: Kind(
        distortion.DOMAIN,
        "is refused with --status 500, 502 or 503",
        needs=frozenset({"status"}),
        takes=_WORDS | {"retry_after"},
        choices={"status": (500, 502, 503)},
    ),
    distortion.RESET: _request("is not performed; the connection is reset without an answer"),
    distortion.LOST: _request("is performed; the connection is reset without an answer"),
    distortion.SLOW: _request("is performed; the answer waits for --seconds of real time", "seconds"),
    distortion.TRUNCATED: _request("is performed; half of the answer's body is sent before the connection ends"),
    happenings.FAILED: Kind(
        happenings.DOMAIN,
        "ends in failure: PoolResize, CertificateIssuance or VaultCreation",
        takes=_WORDS,
        operations=happenings.CAN_FAIL,
    ),
    happenings.LATE: Kind(
        happenings.DOMAIN,
        "takes --seconds of the clock: CertificateIssuance, or Grant (until then its holder gets 403)",
        needs=frozenset({"seconds"}),
        operations=happenings.CAN_BE_LATE,
    ),
    "slow-start": _node("takes --seconds of the clock longer to start", "seconds"),
    "unusable": Kind(troubles.DOMAIN, "does not come up, and is unusable", takes=frozenset({"message"})),
    "start-task-failed": _node("ends its start task with exit code 1"),
    "extension-error": _node(
        "has an extension that gets its settings wrong as --kind says",
        "kind",
        choices={"kind": tuple(troubles.MISREADINGS)},
    ),
    "status-half-written": _node("has the first half of a status file"),
    "lying": _node(
        "tells success, and its store keeps an old leaf, or has a foreign one, as --kind says",
        "kind",
        choices={"kind": tuple(troubles.LIES)},
    ),
    "ssh-refused": _node("refuses connections to its SSH port"),
    "ssh-slow-banner": _node(
        "accepts connections and waits for --seconds of real time before it says anything", "seconds"
    ),
    "ssh-dropped": _node("breaks an SSH connection once a session has sent --size bytes", "size"),
    "ssh-host-key": _node("shows another SSH host key than the one on its disk"),
    "clock-skewed": _node("has a clock that is --seconds ahead, or behind where that is negative", "seconds"),
}
