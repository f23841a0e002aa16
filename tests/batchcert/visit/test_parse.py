"""Whatever a node sends becomes a report or a problem."""

from __future__ import annotations

import base64
import json
import tracemalloc
from datetime import UTC, datetime

import pytest

from batchcert.problems import Problem
from batchcert.visit.parse import MAX_ANSWER_BYTES, parse_answer
from batchcert.visit.report import AclEntry, KeyFit, NodeReport, Standing

# Certificates with a damaged serial number are still read, with a warning.
pytestmark = pytest.mark.filterwarnings("ignore::cryptography.utils.CryptographyDeprecationWarning")

STATUS = base64.b64encode(
    json.dumps(
        [
            {
                "status": {"status": "success", "formattedMessage": {"message": "é up"}},
                "timestampUTC": "2026-01-01T00:00:00Z",
            }
        ]
    ).encode()
).decode()


@pytest.fixture(scope="module")
def answer(pairs) -> bytes:
    """An answer with something of everything."""
    return f"""batchcert-visit 1
time 1767225600
user batchcert
user batchcert-5c2f
user ?
handler 2.0.1 NotInstalled
handler 3.0.1.0 Enabled
status 4 123
data {STATUS}
store /absent
absent
store /store/
reader app able
reader backup unknown
reader nobody untried
entry link -rw-r-----+ root certs kv.web
target kv.web.x.PEM
acl user::rw-
acl user:app:r--
acl mask::r--
acl ?
read app yes
read web no
certificate {base64.b64encode(pairs["ec"].der).decode()}
certificate {base64.b64encode(pairs["ed25519"].der).decode()}
fault broken
key other
entry link ? ? ? kv.old
target ?
fault dangling
store-cut
entry file -rw-------. root root kv.web.x.PEM
certificate {base64.b64encode(pairs["ec"].der).decode()}
key match
end
""".encode()


def test_an_answer_is_read_whole(answer):
    """Each line lands in its place."""
    report = parse_answer(answer)
    assert report.node_time == datetime(2026, 1, 1, tzinfo=UTC)
    old, new = report.handlers
    assert (old.version, old.state, old.sequence, old.status, old.fault) == ("2.0.1", "NotInstalled", None, None, None)
    assert (new.version, new.state, new.sequence, new.fault) == ("3.0.1.0", "Enabled", 4, None)
    assert (new.status.state, new.status.message, new.status.timestamp) == ("success", "é up", "2026-01-01T00:00:00Z")
    absent, store = report.stores
    assert (absent.exists, absent.files, absent.cut) == (False, (), False)
    assert (store.location, store.exists, store.cut) == ("/store/", True, True)
    link, dangling, file = store.files
    assert (link.path, link.target, link.owner, link.group, link.mode) == (
        "/store/kv.web", "kv.web.x.PEM", "root", "certs", "640",
    )  # fmt: skip
    assert (len(link.chain), link.misplaced, link.fault.code, link.key) == (2, 2, "store-file-broken", KeyFit.OTHER)
    assert link.acl == (AclEntry("user", "", "rw-"), AclEntry("user", "app", "r--"), AclEntry("mask", "", "r--"), None)
    assert link.reads == (("app", True), ("web", False))
    assert store.readers == (("app", Standing.ABLE), ("backup", Standing.UNKNOWN), ("nobody", Standing.UNTRIED))
    assert report.users == ("batchcert", "batchcert-5c2f")
    assert (dangling.target, dangling.owner, dangling.mode, dangling.chain) == ("?", "", "", ())
    assert dangling.fault.code == "store-link-dangling"
    assert (file.target, file.mode, file.fault, file.key) == ("", "600", None, KeyFit.MATCH)
    assert (file.misplaced, file.acl, file.reads) == (0, (), ())
    assert file.chain[0].dns_names == ("render.example.com",)


def test_what_a_login_shell_prints_first_is_left_aside(answer):
    """A banner before the first line is no part of the answer."""
    report = parse_answer(b"Welcome!\r\n\x1b[1m\n" + answer)
    assert [handler.version for handler in report.handlers] == ["2.0.1", "3.0.1.0"]
    assert [len(store.files) for store in report.stores] == [0, 3]


def _lines(*lines: str) -> bytes:
    return "\n".join(["batchcert-visit 1", "time 1", *lines, "end", ""]).encode()


ENTRY = "entry file -rw------- root root a"
CASES = {
    "empty": (b"", "visit-answer-empty"),
    "blank": (b" \n\n", "visit-answer-empty"),
    "another program's": (b"sudo: a password is required\n", "visit-answer-unmarked"),
    "another version's": (b"batchcert-visit 2\ntime 1\nend\n", "visit-answer-unmarked"),
    "no end mark": (b"batchcert-visit 1\ntime 1\n", "visit-answer-cut"),
    "half an end mark": (b"batchcert-visit 1\ntime 1\nen", "visit-answer-cut"),
    "an end mark without its line end": (b"batchcert-visit 1\ntime 1\nend", "visit-answer-cut"),
    "more behind the end": (_lines() + b"store /a\n", "visit-answer-malformed"),
    "a second answer": (_lines() + _lines(), "visit-answer-malformed"),
    "no time": (b"batchcert-visit 1\nend\n", "visit-answer-malformed"),
    "a time that is none": (b"batchcert-visit 1\ntime -1\nend\n", "visit-answer-malformed"),
    "a time beyond all calendars": (b"batchcert-visit 1\ntime 99999999999999\nend\n", "visit-answer-malformed"),
    "an unknown line": (_lines("hello"), "visit-answer-malformed"),
    "lines in another order": (_lines("store /a", "absent", "handler 1.0 Enabled"), "visit-answer-malformed"),
    "a version that is none": (_lines("handler 1.x Enabled"), "visit-answer-malformed"),
    "a status without data": (_lines("handler 1.0 Enabled", "status 1 12"), "visit-answer-malformed"),
    "data that is no base64": (_lines("handler 1.0 Enabled", "status 1 1", "data A"), "visit-answer-malformed"),
    "a sequence of a thousand digits": (
        _lines("handler 1.0 Enabled", f"status {'9' * 1000} 1", "data AA=="),
        "visit-answer-malformed",
    ),
    "a store that is no folder": (_lines("store a"), "visit-answer-malformed"),
    "a link without target": (_lines("store /a", "entry link ? ? ? a"), "visit-answer-malformed"),
    "an unknown fault": (_lines("store /a", ENTRY, "fault tired"), "visit-answer-malformed"),
    "permissions that are none": (_lines("store /a", "entry file rw root root a"), "visit-answer-malformed"),
    "a user of somebody else's": (_lines("user root"), "visit-answer-malformed"),
    "a user with a blank": (_lines("user batchcert x"), "visit-answer-malformed"),
    "a reader of no name": (_lines("store /a", "reader ? able"), "visit-answer-malformed"),
    "a reader of no standing": (_lines("store /a", "reader app root"), "visit-answer-malformed"),
    "a reader behind the files": (_lines("store /a", ENTRY, "reader app able"), "visit-answer-malformed"),
    "an access that is none": (_lines("store /a", ENTRY, "read app maybe"), "visit-answer-malformed"),
    "a list's entry that is none": (_lines("store /a", ENTRY, "acl user:app:rwz"), "visit-answer-malformed"),
    "a list's entry of another kind": (_lines("store /a", ENTRY, "acl root:app:r--"), "visit-answer-malformed"),
    "a key's word that is none": (_lines("store /a", ENTRY, "key MIIB"), "visit-answer-malformed"),
    "a key twice": (_lines("store /a", ENTRY, "key match", "key match"), "visit-answer-malformed"),
    "too many users": (_lines(*["user batchcert"] * 17), "visit-answer-too-many-parts"),
    "too many readers": (_lines("store /a", *["reader a able"] * 65), "visit-answer-too-many-parts"),
    "too long a list": (_lines("store /a", ENTRY, *["acl user::r--"] * 33), "visit-answer-too-many-parts"),
    "too many attempts": (_lines("store /a", ENTRY, *["read a yes"] * 66), "visit-answer-too-many-parts"),
    "too many handlers": (_lines(*["handler 1.0 Enabled"] * 33), "visit-answer-too-many-parts"),
    "handlers cut": (_lines("handler 1.0 Enabled", "handlers-cut"), "visit-answer-too-many-parts"),
    "too many stores": (_lines(*["store /a", "absent"] * 257), "visit-answer-too-many-parts"),
    "too many files": (_lines("store /a", *[ENTRY] * 289), "visit-answer-too-many-parts"),
    "too many certificates": (_lines("store /a", ENTRY, *["certificate "] * 9), "visit-answer-too-many-parts"),
    "too large": (_lines() + b"\n" * MAX_ANSWER_BYTES, "visit-answer-too-large"),
}


@pytest.mark.parametrize(("output", "code"), CASES.values(), ids=CASES)
def test_each_wrong_answer_has_its_code(output, code):
    """A node that answers anything else fails with a code that says how, with cause and cure, and no other error."""
    with pytest.raises(Problem) as raised:
        parse_answer(output)
    assert raised.value.code == code
    assert raised.value.cause
    assert raised.value.cure
    assert len(raised.value.what) < 300


@pytest.mark.parametrize(
    ("certificate", "code", "count"),
    [
        ("", "store-file-not-x509", 0),
        ("AAAA", "store-file-not-x509", 0),
        (base64.b64encode(b"\x30\x82\xff\xff" + b"\x30" * 20_000).decode(), "store-file-not-x509", 0),
    ],
)
def test_a_certificate_that_is_none_is_the_file_s_fault(certificate, code, count):
    """The rest of the answer still counts."""
    file = parse_answer(_lines("store /a", ENTRY, f"certificate {certificate}")).stores[0].files[0]
    assert (file.fault.code, len(file.chain)) == (code, count)


def test_a_claimed_size_is_never_believed():
    """A status said to be huge costs nothing, and content is judged by what arrives."""
    huge = parse_answer(_lines("handler 1.0 Enabled", "status 1 999999999999999999")).handlers[0]
    assert huge.fault.code == "status-too-large"
    lying = parse_answer(_lines("handler 1.0 Enabled", "status 1 999999999", f"data {STATUS}")).handlers[0]
    assert lying.status.state == "success"
    content = base64.b64encode(b"[" * 140_000).decode()
    assert parse_answer(_lines("handler 1.0 Enabled", "status 1 1", f"data {content}")).handlers[0].fault.code == (
        "status-too-large"
    )


def _outcome(output: bytes) -> NodeReport | Problem:
    try:
        return parse_answer(output)
    except Problem as problem:
        return problem


def test_an_answer_cut_anywhere_is_a_problem(answer):
    """No beginning of an answer passes for a whole one."""
    outcomes = {_outcome(answer[:cut]).code for cut in range(len(answer))}
    assert outcomes == {"visit-answer-empty", "visit-answer-unmarked", "visit-answer-cut"}


@pytest.mark.parametrize("change", [b"", b"\n", b"\x00", b"\xff", b"9", b" ", b"end\n", b"="])
def test_an_answer_changed_anywhere_is_a_report_or_a_problem(answer, change):
    """A byte lost, or replaced by another, never leads to any other error."""
    outcomes = [_outcome(answer[:at] + change + answer[at + 1 :]) for at in range(len(answer))]
    assert all(isinstance(outcome, NodeReport | Problem) for outcome in outcomes)
    assert any(isinstance(outcome, Problem) for outcome in outcomes)


def test_an_answer_with_bits_flipped_anywhere_is_a_report_or_a_problem(answer):
    """Each byte with each of its bits changed."""
    for at, byte in enumerate(answer):
        for bit in range(8):
            changed = answer[:at] + bytes([byte ^ (1 << bit)]) + answer[at + 1 :]
            assert isinstance(_outcome(changed), NodeReport | Problem)


def test_the_largest_answer_takes_little_memory():
    """A node that fills the bound to the brim cannot make the reader take many times as much."""
    output = _lines(*["handler 1.0 Enabled"] * ((MAX_ANSWER_BYTES - 100) // 20))
    tracemalloc.start()
    _outcome(output)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 10 * MAX_ANSWER_BYTES
