"""One line from the pool down to the extension: who says what, and the nearest cause that is known."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from batchcert.verdict.causes import BEHIND
from batchcert.verdict.evidence import UP, Evidence
from batchcert.verdict.messages import known_reason
from batchcert.verdict.seen import status_of
from batchcert.visit.text import one_line

_LONGEST_LINE, _LONGEST_PART = 1400, 300  # characters, so that all parts find room
_TELLING = 80  # characters by which words are known again where they were cut


class Known(NamedTuple):
    """A cause and a cure, both "" where nothing is known."""

    cause: str = ""
    cure: str = ""


def trail(seen: Evidence, own: str) -> str:
    """What the pool and the node say, then *own*, the words of the check itself, then what the extension says.

    What nobody says is left out, and so is what *own* has already.
    """
    node = seen.node
    above = [
        ("the pool says", "; ".join(_resize_errors(seen))),
        ("the node says", "; ".join(node.errors)),
    ]
    status = status_of(seen)
    below = [
        ("the guest agent says of the extension", "; ".join(node.extensions)),
        ("its status says", f"{status.state}: {status.message}" if status and status.state != "success" else ""),
    ]
    return one_line(" -> ".join([*_told(above, own), own, *_told(below, own)]), _LONGEST_LINE)


def known_behind(seen: Evidence, *told: str) -> Known:
    """The cause and the cure that are known for what was *told*, the nearest words first, or for what others say.

    Where the pool's own body shows what brings that about, this is told instead.
    """
    status = status_of(seen)
    complaint = [status.message] if status and status.state != "success" else []
    known = known_reason(*told, *complaint, *seen.node.extensions, *seen.node.errors, *_resize_errors(seen))
    if known is None:
        return Known()
    codes = BEHIND.get(known, frozenset())
    fault = next((fault for fault in seen.pool.faults if fault.code in codes), None)
    return Known(f"{one_line(fault.what)}: {fault.cause}", fault.cure) if fault else Known(known.cause, known.cure)


def _resize_errors(seen: Evidence) -> tuple[str, ...]:
    """Why the pool's last resize did not go well; of a node that is up it explains nothing, and Batch keeps telling."""
    return () if seen.node.state in UP else seen.pool.resize_errors


def _told(parts: list[tuple[str, str]], own: str) -> Iterator[str]:
    lines = ((who, one_line(words, _LONGEST_PART)) for who, words in parts)
    return (f"{who}: {line}" for who, line in lines if line and line[:_TELLING] not in own)
