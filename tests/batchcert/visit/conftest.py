"""Real certificates and keys, and a folder laid out as a node's, on which the visit's script runs for real."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import MappingProxyType

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

from batchcert.spec.service import Endpoint
from batchcert.visit.script import Asked, visit_script

WAAGENT = "/var/lib/waagent"
PASSWD = "/etc/passwd"
ROTATION = "/var/lib/batchcert/rotation"
HANDLER = "Microsoft.Azure.KeyVault.KeyVaultForLinux"
KEYS: Mapping[str, Callable[[], object]] = {
    "rsa": lambda: rsa.generate_private_key(65537, 2048),
    "ec": lambda: ec.generate_private_key(ec.SECP256R1()),
    "ed25519": ed25519.Ed25519PrivateKey.generate,
}


@dataclass(frozen=True)
class Pair:
    """A certificate and its key, as PEM and as DER."""

    key: str
    certificate: str
    der: bytes

    @property
    def file(self) -> str:
        """What the extension writes: certificate, then key."""
        return self.certificate + self.key


def make_pair(kind: str, name: str = "render.example.com") -> Pair:
    """A self-signed certificate for *name*, with a key of this *kind*."""
    key = KEYS[kind]()
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    begin = datetime(2026, 1, 1, tzinfo=UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(begin)
        .not_valid_after(begin + timedelta(days=365))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .sign(key, None if kind == "ed25519" else hashes.SHA256())
    )
    return Pair(
        key=key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        ).decode(),
        certificate=certificate.public_bytes(serialization.Encoding.PEM).decode(),
        der=certificate.public_bytes(serialization.Encoding.DER),
    )


@pytest.fixture(scope="session")
def pairs() -> dict[str, Pair]:
    """A certificate of each kind of key."""
    return {kind: make_pair(kind) for kind in KEYS}


class Node:
    """A folder that stands for a node's root; the script's whole paths are turned to it, as a chroot would."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.at(WAAGENT).mkdir(parents=True)
        self.write(PASSWD, "root:x:0:0:root:/root:/bin/bash\n")

    def at(self, path: str) -> Path:
        """The place of the node's *path* on this machine."""
        return self.root / path.lstrip("/")

    def write(self, path: str, content: str | bytes) -> Path:
        """Put a file there."""
        place = self.at(path)
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(content.encode() if isinstance(content, str) else content)
        return place

    def link(self, path: str, target: str) -> None:
        """Put a link there."""
        self.at(path).parent.mkdir(parents=True, exist_ok=True)
        self.at(path).symlink_to(target)

    def handler(self, version: str, state: str = "Enabled", **statuses: str | bytes) -> str:
        """Install a version of the handler; s1="..." is the content of 1.status. Gives its folder."""
        folder = f"{WAAGENT}/{HANDLER}-{version}"
        self.write(f"{folder}/config/HandlerState", state)
        for number, content in statuses.items():
            self.write(f"{folder}/status/{number[1:]}.status", content)
        return folder

    def visit(
        self,
        stores: Sequence[str] = (),
        shell: Sequence[str] = ("sh",),
        path: str = "",
        readers: Mapping[str, Sequence[str]] | None = None,
        *,
        alone: bool = False,
        served: Sequence[Endpoint] = (),
        hooks: Sequence[str] = (),
        limits: Mapping[str, int] = MappingProxyType({}),
    ) -> bytes:
        """Run the script as a visit does; the node's own paths come back in the answer.

        *path* goes before the machine's own programs, or stands *alone*. *limits*: seconds in the place of the script's
        own, by name.
        """
        places = sorted({WAAGENT, PASSWD, ROTATION, *stores}, key=len, reverse=True)
        text = visit_script(Asked(stores, readers or {}, served, hooks))
        for name, seconds in limits.items():
            text, found = re.subn(rf"^{name}=\d+", f"{name}={seconds}", text, flags=re.MULTILINE)
            assert found == 1
        script = re.sub("|".join(map(re.escape, places)), lambda match: str(self.at(match[0])), text)
        done = subprocess.run(
            [*shell, "-s"],
            input=script.encode(),
            capture_output=True,
            timeout=60,
            check=True,
            env={"PATH": path if alone else f"{path}:/usr/bin:/bin".lstrip(":")},
        )
        assert done.stderr == b""
        return done.stdout.replace(str(self.root).encode(), b"")


@pytest.fixture
def node(tmp_path: Path) -> Node:
    """A node without anything on it."""
    return Node(tmp_path / "node")


SHELLS = {"sh": ("sh",), "dash": ("dash",), "bash": ("bash", "--posix"), "busybox": ("busybox", "sh")}
AWKS = ("mawk", "gawk", "original-awk", "busybox")


@pytest.fixture(params=SHELLS)
def shell(request: pytest.FixtureRequest) -> Sequence[str]:
    """Each shell that is on this machine."""
    words = SHELLS[request.param]
    if shutil.which(words[0]) is None:
        pytest.skip(f"{words[0]} is not installed")
    return words


@pytest.fixture(params=AWKS)
def awk_path(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A folder for the front of PATH in which awk is each of the awks on this machine."""
    found = shutil.which(request.param)
    if found is None:
        pytest.skip(f"{request.param} is not installed")
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "awk").symlink_to(found)
    return str(tmp_path / "bin")


class Tools:
    """A folder of programs for the front of PATH, or for all of it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.mkdir()

    @property
    def path(self) -> str:
        """The folder, as PATH names it."""
        return str(self._folder)

    def make(self, name: str, script: str) -> None:
        """A program that runs *script*."""
        program = self._folder / name
        program.write_text(f"#!/bin/sh\n{script}\n")
        program.chmod(0o755)

    def only(self, *names: str) -> str:
        """The folder with these of the machine's programs beside those made."""
        for name in names:
            found = shutil.which(name)
            assert found, name
            (self._folder / name).symlink_to(found)
        return self.path


@pytest.fixture
def tools(tmp_path: Path) -> Tools:
    """No program yet."""
    return Tools(tmp_path / "tools")
