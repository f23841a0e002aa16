"""What uses the certificates of a pool that batchcert made, from its metadata."""

from __future__ import annotations

from collections.abc import Mapping

from batchcert.extension.correction.remarks import Remarks
from batchcert.extension.pool_body import PoolBody
from batchcert.extension.services import SERVICES, kept_services, services_text
from batchcert.problems import Problem
from batchcert.spec import ServiceSpec

OURS = frozenset({"batchcert", SERVICES})
"""The items of a pool's metadata that provision writes itself."""


def services(body: PoolBody, remarks: Remarks) -> list[ServiceSpec]:
    """What the metadata tell; those that cannot be read are left out."""
    items = body.properties["metadata"].elements
    try:
        return kept_services(services_text(one.value for one in items if isinstance(one.value, Mapping)))
    except Problem as problem:
        remarks.leave_out(body.properties["metadata"].path, problem.what)
        return []
