"""The script that removes files, run for real by each shell on a folder: it removes what it was told, if it is that."""

from __future__ import annotations

import shutil
import subprocess
from importlib import resources
from pathlib import Path

import pytest
import trustme
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.x509 import load_pem_x509_certificate

from batchcert.repair.old_files import OldFile
from batchcert.repair.pruning import prune_script

SHELLS = [["dash"], ["bash", "--posix"], ["busybox", "sh"], ["sh"]]
PATH = "/usr/bin:/bin"
SHELLCHECK = shutil.which("shellcheck")


@pytest.fixture(scope="module")
def pem() -> tuple[bytes, str]:
    """A file as the extension writes it, and the digest of its first certificate."""
    issued = trustme.CA().issue_cert("c.example.com")
    leaf = issued.cert_chain_pems[0].bytes()
    digest = load_pem_x509_certificate(leaf).fingerprint(SHA256()).hex()
    return leaf + issued.private_key_pem.bytes(), digest


@pytest.fixture
def store(tmp_path: Path) -> Path:
    """A folder with a name that wants quoting."""
    folder = tmp_path / "a store; $x"
    folder.mkdir()
    return folder


def old(path: Path, sha256: str, *, removable: bool = True) -> OldFile:
    return OldFile("n", "v/c", str(path.parent), str(path), sha256, expired=True, removable=removable)


def prune(*files: OldFile, shell: list[str] | None = None, path: str = PATH, length: int | None = None) -> None:
    """Send the script, or its first *length* characters, to a shell as a visit does."""
    shell = shell or ["sh"]
    if shutil.which(shell[0]) is None:
        pytest.skip(f"{shell[0]} is not installed")
    text = prune_script(files)[:length]
    done = subprocess.run(
        [shutil.which(shell[0]) or shell[0], *shell[1:], "-s"],
        input=text.encode(),
        capture_output=True,
        timeout=30,
        check=False,
        env={"PATH": path},
    )
    assert done.stdout == b""
    assert length is not None or (done.returncode, done.stderr) == (0, b"")


@pytest.mark.parametrize("shell", SHELLS, ids=lambda shell: shell[0])
def test_a_file_that_is_as_it_was_seen_is_removed(store: Path, pem: tuple[bytes, str], shell: list[str]) -> None:
    """And its neighbour stays, to which the link leads."""
    content, sha256 = pem
    gone, kept = store / "v.c.1.PEM", store / "v.c.2.PEM"
    for file in (gone, kept):
        file.write_bytes(content)
    (store / "v.c").symlink_to(kept.name)
    prune(old(gone, sha256), old(kept, sha256), shell=shell)
    assert {path.name for path in store.iterdir()} == {"v.c", "v.c.2.PEM"}


def test_one_that_is_not_to_be_removed_stays(store: Path, pem: tuple[bytes, str]) -> None:
    """The script does not even name it."""
    file = store / "v.c.1.PEM"
    file.write_bytes(pem[0])
    prune(old(file, pem[1], removable=False))
    assert file.exists()
    assert file.name not in prune_script([old(file, pem[1], removable=False)])


def test_one_that_holds_something_else_by_now_stays(store: Path, pem: tuple[bytes, str]) -> None:
    """Its first certificate is not the one that was seen, or it has none."""
    other, none = store / "other.PEM", store / "none.PEM"
    other.write_bytes(pem[0])
    none.write_text("no certificate\n")
    prune(old(other, "0" * 64), old(none, pem[1]), old(store / "missing.PEM", pem[1]))
    assert other.exists()
    assert none.exists()


def test_a_link_stays_and_so_does_what_it_leads_to(store: Path, tmp_path: Path, pem: tuple[bytes, str]) -> None:
    """Wherever that lies, and also where the link is a hidden one."""
    elsewhere, file = tmp_path / "elsewhere.PEM", store / "v.c.1.PEM"
    for path in (elsewhere, file):
        path.write_bytes(pem[0])
    (store / "link.PEM").symlink_to(elsewhere)
    (store / ".hidden").symlink_to(file)
    prune(old(store / "link.PEM", pem[1]), old(file, pem[1]))
    assert elsewhere.exists()
    assert file.exists()
    assert (store / "link.PEM").is_symlink()


def test_without_openssl_nothing_is_removed(store: Path, tmp_path: Path, pem: tuple[bytes, str]) -> None:
    """Then nobody can say that the file is still what it was."""
    programs = tmp_path / "bin"
    programs.mkdir()
    for name in ("readlink", "tr", "rm"):
        (programs / name).symlink_to(shutil.which(name, path=PATH) or "")
    file = store / "v.c.1.PEM"
    file.write_bytes(pem[0])
    prune(old(file, pem[1]), path=str(programs))
    assert file.exists()


def test_half_a_script_removes_nothing(store: Path, pem: tuple[bytes, str]) -> None:
    """Wherever it breaks off before its last line: a line that is cut could name another file."""
    files = [store / f"v.c.{number}.PEM" for number in range(3)]
    for file in files:
        file.write_bytes(pem[0])
    wanted = [old(file, pem[1]) for file in files]
    whole = prune_script(wanted)
    last = whole.rindex("prune_all <")
    for length in {whole.index("prune_all() {"), last, *range(last - 300, last, 17)}:
        prune(*wanted, length=length)
    assert all(file.exists() for file in files)
    prune(*wanted)
    assert not any(file.exists() for file in files)


@pytest.mark.skipif(SHELLCHECK is None, reason="shellcheck is not installed")
def test_shellcheck_has_nothing_to_say() -> None:
    """For plain sh."""
    script = resources.files("batchcert.repair").joinpath("prune.sh").read_bytes()
    done = subprocess.run([str(SHELLCHECK), "-"], input=script, capture_output=True, timeout=60, check=False)
    assert (done.returncode, done.stdout.decode()) == (0, "")
