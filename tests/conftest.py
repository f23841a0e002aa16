"""The embedded Azure for every test that wants one: started once, or afresh. And which tests share a process."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from local_azure.serving import LocalAzure
from local_azure.settings import Settings

DEAR = ("line", "stack", "prefect_server")  # fixtures that take long to start: their tests stay together
CA_VARIABLES = ("SSL_CERT_FILE", "SSL_CERT_DIR", "CURL_CA_BUNDLE", "REQUESTS_CA_BUNDLE")


@pytest.hookimpl(tryfirst=True)  # before pytest-xdist reads the marks
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let the tests of one module, or of one dear fixture, run in one process where several share the work."""
    for item in items:
        wanted = [name for name in DEAR if name in getattr(item, "fixturenames", ())]
        item.add_marker(pytest.mark.xdist_group(wanted[0] if wanted else str(item.path)))


@pytest.fixture(scope="session")
def shared_azure() -> Iterator[LocalAzure]:
    """One embedded Azure for the whole run; tests name their own resources and never move its clock."""
    with LocalAzure(Settings(node_seconds=0.1)) as cloud:
        yield cloud


@pytest.fixture
def azure(shared_azure: LocalAzure, monkeypatch: pytest.MonkeyPatch) -> LocalAzure:
    """The shared embedded Azure, with this process's environment set for it."""
    use(shared_azure, monkeypatch)
    return shared_azure


@pytest.fixture
def fresh_azure(monkeypatch: pytest.MonkeyPatch) -> Iterator[LocalAzure]:
    """An embedded Azure of the test's own, whose clock it may move."""
    with LocalAzure(Settings(node_seconds=0.1)) as cloud:
        use(cloud, monkeypatch)
        yield cloud


def use(cloud: LocalAzure, monkeypatch: pytest.MonkeyPatch) -> None:
    """Set this process's environment as a person would with `local-azure env`."""
    for name in (*CA_VARIABLES, "https_proxy", "http_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
    for name, value in cloud.env.items():
        monkeypatch.setenv(name, value)
