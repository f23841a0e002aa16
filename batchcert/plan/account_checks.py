"""Preflight's checks of the Batch account and of what it offers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice

from batchcert.plan.account import SupportedImage, no_account
from batchcert.plan.surroundings import Surroundings
from batchcert.problems import Problem


def account_fits(seen: Surroundings) -> Iterator[Problem]:
    """The account exists, is where the target says, and takes Entra's tokens."""
    target, account = seen.wanted.target, seen.account
    if not seen.read("account"):
        return
    if account is None:
        yield no_account(target)
        return
    if account.region != target.region:
        yield Problem(
            "region-mismatch",
            what=f"target.region is {target.region}, the Batch account {target.batch_account} is in {account.region}",
            cause="a pool is in its account's region, and so are the names and quotas that are checked",
            cure=f"set target.region to {account.region}",
        )
    if not account.takes_entra:
        yield Problem(
            "batch-account-without-entra",
            what=f"Batch account {target.batch_account} does not take Entra's tokens",
            cause="its allowed authentication modes leave out AAD",
            cure="allow AAD under Authentication mode of the account in the portal",
        )


def image_fits(seen: Surroundings) -> Iterator[Problem]:
    """Batch makes nodes of the image, with the node agent that is asked for."""
    image = seen.wanted.pool.image
    if seen.images is None:
        return
    wanted = (image.publisher.lower(), image.offer.lower(), image.sku.lower())
    pairs = [one for one in seen.images if (one.publisher.lower(), one.offer.lower(), one.sku.lower()) == wanted]
    if not pairs:
        yield Problem(
            "image-not-supported",
            what=f"Batch makes no nodes of {image.publisher}/{image.offer}/{image.sku}",
            cause="the image has ended, or is not one that Batch knows",
            cure=f"use one of these: {_some(seen.images)}",
        )
    elif image.node_agent.lower() not in {pair.node_agent.lower() for pair in pairs}:
        yield Problem(
            "node-agent-mismatch",
            what=f"node agent {image.node_agent} does not go with {image.publisher}/{image.offer}/{image.sku}",
            cause="each image has its node agent",
            cure=f"set pool.image.node_agent to {' or '.join(sorted({pair.node_agent for pair in pairs}))}",
        )


def size_offered(seen: Surroundings) -> Iterator[Problem]:
    """The region has the size."""
    size, target = seen.wanted.pool.vm_size, seen.wanted.target
    if seen.sizes is not None and size.lower() not in {one.name.lower() for one in seen.sizes}:
        yield Problem(
            "vm-size-not-offered",
            what=f"Batch does not offer {size} in {target.region}",
            cause="the size is misspelt, has ended, or is not to be had in the region",
            cure=f"az batch location list-skus --location {target.region}",
        )


def _some(images: Sequence[SupportedImage]) -> str:
    usable = (image for image in images if image.linux and image.verified)
    return ", ".join(f"{one.publisher}/{one.offer}/{one.sku} with {one.node_agent}" for one in islice(usable, 8))
