"""What all channels have in common: nodes go in, and for each of them comes out what was seen or why nothing was."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

from batchcert.spec import Channel
from batchcert.verdict.evidence import NodeView
from batchcert.verdict.judging import NodeVisit

Progress = Callable[[int, int], None]
"""Is told, in the calling thread, how many nodes are done and of how many: first of all 0, then at each one's end."""


class Visitor(Protocol):
    """A way to look at nodes of one pool."""

    @property
    def channel(self) -> Channel:
        """The channel that it is."""

    def visit(self, nodes: Sequence[NodeView], progress: Progress) -> dict[str, NodeVisit]:
        """What came of each node, by its id, however it went. *nodes* are idle or running.

        What was made for it in Azure goes with it, also where an exception is raised in the calling thread.
        """


def counted(total: int, progress: Progress) -> Callable[[object], None]:
    """Tells *progress* of each call; of none at once."""
    done = 0

    def on_end(_: object) -> None:
        nonlocal done
        done += 1
        progress(done, total)

    progress(0, total)
    return on_end
