"""What a pool stands on: identity, vault, certificates, access; the same before it is made and before it is changed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from batchcert.changes import Change
from batchcert.outcomes import AccessReady, IdentityReady, VaultReady
from batchcert.spec import CertificateSpec, IdentitySpec, Target, VaultSpec
from tasks.access import grant_access
from tasks.certificate import ensure_certificate
from tasks.identity import ensure_identity
from tasks.vault import ensure_vault


@dataclass(frozen=True)
class Groundwork:
    """All of it is there. *changes* is what this run did to it."""

    identity: IdentityReady
    vault: VaultReady
    access: AccessReady
    changes: tuple[Change, ...]


def lay_groundwork(
    target: Target, identity: IdentitySpec, vault: VaultSpec, certificates: Sequence[CertificateSpec]
) -> Groundwork:
    """Identity beside the certificates, then access: an extension that starts without it makes its node unusable."""
    identity_coming = ensure_identity.submit(target, identity)
    held = ensure_vault(target, vault)
    coming = [ensure_certificate.submit(target, held, certificate) for certificate in certificates]
    reader = identity_coming.result()
    issued = [certificate.result() for certificate in coming]
    access = grant_access(target, reader, held)
    changes = (held.change, reader.change, *(certificate.change for certificate in issued), access.change)
    return Groundwork(reader, held, access, changes)
