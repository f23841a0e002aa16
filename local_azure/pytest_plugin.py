"""The embedded Azure as fixtures, for the tests of anything that uses Azure's SDKs.

pytest loads this module in every run of an environment that has the package, as its plugin `local_azure`: so nothing
heavy is imported before a test asks for a fixture.
"""

from __future__ import annotations

import sys
from collections.abc import Generator, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from local_azure.serving import LocalAzure
    from local_azure.settings import Settings

NODE_SECONDS = 0.1
"""How long a node takes to come up, unless a suite has settings of its own."""

_SHOWN = 30  # requests below a failed test


@pytest.fixture(scope="session")
def local_azure_settings() -> Settings:
    """How each embedded Azure of this run starts out. Override it to change that."""
    from local_azure.settings import Settings  # noqa: PLC0415 - see above

    return Settings(node_seconds=NODE_SECONDS)


@pytest.fixture(scope="session")
def local_azure_server(local_azure_settings: Settings) -> Iterator[LocalAzure]:
    """The embedded Azure that the tests of this process share, started for the first that asks. It sets no variable."""
    with _started(local_azure_settings, shared=True) as azure:
        yield azure


@pytest.fixture
def local_azure(local_azure_server: LocalAzure, monkeypatch: pytest.MonkeyPatch) -> Iterator[LocalAzure]:
    """The shared embedded Azure, for this test: environment set, request log empty; its faults end with the test.

    What the test makes in it stays there, so it gives its resources names of their own. The clock cannot be moved.
    """
    with _lent(local_azure_server, monkeypatch):
        yield local_azure_server


@pytest.fixture
def fresh_local_azure(local_azure_settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[LocalAzure]:
    """An embedded Azure of this test's own: empty, with a clock to be moved. It takes a third of a second to start."""
    with _started(local_azure_settings, shared=False) as azure, _lent(azure, monkeypatch):
        yield azure


def set_environment(env: Mapping[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    """Let this process be a client of the embedded Azure with this `env`, until *monkeypatch* undoes it."""
    from local_azure.environment import changes  # noqa: PLC0415 - see above

    for name, value in changes(env).items():
        if value is None:
            monkeypatch.delenv(name, raising=False)
        else:
            monkeypatch.setenv(name, value)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Let a test that failed show what the embedded Azure was asked."""
    report = yield
    if report.failed and report.when != "teardown":
        report.sections += [("requests to the embedded Azure", _requests(azure)) for azure in _used_by(item)]
    return report


def _started(settings: Settings, *, shared: bool) -> AbstractContextManager[LocalAzure]:
    try:
        from local_azure.serving import LocalAzure  # noqa: PLC0415 - see above
        from local_azure.sharing import SharedAzure  # noqa: PLC0415 - see above
    except ModuleNotFoundError as missing:
        pytest.fail(f"the embedded Azure needs {missing.name}: pip install 'batchcert[local-azure]'", pytrace=False)
    return SharedAzure(settings) if shared else LocalAzure(settings)


@contextmanager
def _lent(azure: LocalAzure, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    set_environment(azure.env, monkeypatch)
    azure.forget_requests()
    try:
        yield
    finally:
        azure.clear_faults()


def _used_by(item: pytest.Item) -> list[LocalAzure]:
    """Each embedded Azure among the fixtures of a test, under whatever name."""
    serving = sys.modules.get("local_azure.serving")
    fixtures = getattr(item, "funcargs", {}).values()
    return list(dict.fromkeys(each for each in fixtures if serving and isinstance(each, serving.LocalAzure)))


def _requests(azure: LocalAzure) -> str:
    """The last requests of the test, its nodes' own left out."""
    from local_azure.admin.listing import request_line  # noqa: PLC0415 - see above

    try:
        own = [entry for entry in azure.requests() if not entry.machine]
    except (RuntimeError, TimeoutError) as error:  # its loop has ended, or does not answer
        return f"not to be had: {error!r}"
    left_out = [f"({len(own) - _SHOWN} earlier ones)"] if len(own) > _SHOWN else []
    return "\n".join([*left_out, *(request_line(entry.as_json()) for entry in own[-_SHOWN:])]) or "none"
