"""The files that a client signs in with: a certificate with its key, and a token that its cluster renews."""

from __future__ import annotations

import asyncio
import base64
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID

from local_azure.services.entra.workload import LIFETIME_SECONDS, Workload
from local_azure.wire.private_file import write_private

_CERTIFICATE_DAYS = 730  # what "Certificates & secrets" of an application recommends at most


class ClientCertificate:
    """The application's certificate: `client.pem` in *folder*, 0600, with the key that proves it.

    It is made once and found again. The application itself holds the public part alone.
    """

    def __init__(self, folder: Path, name: str) -> None:
        self.file = folder / "client.pem"
        if not self.file.exists():
            write_private(self.file, _made(name))
        self._certificate = x509.load_pem_x509_certificate(self.file.read_bytes())

    @property
    def public_key(self) -> rsa.RSAPublicKey:
        """What its signatures are verified with."""
        key = self._certificate.public_key()
        if not isinstance(key, rsa.RSAPublicKey):
            raise TypeError(f"{self.file} holds no RSA certificate")
        return key

    def thumbprints(self) -> dict[str, str]:
        """The certificate's digests by the header of an assertion that names it. Source: RFC 7515, 4.1.7 and 4.1.8."""
        return {
            "x5t": _base64url(self._certificate.fingerprint(hashes.SHA1())),  # noqa: S303 - a name, not a signature
            "x5t#S256": _base64url(self._certificate.fingerprint(hashes.SHA256())),
        }


class FederatedTokenFile:
    """The service account's token: `federated-token` in *folder*, 0600, renewed before it expires."""

    def __init__(self, folder: Path, workload: Workload) -> None:
        self.file = folder / "federated-token"
        self._workload = workload
        self.renew()

    def renew(self) -> None:
        """Put a fresh token into the file; a reader sees the old one or the new one, never half of one."""
        draft = self.file.with_suffix(".new")
        write_private(draft, self._workload.token().encode())
        draft.replace(self.file)

    async def keep_fresh(self) -> None:
        """Renew it again and again at half of its life, until cancelled."""
        while True:
            await asyncio.sleep(LIFETIME_SECONDS / 2)
            self.renew()


def _made(name: str) -> bytes:
    key = rsa.generate_private_key(65537, 2048)
    now = datetime.now(UTC)
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(days=_CERTIFICATE_DAYS))
        .sign(key, hashes.SHA256())
    )
    secret = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return secret + certificate.public_bytes(serialization.Encoding.PEM)


def _base64url(digest: bytes) -> str:
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
