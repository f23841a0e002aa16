"""The work pools that prefect.yaml names: `python -m deployments.work_pools` prints one a line."""

from __future__ import annotations

import sys
from pathlib import Path

from deployments.documents import Document, read_document


def work_pools(document: Document) -> list[str]:
    """The names of the work pools of all deployments, each once."""
    return sorted({entry["work_pool"]["name"] for entry in document.root["deployments"]})


def main() -> None:
    """Print them for the project in the current folder."""
    sys.stdout.writelines(f"{name}\n" for name in work_pools(read_document(Path("prefect.yaml"))))


if __name__ == "__main__":
    main()
