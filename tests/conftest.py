"""The fixtures of `local_azure` under this project's own names. And which tests share a process."""

from __future__ import annotations

import pytest

from local_azure.serving import LocalAzure

DEAR = ("line", "stack", "prefect_server")  # fixtures that take long to start: their tests stay together


@pytest.hookimpl(tryfirst=True)  # before pytest-xdist reads the marks
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let the tests of one module, or of one dear fixture, run in one process where several share the work."""
    for item in items:
        wanted = [name for name in DEAR if name in getattr(item, "fixturenames", ())]
        item.add_marker(pytest.mark.xdist_group(wanted[0] if wanted else str(item.path)))


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
