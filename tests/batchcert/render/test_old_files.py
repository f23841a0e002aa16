"""Old files in a report: how many, where, and what can be done about them."""

from __future__ import annotations

from batchcert.render.old_files import old_files_section
from batchcert.repair.old_files import OldFile, OldFiles


def old(node: str, name: str, *, label: str = "v/c", expired: bool = True, removable: bool = True) -> OldFile:
    return OldFile(node, label, "/s", f"/s/{name}", "a" * 64, expired=expired, removable=removable)


def test_nothing_is_told_where_there_are_none() -> None:
    """A pool before its first renewal."""
    assert old_files_section(OldFiles()) == []


def test_they_are_counted_by_certificate() -> None:
    """With the most that lie on one node, and how many a run could remove."""
    there = (
        old("a", "1"),
        old("a", "2", expired=False, removable=False),
        old("b", "1", removable=False),
        old("a", "1", label="v/d", expired=False, removable=False),
    )
    (block,) = old_files_section(OldFiles(there))
    assert block.split("\n") == [
        "- `v/c`: 3 old files on 2 nodes, 2 on one at most; 2 expired",
        "- `v/d`: 1 old file on 1 node, 1 on one at most; 0 expired",
        "- removable with `repair.remove_expired`, since the extension wrote them and they have expired: 1",
    ]


def test_what_was_removed_comes_first() -> None:
    """Beside what is left."""
    one, two = old("a", "1"), old("a", "2", expired=False, removable=False)
    assert old_files_section(OldFiles((two,), (one,))) == [
        "- `v/c`: **1 expired file removed**, 1 old file on 1 node, 1 on one at most; 0 expired"
    ]
    assert old_files_section(OldFiles((), (one,))) == ["- `v/c`: **1 expired file removed**"]
