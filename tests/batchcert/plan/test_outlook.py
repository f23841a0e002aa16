"""What a forecast is built on, from what Azure tells."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from batchcert.clouds import CloudName
from batchcert.forecast.outlook import Offer
from batchcert.forecast.sizes import PAGE
from batchcert.plan.account import SupportedImage, VmSize
from batchcert.plan.certificate import ObservedCertificate, Version
from batchcert.plan.outlook import image_offer, prospect, size_offer
from batchcert.plan.policy import CertificatePolicy, LifetimeAction
from batchcert.plan.pool import ObservedPool
from batchcert.spec import Renewal, RenewalTrigger

BEGIN, END = datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 4, 11, tzinfo=UTC)
VERSION = Version("1", "a" * 64, BEGIN, BEGIN, END)
DAY = datetime(2027, 6, 30, tzinfo=UTC)
UBUNTU = {"publisher": "Canonical", "offer": "Ubuntu-24_04-lts", "sku": "server"}
SUPPORTED = SupportedImage("canonical", "ubuntu-24_04-lts", "server", "batch.node.ubuntu 24.04", True, True, DAY)


def held(*actions: LifetimeAction, issuer: str = "Self") -> ObservedCertificate:
    """A certificate with these lifetime actions."""
    policy = CertificatePolicy("CN=c", (), "RSA", 2048, "", True, "application/x-pem-file", issuer, 3, actions)
    return ObservedCertificate("c", "https://v.vault.azure.net/secrets/c", policy, VERSION)


def pool(image: object = None, size: str = "STANDARD_D2S_V5") -> ObservedPool:
    """A pool of this image and size."""
    machine = {"virtualMachineConfiguration": {"imageReference": image or UBUNTU}}
    body = {"properties": {"vmSize": size, "deploymentConfiguration": machine}}
    return ObservedPool("/pools/p", body, "Steady", "Succeeded", 0, 0)


@pytest.mark.parametrize(
    ("actions", "renewal", "mails"),
    [
        ((LifetimeAction("AutoRenew", days_before_expiry=30),), ("days-before-expiry", 30), False),
        ((LifetimeAction("autorenew", lifetime_percentage=80),), ("lifetime-percentage", 80), False),
        ((LifetimeAction("EmailContacts", days_before_expiry=30),), None, True),
        (
            (LifetimeAction("EmailContacts", None, 80), LifetimeAction("AutoRenew", None, 90)),
            ("lifetime-percentage", 90),
            True,
        ),
        ((), None, False),
    ],
)
def test_lifetime_actions(actions: tuple[LifetimeAction, ...], renewal: tuple[str, int] | None, mails: bool) -> None:
    """What renews, and what only writes to somebody."""
    seen = prospect("v", held(*actions), VERSION)
    wanted = Renewal(trigger=RenewalTrigger(renewal[0]), value=renewal[1]) if renewal else None
    assert (seen.label, seen.renewal, seen.mails) == ("v/c", wanted, mails)


def test_the_report_s_next_renewal_knows_the_issuer() -> None:
    """A lifetime action does not renew what was imported."""
    action = LifetimeAction("AutoRenew", days_before_expiry=30)
    assert prospect("v", held(action), VERSION).renews_at == END - timedelta(days=30)
    assert prospect("v", held(action, issuer="Unknown"), VERSION).renews_at is None


@pytest.mark.parametrize(
    ("image", "images", "offer"),
    [
        (UBUNTU, [SUPPORTED], Offer("image Canonical/Ubuntu-24_04-lts/server", DAY)),
        (UBUNTU, [], Offer("image Canonical/Ubuntu-24_04-lts/server", gone=True)),
        ({"id": "/subscriptions/0/gallery"}, [SUPPORTED], None),
    ],
)
def test_an_image_among_those_that_batch_supports(
    image: object, images: list[SupportedImage], offer: Offer | None
) -> None:
    """Whatever the case; of an owner's own image Batch tells nothing."""
    assert image_offer(pool(image), images) == offer


@pytest.mark.parametrize(
    ("size", "sizes", "offer"),
    [
        ("STANDARD_DS2_V2", [VmSize("Standard_DS2_v2", DAY)], Offer("size STANDARD_DS2_V2", DAY)),
        (
            "STANDARD_DS2_V2",
            [VmSize("Standard_DS2_v2")],
            Offer("size STANDARD_DS2_V2", datetime(2028, 5, 1, tzinfo=UTC), PAGE),
        ),
        ("STANDARD_DS2_V2", None, Offer("size STANDARD_DS2_V2", datetime(2028, 5, 1, tzinfo=UTC), PAGE)),
        ("STANDARD_D2S_V5", [VmSize("Standard_D2s_v5")], Offer("size STANDARD_D2S_V5", None, PAGE)),
        ("STANDARD_D2S_V5", [], Offer("size STANDARD_D2S_V5", None, PAGE, gone=True)),
    ],
)
def test_a_size_by_batch_s_own_date_or_by_the_page(size: str, sizes: list[VmSize] | None, offer: Offer) -> None:
    """Batch's date comes first; the page knows where Batch does not, or could not be asked."""
    assert size_offer(pool(size=size), sizes, CloudName.PUBLIC) == offer
