"""How the nodes were looked at, as Markdown: the channels in the report's first lines, and what is to say of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby

from batchcert.problems import Problem
from batchcert.render.groups import counted
from batchcert.render.nodes import short_node, with_short_node
from batchcert.render.safe import code, prose
from batchcert.verdict.looked import Looked, Uncrossed

_NODES_NAMED = 5


def looked_words(looked: Looked | None) -> str:
    """Behind where and when: ", looked at through ssh"; "" where nobody looked."""
    return f", looked at through {looked}" if looked else ""


def looked_section(looked: Looked | None, pages: str) -> list[str]:
    """Why the channel was taken, where the run chose it, and which nodes were not cross-checked.

    *pages*: as `RunReport` has it. Where one channel has no answer of a node, the verdict is by the first channel's.
    """
    lines = list(_lines(looked, pages)) if looked else []
    return ["\n".join(f"- {line}" for line in lines)] if lines else []


def _lines(looked: Looked, pages: str) -> Iterator[str]:
    if looked.why:
        yield f"through {looked.channel}, by this run's own choice: {code(looked.why)}"
    if looked.not_crossed:
        yield f"not cross-checked: {code(looked.not_crossed)}"

    def key(one: Uncrossed) -> tuple[str, str]:
        return one.channel.value, one.why.code if one.why else ""

    for (channel, _), group in groupby(sorted(looked.uncrossed, key=key), key):
        yield _uncrossed(channel, list(group), pages)


def _uncrossed(channel: str, nodes: Sequence[Uncrossed], pages: str) -> str:
    first, more = nodes[0], len(nodes) - _NODES_NAMED
    named = ", ".join(code(short_node(one.node)) for one in nodes[:_NODES_NAMED])
    where = f"{named} and {more} more" if more > 0 else named
    why = f": {_why(first.why, first.node, pages)}" if first.why else ""
    return f"not cross-checked on {counted(len(nodes), 'node')} ({where}), of which {channel} has no answer{why}"


def _why(why: Problem, node: str, pages: str) -> str:
    named = f"[{prose(why.code)}]({pages}{why.code}.md)" if pages else prose(why.code)
    cure = f" **What to do:** {prose(why.cure)}" if why.cure else ""
    return f"{code(with_short_node(why.what, node))} ({named}).{cure}"
