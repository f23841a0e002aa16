"""What every step needs: a sign-in of its own, since each embedded Azure has its own secret and signing key."""

from __future__ import annotations

import uuid
from collections.abc import Iterator

import pytest
from prefect.settings import PREFECT_FLOWS_HEARTBEAT_FREQUENCY, PREFECT_HOME, temporary_settings

from batchcert.spec import Target
from local_azure import settings
from tasks.azure_api import clients

credential = clients.credential  # as it is before a test replaces it


@pytest.fixture(autouse=True)
def signed_out() -> Iterator[None]:
    """No token of an earlier test's Azure is used again."""
    credential.cache_clear()
    yield
    credential.cache_clear()


@pytest.fixture
def target() -> Target:
    """The embedded Azure's own Batch account."""
    return Target(
        subscription_id=settings.SUBSCRIPTION,
        resource_group=settings.RESOURCE_GROUP,
        region=settings.REGION,
        batch_account=settings.BATCH_ACCOUNT,
    )


@pytest.fixture
def unique() -> str:
    """A name that no other test has: tests share one embedded Azure."""
    return f"t{uuid.uuid4().hex[:10]}"


@pytest.fixture(scope="session")
def prefect_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Prefect's own server, of the test run's own, with a home of its own, for steps in its engine.

    Without heartbeats: the end of each run would wait for their thread, which looks up once in a second.
    """
    from prefect.testing.utilities import prefect_test_harness  # the whole server, which many processes never ask for

    ours = {PREFECT_HOME: tmp_path_factory.mktemp("prefect"), PREFECT_FLOWS_HEARTBEAT_FREQUENCY: None}
    with temporary_settings(updates=ours), prefect_test_harness(server_startup_timeout=120):
        yield
