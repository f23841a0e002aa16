"""What a forecast is built on, from what Azure tells: certificates, and what the pool's nodes are made of."""

from __future__ import annotations

from collections.abc import Sequence

from batchcert.clouds import CloudName
from batchcert.forecast.outlook import Offer, Prospect
from batchcert.forecast.sizes import PAGE, retirement
from batchcert.plan.account import SupportedImage, VmSize
from batchcert.plan.certificate import ObservedCertificate, Version
from batchcert.plan.json_path import at
from batchcert.plan.policy import LifetimeAction
from batchcert.plan.pool import ObservedPool
from batchcert.spec import Renewal, RenewalTrigger

EMAIL_CONTACTS = "EmailContacts"
_IMAGE = "properties.deploymentConfiguration.virtualMachineConfiguration.imageReference"


def prospect(vault: str, held: ObservedCertificate, version: Version) -> Prospect:
    """How *version*, the current one of *held*, will be followed by the next."""
    policy = held.policy
    return Prospect(
        label=f"{vault}/{held.name}",
        issuer=policy.issuer,
        renewal=renewal_of(policy.renewal) if policy.renewal else None,
        mails=any(action.action.lower() == EMAIL_CONTACTS.lower() for action in policy.actions),
        not_before=version.not_before,
        not_after=version.not_after,
    )


def renewal_of(action: LifetimeAction) -> Renewal:
    """The trigger of *action*; one that Key Vault would not accept counts as the smallest there is."""
    by_days = action.days_before_expiry is not None
    value = action.days_before_expiry if by_days else action.lifetime_percentage
    trigger = RenewalTrigger.DAYS_BEFORE_EXPIRY if by_days else RenewalTrigger.LIFETIME_PERCENTAGE
    return Renewal(trigger=trigger, value=max(1, value or 0))


def image_offer(pool: ObservedPool, images: Sequence[SupportedImage]) -> Offer | None:
    """The pool's image among those that Batch supports; None where it is the owner's own."""
    reference = at(pool.body, _IMAGE) or {}
    wanted = tuple(str(reference.get(name) or "") for name in ("publisher", "offer", "sku"))
    if not all(wanted):
        return None
    name = "image " + "/".join(wanted)
    for image in images:
        if (image.publisher.lower(), image.offer.lower(), image.sku.lower()) == tuple(map(str.lower, wanted)):
            return Offer(name, image.ends)
    return Offer(name, gone=True)


def size_offer(pool: ObservedPool, sizes: Sequence[VmSize] | None, cloud: CloudName) -> Offer:
    """The pool's size. *sizes*: those that Batch offers, which name their end, or None where they could not be read.

    Where Batch names no end, Microsoft's page may.
    """
    size = str(at(pool.body, "properties.vmSize") or "")
    name = f"size {size}"
    offered = next((one for one in sizes or () if one.name.lower() == size.lower()), None)
    if offered and offered.ends:
        return Offer(name, offered.ends)
    return Offer(name, retirement(size, cloud), PAGE, gone=sizes is not None and offered is None)
