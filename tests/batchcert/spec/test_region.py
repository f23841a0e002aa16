"""What a region has of its own."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from batchcert.spec.region import RegionSpec, ScheduleSpec


def region(**changes: Any) -> dict[str, Any]:
    return {
        "target": {
            "subscription_id": "5ab5c0de-0000-4000-8000-00000000a2e1",
            "resource_group": "rg",
            "region": "westus2",
            "batch_account": "account",
        },
        "vault": {"name": "vault"},
        "certificates": [{"name": "render", "subject": "CN=render.example.com"}],
        "pool": {"name": "render", "ssh": {"allowed_networks": ["203.0.113.0/24"]}},
        "schedule": {"minute": 7, "timezone": "America/Los_Angeles"},
        **changes,
    }


@pytest.mark.parametrize(
    ("schedule", "cron"),
    [
        ({"minute": 7}, "7 * * * *"),
        ({"minute": 0, "hours": [6]}, "0 6 * * *"),
        ({"minute": 59, "hours": [18, 6, 18]}, "59 6,18 * * *"),
    ],
)
def test_a_schedule_is_a_cron_expression(schedule: dict[str, Any], cron: str) -> None:
    """Minute and hours become five fields; hours are sorted and each is there once."""
    assert ScheduleSpec(timezone="Etc/UTC", **schedule).cron == cron


@pytest.mark.parametrize(
    ("schedule", "field"),
    [
        ({"minute": 60, "timezone": "Etc/UTC"}, "minute"),
        ({"minute": -1, "timezone": "Etc/UTC"}, "minute"),
        ({"minute": 0, "hours": [24], "timezone": "Etc/UTC"}, "hours"),
        ({"minute": 0, "timezone": "../etc/passwd"}, "timezone"),
        ({"minute": 0, "timezone": ""}, "timezone"),
    ],
)
def test_a_schedule_that_is_none_is_refused(schedule: dict[str, Any], field: str) -> None:
    """The fault is at the field that holds it."""
    with pytest.raises(ValidationError) as caught:
        ScheduleSpec(**schedule)
    assert [error["loc"][0] for error in caught.value.errors()] == [field]


def test_identity_and_validation_have_defaults() -> None:
    """A region's file need not speak of what all regions share."""
    spec = RegionSpec.model_validate(region())
    assert (spec.identity.name, spec.validation.grace_minutes) == ("batchcert", 10)


def test_a_certificate_is_named_once() -> None:
    """Two certificates of one name are one in the vault, whatever the case: their policies would fight."""
    twice = [{"name": name, "subject": "CN=a.example.com"} for name in ("render", "Render")]
    with pytest.raises(ValidationError, match="render is named more than once"):
        RegionSpec.model_validate(region(certificates=twice))


def test_a_region_has_a_certificate() -> None:
    """Without one there is nothing to renew."""
    with pytest.raises(ValidationError, match="certificates"):
        RegionSpec.model_validate(region(certificates=[]))
