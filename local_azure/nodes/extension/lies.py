"""Stores of an extension that claims success and does not hold what Key Vault has."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from local_azure.nodes.disk import Disk
from local_azure.nodes.extension.pem import Bundle
from local_azure.nodes.extension.settings import Observed
from local_azure.nodes.extension.store import Store


class OldStore(Store):
    """Keeps the first version that it gets, whatever comes later."""

    def has(self, observed: Observed, version: str) -> bool:
        """Whether it has any version."""
        del version
        return self.holds(observed)


class ForeignStore(Store):
    """Holds a certificate of the right name that nobody asked for, signed by itself.

    Its files go by version ids of their own, so that an honest store on the same disk finds nothing of its own there.
    """

    def has(self, observed: Observed, version: str) -> bool:
        """Whether it has its own version of this version."""
        return super().has(observed, _other(version))

    def put(self, observed: Observed, version: str, bundle: Bundle) -> str:
        """Write its own version in place of this one."""
        return super().put(observed, _other(version), _forged(bundle))


LIES: Mapping[str, type[Store]] = {"old": OldStore, "foreign": ForeignStore}


def store_of(disk: Disk, major: int, lie: str) -> Store:
    """The store of an extension that lies as *lie* says, one of `LIES`, or is honest where it is ""."""
    return LIES[lie](disk, major) if lie else Store(disk, major)


def _other(version: str) -> str:
    return hashlib.blake2b(version.encode(), digest_size=16).hexdigest()


def _forged(bundle: Bundle) -> Bundle:
    key, real = ec.generate_private_key(ec.SECP256R1()), bundle.chain[0]
    leaf = (
        x509.CertificateBuilder()
        .subject_name(real.subject)
        .issuer_name(real.subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(real.not_valid_before_utc)
        .not_valid_after(real.not_valid_after_utc)
        .sign(key, hashes.SHA256())
    )
    return Bundle((leaf,), key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
