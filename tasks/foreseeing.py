"""What a forecast needs besides what a pool's nodes should have, read from Azure; no Prefect.

A forecast never fails a run: what cannot be read is told by *azure*, and nothing is foretold of it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import TypeVar

from azure.keyvault.certificates import CertificateClient

from batchcert.forecast.outlook import Outlook, Prospect
from batchcert.plan.certificate import ObservedCertificate
from batchcert.plan.outlook import image_offer, prospect, size_offer
from batchcert.plan.pool import ObservedPool
from batchcert.problems import Problem
from batchcert.spec import Target
from tasks.azure_api import issuing, nodes, pools
from tasks.azure_api.clients import Azure

_BUILT_IN = frozenset({"self", "unknown"})  # issuers that are in no vault's list

T = TypeVar("T")


def foresee(
    azure: Azure,
    target: Target,
    pool: ObservedPool,
    *,
    endpoint: str,
    polling_seconds: int,
    certificates: tuple[Prospect, ...],
) -> Outlook:
    """What is known of the pool's image and size, beside its *certificates*."""
    # listed at the subscription, where whoever runs this may have no role at all: no grant is waited for
    with replace(azure, patience=timedelta(0)).pools(target.subscription_id) as management:
        sizes = _try(azure, "sizes", lambda: pools.vm_sizes(management, target.region))
    with azure.nodes(endpoint) as api:
        images = _try(azure, "images", lambda: nodes.supported_images(api))
    return Outlook(
        certificates=certificates,
        polling=timedelta(seconds=polling_seconds),
        image=None if images is None else image_offer(pool, images),
        size=size_offer(pool, sizes, target.cloud),
    )


def prospect_of(azure: Azure, api: CertificateClient, vault: str, held: ObservedCertificate) -> Prospect | None:
    """How the certificate will be renewed; None while its first version is being issued.

    The issuer and the pending request are asked for only where they tell something.
    """
    if held.version is None:
        return None
    known = prospect(vault, held, held.version)
    if known.issuer.lower() not in _BUILT_IN:
        fault = _try(azure, f"issuer {known.issuer}", lambda: issuing.issuer_fault(api, known.issuer))
        known = replace(known, issuer_fault=fault or "")
    if known.renews_at and known.renews_at <= azure.clock.now:
        request = _try(azure, f"the request for {known.label}", lambda: issuing.request_state(api, held.name))
        known = replace(known, request=request or "")
    return known


def _try(azure: Azure, what: str, read: Callable[[], T]) -> T | None:
    try:
        return read()
    except Problem as problem:
        azure.tell(f"nothing is foretold of {what}: {problem.what}")
        return None
