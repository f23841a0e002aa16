from __future__ import annotations

import base64
import copy
import os
import pickle

import paramiko
import pytest
from cryptography.hazmat.primitives.serialization import load_ssh_public_key

from tasks.ssh.keys import EphemeralKey


def test_the_public_line_is_that_of_the_signer(key):
    """What goes to Batch verifies what paramiko signs."""
    kind, blob, comment = key.public_line.split()
    public = load_ssh_public_key(f"{kind} {blob}".encode())
    signature = paramiko.Message(key.signer.sign_ssh_data(b"challenge").asbytes())
    assert (signature.get_text(), comment) == ("ssh-ed25519", "batchcert")
    public.verify(signature.get_binary(), b"challenge")


def test_each_key_is_another():
    """No two runs share a key."""
    assert EphemeralKey.generate().public_line != EphemeralKey.generate().public_line


def test_a_seed_makes_the_same_key_elsewhere(key):
    """The other process signs with the same key."""
    assert EphemeralKey(key.seed()).public_line == key.public_line


def test_no_text_shows_the_seed(key):
    """Neither repr nor str nor format tells more than the public half's fingerprint."""
    seed = key.seed()
    told = f"{key!r} {key} {key.signer!r} {key.signer} {[key]}"
    assert key.signer.fingerprint in told
    for form in (seed.hex(), repr(seed)[2:-1], base64.b64encode(seed).decode()):
        assert form not in told


@pytest.mark.parametrize("copying", [pickle.dumps, copy.copy, copy.deepcopy])
def test_it_is_not_pickled_or_copied(key, copying):
    """Nothing that stores results can come to hold it."""
    with pytest.raises(TypeError, match="leave the memory"):
        copying(key)


def test_making_one_opens_no_file(monkeypatch):
    """The key is made in memory."""

    def forbidden(*_args, **_kwargs):
        raise AssertionError("a file was opened")

    monkeypatch.setattr("builtins.open", forbidden)
    monkeypatch.setattr(os, "open", forbidden)
    assert EphemeralKey.generate().signer.can_sign()
