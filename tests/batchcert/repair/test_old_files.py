"""Files of earlier versions on a node: which there are, and which of them may be removed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from batchcert.problems import Problem
from batchcert.repair.old_files import OldFile, OldFiles, old_files
from batchcert.spec import DEFAULT_STORE
from batchcert.verdict.evidence import Expected, Named
from batchcert.verdict.judging import NodeVisit
from batchcert.visit.report import Certificate, NodeReport, Store, StoreFile

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
PAST, FUTURE = NOW - timedelta(days=1), NOW + timedelta(days=30)
VERSION, OTHER_VERSION = "5c2f" * 8, "0b1e" * 8
NEWEST = f"v.c.{VERSION}.1780000000.1790000000.PEM"
NAME = f"v.c.{OTHER_VERSION}.1770000000.1780000000.PEM"
KNOWN = "e" * 64
EXPECTED = Expected(
    vault="v",
    name="c",
    store=DEFAULT_STORE,
    link_name="",
    pinned_version="",
    version=VERSION,
    sha256="c" * 64,
    issued_at=PAST,
    not_before=PAST,
    not_after=FUTURE,
    earlier_sha256=(KNOWN,),
    named=Named("CN=ca", ("c.example.com",)),
)


def leaf(sha256: str = KNOWN, *, ends: datetime = PAST, issuer: str = "CN=x", names: Sequence[str] = ()) -> Certificate:
    return Certificate(sha256, "CN=c", issuer, tuple(names), PAST - timedelta(days=30), ends)


def file(name: str = NAME, *chain: Certificate, target: str = "") -> StoreFile:
    return StoreFile(f"{DEFAULT_STORE}/{name}", target, "root", "root", "600", chain)


LINK = file("v.c", leaf("c" * 64, ends=FUTURE), target=f"{DEFAULT_STORE}/{NEWEST}")
LINKED = file(NEWEST, leaf("c" * 64, ends=FUTURE))


def found(*files: StoreFile, expected: Expected = EXPECTED) -> tuple[OldFile, ...]:
    report = NodeReport(NOW, (), (Store(DEFAULT_STORE, True, files),))
    return old_files([expected], [NodeVisit("n", report)], NOW)


def test_what_the_link_leads_to_is_not_old() -> None:
    """Nor is the link, nor a file of another certificate."""
    other = file(NAME.replace("v.c.", "v.d."), leaf())
    assert found(LINK, LINKED, other) == ()


def test_each_other_file_of_the_certificate_is() -> None:
    """With what is known of its leaf."""
    (old,) = found(LINK, LINKED, file(NAME, leaf()))
    assert old == OldFile("n", "v/c", DEFAULT_STORE, f"{DEFAULT_STORE}/{NAME}", KNOWN, expired=True, removable=True)


def test_without_a_link_nobody_can_say_which_is_in_use() -> None:
    """Then none is called old."""
    assert found(LINKED, file(NAME, leaf())) == ()


@pytest.mark.parametrize(
    ("candidate", "expired", "removable"),
    [
        (file(NAME, leaf()), True, True),
        (file(NAME.upper(), leaf()), True, True),
        (file(NAME, leaf("f" * 64, issuer="CN=ca", names=["c.example.com"])), True, True),
        (file(NAME, leaf("f" * 64, issuer="CN=ca", names=["d.example.com"])), True, False),
        (file(NAME, leaf("f" * 64)), True, False),
        (file(NAME, leaf(ends=FUTURE)), False, False),
        (file(NAME, leaf(ends=NOW)), False, False),
        (file(NAME), False, False),
        (file("v.c.backup.PEM", leaf()), True, False),
        (file(f"v.c.{OTHER_VERSION}.PEM", leaf()), True, False),
        (file(f"{NAME}.old", leaf()), True, False),
        (file("v.c.old", leaf(), target=f"{DEFAULT_STORE}/{NAME}"), None, None),
    ],
    ids=[
        "a version that Key Vault knows",
        "in capitals",
        "one with the same issuer and names",
        "other names",
        "of nobody knows what",
        "still valid",
        "valid to this very moment",
        "without a certificate",
        "somebody's copy",
        "another form of name",
        "renamed by somebody",
        "a link",
    ],
)
def test_which_may_be_removed(candidate: StoreFile, expired: bool | None, removable: bool | None) -> None:
    """Only what the extension wrote, for this certificate, and what has expired."""
    told = [(one.expired, one.removable) for one in found(LINK, LINKED, candidate)]
    assert told == ([] if expired is None else [(expired, removable)])


def test_what_a_second_link_leads_to_is_in_use() -> None:
    """Whoever set it."""
    assert found(LINK, LINKED, file(NAME, leaf()), file("v.c-before", leaf(), target=NAME)) == ()


def test_without_names_only_known_digests_count() -> None:
    """Where nobody read whom the current version names."""
    foreign = file(NAME, leaf("f" * 64, issuer="CN=ca", names=["c.example.com"]))
    (old,) = found(LINK, LINKED, foreign, expected=replace(EXPECTED, named=None, earlier_sha256=None))
    assert not old.removable


def test_a_visit_that_failed_tells_of_none() -> None:
    """There is no report to read."""
    assert old_files([EXPECTED], [NodeVisit("n", failure=Problem("ssh-dropped", what="x"))], NOW) == ()


def test_a_node_that_was_visited_again_has_what_it_has_now() -> None:
    """The others keep what they had."""
    (old,) = found(LINK, LINKED, file(NAME, leaf()))
    other = replace(old, node="m")
    files = OldFiles((old, other))
    assert files.on({"n"}, ()) == OldFiles((other,))
    assert str(files) == ""
    assert str(replace(files, removed=(old,))) == "1 expired file removed"
    assert str(replace(files, removed=(old, other))) == "2 expired files removed"
