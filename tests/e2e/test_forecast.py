"""What a validation foretells, on a pool whose clock is moved towards it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from batchcert.spec import CertificateSpec, ImageSpec, PoolSpec, Renewal
from batchcert.verdict.rollup import roll_up
from local_azure.services.batch.catalogue import images, skus
from local_azure.services.batch.data import account

from .farm import CERTIFICATE, VAULT, Farm, farm

pytestmark = pytest.mark.slow

DAYS_BEFORE_EXPIRY = 30
POLLING = timedelta(hours=1)
MOMENT = timedelta(seconds=5)
SIZE = str(PoolSpec.model_fields["vm_size"].default)


def certificate(validity_months: int) -> CertificateSpec:
    """A certificate that renews itself 30 days before its end."""
    return CertificateSpec(
        name=CERTIFICATE,
        subject="CN=render.example.com",
        validity_months=validity_months,
        renewal=Renewal(value=DAYS_BEFORE_EXPIRY),
    )


@pytest.fixture
def ends(monkeypatch: pytest.MonkeyPatch) -> tuple[datetime, datetime]:
    """The days that Batch has announced for the image and the size of every pool made here."""
    today = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    image_ends, size_ends = today + timedelta(days=400), today + timedelta(days=600)
    usual = ImageSpec().offer
    ending = tuple(replace(one, end=image_ends) if one.offer == usual else one for one in images.IMAGES)
    monkeypatch.setattr(images, "IMAGES", ending)
    monkeypatch.setattr(account, "IMAGES", ending)
    monkeypatch.setitem(skus.SIZES, SIZE, replace(skus.SIZES[SIZE], end=size_ends))
    return image_ends, size_ends


def test_the_ends_of_image_and_size_come_into_sight(ends: tuple[datetime, datetime]) -> None:
    """Within 180 days, each by Batch's own date, and not before; the pool itself stays fine."""
    image_ends, size_ends = ends
    with farm(nodes=1, certificate=certificate(validity_months=60), polling=POLLING) as pool:
        assert codes(pool) == {}
        pool.move_to(image_ends - timedelta(days=180) - MOMENT)
        assert codes(pool) == {}
        pool.move_to(image_ends - timedelta(days=179))
        assert codes(pool) == {"image-retiring": image_ends}
        pool.move_to(size_ends - timedelta(days=179))
        assert codes(pool) == {"image-retiring": image_ends, "vm-size-retiring": size_ends}
        assert roll_up(pool.validate()).fine


def test_a_renewal_that_fails_is_due_then_overdue_then_done() -> None:
    """What Key Vault says of its request is told; once a version has come, nothing is foretold any more."""
    with farm(nodes=1, certificate=certificate(validity_months=12), polling=POLLING) as pool:
        first = pool.held()
        pool.move_to(first.not_after - timedelta(days=DAYS_BEFORE_EXPIRY) - MOMENT)
        assert codes(pool) == {}
        with pool.azure.fault("failed", operation="CertificateIssuance", code="Locked", message="no credit"):
            pool.azure.advance(timedelta(hours=1))
            assert codes(pool) == {"renewal-due": first.not_after}
            pool.azure.advance(timedelta(hours=72))
            (overdue,) = pool.forecast()
        assert (overdue.code, overdue.subject) == ("renewal-overdue", f"{VAULT}/{CERTIFICATE}")
        assert "its request: failed: Locked: no credit" in overdue.message
        assert roll_up(pool.validate()).fine
        pool.azure.advance(timedelta(days=2))  # Key Vault tries again
        assert pool.held().sha256 != first.sha256
        assert codes(pool) == {}


def codes(pool: Farm) -> dict[str, datetime]:
    """The warnings' codes, each with when it takes effect."""
    return {warning.code: warning.due for warning in pool.forecast()}
