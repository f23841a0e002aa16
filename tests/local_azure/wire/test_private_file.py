"""What only its owner can read."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from local_azure.wire.private_file import write_private


@pytest.mark.parametrize("mask", [0o000, 0o077])
def test_only_the_owner_reads_it(tmp_path: Path, mask: int) -> None:
    """Whatever the process's umask, and whatever the mode of the file that was there."""
    file = tmp_path / "key.pem"
    file.touch(mode=0o666)
    before = os.umask(mask)
    try:
        write_private(file, b"secret")
    finally:
        os.umask(before)
    assert (file.stat().st_mode & 0o777, file.read_bytes()) == (0o600, b"secret")


def test_who_has_the_old_file_open_sees_nothing(tmp_path: Path) -> None:
    """It is another file, under the same name."""
    file = tmp_path / "key.pem"
    file.write_bytes(b"old")
    with file.open("rb") as held:
        write_private(file, b"secret")
        assert held.read() == b"old"


def test_a_link_leads_nowhere(tmp_path: Path) -> None:
    """What it points to is left as it was."""
    file, target = tmp_path / "key.pem", tmp_path / "target"
    target.write_bytes(b"theirs")
    file.symlink_to(target)
    write_private(file, b"secret")
    assert (file.is_symlink(), target.read_bytes()) == (False, b"theirs")
