"""The verdict on a certificate on a node: an ordered list of questions, of which the first to speak decides."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from batchcert.verdict import (
    chain,
    custody,
    extension,
    host_key,
    in_service,
    leaf,
    node,
    readers,
    skew,
    versions,
)
from batchcert.verdict.evidence import Evidence
from batchcert.verdict.finding import Finding, Row
from batchcert.verdict.seen import leaf_of
from batchcert.verdict.words import iso

Check = Callable[[Evidence, datetime], Finding | None]

CHECKS: tuple[Check, ...] = (
    # Is there a node to be judged, and did the visit see it?
    node.node_leaving,
    node.node_broken,
    node.node_not_up,
    host_key.node_reimaged,
    node.visit_failed,
    node.not_visited,
    # What no waiting mends, worst first.
    leaf.leaf_expired,
    extension.status_unreadable,
    extension.extension_failed,
    extension.extension_warned,
    leaf.pinned_behind,
    chain.leaf_not_first,
    leaf.wrong_certificate,
    skew.clock_off,
    # The current version, and something is wrong with it, or with its use.
    in_service.expired_in_service,
    custody.key_unfit,
    chain.chain_broken,
    chain.chain_incomplete,
    readers.reader_refused,
    readers.open_to_others,
    custody.link_astray,
    versions.versions_differ,
    in_service.stale_in_service,
    in_service.nothing_served,
    in_service.hook_unfit,
    # As it should be.
    leaf.current,
    extension.reported,
    # What a little time may mend, while there is time.
    leaf.node_young,
    extension.handler_missing,
    extension.status_missing,
    extension.transitioning,
    leaf.rotation_pending,
    # What is missing or behind when there was time enough.
    leaf.store_missing,
    leaf.file_missing,
    leaf.file_unreadable,
    leaf.stale,
)
"""The order is the design. The last one always answers."""


def judge(seen: Evidence, now: datetime) -> Finding:
    """The finding of the first check that speaks. *now* is the service's time, UTC: never the node's."""
    return next(finding for check in CHECKS if (finding := check(seen, now)))


def row(seen: Evidence, now: datetime) -> Row:
    """The judged certificate as a row that may be shown to anyone."""
    found = leaf_of(seen)
    return Row(
        node=seen.node.node_id,
        certificate=seen.expected.label,
        finding=judge(seen, now),
        leaf_sha256=found.sha256 if found else "",
        expires=iso(found.not_after) if found else "",
    )
