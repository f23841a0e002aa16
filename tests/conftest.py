"""The fixtures of `local_azure` under this project's own names; and how several processes share the tests."""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

import pytest

from local_azure.host import hand_on_signals
from local_azure.serving import LocalAzure


def pytest_configure() -> None:
    """Nodes are made by tests themselves, too, and pytest may run under nohup."""
    hand_on_signals()


@pytest.hookimpl(optionalhook=True, wrapper=True)
def pytest_xdist_auto_num_workers() -> Generator[None, int, int]:
    """One process more than pytest-xdist would take: each waits for servers half of its time."""
    return (yield) + 1


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Share the tests among several processes in our own way."""
    from tests.sharing import Sharing

    return Sharing(config, log)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """In one of several processes, change the order."""
    if hasattr(config, "workerinput"):
        from tests.sharing import costly_first

        costly_first(items)


@pytest.fixture(scope="session")
def shared_azure(local_azure_server: LocalAzure) -> LocalAzure:
    """One embedded Azure for the whole run; tests name their own resources."""
    return local_azure_server


@pytest.fixture
def azure(local_azure: LocalAzure) -> LocalAzure:
    """The shared embedded Azure, with this process's environment set for it."""
    return local_azure


@pytest.fixture
def fresh_azure(fresh_local_azure: LocalAzure) -> LocalAzure:
    """An embedded Azure of the test's own, whose clock it may move."""
    return fresh_local_azure
