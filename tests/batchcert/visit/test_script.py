"""The script, run for real by each shell on a folder laid out as a node's."""

from __future__ import annotations

import base64
import os
import re
import shutil
import subprocess
import time
from pathlib import Path

import pytest

from batchcert.visit.parse import parse_answer
from batchcert.visit.report import AclEntry, KeyFit, Standing
from batchcert.visit.script import Asked, visit_script

PASSWD = "/etc/passwd"
STORE = "/var/lib/waagent/Microsoft.Azure.KeyVault.Store"
SUCCESS = '[{"status":{"status":"success","code":0,"formattedMessage":{"message":"Successfully started"}}}]'
TEXT = visit_script(Asked([]))
SHELLCHECK = shutil.which("shellcheck")


def test_what_a_node_holds_arrives_as_it_is(node, pairs, shell):
    """Handlers, statuses, links with their files, owner and mode, and the chain come through every shell alike."""
    node.handler("3.0.5.0", s1=SUCCESS, s2=SUCCESS, s10="[")
    node.handler("2.2.0.0", "NotInstalled")
    file = node.write(f"{STORE}/kv.web.5c2f.1.2.PEM", pairs["rsa"].file + pairs["ec"].certificate)
    file.chmod(0o640)
    node.link(f"{STORE}/kv.web", "kv.web.5c2f.1.2.PEM")

    report = parse_answer(node.visit([STORE, "/no/such"], shell))

    assert [(h.version, h.state, h.sequence) for h in report.handlers] == [
        ("2.2.0.0", "NotInstalled", None),
        ("3.0.5.0", "Enabled", 10),
    ]
    assert report.handlers[1].fault.code == "status-half-written"
    assert abs(report.node_time.timestamp() - time.time()) < 60
    store, absent = report.stores
    assert (absent.location, absent.exists) == ("/no/such", False)
    link, target = store.files
    assert (link.path, link.target) == (f"{STORE}/kv.web", "kv.web.5c2f.1.2.PEM")
    assert (target.path, target.target) == (f"{STORE}/kv.web.5c2f.1.2.PEM", "")
    assert link.mode == target.mode == "640"
    assert (link.owner, link.group) == (file.owner(), file.group())
    assert [found.sha256 for found in link.chain] == [found.sha256 for found in target.chain]
    assert len(link.chain) == 2
    assert link.fault is None


def test_a_bare_node_has_an_answer_too(node, shell):
    """No handler and no store asked for: nothing is an answer, not an error."""
    report = parse_answer(node.visit(shell=shell))
    assert (report.handlers, report.stores) == ((), ())


@pytest.mark.parametrize(
    "content",
    [
        b"end\n",
        b"\nend\nbatchcert-visit 1\ntime 1\nend\n",
        b"data W10=\nend",
        b"\x00\x1b[2J\xff\r\nend\r\n",
        b"`touch x` $(touch x)\n",
        b"",
    ],
)
def test_no_content_can_forge_a_line(node, content):
    """A status file and a certificate file that hold the answer's own words do not change its shape."""
    node.handler("3.0.5.0", s1=content)
    node.write(f"{STORE}/kv.web", content)
    report = parse_answer(node.visit([STORE]))
    assert report.handlers[0].fault.code in {"status-garbage", "status-half-written"}
    assert [file.fault.code for file in report.stores[0].files] == ["store-file-without-certificate"]


def test_no_name_can_forge_a_line(node, pairs):
    """Names and link targets with line ends, blanks or quotes are shown as `?`, and the rest is still read."""
    node.link(f"{STORE}/kv.web\nend", "x\nend\n")
    node.link(f"{STORE}/kv.api", "a b'c")
    node.write(f"{STORE}/kv web;end.PEM", pairs["ec"].file)
    files = parse_answer(node.visit([STORE])).stores[0].files
    assert sorted((file.path, file.target) for file in files) == [
        (f"{STORE}/?", ""),
        (f"{STORE}/?", "?"),
        (f"{STORE}/kv.api", "?"),
    ]


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ((), 10),  # no settings to go by: the highest number, and 10 is more than 9
        ((10,), 10),
        ((9,), 10),
        ((9, 10), 10),
        ((10, 9), 9),  # written last, so the numbers began anew
    ],
)
def test_the_newest_status_follows_the_newest_settings(node, shell, settings, expected):
    """Sequence numbers need not rise: of two that both have settings, the ones written last count."""
    folder = node.handler("3.0.5.0", s9=SUCCESS, s10=SUCCESS)
    for age, number in enumerate(reversed(settings)):
        file = node.write(f"{folder}/config/{number}.settings", "{}")
        os.utime(file, (1_700_000_000 - age, 1_700_000_000 - age))
    assert parse_answer(node.visit(shell=shell)).handlers[0].sequence == expected


def test_files_that_are_no_status_are_passed_over(node):
    """Only whole numbers of a sane length name a status file."""
    folder = node.handler("3.0.5.0", s3=SUCCESS)
    for name in ("x.status", "4.status.tmp", "99999999999.status", "-5.status"):
        node.write(f"{folder}/status/{name}", "[")
    node.at(f"{folder}/status/7.status").mkdir()
    assert parse_answer(node.visit()).handlers[0].sequence == 3


@pytest.mark.parametrize("name", ["3.0.5.0.zip", "", "3.0-rc", "3.0;end"])
def test_folders_that_are_no_handler_are_passed_over(node, name):
    """The handler's packages lie beside its folders under names that begin alike."""
    node.handler("3.0.5.0")
    node.at(f"/var/lib/waagent/Microsoft.Azure.KeyVault.KeyVaultForLinux-{name}").mkdir()
    assert [handler.version for handler in parse_answer(node.visit()).handlers] == ["3.0.5.0"]


def test_a_store_beside_the_handlers_is_no_handler(node, pairs):
    """Microsoft's example keeps certificates in a folder whose name the handler's begins with."""
    store = "/var/lib/waagent/Microsoft.Azure.KeyVault"
    node.handler("3.0.5.0")
    node.write(f"{store}/kv.web", pairs["ec"].file)
    report = parse_answer(node.visit([store]))
    assert len(report.handlers) == 1
    assert len(report.stores[0].files) == 1


@pytest.mark.parametrize(("size", "code"), [(131072, "status-garbage"), (131073, "status-too-large")])
def test_a_status_file_is_read_up_to_128_kib(node, size, code):
    """The guest agent's own limit; a larger file is not carried over, and says so."""
    node.handler("3.0.5.0", s1=b"x" * size)
    answer = node.visit()
    assert parse_answer(answer).handlers[0].fault.code == code
    assert (len(answer) < 1000) == (code == "status-too-large")


def test_bounds_are_kept_and_told(node, pairs):
    """More links and files than a visit lists: the store says so, and the links are still there."""
    node.write(f"{STORE}/kv.web.1.PEM", pairs["ec"].file)
    for number in range(40):
        node.write(f"{STORE}/old.{number}.PEM", "")
    node.link(f"{STORE}/kv.web", "kv.web.1.PEM")
    store = parse_answer(node.visit([STORE])).stores[0]
    assert store.cut
    assert len(store.files) == 33
    assert store.files[0].path == f"{STORE}/kv.web"
    for number in range(33):
        node.handler(f"1.{number}")
    with pytest.raises(Exception, match="more than 32 versions"):
        parse_answer(node.visit())


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("dangling", "store-link-dangling"),
        ("folder", "store-not-a-file"),
        ("device", "store-not-a-file"),
        ("pipe", "store-not-a-file"),
        ("large", "store-file-too-large"),
        ("empty", "store-file-without-certificate"),
        ("key", "store-file-without-certificate"),
        ("cut", "store-file-broken"),
        ("bundle", "store-file-with-more"),
    ],
)
def test_a_file_that_gives_no_certificate_says_why(node, pairs, name, code):
    """Nothing a link leads to can hang the visit, and each has its own code."""
    elsewhere = "/srv"
    node.at(f"{elsewhere}/folder").mkdir(parents=True)
    os.mkfifo(node.at(f"{elsewhere}/pipe"))
    node.write(f"{elsewhere}/large", b"x" * 300_000)
    node.write(f"{elsewhere}/empty", "")
    node.write(f"{elsewhere}/key", pairs["rsa"].key)
    node.write(f"{elsewhere}/cut", pairs["rsa"].certificate[:500])
    node.write(f"{elsewhere}/bundle", pairs["ec"].certificate * 9)
    target = "/dev/zero" if name == "device" else str(node.at(f"{elsewhere}/{name}"))
    node.link(f"{STORE}/kv.web", target)
    file = parse_answer(node.visit([STORE])).stores[0].files[0]
    assert file.fault.code == code
    assert len(file.chain) == (8 if name == "bundle" else 0)


def _without(lines: list[str], *gone: int) -> str:
    return "\n".join(line for number, line in enumerate(lines) if number not in gone)


def _malformed(pair) -> list[str]:
    """Files in which a certificate and its key have come to harm in every way a torn write can do."""
    begin, end = "-----BEGIN CERTIFICATE-----", "-----END CERTIFICATE-----"
    key_body = "\n".join(pair.key.split("\n")[1:-2])
    body = "\n".join(pair.certificate.split("\n")[1:-2])
    lines = (pair.key + pair.certificate + pair.key).split("\n")
    marks = [number for number, line in enumerate(lines) if line.startswith("-----")]
    texts = [_without(lines, number) for number in range(len(lines))]
    texts += [_without(lines, *(mark for mark in marks if mark != kept)) for kept in marks]
    texts += [pair.file[:cut] + pair.key for cut in range(0, len(pair.file), 97)]
    texts += [
        f"{begin}\n{key_body}\n{end}\n",
        f"{begin}\n{body}\n{key_body}\n{end}\n",
        f"{begin}\n{body[:130]}\n{key_body}\n{end}\n",
        f"{begin} {key_body} {end}",
        f"{begin}\r{key_body}\r{end}\r",
        f"{begin}\n{begin}\n{key_body}\n{end}\n",
        f"{begin}\nMIIB\n{key_body}\n{end}\n",
        pair.key.replace("PRIVATE KEY", "CERTIFICATE"),
    ]
    return texts


@pytest.mark.parametrize("kind", ["rsa", "ec", "ed25519"])
def test_no_line_of_a_key_is_ever_printed(node, pairs, awk_path, kind):
    """However a file was cut, joined or relabelled, nothing of the key's body is in the answer."""
    pair = pairs[kind]
    texts = _malformed(pair)
    assert len(texts) < 256
    for number, text in enumerate(texts):
        node.write(f"/srv/{number}", text.replace("\n", "\r\n") if number % 2 else text)
        node.link(f"{STORE}/kv.c{number}", str(node.at(f"/srv/{number}")))
    node.write(f"{STORE}/kv.whole", pair.file.replace("\n", "\r\n"))

    answer = node.visit([STORE], path=awk_path)

    files = {file.path: file for file in parse_answer(answer).stores[0].files}
    assert len(files) == len(texts) + 1
    assert files[f"{STORE}/kv.whole"].chain, "the whole file's certificate is printed"
    rest = answer.replace(base64.b64encode(pair.der), b"")  # the whole certificate may be there, and nothing else
    rest += b"".join(base64.b64decode(found) for found in re.findall(rb"(?:data|certificate) (\S+)", rest))
    key = "".join(pair.key.split("\n")[1:-2])
    assert [at for at in range(len(key) - 20) if key[at : at + 20].encode() in rest] == []
    secret = base64.b64decode(key)
    assert [at for at in range(len(secret) - 15) if secret[at : at + 15] in rest] == []


def _unlike(kind: str) -> str:
    return {"rsa": "ec", "ec": "ed25519", "ed25519": "rsa"}[kind]


@pytest.mark.parametrize("kind", ["rsa", "ec", "ed25519"])
def test_a_key_is_compared_on_the_node(node, pairs, shell, kind):
    """With the first certificate of its file: whether it is its own, another's, none, or none that can be read."""
    pair, other = pairs[kind], pairs[_unlike(kind)]
    middle = len(pair.key) // 2
    files = {
        "match": pair.file,
        "key first": pair.key + pair.certificate,
        "two certificates": pair.certificate + other.certificate + pair.key,
        "other": pair.certificate + other.key,
        "other certificate first": other.certificate + pair.file,
        "none": pair.certificate,
        "unreadable": pair.certificate + pair.key[:middle] + pair.key[middle + 8 :],
        "without a certificate": pair.key,
    }
    for name, content in files.items():
        node.write(f"{STORE}/kv.{name.replace(' ', '-')}", content)
    found = {file.path.rpartition(".")[2]: file for file in parse_answer(node.visit([STORE], shell)).stores[0].files}
    assert {name: file.key.value for name, file in found.items()} == {
        "match": "match",
        "key-first": "match",
        "two-certificates": "match",
        "other": "other",
        "other-certificate-first": "other",
        "none": "none",
        "unreadable": "unreadable",
        "without-a-certificate": "untold",
    }
    assert {name: file.misplaced for name, file in found.items() if file.misplaced} == {
        "two-certificates": 2,
        "other-certificate-first": 2,
    }


def test_where_there_are_links_their_keys_alone_are_compared(node, pairs, shell):
    """Old files pile up beside them, and no service opens those."""
    node.write(f"{STORE}/kv.web.1.PEM", pairs["ec"].certificate + pairs["rsa"].key)
    node.link(f"{STORE}/kv.web", "kv.web.1.PEM")
    files = parse_answer(node.visit([STORE], shell)).stores[0].files
    assert [(file.path.rpartition("/")[2], file.key) for file in files] == [
        ("kv.web", KeyFit.OTHER),
        ("kv.web.1.PEM", KeyFit.UNTOLD),
    ]


def test_without_openssl_nothing_is_said_of_a_key(node, pairs, tools):
    """The rest of the answer is as ever."""
    node.write(f"{STORE}/kv.web", pairs["ec"].file)
    path = tools.only("sh", "awk", "base64", "date", "grep", "head", "id", "ls", "readlink", "tr", "wc")
    (file,) = parse_answer(node.visit([STORE], path=path, alone=True)).stores[0].files
    assert (len(file.chain), file.key) == (1, KeyFit.UNTOLD)


def test_each_reader_tries_for_itself(node, pairs, shell, tools):
    """As the user whom sudo lets root be; who cannot be played, or is not there, is told beside the store."""
    node.write(f"{STORE}/kv.web.1.PEM", pairs["ec"].file)
    node.link(f"{STORE}/kv.web", "kv.web.1.PEM")
    node.write("/srv/closed", pairs["ec"].file)
    node.link(f"{STORE}/kv.api", str(node.at("/srv/closed")))
    tools.make("id", "case $2 in ghost) exit 1 ;; esac; echo 1000")
    tools.make(
        "sudo",
        """[ "$1 $2" = '-n -u' ] || exit 9
        case $3 in locked) exit 1 ;; esac
        case $3$7 in nobody/*|app*/kv.api) exit 1 ;; esac
        shift 3; exec "$@" """,
    )
    readers = {STORE: ("app", "ghost", "locked", "app")}
    store = parse_answer(node.visit([STORE], shell, tools.path, readers)).stores[0]
    assert store.readers == (
        ("app", Standing.ABLE),
        ("ghost", Standing.UNKNOWN),
        ("locked", Standing.UNTRIED),
        ("nobody", Standing.ABLE),
    )
    assert {file.path: file.reads for file in store.files} == {
        f"{STORE}/kv.api": (("app", False), ("nobody", False)),
        f"{STORE}/kv.web": (("app", True), ("nobody", False)),
        f"{STORE}/kv.web.1.PEM": (),
    }


def test_each_store_has_its_own_readers(node, pairs, tools):
    """They follow their store, and none is taken for a folder."""
    for store in ("/srv/a", "/srv/b", "/srv/c"):
        node.at(store).mkdir(parents=True)
    tools.make("sudo", "exit 1")
    tools.make("id", "exit 0")
    readers = {"/srv/a": ["app", "backup"], "/srv/c": ["web"]}
    stores = parse_answer(node.visit(["/srv/a", "/srv/b", "/srv/c"], path=tools.path, readers=readers)).stores
    assert {store.location: [user for user, _ in store.readers] for store in stores} == {
        "/srv/a": ["app", "backup", "nobody"],
        "/srv/b": ["nobody"],
        "/srv/c": ["web", "nobody"],
    }


def test_an_access_list_is_told(node, pairs, awk_path, tools):
    """Of the file that a link leads to; what is not one plain entry is told as such, and no more than 32 of them."""
    node.write(f"{STORE}/kv.web.1.PEM", pairs["ec"].file)
    node.link(f"{STORE}/kv.web", "kv.web.1.PEM")
    tools.make("ls", 'case $1 in -ldL) echo "-rw-r-----+ 1 root root 9 x" ;; *) exec /bin/ls "$@" ;; esac')
    tools.make(
        "getfacl",
        """[ "$1" = -cpE ] || exit 9
        case $2 in *.PEM) ;; *) exit 8 ;; esac
        printf '# file: x\\nuser::rw-\\nuser:app:r--\\nuser:a b:r--\\nend\\nmask::r--\\n\\n'
        n=0; while [ $n -lt 40 ]; do n=$((n + 1)); echo "group:g$n:r--"; done""",
    )
    files = parse_answer(node.visit([STORE], path=f"{tools.path}:{awk_path}")).stores[0].files
    for file in files:
        assert file.acl[:5] == (
            AclEntry("user", "", "rw-"), AclEntry("user", "app", "r--"), None, None, AclEntry("mask", "", "r--"),
        )  # fmt: skip
        assert len(file.acl) == 32
    assert len(files) == 2


def test_a_list_without_getfacl_is_told_as_unknown(node, pairs, tools):
    """That there is one is seen; what it says is not."""
    node.write(f"{STORE}/kv.web", pairs["ec"].file)
    tools.make("ls", 'case $1 in -ldL) echo "-rw-r-----+ 1 root root 9 x" ;; *) exec /bin/ls "$@" ;; esac')
    path = tools.only("sh", "awk", "base64", "date", "grep", "head", "id", "od", "openssl", "readlink", "tr", "wc")
    (file,) = parse_answer(node.visit([STORE], path=path, alone=True)).stores[0].files
    assert (file.mode, file.acl) == ("640", (None,))


def test_our_users_are_told_by_how_their_names_begin(node, shell):
    """All others are nobody's business; no name can forge a line, and no number of them can fill the answer."""
    names = ["root", "batchcert", "batchcert-5c2f00aa", "notbatchcert", "batchcert x end", "Batchcert"]
    node.write(PASSWD, "".join(f"{name}:x:0:0::/:/bin/sh\n" for name in names))
    assert parse_answer(node.visit(shell=shell)).users == ("batchcert", "batchcert-5c2f00aa")
    node.write(PASSWD, "".join(f"batchcert-{number}:x:0:0::/:/bin/sh\n" for number in range(99)))
    assert len(parse_answer(node.visit(shell=shell)).users) == 16


@pytest.mark.parametrize("user", ["", "/etc", "a b", "$(id)", "-u", "x" * 33, "a\nb"])
def test_what_can_be_no_account_is_no_reader(user):
    """It is refused here, and never comes to a node's shell."""
    with pytest.raises(ValueError, match="no account can be called"):
        visit_script(Asked([STORE], {STORE: [user]}))


def test_half_a_script_does_nothing():
    """A connection that drops while the script is sent leaves a shell that runs nothing."""
    for cut in range(0, len(TEXT) - len('visit "$@" </dev/null\n'), 331):
        done = subprocess.run(
            ["/bin/sh", "-s"], input=TEXT[:cut].encode(), capture_output=True, timeout=20, check=False
        )
        assert done.stdout == b""


def test_stores_are_quoted_and_told_once():
    """A folder's name is a word for the shell, whatever is in it."""
    first = visit_script(Asked(["/a", "/b c'd", "/a"])).split("\n", 1)[0]
    assert first == """set -- /a '/b c'"'"'d'"""


@pytest.mark.skipif(SHELLCHECK is None, reason="shellcheck is not installed")
def test_the_script_is_clean():
    """shellcheck has nothing to say, for plain sh."""
    parts = sorted((Path(__file__).parents[3] / "batchcert" / "visit").glob("*.sh"))
    assert len(parts) == 3
    done = subprocess.run([SHELLCHECK, *map(str, parts)], capture_output=True, text=True, timeout=60, check=False)
    assert done.stdout == ""
