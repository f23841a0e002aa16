"""Whether two channels that looked at a node say the same of a certificate, as far as time lets them.

The second look comes after the first, so that a node may have gone on in between: to Key Vault's current version, from
`transitioning` to `success`, to a newer handler. Whatever else differs, one of the two is not the truth.
"""

from __future__ import annotations

from collections.abc import Callable

from batchcert.verdict.evidence import Evidence, Expected
from batchcert.verdict.finding import Finding
from batchcert.verdict.in_service import presented
from batchcert.verdict.reasons import Reason
from batchcert.verdict.seen import handler_of, leaf_of, status_of, store_of
from batchcert.verdict.words import short
from batchcert.visit.handler import version_key
from batchcert.visit.report import Certificate
from batchcert.visit.text import one_line

_LONGEST = 200  # characters of what one channel says

Comparison = Callable[[Evidence, Evidence], bool]


def disagreement(first: Evidence, second: Evidence) -> Finding | None:
    """The finding where the two differ in a way that time does not explain, or None; *second* looked later.

    What one of them did not see at all is not compared: the extension's view shows no file.
    """
    if first.report is None or second.report is None or not any(differ(first, second) for differ in COMPARISONS):
        return None
    return Reason.CHANNELS_DISAGREE.finding(f"{first.channel} says: {_said(first)}; {second.channel}: {_said(second)}")


def leaves_differ(first: Evidence, second: Evidence) -> bool:
    """Both looked into the store, and one saw another leaf, or none."""
    if store_of(first) is None or store_of(second) is None:
        return False
    earlier, later = leaf_of(first), leaf_of(second)
    if earlier is None or later is None:
        return earlier is not later and not (earlier is None and _is_current(later, first.expected))
    if earlier.sha256 == later.sha256:
        return False
    return not (_is_current(later, first.expected) and _came_before(earlier, first.expected))


def states_differ(first: Evidence, second: Evidence) -> bool:
    """The newest statuses say different things."""
    earlier, later = status_of(first), status_of(second)
    if earlier is None or later is None or earlier.state == later.state:
        return False
    return (earlier.state, later.state) != ("transitioning", "success")


def handlers_differ(first: Evidence, second: Evidence) -> bool:
    """The handlers are of different versions, as exactly as both tell them; a later one that is newer is an upgrade."""
    earlier, later = handler_of(first), handler_of(second)
    if earlier is None or later is None:
        return earlier is not later
    told = min(earlier.version.count("."), later.version.count(".")) + 1
    before, after = (version_key(".".join(one.version.split(".")[:told])) for one in (earlier, later))
    return after < before


def served_differ(first: Evidence, second: Evidence) -> bool:
    """Services of the certificate presented one leaf, and then another."""
    if first.report is None or second.report is None:
        return False
    expected = first.expected
    earlier, later = presented(first.report, expected), presented(second.report, expected)
    if not earlier or not later or earlier == later:
        return False
    known = expected.earlier_sha256 is None or earlier in expected.earlier_sha256
    return not (known and later == expected.sha256)


COMPARISONS: tuple[Comparison, ...] = (leaves_differ, states_differ, handlers_differ, served_differ)
"""What is compared, each by itself."""


def _is_current(leaf: Certificate | None, expected: Expected) -> bool:
    return leaf is not None and leaf.sha256 == expected.sha256


def _came_before(leaf: Certificate, expected: Expected) -> bool:
    """A version before the current one, as far as they are known; else one that became valid earlier."""
    if expected.earlier_sha256 is not None:
        return leaf.sha256 in expected.earlier_sha256
    return leaf.not_before < expected.not_before


def _said(seen: Evidence) -> str:
    handler, status, leaf = handler_of(seen), status_of(seen), leaf_of(seen)
    parts = [f"handler {handler.version}" if handler else "no handler"]
    parts += [f"{status.state}{f' ({status.message})' if status.message else ''}" if status else "no status"]
    if store_of(seen) is not None:
        parts += [f"leaf {short(leaf.sha256)}" if leaf else "no leaf"]
    if seen.report and (served := presented(seen.report, seen.expected)):
        parts += [f"leaf {short(served)} in service"]
    return one_line(", ".join(parts), _LONGEST)
