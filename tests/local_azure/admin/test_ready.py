"""Where the ready file lies unless told otherwise, and when that place is not trusted."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from local_azure.admin.ready import default_file

COMMAND = (sys.executable, "-m", "local_azure")


@pytest.fixture
def usual_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the ready file is to be found, in a folder that every user of the machine can write to."""
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    tmp_path.chmod(0o1777)
    return tmp_path / f"local-azure-{os.getuid()}"


def test_the_usual_folder_is_made_for_its_owner(usual_folder: Path) -> None:
    """And is found again."""
    assert default_file() == default_file() == usual_folder / "ready.json"
    assert usual_folder.stat().st_mode & 0o777 == 0o700


def writable(folder: Path) -> None:
    folder.mkdir()
    folder.chmod(0o777)


def elsewhere(folder: Path) -> None:
    target = folder.with_name("target")
    target.mkdir(mode=0o700)
    folder.symlink_to(target)


@pytest.mark.parametrize("prepare", [writable, elsewhere])
@pytest.mark.parametrize("words", [("serve",), ("env",), ("clock",)])
def test_a_folder_of_somebody_elses_making_is_not_trusted(
    usual_folder: Path, prepare: Callable[[Path], None], words: tuple[str, ...]
) -> None:
    """Neither to put the ready file there nor to believe one that lies there."""
    prepare(usual_folder)
    done = subprocess.run([*COMMAND, *words], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 1
    assert (str(usual_folder) in done.stderr, "--ready-file" in done.stderr) == (True, True)
    assert list(usual_folder.iterdir()) == []


def test_a_folder_of_another_user_is_not_trusted(usual_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Even where nobody can write to it but that user."""
    usual_folder.mkdir(mode=0o700)
    user = os.getuid()
    monkeypatch.setattr(os, "getuid", lambda: user + 1)
    usual_folder.rename(usual_folder.with_name(f"local-azure-{user + 1}"))
    with pytest.raises(PermissionError, match=f"local-azure-{user + 1}"):
        default_file()
