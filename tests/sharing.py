"""How several processes share the tests: those of one costly fixture stay together, and begin first.

By paths, not by pytest-xdist's groups: pytest 9 leaves a test's id as it is.
"""

from __future__ import annotations

import pytest
from xdist.scheduler import LoadScopeScheduling

TOGETHER = {
    "tests/flows/": "the line",
    "tests/e2e/browser/": "the stack",
    "tests/deployments/test_deploy.py": "a server to deploy to",
    "tests/tasks/test_": "a server for steps",
    "tests/tasks/changing/": "a server for steps",
    "tests/tasks/repair/": "a server for steps",
}


def share_of(nodeid: str) -> str:
    """What is given to one process as a whole: the tests of a costly fixture, or of a module."""
    return next((share for path, share in TOGETHER.items() if nodeid.startswith(path)), nodeid.partition("::")[0])


def costly_first(items: list[pytest.Item]) -> None:
    """Put the longest shares first, so that no process is left alone with one at the end."""
    items.sort(key=lambda item: share_of(item.nodeid) not in TOGETHER.values())


class Sharing(LoadScopeScheduling):  # type: ignore[misc] # pytest-xdist has no types
    """Gives each share to the next process that has nothing left to do."""

    def _split_scope(self, nodeid: str) -> str:
        return share_of(nodeid)
