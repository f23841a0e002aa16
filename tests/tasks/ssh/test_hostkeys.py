from __future__ import annotations

import subprocess

import pytest

from batchcert.problems import Problem
from tasks.ssh.hostkeys import in_order, pinned_keys
from tasks.ssh.transport import HOST_KEY_ALGORITHMS
from tasks.ssh.values import Host

ED = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f"


def host(*lines):
    return Host("tvm-1", "10.0.0.4", 50000, "visitor", lines)


@pytest.mark.parametrize(
    ("kinds", "first"),
    [
        (["ssh-ed25519"], ["ssh-ed25519"]),
        (["ssh-rsa"], ["rsa-sha2-512", "rsa-sha2-256"]),
        (["ecdsa-sha2-nistp384"], ["ecdsa-sha2-nistp384"]),
        (["ssh-rsa", "ssh-ed25519"], ["rsa-sha2-512", "rsa-sha2-256", "ssh-ed25519"]),
    ],
)
def test_the_pinned_kinds_are_asked_for_first(kinds, first):
    """The algorithms of the pinned keys lead; all the others follow, each once."""
    pinned = pinned_keys(host(*(f"{kind} QUFB" for kind in kinds)), HOST_KEY_ALGORITHMS)
    order = in_order(pinned, HOST_KEY_ALGORITHMS)
    assert list(order[: len(first)]) == first
    assert sorted(order) == sorted(HOST_KEY_ALGORITHMS)


@pytest.mark.parametrize("lines", [(), ("ssh-dss QUFB",), ("ssh-ed25519",), ("ssh-ed25519 ?",), ("",)])
def test_no_usable_key_is_a_problem(lines):
    """A node without a key that can be checked is named, and not visited."""
    with pytest.raises(Problem, match=r"tvm-1 \(10.0.0.4:50000\)") as caught:
        pinned_keys(host(*lines), HOST_KEY_ALGORITHMS)
    assert (caught.value.code, caught.value.passes) == ("ssh-host-key-unknown", False)


def test_unusable_keys_are_passed_over():
    """One good key is enough."""
    (pinned,) = pinned_keys(host("ssh-dss QUFB", "nonsense", f"{ED} comment"), HOST_KEY_ALGORITHMS)
    assert pinned.kind == "ssh-ed25519"


def test_the_fingerprint_is_that_of_openssh(tmp_path, ssh_keygen):
    """A person can compare it with what OpenSSH shows."""
    file = tmp_path / "key.pub"
    file.write_text(ED + "\n")
    shown = subprocess.run([ssh_keygen, "-lf", file], capture_output=True, text=True, check=True, timeout=10)
    (pinned,) = pinned_keys(host(ED), HOST_KEY_ALGORITHMS)
    assert pinned.fingerprint in shown.stdout.split()


def test_an_ipv6_address_is_shown_in_brackets():
    """Address and port can be told apart."""
    assert Host("tvm-1", "2001:db8::4", 22, "u", ()).label == "tvm-1 ([2001:db8::4]:22)"
