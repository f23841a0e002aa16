from __future__ import annotations

import base64
import shutil
import subprocess
from pathlib import Path

import pytest

from batchcert.problems import Problem
from batchcert.visit.host_keys import BEGIN, END, MAX_KEYS, START_TASK_COMMAND, output_unread, parse_host_keys

KEYGEN = shutil.which("ssh-keygen")


def line(kind="ssh-ed25519", body=b"\0\0\0\x20" + b"k" * 32, named=None):
    blob = len(named or kind).to_bytes(4, "big") + (named or kind).encode() + body
    return f"{kind} {base64.b64encode(blob).decode()}"


def block(*lines):
    return "\n".join((BEGIN, *lines, END, ""))


ED, RSA = line(), line("ssh-rsa", b"\0\0\0\x03\1\0\1")


@pytest.mark.parametrize(
    ("text", "keys"),
    [
        (block(ED), (ED,)),
        (block(f"{RSA} root@node", f"{ED} root@node"), (RSA, ED)),
        (f"hello\n{block(ED)}bye\n", (ED,)),
        (block(RSA) + block(ED), (ED,)),
        (block(RSA) + f"{BEGIN}\n{ED}\n", (RSA,)),
        (f"{BEGIN}\n{ED}{END}\n", (ED,)),
        (block(ED).replace("\n", "\r\n"), (ED,)),
        (block("", "cat: denied", "ssh-ed25519", "ssh-ed25519 !!!!", ED), (ED,)),
        (block(line(named="ssh-rsa"), ED), (ED,)),
        (block(line(body=b""), ED), (ED,)),
        (block(line(body=b"k" * 9000), ED), (ED,)),
        (block(*[line(body=bytes([n])) for n in range(40)]), tuple(line(body=bytes([n])) for n in range(MAX_KEYS))),
    ],
)
def test_the_keys_between_the_marks_are_read(text, keys):
    """The last whole block's keys, without comments; what is no key or beyond the bounds is passed over."""
    assert parse_host_keys(text) == keys


@pytest.mark.parametrize(
    ("text", "cause", "passes"),
    [
        ("", "no block of host keys", False),
        (f"{ED}\n", "no block of host keys", False),
        (f"{END}\n{ED}\n", "no block of host keys", False),
        (f"{BEGIN}\n{ED}\n", "not printed them all yet", True),
        (block(), "no readable", False),
        (block("Permission denied"), "no readable", False),
    ],
)
def test_without_keys_the_cause_is_told(text, cause, passes):
    """Another start task, one that is still printing, and an image without keys are told apart."""
    with pytest.raises(Problem, match="tvm-7") as caught:
        parse_host_keys(text, node="tvm-7")
    assert caught.value.code == "ssh-host-key-unknown"
    assert cause in caught.value.cause
    assert caught.value.passes is passes


@pytest.mark.parametrize(
    ("refusal", "cause", "cure"),
    [
        (
            Problem("azure-not-found", what="404 FileNotFound", cause="of Azure", cure="check the names"),
            "no start task",
            "the start task that provision sets",
        ),
        (Problem("azure-forbidden", what="403", cause="no role", cure="get one"), "no role", "get one"),
    ],
    ids=["no such file", "no right to read it"],
)
def test_output_that_batch_does_not_hand_out(refusal, cause, cure):
    """A file that is not there is the start task's matter; any other refusal tells its own cause and cure."""
    problem = output_unread(refusal, node="tvm-7")
    assert problem.code == "ssh-host-key-unknown"
    assert refusal.what in problem.what
    assert cause in problem.cause
    assert cure in problem.cure
    assert not problem.passes


def shell_says(command):
    return subprocess.run(["/bin/sh", "-c", command], capture_output=True, text=True, check=False, timeout=10)


@pytest.mark.skipif(not KEYGEN, reason="OpenSSH's ssh-keygen is not installed")
def test_a_real_shell_prints_what_is_parsed(tmp_path):
    """The start task's command, run by a real shell over real key files, gives back those keys."""
    for kind in ("ed25519", "rsa"):
        path = tmp_path / f"ssh_host_{kind}_key"
        subprocess.run([KEYGEN, "-q", "-N", "", "-t", kind, "-f", path], check=True, timeout=60)
    ran = shell_says(START_TASK_COMMAND.replace("/etc/ssh", str(tmp_path)))
    expected = {" ".join(file.read_text().split()[:2]) for file in tmp_path.glob("*.pub")}
    assert set(parse_host_keys(ran.stdout)) == expected
    assert len(expected) == 2
    assert "PRIVATE" not in ran.stdout


def test_a_node_without_keys_does_not_fail_its_start_task(tmp_path):
    """The command ends with 0, since a failed start task makes a node unusable; the reading tells what is wrong."""
    ran = shell_says(START_TASK_COMMAND.replace("/etc/ssh", str(tmp_path)))
    assert ran.returncode == 0
    with pytest.raises(Problem, match="ssh-host-key-unknown"):
        parse_host_keys(ran.stdout)


def test_the_path_in_the_command_is_absolute():
    """Where a node's folder stands for its root, absolute paths are what is translated."""
    path = START_TASK_COMMAND.split("cat ")[1].split(";")[0]
    assert Path(path) == Path("/etc/ssh/ssh_host_*_key.pub")
