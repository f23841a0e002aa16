"""What the host gives."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from local_azure.host import passing_folder
from local_azure.serving import LocalAzure


@pytest.mark.parametrize("soft", [64, 256])
def test_the_limit_of_open_files_is_raised_as_far_as_it_may_be(soft: int) -> None:
    """A process that starts with few may have as many as its hard limit allows, and nobody less than before."""
    code = (
        "import resource\n"
        f"hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]\n"
        f"resource.setrlimit(resource.RLIMIT_NOFILE, ({soft}, hard))\n"
        "from local_azure.host import raise_open_files\n"
        "print(raise_open_files(), raise_open_files())"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = 65_536 if hard == resource.RLIM_INFINITY else min(hard, 65_536)
    assert {int(number) for number in done.stdout.split()} <= {most, 10_240}


def test_tmpdir_decides_where_passing_folders_are(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A person who sets it has a reason."""
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr(tempfile, "tempdir", None)
    assert passing_folder() == str(tmp_path)
    with LocalAzure() as azure:
        assert Path(azure.env["REQUESTS_CA_BUNDLE"]).is_relative_to(tmp_path)
    assert list(tmp_path.iterdir()) == [], "it goes with the process"


def test_a_passing_folder_is_where_programs_run(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever the host has, the folder can be written to and is on no file system that forbids programs."""
    for name in ("TMPDIR", "TEMP", "TMP"):
        monkeypatch.delenv(name, raising=False)
    folder = passing_folder()
    assert folder in {"/dev/shm", tempfile.gettempdir()}
    assert os.access(folder, os.W_OK)
    assert not os.statvfs(folder).f_flag & getattr(os, "ST_NOEXEC", 0)


@pytest.mark.parametrize("ignored", ["SIGHUP", "SIGINT", "SIGQUIT"])
@pytest.mark.parametrize(("before", "heard"), [("", "ignored\n"), ("hand_on_signals(); ", "heard\n")])
def test_what_the_process_ignores_its_programs_hear(ignored: str, before: str, heard: str) -> None:
    """As under nohup: without it a shell cannot trap the signal. The process itself goes on ignoring it."""
    program = f"trap 'echo heard; exit' {ignored[3:]}; kill -{ignored[3:]} $$; echo ignored"
    code = (
        "import os, signal, subprocess\n"
        "from local_azure.host import hand_on_signals\n"
        f"signal.signal(signal.{ignored}, signal.SIG_IGN)\n"
        f"{before}os.kill(os.getpid(), signal.{ignored})\n"
        f"subprocess.run(['/bin/sh', '-c', {program!r}], check=True)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout == heard


def test_a_handler_of_ones_own_stays() -> None:
    """Only what is ignored is touched."""
    code = (
        "import signal\n"
        "from local_azure.host import hand_on_signals\n"
        "before = signal.getsignal(signal.SIGINT)\n"
        "hand_on_signals()\n"
        "print(signal.getsignal(signal.SIGINT) is before)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout == "True\n"
