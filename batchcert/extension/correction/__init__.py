"""From a pool's request body to parameters for `provision` that fall into none of its traps."""

from collections.abc import Mapping
from dataclasses import dataclass

from batchcert.extension.correction import certificates, leftovers, places, pool
from batchcert.extension.correction.remarks import Remark, Remarks
from batchcert.extension.correction.services import services
from batchcert.extension.pool_body import PoolBody


@dataclass(frozen=True)
class Correction:
    """Parameters, and what a person must know of them.

    Attributes:
        parameters: `target`, `identity`, `vault`, `certificates` and `pool`, as the parameter models take them.
        to_fill_in: parameters that are placeholders or guesses, and why.
        left_out: places in the body that the parameters do not stand for, and why.
    """

    parameters: dict[str, object]
    to_fill_in: tuple[Remark, ...]
    left_out: tuple[Remark, ...]


def correct(body: Mapping[str, object]) -> Correction:
    """The parameters that *body* stands for, with what has ended replaced and what it does not say left to fill in."""
    whole, remarks = PoolBody(body), Remarks()
    observed = certificates.observed_certificates(whole, remarks)
    parameters: dict[str, object] = {
        "target": places.target(whole, observed, remarks),
        "identity": places.identity(whole, remarks),
        "vault": places.vault(observed, remarks),
        "certificates": certificates.certificates(observed, services(whole, remarks), remarks),
        "pool": pool.pool(whole, remarks),
    }
    leftovers.leftovers(whole, remarks)
    return Correction(parameters, tuple(remarks.to_fill_in), tuple(remarks.left_out))


def corrected_parameters(body: Mapping[str, object]) -> dict[str, object]:
    """The parameters alone; they validate against the parameter models, placeholders included."""
    return correct(body).parameters


__all__ = ["Correction", "Remark", "correct", "corrected_parameters"]
