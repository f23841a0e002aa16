"""What does not stand in the way of a run and should be known all the same."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Iterator

from batchcert.extension.machines import successor
from batchcert.forecast.limits import SAFE_MARGIN, SOON
from batchcert.plan.surroundings import Surroundings
from batchcert.spec import RenewalTrigger

WIDEST_PREFIX = {4: 16, 6: 32}
_AVERAGE_MONTH = 30.44  # days

Advisor = Callable[[Surroundings], Iterator[str]]


def advice(seen: Surroundings) -> list[str]:
    """Every note, in the order of `ADVISORS`."""
    return [note for advisor in ADVISORS for note in advisor(seen)]


def late_renewal(seen: Surroundings) -> Iterator[str]:
    """A certificate that is renewed shortly before it expires."""
    for spec in seen.wanted.certificates:
        days = float(spec.renewal.value)
        if spec.renewal.trigger is RenewalTrigger.LIFETIME_PERCENTAGE:
            days = spec.validity_months * _AVERAGE_MONTH * (100 - spec.renewal.value) / 100
        if days < SAFE_MARGIN.days:
            yield (
                f"certificate {spec.name} is renewed {days:.0f} days before it expires; Key Vault may lag by 3 days; "
                f"leave at least {SAFE_MARGIN.days}"
            )


def ending_image(seen: Surroundings) -> Iterator[str]:
    """An image that Batch will soon take no new pools of."""
    image = seen.wanted.pool.image
    wanted = (image.publisher.lower(), image.offer.lower(), image.sku.lower())
    for one in seen.images or ():
        same = (one.publisher.lower(), one.offer.lower(), one.sku.lower()) == wanted
        if same and one.ends and one.ends - seen.now < SOON:
            yield f"Batch takes no new pools of {image.offer}/{image.sku} from {one.ends:%Y-%m-%d} on"


def ending_size(seen: Surroundings) -> Iterator[str]:
    """A size that is on its way out."""
    size = seen.wanted.pool.vm_size
    ends = next((one.ends for one in seen.sizes or () if one.name.lower() == size.lower()), None)
    if ends and ends - seen.now < SOON:
        yield f"Batch takes no new pools of {size} from {ends:%Y-%m-%d} on"
    elif replacement := successor(size):
        yield f"the series of {size} is announced to end; {replacement} is its successor"


def wide_networks(seen: Surroundings) -> Iterator[str]:
    """A network that lets very many addresses reach the nodes' SSH."""
    for text in seen.wanted.pool.ssh.allowed_networks:
        network = ipaddress.ip_network(text)
        if network.prefixlen < WIDEST_PREFIX[network.version] and not (network.is_private or network.is_loopback):
            yield f"pool.ssh.allowed_networks: {text} lets {network.num_addresses:,} addresses reach the nodes' SSH"


def own_subscription(seen: Surroundings) -> Iterator[str]:
    """An account that makes its nodes in the owner's subscription."""
    if seen.account and seen.account.allocation_mode.lower() == "usersubscription":
        yield "the Batch account makes its nodes in your subscription: that subscription's quotas count, not Batch's"


def guarded_vault(seen: Surroundings) -> Iterator[str]:
    """A vault that is reached privately: whether the nodes get there cannot be seen from here."""
    vault = seen.vault
    if vault and vault.private_endpoints and not (vault.public and vault.open_to_all):
        yield f"vault {vault.name} has private endpoints; whether the nodes reach one cannot be seen from here"


ADVISORS: tuple[Advisor, ...] = (
    late_renewal,
    ending_image,
    ending_size,
    wide_networks,
    own_subscription,
    guarded_vault,
)
