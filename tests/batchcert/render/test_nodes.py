"""The short names of nodes."""

from __future__ import annotations

import pytest

from batchcert.render.nodes import SHORT_NODE, middle, short_node, with_short_node

NODE = "tvmps_0b8ba57a3a13808365545edea5e1725fb4306d1706db3e05a72c6925d886db0b_d"


@pytest.mark.parametrize(
    ("text", "width", "expected"),
    [("abc", 3, "abc"), ("abcdef", 5, "ab…ef"), ("abcdef", 4, "ab…f"), ("abcdef", 1, "…"), ("", 4, "")],
)
def test_ids_are_cut_in_the_middle(text, width, expected):
    """Their ends tell them apart."""
    assert middle(text, width) == expected


def test_a_node_s_short_name_begins_and_ends_as_its_id():
    """Its beginning finds it in the portal, and names that are short already stay."""
    short = short_node(NODE)
    assert len(short) == SHORT_NODE
    assert NODE.startswith(short.partition("…")[0])
    assert NODE.endswith(short.partition("…")[2])
    assert short_node("node-1") == "node-1"


@pytest.mark.parametrize(
    ("message", "node", "expected"),
    [
        (f"{NODE}: no connection", NODE, "tvmps_0b8ba5…5d886db0b_d: no connection"),
        ("no connection", NODE, "no connection"),
        ("no connection", "", "no connection"),
    ],
)
def test_a_message_that_names_its_node_names_it_in_short(message, node, expected):
    """And says the same otherwise."""
    assert with_short_node(message, node) == expected
