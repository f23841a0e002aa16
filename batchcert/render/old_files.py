"""The old files that pile up on nodes, as Markdown: how many, and what can be done about them."""

from __future__ import annotations

from collections import Counter

from batchcert.render.groups import counted
from batchcert.render.safe import code
from batchcert.repair.old_files import OldFile, OldFiles


def old_files_section(old: OldFiles) -> list[str]:
    """A line for each certificate that has old files, and for what was removed; nothing where there is nothing."""
    labels = sorted({file.certificate for file in (*old.there, *old.removed)})
    lines = [f"- {code(label)}: {_told(label, old)}" for label in labels]
    if old.removable:
        why = "since the extension wrote them and they have expired"
        lines.append(f"- removable with `repair.remove_expired`, {why}: {len(old.removable)}")
    return ["\n".join(lines)] if lines else []


def _told(label: str, old: OldFiles) -> str:
    there = [file for file in old.there if file.certificate == label]
    gone = sum(file.certificate == label for file in old.removed)
    removed = [f"**{counted(gone, 'expired file')} removed**"] if gone else []
    return ", ".join([*removed, *([_left(there)] if there else [])])


def _left(there: list[OldFile]) -> str:
    by_node = Counter(file.node for file in there)
    expired = sum(file.expired for file in there)
    where = f"on {counted(len(by_node), 'node')}, {max(by_node.values())} on one at most"
    return f"{counted(len(there), 'old file')} {where}; {expired} expired"
