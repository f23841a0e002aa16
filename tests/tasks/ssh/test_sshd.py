"""Visits of a real OpenSSH server."""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
import threading
from contextlib import suppress
from pathlib import Path

import pytest

from tasks.ssh.values import Host

KEYGEN = shutil.which("ssh-keygen")
SSHD = shutil.which("sshd", path="/usr/sbin:/usr/local/sbin:/usr/bin")
PRIVILEGE_SEPARATION = Path("/run/sshd")  # root's sshd wants this empty folder; its service makes it

pytestmark = [
    pytest.mark.skipif(not (SSHD and KEYGEN), reason="OpenSSH's sshd is not installed"),
    pytest.mark.skipif(
        os.geteuid() == 0 and not PRIVILEGE_SEPARATION.is_dir() and not os.access("/run", os.W_OK),
        reason="root's sshd needs /run/sshd",
    ),
]

CONFIG = """
HostKey {folder}/host_ed25519
HostKey {folder}/host_rsa
AuthorizedKeysFile {folder}/authorized_keys
StrictModes no
UsePAM no
PasswordAuthentication no
PermitRootLogin prohibit-password
PidFile none
SetEnv PATH={folder}/bin:/usr/bin:/bin
"""
SUDO = """#!/bin/sh
[ "$1" = -n ] || { echo "sudo: a password is required" >&2; exit 1; }
shift
exec "$@"
"""


class Sshd:
    """sshd in inetd's manner, one process a connection: a listening socket of ours, so no port can be missed."""

    def __init__(self, config):
        self._command = [SSHD, "-i", "-e", "-f", str(config)]
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port = self._listening.getsockname()[1]
        self._processes = []
        self._thread = threading.Thread(target=self._accept, daemon=True)
        self._thread.start()

    def _accept(self):
        with suppress(OSError):
            while True:
                connection, _ = self._listening.accept()
                with connection:
                    self._processes.append(
                        subprocess.Popen(self._command, stdin=connection, stdout=connection, stderr=subprocess.DEVNULL)
                    )

    def stop(self):
        self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()
        self._thread.join(10)
        for process in self._processes:
            process.terminate()
            process.wait(10)


def new_key(folder, kind):
    path = folder / f"host_{kind}"
    subprocess.run([KEYGEN, "-q", "-N", "", "-t", kind, "-f", path], check=True, timeout=60)
    return path.with_suffix(".pub").read_text().strip()


@pytest.fixture(scope="module")
def sshd(tmp_path_factory, key):
    folder = tmp_path_factory.mktemp("sshd")
    keys = {kind: new_key(folder, kind) for kind in ("ed25519", "rsa")}
    (folder / "authorized_keys").write_text(key.public_line + "\n")
    (folder / "bin").mkdir()
    sudo = folder / "bin" / "sudo"
    sudo.write_text(SUDO)
    sudo.chmod(0o755)
    config = folder / "sshd_config"
    config.write_text(CONFIG.format(folder=folder))
    made = os.geteuid() == 0 and not PRIVILEGE_SEPARATION.exists()
    if made:
        PRIVILEGE_SEPARATION.mkdir(mode=0o755)
    server = Sshd(config)
    server.keys = keys
    yield server
    server.stop()
    if made:
        PRIVILEGE_SEPARATION.rmdir()


@pytest.fixture
def host(sshd):
    def make(*host_keys, user=None):
        return Host("tvm-1", "127.0.0.1", sshd.port, user or pwd.getpwuid(os.geteuid()).pw_name, host_keys)

    return make


@pytest.mark.parametrize("kind", ["ed25519", "rsa"])
def test_a_script_runs_and_its_output_comes_back(sshd, host, visited, kind):
    """OpenSSH shows the pinned kind of key, takes the ephemeral key and runs the script by sudo's shell."""
    answer = visited(host(sshd.keys[kind]), "echo \"$0 as $(id -un)\"; echo noise >&2\nprintf '%s' end")
    assert answer.failure is None
    assert answer.output.decode() == f"sh as {pwd.getpwuid(os.geteuid()).pw_name}\nend"


def test_a_wrong_host_key_is_refused(host, visited, tmp_path):
    """The server of another key is not signed in to."""
    answer = visited(host(new_key(tmp_path, "ed25519")), "true")
    assert answer.failure.code == "ssh-host-key-changed"


def test_a_long_script_arrives_whole(sshd, host, visited):
    """200 KB on standard input, of which the last line answers."""
    script = "".join(f": {number:06d} {'x' * 90}\n" for number in range(2000)) + "echo last\n"
    assert len(script) > 200_000
    answer = visited(host(sshd.keys["ed25519"]), script)
    assert (answer.failure, answer.output) == (None, b"last\n")


def test_a_large_answer_to_a_long_script(sshd, host, visited):
    """A script that prints as it is read: three megabytes come back whole."""
    script = "".join(f"printf '%01500d' {number}\n" for number in range(2000))
    answer = visited(host(sshd.keys["ed25519"]), script)
    assert (answer.failure, len(answer.output)) == (None, 3_000_000)


def test_an_unknown_user_is_refused(sshd, host, visited):
    """OpenSSH refuses the key of a user that is gone, and that is final."""
    answer = visited(host(sshd.keys["ed25519"], user="batchcert-gone"), "true", start_up_attempts=3)
    assert (answer.failure.code, answer.attempts) == ("ssh-auth-failed", 1)


def test_the_exit_status_is_told(sshd, host, visited):
    """A script that ends badly is told with its status and its words."""
    answer = visited(host(sshd.keys["ed25519"]), "echo oops >&2; exit 3")
    assert answer.failure.code == "visit-command-failed"
    assert answer.failure.what.endswith("ended with status 3: oops")


def test_a_script_that_never_ends_is_cut(sshd, host, visited):
    """The command's time-out holds with OpenSSH too."""
    answer = visited(host(sshd.keys["ed25519"]), "sleep 60", command_timeout=0.5)
    assert answer.failure.code == "ssh-command-timeout"
    assert answer.seconds < 10
