"""The documents of the API descriptions: read once, and references followed from one to another."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

_PLANES = frozenset({"resource-manager", "data-plane"})


@dataclass(frozen=True)
class Node:
    """A part of a document. *key* names it among all: the file and the pointer in it, "" for a part without a name."""

    value: Mapping[str, Any]
    file: Path
    key: str = ""

    def part(self, value: Mapping[str, Any]) -> Node:
        """A nameless part of the same document."""
        return Node(value, self.file)


@dataclass
class Documents:
    """All documents below *folder*, laid out as in Azure/azure-rest-api-specs."""

    folder: Path
    _read: dict[Path, Mapping[str, Any]] = field(default_factory=dict)

    def swagger(self) -> Iterator[Node]:
        """The documents that describe operations, each once; those of examples and of shared types are left out."""
        for file in sorted(self.folder.rglob("*.json")):
            if _PLANES & set(file.parts) and "examples" not in file.parts and self.read(file).get("paths"):
                yield Node(self.read(file), file)

    def read(self, file: Path) -> Mapping[str, Any]:
        """The content of *file*. Raises: OSError, and ValueError for what is no JSON."""
        file = file.resolve()
        if file not in self._read:
            self._read[file] = json.loads(file.read_text(encoding="utf-8-sig"))
        return self._read[file]

    def follow(self, node: Node) -> Node:
        """*node*, or what its `$ref` leads to in the end. Raises: KeyError where that leads nowhere."""
        while "$ref" in node.value:
            target, _, pointer = str(node.value["$ref"]).partition("#")
            file = (node.file.parent / target).resolve() if target else node.file
            value: Any = self.read(file)
            for step in pointer.strip("/").split("/") if pointer.strip("/") else ():
                value = value[step.replace("~1", "/").replace("~0", "~")]
            node = Node(value, file, f"{file}#{pointer}")
        return node
