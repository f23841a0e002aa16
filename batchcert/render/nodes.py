"""The names of nodes, short enough to be read: Batch's own have 70 characters, most of them random."""

from __future__ import annotations

SHORT_NODE = 24
"""Characters of a node's short name: its beginning finds the node in the portal, and both ends tell it from others."""


def short_node(node: str) -> str:
    """The node's short name."""
    return middle(node, SHORT_NODE)


def with_short_node(message: str, node: str) -> str:
    """*message* with the node's short name where it has the whole."""
    return message.replace(node, short_node(node)) if node else message


def middle(text: str, width: int) -> str:
    """*text* in at most *width* characters; what has to go goes from its middle, for ids differ at their ends."""
    if len(text) <= width:
        return text
    tail = (width - 1) // 2
    return f"{text[: width - 1 - tail]}…{text[len(text) - tail :]}"
