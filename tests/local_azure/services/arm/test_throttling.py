"""What remains of a caller's requests to Azure Resource Manager."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from local_azure.settings import Settings
from local_azure.wire.messages import Caller

LEFT = "x-ms-ratelimit-remaining-"
VERSION = "api-version=2022-09-01"


@pytest.fixture
def strict(new_door: Any, tmp_path: Path) -> Any:
    """An Azure that refuses what exceeds its limits; its clock stands still."""
    door = new_door(Settings(throttling=True), tmp_path)
    door.cloud.clock.set_speed(0)
    return door


def left(reply: Any) -> dict[str, int]:
    return {name.removeprefix(LEFT): int(value) for name, value in reply.headers.items() if name.startswith(LEFT)}


def test_each_kind_of_request_has_a_bucket_of_its_own(door: Any) -> None:
    """A principal's and the subscription's; what names no subscription counts for the tenant."""
    door.cloud.clock.set_speed(0)
    group = f"{door.subscription}/resourceGroups/new?{VERSION}"
    assert left(door.ask("GET", f"{door.group}?{VERSION}")) == {
        "subscription-reads": 249,
        "subscription-global-reads": 3749,
    }
    assert left(door.ask("PUT", group, {"location": "westus2"}))["subscription-writes"] == 199
    assert left(door.ask("DELETE", group))["subscription-deletes"] == 199
    assert left(door.ask("GET", f"{door.group}?{VERSION}"))["subscription-reads"] == 248
    assert left(door.ask("GET", f"/tenants?{VERSION}")) == {"tenant-reads": 249}


def test_a_refusal_counts_and_a_stranger_does_not(door: Any) -> None:
    """Whoever shows no token of the tenant's is nobody's caller."""
    door.cloud.clock.set_speed(0)
    assert left(door.ask("GET", f"{door.subscription}/resourceGroups/none?{VERSION}"))["subscription-reads"] == 249
    assert left(door.ask("GET", f"{door.group}?{VERSION}", headers={"authorization": ""})) == {}


def test_more_than_the_limits_is_refused_where_that_is_wanted(strict: Any) -> None:
    """Until the bucket has filled again, which the refusal tells; another principal is not concerned."""
    path = f"{strict.group}?{VERSION}"
    assert [strict.ask("GET", path).status for _ in range(250)] == [200] * 250
    refused = strict.ask("GET", path)
    assert (refused.status, refused.headers["Retry-After"]) == (429, "1")
    assert refused.body["error"] == {
        "code": "SubscriptionRequestsThrottled",
        "message": f"Number of 'read' requests for subscription '{strict.cloud.settings.subscription}' actor "
        f"'{strict.operator.object_id}' exceeded. Please try again after '1' seconds.",
    }
    other = Caller(
        "aaaaaaaa-0000-4000-8000-000000000001", "bbbbbbbb-0000-4000-8000-000000000001", strict.operator.tenant
    )
    assert strict.ask("GET", path, caller=other).status == 403


@pytest.mark.anyio
async def test_a_bucket_fills_by_the_clock(strict: Any) -> None:
    """25 reads a second, up to its size."""
    path = f"{strict.group}?{VERSION}"
    for _ in range(250):
        strict.ask("GET", path)
    await strict.cloud.clock.advance(timedelta(seconds=2))
    assert left(strict.ask("GET", path))["subscription-reads"] == 49
    await strict.cloud.clock.advance(timedelta(hours=1))
    assert left(strict.ask("GET", path))["subscription-reads"] == 249


def test_nothing_is_refused_by_default(door: Any) -> None:
    """The headers go down to 0 and stay there."""
    door.cloud.clock.set_speed(0)
    replies = [door.ask("GET", f"{door.group}?{VERSION}") for _ in range(252)]
    assert {reply.status for reply in replies} == {200}
    assert left(replies[-1])["subscription-reads"] == 0
