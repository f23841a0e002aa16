"""Each verdict, as a table: one thing changed on a node on which all is well."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from batchcert.problems import Problem
from batchcert.spec import Channel
from batchcert.verdict.checks import judge, row
from batchcert.verdict.finding import Verdict
from batchcert.visit.faults import Fault
from batchcert.visit.report import Handler, Store

NOW = datetime(2026, 6, 1, 12, 0, tzinfo=UTC)
CURRENT, EARLIER, FOREIGN = "c" * 64, "e" * 64, "f" * 64
RETRYING = "Failed to download one or more certificates, retrying..."


def ago(**span: float) -> datetime:
    return NOW - timedelta(**span)


def at(moment: datetime) -> str:
    return f"{moment:%Y-%m-%dT%H:%M:%SZ}"


def problem(code: str) -> Problem:
    return Problem(code, what="what happened", cause="why", cure="what to do")


OLD_LEAF = {"leaf": EARLIER, "leaf_begin": ago(days=300), "leaf_end": NOW + timedelta(days=30)}
NO_FILE = {"store": {"files": ()}}
NO_CHAIN = {"file": {"chain": (), "fault": Fault.FILE_BROKEN.problem("kv.web is cut")}}
YOUNG = {"allocated_at": ago(minutes=5)}
NEW = {"issued_at": ago(minutes=5)}
EXPIRED = {"leaf_end": ago(seconds=1)}
GARBAGE = {"handler": {"status": None, "fault": Fault.STATUS_GARBAGE.problem("not JSON")}}
HALF = {"handler": {"status": None, "fault": Fault.STATUS_HALF_WRITTEN.problem("breaks off")}}
LARGE = {"handler": {"status": None, "fault": Fault.STATUS_TOO_LARGE.problem("too large")}}
NO_STATUS = {"handler": {"status": None, "sequence": None}}
NOT_INSTALLED = {"handlers": (Handler("3.0.5.0", "FailedUpgrade", None, None),)}
TRYING = {"status": "transitioning", "message": RETRYING}
FRESH = {"reported_at": at(ago(minutes=2))}
VIEW = {"channel": Channel.EXTENSION, "stores": (), "span": None}
PINNED_BEHIND = {"pinned": "0ld00000"}

TABLE = {
    # As it should be.
    "all is well": ({}, "current", "current"),
    "old leaf's namesake is no matter": ({"earlier": (EARLIER,)}, "current", "current"),
    "pinned to what is current": ({"pinned": "5C2F00AA"}, "current", "current-but-pinned"),
    "current on a young node": (YOUNG, "current", "current"),
    # Through the extension's view, which shows no store.
    "the extension says success": (VIEW, "reported", "extension-reports-success"),
    "it says so on a young node": (VIEW | YOUNG, "reported", "extension-reports-success"),
    "it says so of a version that is new": (VIEW | NEW, "reported", "extension-reports-success"),
    "it says so of a version that has ended": (VIEW | PINNED_BEHIND, "stale", "pinned-version"),
    "the view says error": (VIEW | {"status": "error"}, "failed", "extension-error"),
    "the view says error in known words": (
        VIEW | {"status": "error", "message": "Identity not found"},
        "failed",
        "extension-identity-not-found",
    ),
    "the view says warning": (VIEW | {"status": "warning"}, "failed", "extension-warning"),
    "the view is transitioning since a boot": (VIEW | TRYING | FRESH, "pending", "extension-transitioning"),
    "the view is transitioning for long": (VIEW | TRYING, "failed", "extension-download-failing"),
    "the view is transitioning, since when is not told": (
        VIEW | TRYING | {"reported_at": ""},
        "failed",
        "extension-download-failing",
    ),
    "the view has no such extension": (VIEW | {"handlers": ()}, "failed", "handler-not-installed"),
    "it has none on a young node": (VIEW | YOUNG | {"handlers": ()}, "pending", "node-young"),
    "no view": (VIEW | {"failure": problem("azure-forbidden")}, "unreachable", "azure-forbidden"),
    # What Batch says.
    "leaving": ({"state": "leavingpool"}, "skipped", "node-leaving"),
    "preempted": ({"state": "preempted", "visited": False}, "skipped", "node-leaving"),
    "deallocating": ({"state": "deallocating"}, "skipped", "node-leaving"),
    "deallocated": ({"state": "deallocated", "failure": problem("ssh-connect-failed")}, "skipped", "node-leaving"),
    "unusable": ({"state": "unusable", "visited": False}, "failed", "node-unusable"),
    "start task failed": ({"state": "starttaskfailed", "visited": False}, "failed", "node-start-task-failed"),
    "starting": ({"state": "starting", "visited": False, "state_since": ago(minutes=9)}, "pending", "node-starting"),
    "creating, since when is not told": (
        {"state": "creating", "visited": False, "state_since": None, "allocated_at": None},
        "pending",
        "node-starting",
    ),
    "rebooting, and SSH is down": (
        {"state": "rebooting", "state_since": ago(minutes=9), "failure": problem("ssh-connect-failed")},
        "pending",
        "node-starting",
    ),
    "waiting for its start task too long": (
        {"state": "waitingforstarttask", "visited": False, "state_since": ago(minutes=31)},
        "unreachable",
        "node-not-ready",
    ),
    "allocated long ago, state without a date": (
        {"state": "creating", "visited": False, "state_since": None},
        "unreachable",
        "node-not-ready",
    ),
    "offline": ({"state": "offline", "visited": False}, "unreachable", "node-offline"),
    "unknown": ({"state": "unknown", "visited": False}, "unreachable", "node-lost"),
    "a state of the future": ({"state": "hibernating", "visited": False}, "unreachable", "node-lost"),
    "a state that changed after the visit": ({"state": "rebooting"}, "current", "current"),
    "idle, not visited": ({"visited": False}, "unreachable", "node-not-visited"),
    # How the visit went.
    "no SSH": ({"failure": problem("ssh-connect-failed")}, "unreachable", "ssh-connect-failed"),
    "host key changed": ({"failure": problem("ssh-host-key-changed")}, "unreachable", "ssh-host-key-changed"),
    "host key unknown": ({"failure": problem("ssh-host-key-unknown")}, "unreachable", "ssh-host-key-unknown"),
    "wrong key": ({"failure": problem("ssh-auth-failed")}, "unreachable", "ssh-auth-failed"),
    "dropped": ({"failure": problem("ssh-dropped")}, "unreachable", "ssh-dropped"),
    "no user": ({"failure": problem("node-user-refused")}, "unreachable", "node-user-refused"),
    "no answer": ({"failure": problem("visit-answer-cut")}, "failed", "visit-answer-cut"),
    "no answer on a young node": (YOUNG | {"failure": problem("visit-answer-cut")}, "failed", "visit-answer-cut"),
    # Expired, whatever else.
    "current and expired": (EXPIRED, "expired", "version-expired"),
    "old and expired": (OLD_LEAF | EXPIRED, "expired", "leaf-expired"),
    "expired, and a new version just issued": (OLD_LEAF | EXPIRED | NEW, "expired", "leaf-expired"),
    "expired on a young node": (OLD_LEAF | EXPIRED | YOUNG, "expired", "leaf-expired"),
    "expired, and the extension in error": (OLD_LEAF | EXPIRED | {"status": "error"}, "expired", "leaf-expired"),
    "expired, and the status garbage": (OLD_LEAF | EXPIRED | GARBAGE, "expired", "leaf-expired"),
    "the last second": ({"leaf_end": NOW}, "current", "current"),
    # The extension.
    "garbage": (GARBAGE, "failed", "status-garbage"),
    "half-written": (HALF, "failed", "status-half-written"),
    "too large": (LARGE, "failed", "status-too-large"),
    "garbage on a young node": (GARBAGE | YOUNG, "failed", "status-garbage"),
    "error": ({"status": "error", "message": "whatever"}, "failed", "extension-error"),
    "error on a young node": ({"status": "error", "message": "whatever"} | YOUNG, "failed", "extension-error"),
    "error, and no file": ({"status": "error", "message": "whatever"} | NO_FILE, "failed", "extension-error"),
    "warning": ({"status": "warning"}, "failed", "extension-warning"),
    "no handler": (NOT_INSTALLED, "failed", "handler-not-installed"),
    "no handler at all": ({"handlers": ()}, "failed", "handler-not-installed"),
    "no handler on a young node": (NOT_INSTALLED | YOUNG, "pending", "node-young"),
    "no handler, and a new version": (NOT_INSTALLED | NEW, "failed", "handler-not-installed"),
    "no status": (NO_STATUS, "failed", "status-missing"),
    "no status on a young node": (NO_STATUS | YOUNG, "pending", "node-young"),
    "trying, for a new version": (TRYING | OLD_LEAF | NEW, "pending", "extension-transitioning"),
    "trying on a young node": (TRYING | NO_FILE | YOUNG, "pending", "node-young"),
    "trying since two minutes": (TRYING | FRESH, "pending", "extension-transitioning"),
    "trying since two minutes, a version of this morning": (
        TRYING | FRESH | OLD_LEAF | {"issued_at": ago(hours=6)},
        "pending",
        "extension-transitioning",
    ),
    "trying for ever": (TRYING | FRESH | OLD_LEAF, "failed", "extension-download-failing"),
    "trying for a month": (TRYING, "failed", "extension-download-failing"),
    "at work for a month": ({"status": "transitioning", "message": "Starting"}, "failed", "extension-stuck"),
    "at work, since when is not told": (TRYING | {"reported_at": "lately"}, "failed", "extension-download-failing"),
    "at work, in the future": (
        TRYING | {"reported_at": at(NOW + timedelta(days=1))},
        "failed",
        "extension-download-failing",
    ),
    # The certificate.
    "pinned": ({"pinned": "0000aaaa"}, "stale", "pinned-version"),
    "pinned on a young node": ({"pinned": "0000aaaa"} | YOUNG | NO_FILE, "stale", "pinned-version"),
    "pinned and behind": ({"pinned": "0000aaaa", "earlier": ()} | OLD_LEAF, "stale", "pinned-version"),
    "foreign, the versions known": (OLD_LEAF | {"earlier": (EARLIER,), "leaf": FOREIGN}, "failed", "wrong-certificate"),
    "foreign, on a young node": (OLD_LEAF | {"earlier": ()} | YOUNG, "failed", "wrong-certificate"),
    "younger than the current version": (
        {"leaf": FOREIGN, "leaf_begin": ago(days=9)},
        "failed",
        "wrong-certificate",
    ),
    "behind, version new": (OLD_LEAF | NEW, "pending", "rotation-pending"),
    "behind, tolerance just over": (OLD_LEAF | {"issued_at": ago(minutes=15)}, "pending", "rotation-pending"),
    "behind, tolerance over": (OLD_LEAF | {"issued_at": ago(minutes=16)}, "stale", "rotation-overdue"),
    "behind, on a young node": (OLD_LEAF | YOUNG, "pending", "node-young"),
    "behind, age not told": (OLD_LEAF | {"allocated_at": None}, "stale", "rotation-overdue"),
    "behind, the versions known": (OLD_LEAF | {"earlier": (EARLIER,)}, "stale", "rotation-overdue"),
    "no file": (NO_FILE, "missing", "certificate-file-missing"),
    "no file, version new": (NO_FILE | NEW, "pending", "rotation-pending"),
    "no file on a young node": (NO_FILE | YOUNG, "pending", "node-young"),
    "not the link that was asked for": ({"link_name": "front"}, "missing", "certificate-file-missing"),
    "no store": ({"store": {"exists": False, "files": ()}}, "missing", "store-missing"),
    "another store": ({"stores": (Store("/elsewhere", True, ()),)}, "missing", "store-missing"),
    "no certificate in the file": (NO_CHAIN, "missing", "store-file-broken"),
    "no certificate in the file, version new": (NO_CHAIN | NEW, "pending", "rotation-pending"),
    "a fault behind the leaf": ({"file": {"fault": Fault.FILE_BROKEN.problem("cut")}}, "current", "current"),
}


@pytest.mark.parametrize(("changes", "verdict", "reason"), TABLE.values(), ids=TABLE)
def test_what_is_said_of_it(scene, changes, verdict, reason):
    """The verdict and its reason; every finding says something, and one that is not fine says why and what to do."""
    finding = judge(replace(scene, **changes).evidence(), NOW)
    assert (finding.verdict.value, finding.reason) == (verdict, reason)
    assert finding.message
    assert finding.cause
    assert finding.cure or finding.verdict in {Verdict.CURRENT, Verdict.SKIPPED}


MESSAGES = {
    '{"error":"invalid_request","error_description":"Identity not found"}': "extension-identity-not-found",
    "Failed to parse the configuration settings with: 'not an object'": "extension-settings-not-an-object",
    "Attempt to get non-existent AuthConfig": "extension-auth-config-missing",
    "URI must contain a hostname.": "extension-url-without-host",
    RETRYING: "extension-download-failing",
    f"{RETRYING} Identity not found": "extension-identity-not-found",
    f'{RETRYING} 403 {{"innererror": {{"code": "ForbiddenByFirewall"}}}}': "extension-vault-firewall",
    f"{RETRYING} Client address is not authorized and caller is not a trusted service.": "extension-vault-firewall",
    f'{RETRYING} 403 {{"innererror": {{"code": "ForbiddenByConnection"}}}}': "extension-vault-firewall",
    f'{RETRYING} 403 {{"innererror": {{"code": "ForbiddenByRbac"}}}}': "extension-vault-forbidden",
    f'{RETRYING} 403 {{"innererror": {{"code": "AccessDenied"}}}}': "extension-vault-forbidden",
    f"{RETRYING} The user, group or application does not have secrets get permission": "extension-vault-forbidden",
    f"{RETRYING} Operation get is not allowed on a disabled secret.": "extension-secret-disabled",
    f"{RETRYING} A secret with (name/id) web was not found in this key vault.": "extension-secret-not-found",
    f"{RETRYING} Could not resolve host: kv.vault.azure.net": "extension-name-not-resolved",
    f"{RETRYING} Error in: Temporary failure in name resolution": "extension-name-not-resolved",
    "PlatformImageNotFound: The platform image 'a:b:c:latest' is not available.": "node-image-gone",
}


@pytest.mark.parametrize(("message", "reason"), MESSAGES.items())
def test_a_known_message_is_its_own_reason(scene, message, reason):
    """Its words are shown, and its cause and cure are named, also where Batch or an expired leaf brings it up."""
    failed = judge(replace(scene, status="error", message=message).evidence(), NOW)
    assert (failed.verdict, failed.reason) == (Verdict.FAILED, reason)
    assert message in failed.message
    unusable = judge(replace(scene, state="unusable", errors=(f"VMExtension: {message}",)).evidence(), NOW)
    assert (unusable.reason, unusable.cause, unusable.cure) == ("node-unusable", failed.cause, failed.cure)
    expired = judge(replace(scene, status="error", message=message, **(OLD_LEAF | EXPIRED)).evidence(), NOW)
    assert (expired.reason, expired.cause, expired.cure) == ("leaf-expired", failed.cause, failed.cure)
    assert message in expired.message


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({}, ("cccccccccccccccc", "355 d")),
        (OLD_LEAF, ("eeeeeeeeeeeeeeee", "cccccccccccccccc", "10 d")),
        (OLD_LEAF | {"earlier": ()}, ("eeeeeeeeeeeeeeee", "cccccccccccccccc", "CN=web")),
        (OLD_LEAF | NEW, ("5 min", "until 2026-06-01 12:10 UTC")),
        ({"pinned": "0000aaaa"}, ("0000aaaa", "5c2f00aa")),
        (NOT_INSTALLED, ("3.0.5.0 is FailedUpgrade",)),
        ({"state": "unusable", "errors": ("VMExtensionError: no", "Other: x")}, ("VMExtensionError: no; Other: x",)),
        ({"link_name": "front"}, ("has no front", "it has kv.web")),
        ({"store": {"files": (), "cut": True}}, ("has no kv.web", "more than a visit lists")),
        (EXPIRED, ("expired 1 s ago", "2026-06-01 11:59 UTC")),
    ],
)
def test_the_words_name_what_was_seen(scene, changes, words):
    """Both fingerprints, ages, dates and names: what a person needs to go on."""
    message = judge(replace(scene, **changes).evidence(), NOW).message
    assert [word for word in words if word not in message] == []


@pytest.mark.parametrize("changes", [{}, OLD_LEAF, OLD_LEAF | NEW, EXPIRED, NO_FILE])
def test_the_node_s_clock_decides_nothing_of_expiry_and_lag(scene, changes):
    """These go by the service's time; where it is not known when the node was asked, its clock says nothing at all."""
    seen = replace(scene, span=None, **changes).evidence()
    late = replace(seen, report=replace(seen.report, node_time=NOW + timedelta(days=4000)))
    assert judge(late, NOW) == judge(seen, NOW)


def test_a_failure_s_text_is_one_line(scene):
    """What a node's banner brought into an error text cannot break a table."""
    failure = Problem("ssh-banner", what="a\nb\x1b[31m")
    assert judge(replace(scene, failure=failure).evidence(), NOW).message == "a b [31m"


def test_a_row_may_be_shown(scene):
    """Node, certificate, finding, fingerprint and expiry; the latter two are empty where no leaf was read."""
    shown = row(scene.evidence(), NOW)
    assert (shown.node, shown.certificate, shown.leaf_sha256) == ("tvm-1", "kv/web", CURRENT)
    assert shown.expires == "2027-05-22T12:00:00Z"
    unseen = row(replace(scene, visited=False).evidence(), NOW)
    assert (unseen.leaf_sha256, unseen.expires, unseen.finding.verdict) == ("", "", Verdict.UNREACHABLE)
