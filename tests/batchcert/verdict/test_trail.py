"""The line from the pool down to the extension, and the nearest cause."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from batchcert.problems import Problem
from batchcert.verdict.causes import BEHIND, Cause
from batchcert.verdict.checks import judge
from batchcert.verdict.evidence import PoolView

NOW = datetime(2026, 6, 1, 12, 0, tzinfo=UTC)
SHORT = PoolView(resize_errors=("AllocationFailed: no machines",))
UNUSABLE = {"state": "unusable", "visited": False, "errors": ("VMExtension: it failed",)}


def fault(code: str) -> Problem:
    return Problem(code, what="settings.x: seen there", cause="why it matters", cure="what to write")


@pytest.mark.parametrize(
    ("changes", "line"),
    [
        (UNUSABLE, "the node is unusable: VMExtension: it failed"),
        (UNUSABLE | {"errors": ()}, "the node is unusable: Batch names no error"),
        (
            UNUSABLE | {"pool": SHORT, "extensions": ("KV: boom",)},
            (
                "the pool says: AllocationFailed: no machines -> the node is unusable: VMExtension: it failed -> "
                "the guest agent says of the extension: KV: boom"
            ),
        ),
        (
            {"state": "unusable", "errors": (), "status": "error", "message": "boom"},
            "the node is unusable: Batch names no error -> its status says: error: boom",
        ),
        ({"status": "error", "message": "boom"}, "the extension reports error: boom"),
        (
            {"status": "error", "message": "boom", "pool": SHORT, "errors": ("DiskFull: full",)},
            "the node says: DiskFull: full -> the extension reports error: boom",
        ),
        (
            {"handlers": (), "errors": ("VMExtension: not found",)},
            "the node says: VMExtension: not found -> the node has no installed KeyVaultForLinux handler",
        ),
    ],
)
def test_each_says_its_part(scene, changes, line):
    """From the pool through the node and its guest agent to the status; who says nothing is left out."""
    assert judge(replace(scene, **changes).evidence(), NOW).message == line


def test_what_is_long_is_told_once(scene):
    """A node's errors that had to be cut are not told a second time."""
    seen = replace(scene, **(UNUSABLE | {"errors": ("VMExtension: " + "x" * 2000,), "pool": SHORT}))
    message = judge(seen.evidence(), NOW).message
    assert message.count("VMExtension") == 1
    assert message.index("the pool says") < message.index("the node is unusable")


def test_a_line_stays_one(scene):
    """Whatever a pool, a node or an extension says, and however long."""
    told = ("a\nb\x1b[31m" * 1000,)
    seen = replace(scene, **(UNUSABLE | {"pool": PoolView(told), "errors": told, "extensions": told}))
    message = judge(seen.evidence(), NOW).message
    assert message.isprintable()
    assert len(message) <= 1400


WORDS = {
    Cause.IDENTITY_NOT_FOUND: "Identity not found",
    Cause.AUTH_CONFIG_MISSING: "Attempt to get non-existent AuthConfig",
    Cause.SETTINGS_NOT_AN_OBJECT: "Failed to parse the configuration settings with: 'not an object'",
    Cause.URL_WITHOUT_HOST: "URI must contain a hostname.",
    Cause.IMAGE_GONE: "PlatformImageNotFound",
}


@pytest.mark.parametrize(("cause", "code"), [(cause, code) for cause in BEHIND for code in sorted(BEHIND[cause])])
def test_what_the_pool_s_body_shows_is_the_nearer_cause(scene, cause, code):
    """Where the words fit it; what the field holds is told with it."""
    others = (fault("no-way-out"), fault(code))
    seen = replace(scene, **UNUSABLE | {"errors": (WORDS[cause],), "pool": PoolView(faults=others)})
    found = judge(seen.evidence(), NOW)
    assert found.cause == "settings.x: seen there: why it matters"
    assert found.cure == "what to write"


def test_another_fault_of_the_body_explains_nothing(scene):
    """A trap that does not bring the message about is not blamed for it."""
    seen = replace(scene, status="error", message="Identity not found", pool=PoolView(faults=(fault("image-retired"),)))
    assert judge(seen.evidence(), NOW).cause == Cause.IDENTITY_NOT_FOUND.cause


def test_the_nearest_words_count(scene):
    """The extension's own before the node's, and these before the pool's."""
    pool = PoolView(resize_errors=("PlatformImageNotFound: gone",))
    seen = replace(scene, **UNUSABLE | {"pool": pool})
    assert judge(seen.evidence(), NOW).cause == Cause.IMAGE_GONE.cause
    seen = replace(seen, extensions=("KV: Identity not found",))
    assert judge(seen.evidence(), NOW).cause == Cause.IDENTITY_NOT_FOUND.cause
