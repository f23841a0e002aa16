"""YAML files that know the line of each of their fields."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from deployments.faults import Fault, field_path

FieldPath = tuple[str | int, ...]


class UnreadableError(Exception):
    """The file cannot be read as YAML; *fault* says why and where."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(str(fault))
        self.fault = fault


@dataclass(frozen=True)
class Document:
    """One YAML file: its name as it was given, and what it holds."""

    file: str
    root: Any

    def line(self, path: FieldPath) -> int:
        """The line, from 1, of the field at *path*; where it is absent, of the map or list that lacks it.

        What an anchor or a merge brings in has the line where it is written, not where it is used.
        """
        node, line = self.root, 1
        for part in path:
            home = _home(node, part)
            if home is None:
                return int(node.lc.line) + 1 if isinstance(node, CommentedMap | CommentedSeq) else line
            line, node = home.lc.data[part][0] + 1, home[part]
        return line

    def fault(self, path: FieldPath, what: str, cure: str = "") -> Fault:
        """A fault of the field at *path*."""
        return Fault(self.file, self.line(path), field_path(path), what, cure)


def read_document(path: Path) -> Document:
    """Read *path*, anchors and merges resolved.

    Raises: UnreadableError.
    """
    file = str(path)
    try:
        return Document(file, YAML(typ="rt").load(path.read_text(encoding="utf-8")))
    except FileNotFoundError:
        raise UnreadableError(Fault(file, 0, "", "there is no such file", "create it, or correct its name")) from None
    except (OSError, UnicodeDecodeError) as error:
        raise UnreadableError(Fault(file, 0, "", f"cannot be read: {error}")) from None
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        what = f"is not valid YAML: {error.problem or error.context}"
        raise UnreadableError(Fault(file, mark.line + 1 if mark else 0, "", what)) from None
    except YAMLError as error:
        raise UnreadableError(Fault(file, 0, "", f"is not valid YAML: {error}")) from None


def _home(node: Any, part: str | int) -> Any:
    """The map or list whose own text holds *part*: *node*, or a map merged into it with `<<`."""
    if isinstance(node, CommentedSeq):
        return node if isinstance(part, int) and part < len(node) else None
    if not isinstance(node, CommentedMap) or part not in node:
        return None
    if part in (node.lc.data or {}):
        return node
    return next((home for merged in node.merge if (home := _home(merged, part)) is not None), None)
