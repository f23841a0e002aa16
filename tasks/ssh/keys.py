"""The key pair of one run: made in memory, never on a disk, gone with the process."""

from __future__ import annotations

import io
import secrets
from typing import NoReturn

import paramiko
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

SEED_BYTES = 32  # RFC 8032, section 5.1.5


class EphemeralKey:
    """An ed25519 key pair that shows its public half alone.

    It refuses to be pickled or copied, so that no result store and no cache of tasks can come to hold it.

    Attributes:
        public_line: the public key as Batch's `sshPublicKey` and an authorized_keys file take it.
        signer: the same key for paramiko, parsed once for all the visits of a run.
    """

    __slots__ = ("_seed", "public_line", "signer")

    def __init__(self, seed: bytes) -> None:
        self._seed = seed
        private = Ed25519PrivateKey.from_private_bytes(seed)
        text = private.private_bytes(Encoding.PEM, PrivateFormat.OpenSSH, NoEncryption()).decode()
        self.signer = paramiko.Ed25519Key(file_obj=io.StringIO(text))
        self.public_line = f"{self.signer.get_name()} {self.signer.get_base64()} batchcert"

    @classmethod
    def generate(cls) -> EphemeralKey:
        """A new key from the system's source of randomness."""
        return cls(secrets.token_bytes(SEED_BYTES))

    def seed(self) -> bytes:
        """The private half, for the pipe to a process of ours and for nothing else."""
        return self._seed

    def __repr__(self) -> str:
        """The public half's fingerprint."""
        return f"EphemeralKey({self.signer.fingerprint})"

    def __reduce__(self) -> NoReturn:
        """Refuse: what is pickled may be stored."""
        raise TypeError("an EphemeralKey is not pickled or copied: it would leave the memory of its run")
