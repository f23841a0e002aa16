"""What is wrong though the leaf is the current version, as a table: one thing changed where all is well."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from batchcert.spec import Reader
from batchcert.verdict.checks import judge
from batchcert.verdict.evidence import Named, Span
from batchcert.verdict.readers import may_read
from batchcert.visit.report import AclEntry, Certificate, Handler, KeyFit, Standing, Status, StoreFile

NOW = datetime(2026, 6, 1, 12, 0, tzinfo=UTC)
STORE = "/var/lib/waagent/Microsoft.Azure.KeyVault.Store"
CURRENT, OTHER = "c" * 64, "e" * 64
APP, BACKUP = Reader(user="app"), Reader(user="backup", group="staff")
SPAN = Span(NOW - timedelta(minutes=2), NOW)


def certificate(subject: str, issuer: str, sha256: str = OTHER) -> Certificate:
    return Certificate(sha256, subject, issuer, (), NOW - timedelta(days=9), NOW + timedelta(days=300))


LEAF = certificate("CN=web", "CN=middle", CURRENT)
MIDDLE, ROOT = certificate("CN=middle", "CN=root"), certificate("CN=root", "CN=root")
STRANGER = certificate("CN=stranger", "CN=stranger")


def handler(version: str) -> tuple[Handler, ...]:
    return (Handler(version, "Enabled", 1, Status("success", "Service start.", "", "")),)


def chain(*certificates: Certificate, misplaced: int = 0) -> dict[str, object]:
    return {"file": {"chain": certificates, "misplaced": misplaced}}


def link(target: str) -> dict[str, object]:
    return {"file": {"target": target}}


def acl(*entries: str | None) -> tuple[AclEntry | None, ...]:
    return tuple(AclEntry(*entry.split(":")) if entry else None for entry in entries)


ASKED = {"readers": (APP, BACKUP)}
LISTED = acl("user::rw-", "user:app:r--", "user:backup:r--", "group::---", "mask::r--", "other::---")
GIVEN = {"mode": "640", "acl": LISTED}

TABLE = {
    # The private key.
    "its own key": ({"file": {"key": KeyFit.MATCH}}, "current"),
    "another's key": ({"file": {"key": KeyFit.OTHER}}, "key-of-another"),
    "no key": ({"file": {"key": KeyFit.NONE}}, "key-missing"),
    "a key nobody can read": ({"file": {"key": KeyFit.UNREADABLE}}, "key-unreadable"),
    "a key nobody compared": ({"file": {"key": KeyFit.UNTOLD}}, "current"),
    "another's key, on a leaf that is behind": ({"file": {"key": KeyFit.OTHER}, "leaf": OTHER}, "rotation-overdue"),
    # The chain.
    "whole": (chain(LEAF, MIDDLE, ROOT), "current"),
    "no root": (chain(LEAF, MIDDLE), "current"),
    "leaf alone": (chain(LEAF), "chain-incomplete"),
    "leaf alone, 2.0": (chain(LEAF) | {"handlers": handler("2.2.2158.57")}, "chain-incomplete"),
    "leaf alone, 1.0": (chain(LEAF) | {"handlers": handler("1.0.1363.13")}, "current"),
    "out of order, 1.0": (
        chain(LEAF, ROOT, MIDDLE, misplaced=2) | {"handlers": handler("1.0.1363.13")},
        "chain-out-of-order",
    ),
    "no intermediate": (chain(LEAF, ROOT, misplaced=2), "chain-incomplete"),
    "intermediate of another key": (chain(LEAF, MIDDLE, ROOT, misplaced=2), "chain-incomplete"),
    "root before intermediate": (chain(LEAF, ROOT, MIDDLE, misplaced=2), "chain-out-of-order"),
    "a stranger behind the root": (chain(LEAF, MIDDLE, ROOT, STRANGER, misplaced=4), "chain-out-of-order"),
    "leaf last": (chain(ROOT, MIDDLE, LEAF, misplaced=2), "chain-out-of-order"),
    "leaf twice": (chain(LEAF, LEAF, MIDDLE, ROOT, misplaced=2), "chain-out-of-order"),
    # The link.
    "beside it": (link("kv.web.5c2f.1.2.PEM"), "current"),
    "beside it, whole path": (link(f"{STORE}/KV.Web.5c2f.PEM"), "current"),
    "beside it, the long way": (link("../Microsoft.Azure.KeyVault.Store/kv.web.5c2f.PEM"), "current"),
    "elsewhere": (link("/opt/kv.web.5c2f.PEM"), "link-astray"),
    "upwards": (link("../kv.web.5c2f.PEM"), "link-astray"),
    "another's": (link("kv.api.5c2f.PEM"), "link-astray"),
    "one whose name only begins alike": (link("kv.web2.5c2f.PEM"), "link-astray"),
    "not to be shown": (link("?"), "link-astray"),
    # Its readers.
    "root alone": ({}, "current"),
    "listed": (ASKED | {"file": GIVEN}, "current"),
    "not listed": (ASKED | {"file": {"mode": "600"}}, "reader-refused"),
    "tried, and let in": (ASKED | {"file": {**GIVEN, "reads": (("app", True), ("backup", True))}}, "current"),
    "tried, and kept out": (ASKED | {"file": {**GIVEN, "reads": (("app", False), ("backup", True))}}, "reader-refused"),
    "tried, whatever the list says": (
        {"readers": (APP,)} | {"file": {"mode": "600", "reads": (("app", True), ("nobody", False))}},
        "current",
    ),
    "not on the node": (
        ASKED | {"file": GIVEN, "store": {"readers": (("app", Standing.UNKNOWN),)}},
        "reader-unknown",
    ),
    "kept out, on a leaf that is behind": (ASKED | {"leaf": OTHER}, "rotation-overdue"),
    # And nobody else.
    "nobody tried, and got in": ({"file": {"reads": (("nobody", True),)}}, "key-open-to-others"),
    "nobody tried, and did not": ({"file": {"reads": (("nobody", False),)}}, "current"),
    "a reader of another certificate got in": (
        {"readers": (APP,), "file": {"mode": "640", "acl": LISTED, "reads": (("app", True), ("backup", True))}},
        "key-open-to-others",
    ),
    "readable by all": ({"file": {"mode": "604"}}, "key-open-to-others"),
    "writable by all": ({"file": {"mode": "602"}}, "key-open-to-others"),
    "readable by a group": ({"file": {"mode": "640", "group": "users"}}, "key-open-to-others"),
    "readable by root's group": ({"file": {"mode": "640"}}, "current"),
    "readable by the group that was asked for": (
        {"readers": (BACKUP,), "file": {"mode": "640", "group": "staff"}},
        "current",
    ),
    "another owner": ({"file": {"owner": "eve"}}, "key-open-to-others"),
    "its reader is the owner": ({"readers": (APP,), "file": {"owner": "app"}}, "current"),
    "a user too many": (ASKED | {"file": {**GIVEN, "acl": (*LISTED, *acl("user:eve:r--"))}}, "key-open-to-others"),
    "a user too many, masked": (
        {"file": {"mode": "600", "acl": acl("user:eve:r--", "mask::---")}},
        "current",
    ),
    "a group too many": (ASKED | {"file": {**GIVEN, "acl": (*LISTED, *acl("group:users:r--"))}}, "key-open-to-others"),
    "a list that cannot be told": (ASKED | {"file": {"mode": "640", "acl": acl(None)}}, "current"),
    "nothing known": (ASKED | {"file": {"mode": "", "owner": "", "group": ""}}, "current"),
    # Its versions.
    "equal": ({"named": Named("CN=i", ("a", "b")), "named_before": Named("CN=i", ("b", "a"))}, "current"),
    "another issuer": ({"named": Named("CN=j", ("a",)), "named_before": Named("CN=i", ("a",))}, "versions-differ"),
    "a name less": ({"named": Named("CN=i", ("a",)), "named_before": Named("CN=i", ("a", "b"))}, "versions-differ"),
    "a name more": ({"named": Named("CN=i", ("a", "b")), "named_before": Named("CN=i", ("a",))}, "current"),
    "the first": ({"named": Named("CN=i", ("a",))}, "current"),
    "a name less, on a node that is behind": (
        {"named": Named("CN=i", ()), "named_before": Named("CN=i", ("a",)), "leaf": OTHER},
        "rotation-overdue",
    ),
    # The clock.
    "within the visit": ({"node_time": SPAN.begin, "span": SPAN}, "current"),
    "five minutes ahead": ({"node_time": SPAN.end + timedelta(minutes=5), "span": SPAN}, "current"),
    "more than that": ({"node_time": SPAN.end + timedelta(minutes=5, seconds=1), "span": SPAN}, "node-clock-off"),
    "five minutes behind": ({"node_time": SPAN.begin - timedelta(minutes=5), "span": SPAN}, "current"),
    "further behind": ({"node_time": SPAN.begin - timedelta(minutes=6), "span": SPAN}, "node-clock-off"),
    "behind, and so is its leaf": (
        {"node_time": SPAN.begin - timedelta(minutes=6), "span": SPAN, "leaf": OTHER},
        "node-clock-off",
    ),
    "nobody knows when it was asked": ({"node_time": NOW + timedelta(days=9), "span": None}, "current"),
}
BEHIND = {"leaf_begin": NOW - timedelta(days=300)}


@pytest.mark.parametrize(("changes", "reason"), TABLE.values(), ids=TABLE)
def test_what_is_said_of_it(scene, changes, reason):
    """The reason; and, where something is wrong, why and what to do."""
    behind = BEHIND if changes.get("leaf") == OTHER else {}
    found = judge(replace(scene, **behind, **changes).evidence(), NOW)
    assert found.reason == reason, found
    assert found.message
    assert found.cause
    assert found.cure or reason == "current"


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"file": {"key": KeyFit.UNTOLD}}, ("its key was not compared",)),
        (TABLE["a name more"][0], ("names b, which the version before did not",)),
        (TABLE["another issuer"][0], ("issuer is CN=j, and was CN=i",)),
        (TABLE["leaf last"][0], ("certificate 3 of 3", "the first is CN=root")),
        (TABLE["no intermediate"][0], ("certificate 2 of 2 (CN=root)", "whose issuer is CN=middle")),
        (TABLE["leaf alone"][0], ("holds the leaf alone; CN=middle, who issued it", "extension 3.0.5.0")),
        (TABLE["elsewhere"][0], ("leads to /opt/kv.web.5c2f.PEM",)),
        (TABLE["a user too many"][0], ("is open to user eve", "user:eve:r--", "mode 640", "owner root")),
        (TABLE["tried, and kept out"][0], ("user app tried to read", "did not get to it", "user:app:r--")),
        (TABLE["not listed"][0], ("user app may not read", "by its owner, mode and access list")),
        (TABLE["more than that"][0], ("5 min 1 s ahead of Azure's",)),
        (
            {"node_time": NOW + timedelta(days=400), "span": SPAN},
            ("400 d ahead of Azure's; by it, the leaf has expired",),
        ),
        (
            {"node_time": NOW - timedelta(days=90), "span": SPAN},
            ("behind Azure's; by it, the leaf is not valid yet",),
        ),
    ],
)
def test_the_words_name_what_was_seen(scene, changes, words):
    """What a person needs to go on."""
    message = judge(replace(scene, **changes).evidence(), NOW).message
    assert [word for word in words if word not in message] == []


READABLE = {
    "its owner": (("app", "root", "600", ()), APP, True),
    "its owner, who may not": (("app", "root", "040", ()), APP, False),
    "its own group": (("root", "app", "640", ()), APP, True),
    "its own group, which may not": (("root", "app", "604", ()), APP, False),
    "a group that was asked for": (("root", "staff", "640", ()), BACKUP, True),
    "all": (("root", "root", "604", ()), APP, True),
    "nobody else": (("root", "root", "640", ()), APP, False),
    "named": (("root", "root", "640", ("user:app:r--", "mask::r--")), APP, True),
    "named, and masked": (("root", "root", "600", ("user:app:r--", "mask::---")), APP, False),
    "named without a right, and all may": (("root", "root", "604", ("user:app:---", "mask::r--")), APP, False),
    "by a named group": (("root", "root", "640", ("group:staff:r--", "mask::r--")), BACKUP, True),
    "by the file's group under a list": (("root", "staff", "640", ("group::r--", "mask::r--")), BACKUP, True),
    "by the file's group, which has none": (("root", "staff", "640", ("group::---", "mask::r--")), BACKUP, False),
    "a list with something untold": (("root", "root", "600", (None,)), APP, True),
    "no mode": (("", "", "", ()), APP, True),
}


@pytest.mark.parametrize(("file", "reader", "able"), READABLE.values(), ids=READABLE)
def test_access_lists_are_read_as_posix_says(file, reader, able):
    """The owner, then named users under the mask, then groups under the mask, then all others; the first that fits."""
    owner, group, mode, entries = file
    assert may_read(StoreFile("/f", "", owner, group, mode, (), acl=acl(*entries)), reader) is able
