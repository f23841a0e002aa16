"""`batchcert explain`, as it is run."""

import errno
import fcntl
import json
import os
import pty
import re
import struct
import subprocess
import sys
import termios
from collections.abc import Callable
from dataclasses import dataclass
from io import BytesIO, TextIOWrapper
from pathlib import Path

import pytest

from batchcert.extension.traps import PROCEDURE
from batchcert.spec import CertificateSpec, IdentitySpec, PoolSpec, Target, VaultSpec
from cli.explain_text import fold, fold_path, printable
from cli.main import main

DATA = Path(__file__).parents[1] / "data"
DOCUMENT = DATA / "document-2021.json"
PROGRAM = Path(sys.executable).with_name("batchcert")
MODELS = {"target": Target, "identity": IdentitySpec, "vault": VaultSpec, "pool": PoolSpec}
COLOUR = re.compile(r"\x1b\[[0-9;]*m")


@dataclass
class Ended:
    """How a run of the command ended."""

    code: int
    out: str
    err: str


Run = Callable[..., Ended]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Run the command in this process, *stdin* behind it."""

    def run(*arguments: object, stdin: bytes = b"") -> Ended:
        monkeypatch.delenv("FORCE_COLOR", raising=False)
        monkeypatch.setattr(sys, "argv", ["batchcert", *map(str, arguments)])
        monkeypatch.setattr(sys, "stdin", TextIOWrapper(BytesIO(stdin)))
        with pytest.raises(SystemExit) as ended:
            main()
        return Ended(int(ended.value.code or 0), *capsys.readouterr())

    return run


def parameters_in(text: str) -> dict:
    """The JSON that a text ends in."""
    return json.loads(text[text.index("\n{\n") :])


def validate(parameters: dict) -> None:
    """Hold the parameters to the models of `provision`."""
    for name, model in MODELS.items():
        model.model_validate(parameters[name])
    for certificate in parameters["certificates"]:
        CertificateSpec.model_validate(certificate)


@pytest.mark.parametrize("name", ["2021", "2026"])
def test_a_published_body_is_explained_and_corrected(run, name):
    """Findings first, worst first; then what to fill in; at the end the parameters, which validate."""
    ended = run("explain", DATA / f"document-{name}.json")
    assert (ended.code, ended.err) == (1, "")
    weights = re.findall(r"^(breaks|weakens|notes) ", ended.out, re.MULTILINE)
    assert len(weights) == 9
    assert weights == sorted(weights, key=["breaks", "weakens", "notes"].index)
    for label in ("field", "what", "cause", "cure"):
        assert len(re.findall(rf"^  {label} +\S", ended.out, re.MULTILINE)) == 9
    assert all(f"  {trap.code} " in ended.out for trap in PROCEDURE)
    assert ended.out.index("pinned-secret-url") < ended.out.index("To fill in") < ended.out.index("\n{\n")
    validate(parameters_in(ended.out))


def test_what_was_forgiven_is_said_with_its_place(run):
    """The comma behind the last member of the 2021 document's properties."""
    assert "line 45, column 10: a comma before the closing }" in run("explain", DOCUMENT).out
    assert "read all the same" not in run("explain", DATA / "document-2026.json").out


def test_each_finding_is_a_line_where_nobody_watches(run):
    """Behind a pipe nothing is wrapped or coloured, so that grep finds a whole field."""
    out = run("explain", DOCUMENT).out
    assert (
        "  field  properties.deploymentConfiguration.virtualMachineConfiguration.extensions[0]"
        ".settings.secretsManagementSettings.observedCertificates[0]\n"
    ) in out
    assert "\x1b" not in out
    assert not re.search(r" $", out, re.MULTILINE)


def test_json_is_one_object_for_programs(run):
    """The same findings, and the parameters under their name."""
    ended = run("explain", DOCUMENT, "--format", "json")
    told = json.loads(ended.out)
    assert ended.code == 1
    assert told["document"] == str(DOCUMENT)
    assert told["findings"][0]["code"] == "pinned-secret-url"
    validate(told["parameters"])


def test_parameters_are_saved_and_the_findings_stay_on_stdout(run, tmp_path):
    """With -o the file has the parameters and nothing else, stdout the rest and how to go on."""
    saved = tmp_path / "my parameters.json"
    ended = run("explain", DOCUMENT, "-o", saved)
    assert ended.code == 1
    assert "pinned-secret-url" in ended.out
    assert "\n{\n" not in ended.out
    assert f"--params \"$(cat '{saved}')\"" in ended.out
    assert json.loads(saved.read_text()) == parameters_in(run("explain", DOCUMENT).out)
    assert list(tmp_path.iterdir()) == [saved]


def test_a_file_that_is_there_is_replaced_whole(run, tmp_path):
    """What stood in it is gone, and its readers are those a new file would have."""
    saved = tmp_path / "p.json"
    saved.write_text("x" * 100_000)
    run("explain", DOCUMENT, "--output", saved)
    validate(json.loads(saved.read_text()))
    fresh = tmp_path / "fresh"
    fresh.touch()
    assert saved.stat().st_mode == fresh.stat().st_mode


def test_a_file_that_cannot_be_written_keeps_what_it_had(run, tmp_path, monkeypatch):
    """A full disk in mid-write leaves the old file, and no other."""
    saved = tmp_path / "p.json"
    saved.write_text("old")

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Path, "replace", full)
    ended = run("explain", DOCUMENT, "-o", saved)
    assert (ended.code, saved.read_text(), list(tmp_path.iterdir())) == (2, "old", [saved])
    assert "No space left on device [file-unwritable]" in ended.err


def test_the_document_itself_is_never_overwritten(run, tmp_path):
    """By whichever name it is called."""
    document = tmp_path / "body.json"
    document.write_bytes(DOCUMENT.read_bytes())
    other = tmp_path / "link.json"
    other.symlink_to(document)
    for name in (document, other):
        ended = run("explain", document, "-o", name)
        assert (ended.code, document.read_bytes()) == (2, DOCUMENT.read_bytes())
        assert "--output" in ended.err


def test_the_body_comes_from_stdin_too(run):
    """A dash stands for it."""
    ended = run("explain", "-", stdin=DOCUMENT.read_bytes())
    assert ended.code == 1
    assert ended.out.startswith("standard input: 9 traps")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-32"])
def test_unicode_is_read_in_each_of_its_encodings(run, encoding):
    """PowerShell saves UTF-16, editors a byte order mark."""
    assert run("explain", "-", stdin=DOCUMENT.read_text().encode(encoding)).code == 1


def test_a_body_with_nothing_to_change_ends_fine(run):
    """Exit code 0, notes or not, and the parameters all the same."""
    body = json.loads((DATA / "document-2026.json").read_text())
    machine = body["properties"]["deploymentConfiguration"]["virtualMachineConfiguration"]
    body["properties"]["vmSize"] = "STANDARD_D2S_V5"
    machine["imageReference"] |= {"offer": "ubuntu-24_04-lts", "sku": "server"}
    machine["nodeAgentSkuId"] = "batch.node.ubuntu 24.04"
    secrets = machine["extensions"][0]["settings"]["secretsManagementSettings"]
    secrets["observedCertificates"] = ["https://testkvwestus2s.vault.azure.net/secrets/web"]
    rules = [
        {"priority": 150, "access": "Allow", "sourceAddressPrefix": "203.0.113.0/24"},
        {"priority": 151, "access": "Deny", "sourceAddressPrefix": "*"},
    ]
    nat = {"backendPort": 22, "networkSecurityGroupRules": rules}
    body["properties"]["networkConfiguration"] = {"endpointConfiguration": {"inboundNatPools": [nat]}}
    ended = run("explain", "-", stdin=json.dumps(body).encode())
    assert ended.code == 0, ended.out
    assert "(0 breaks, 0 weakens, 4 notes)" in ended.out
    assert parameters_in(ended.out)["pool"]["ssh"]["allowed_networks"] == ["203.0.113.0/24"]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "line 1, column 1: a value is missing [document-unreadable]"),
        (b'{"properties": {\n"a": }}', "line 2, column 6: a value is missing [document-unreadable]"),
        (b"{}", "[not-a-pool-body]"),
        (b"\xff\xfe\x00", "[file-unreadable]"),
        (b'{"properties": "\xff"}', "byte 16 is not UTF-8 [file-unreadable]"),
        (b" " * ((1 << 20) + 1), "[document-too-large]"),
        (b"[" * 100_000, "[document-too-large]"),
    ],
)
def test_what_cannot_be_read_is_refused_with_its_place(run, tmp_path, content, said):
    """Exit code 2, nothing on stdout, and a line that names file, line and column."""
    document = tmp_path / "body.json"
    document.write_bytes(content)
    ended = run("explain", document)
    assert (ended.code, ended.out) == (2, "")
    assert ended.err.startswith(f"batchcert: {document}: ")
    assert said in ended.err.splitlines()[0]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["explain", "no-such-file.json"], "No such file or directory [file-unreadable]"),
        (["explain", DATA], "Is a directory [file-unreadable]"),
        (["explain", DOCUMENT, "-o", "/no/such/folder/p.json"], "[file-unwritable]"),
        (["explain"], "Missing argument"),
        (["explain", DOCUMENT, "--format", "yaml"], "yaml"),
        (["explain", DOCUMENT, "--fast"], "No such option"),
        (["explian", DOCUMENT], "Did you mean 'explain'?"),
    ],
)
def test_wrong_usage_ends_with_two(run, arguments, said):
    """What is wrong is said on stderr, and stdout stays empty."""
    ended = run(*arguments)
    assert (ended.code, ended.out) == (2, "")
    assert said in ended.err


def test_no_value_of_a_body_reaches_the_terminal_as_a_command(run):
    """Escape sequences in names and addresses are shown, not obeyed."""
    body = json.loads((DATA / "document-2026.json").read_text())
    body["name"] = "\x1b[2J\x9b31m"
    body["properties"]["vmSize"] = "STANDARD_D2_V2"
    body["properties"]["\x1b]0;owned\x07"] = 1
    machine = body["properties"]["deploymentConfiguration"]["virtualMachineConfiguration"]
    machine["nodeAgentSkuId"] = "batch.node.debian \x1b[31m"
    machine["extensions"][0]["typeHandlerVersion"] = "2.0\x1b[0m"
    ended = run("explain", "-", stdin=json.dumps(body).encode())
    assert not {char for char in ended.out if not char.isprintable()} - {"\n"}


def test_passwords_of_a_body_are_shown_nowhere(run):
    """User accounts, protected settings and registry passwords are named at most, never quoted."""
    body = json.loads((DATA / "document-2026.json").read_text())
    body["properties"]["userAccounts"] = [{"name": "a", "password": "hunter2"}]
    machine = body["properties"]["deploymentConfiguration"]["virtualMachineConfiguration"]
    machine["containerConfiguration"] = {"containerRegistries": [{"username": "u", "password": "hunter2"}]}
    machine["extensions"][0]["protectedSettings"] = {"key": "hunter2"}
    for form in ("text", "json"):
        ended = run("explain", "-", "--format", form, stdin=json.dumps(body).encode())
        assert "hunter2" not in ended.out + ended.err
        assert "properties.userAccounts" in ended.out


@pytest.mark.parametrize("columns", [80, 120])
def test_a_terminal_gets_colour_and_lines_that_fit(columns):
    """On a real terminal nothing but the JSON and the command to copy is wider than it."""
    shown = on_a_terminal(columns, "explain", DOCUMENT.name)
    assert "\x1b[1;31mbreaks" in shown
    plain = COLOUR.sub("", shown).replace("\r", "")
    text, _, parameters = plain.partition("\n{\n")
    assert max(len(line) for line in text.splitlines()) <= columns
    assert any(len(line) > columns - 15 for line in text.splitlines())
    validate(json.loads("{\n" + parameters))


def test_no_colour_where_none_is_wanted():
    """NO_COLOR is heeded on a terminal, too."""
    assert "\x1b[1;31m" not in on_a_terminal(80, "explain", DOCUMENT.name, NO_COLOR="1")


def on_a_terminal(columns: int, *arguments: str, **environment: str) -> str:
    """What the command writes to a terminal of *columns*, run beside the document: a checkout's path may be long."""
    main_end, far_end = pty.openpty()
    fcntl.ioctl(far_end, termios.TIOCSWINSZ, struct.pack("HHHH", 50, columns, 0, 0))
    hidden = {"COLUMNS", "LINES", "NO_COLOR", "FORCE_COLOR"}
    inherited = {name: value for name, value in os.environ.items() if name not in hidden}
    with subprocess.Popen(
        [PROGRAM, *arguments],
        stdout=far_end,
        cwd=DOCUMENT.parent,
        env=inherited | {"TERM": "xterm-256color"} | environment,
    ) as process:
        os.close(far_end)
        written = b"".join(iter(lambda: read(main_end), b""))
    os.close(main_end)
    assert process.returncode == 1
    return written.decode()


def read(terminal: int) -> bytes:
    """The next bytes of *terminal*; none once nobody writes to it any more (Linux says so with an error)."""
    try:
        return os.read(terminal, 65536)
    except OSError:
        return b""


@pytest.mark.parametrize(
    ("path", "width", "lines"),
    [
        ("a.b.c", None, ["a.b.c"]),
        ("aaa.bbb.ccc", 8, ["aaa.bbb.", "ccc"]),
        ("aaa.bbb.ccc", 4, ["aaa.", "bbb.", "ccc"]),
        ("a-long-name.b", 4, ["a-long-name.", "b"]),
        ("", 4, [""]),
    ],
)
def test_paths_break_behind_their_dots(path, width, lines):
    """Put together again they are the path; a name is never broken."""
    assert fold_path(path, width) == lines
    assert "".join(lines) == path


def test_prose_breaks_between_words_and_never_within_an_address():
    """An address stays one piece to copy, however narrow the terminal."""
    address = "https://contoso.vault.azure.net/secrets/a-long-name"
    assert fold(f"observe {address} instead", 20) == ["observe", address, "instead"]
    assert fold("", 20) == [""]


def test_printable_shows_what_it_takes_out():
    """Control characters appear as their escapes, everything else as it is."""
    assert printable("é\x1b[31m\u202e\n") == r"é\x1b[31m\u202e\n"
