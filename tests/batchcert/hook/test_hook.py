"""The scripts that put a hook on a node and that run its command, run for real in a folder that stands for the node."""

from __future__ import annotations

import hashlib
import re
import shutil
import subprocess
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from batchcert.hook.hook import Hook, part
from batchcert.hook.script import LONGEST_COMMAND_SECONDS, install_script

ROTATION = "/var/lib/batchcert/rotation"
UNITS = "/etc/systemd/system"
STORE = "/var/lib/store"
SHELLCHECK = shutil.which("shellcheck")
ANALYZE = shutil.which("systemd-analyze")
HOOK = Hook("kv.web", STORE, f"{STORE}/kv.web", 'echo "$BATCHCERT_SHA256 $BATCHCERT_FILE" >>"$LOG"')
OTHER = replace(HOOK, name="kv.api", file=f"{STORE}/kv.api")
SYSTEMCTL = """#!/bin/sh
echo "$*" >>"$LOG.systemctl"
"""


class Machine:
    """A folder that stands for a node's root; the scripts' whole paths are turned to it, as a chroot would."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.log = root / "log"
        for folder in (UNITS, STORE, "/bin", "/var/lib/batchcert"):
            self.at(folder).mkdir(parents=True)
        program = self.at("/bin/systemctl")
        program.write_text(SYSTEMCTL)
        program.chmod(0o755)

    def at(self, path: str) -> Path:
        return self.root / path.lstrip("/")

    def sh(self, text: str, *words: str) -> None:
        done = subprocess.run(
            ["/bin/sh", "-s", "--", *words],
            input=text,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
            env={"PATH": f"{self.at('/bin')}:/usr/bin:/bin", "LOG": str(self.log)},
        )
        assert (done.returncode, done.stderr) == (0, "")

    def placed(self, text: str) -> str:
        return re.sub("|".join((ROTATION, UNITS, STORE)), lambda match: str(self.at(match[0])), text)

    def install(self, *hooks: Hook) -> list[str]:
        """Put hooks on it; what systemctl was asked."""
        log = self.log.with_suffix(".systemctl")
        log.write_text("")
        self.sh(self.placed(install_script(hooks)))
        return log.read_text().splitlines()

    def run(self, name: str = HOOK.name) -> list[str]:
        """Run a hook as systemd would; what its command has logged so far."""
        self.sh(self.at(f"{ROTATION}/run").read_text(), name)
        return self.log.read_text().splitlines() if self.log.exists() else []

    def result(self, name: str = HOOK.name) -> list[str]:
        return self.at(f"{ROTATION}/{name}/result").read_text().split()

    def version(self, number: int, name: str = HOOK.name) -> str:
        """Let the extension write a version and swing the link to it; the SHA-256 of its leaf."""
        pem, sha256 = make_leaf(number)
        file = self.at(f"{STORE}/{name}.{number}.PEM")
        file.write_text(pem)
        link = self.at(f"{STORE}/{name}")
        link.unlink(missing_ok=True)
        link.symlink_to(file)
        return sha256


def make_leaf(number: int) -> tuple[str, str]:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, f"version {number}")])
    begin = datetime(2026, 1, 1, tzinfo=UTC)
    made = x509.CertificateBuilder(name, name, key.public_key(), number + 1, begin, begin + timedelta(days=90))
    leaf = made.sign(key, hashes.SHA256())
    pem = leaf.public_bytes(serialization.Encoding.PEM).decode()
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    der = leaf.public_bytes(serialization.Encoding.DER)
    return pem + private.decode(), hashlib.sha256(der).hexdigest()


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    """A node without a hook."""
    return Machine(tmp_path)


def test_a_hook_is_a_path_unit_a_service_and_a_command(machine):
    """The folder of the store is watched; what is put there, systemd is told of; the revision comes last."""
    asked = machine.install(HOOK)
    assert asked == [
        "daemon-reload",
        "enable --now batchcert-rotation-kv.web.path",
        "start --no-block batchcert-rotation-kv.web.service",
    ]
    path = machine.at(f"{UNITS}/batchcert-rotation-kv.web.path").read_text()
    service = machine.at(f"{UNITS}/batchcert-rotation-kv.web.service").read_text()
    assert f"PathChanged={machine.at(STORE)}\n" in path
    assert f"ExecStart=/bin/sh {machine.at(ROTATION)}/run kv.web\n" in service
    assert machine.at(f"{ROTATION}/kv.web/command").read_text() == f"{HOOK.command}\n"
    assert machine.at(f"{ROTATION}/kv.web/revision").read_text() == f"{HOOK.revision}\n"
    assert machine.at(ROTATION).stat().st_mode & 0o777 == 0o700


def test_the_command_runs_once_for_each_version(machine):
    """The first included; nothing runs before there is one, nor again for the same."""
    machine.install(HOOK)
    assert machine.run() == []
    first = machine.version(1)
    for _ in range(2):
        assert machine.run() == [f"{first} {machine.at(HOOK.file)}"]
    second = machine.version(2)
    for _ in range(2):
        assert [line.split()[0] for line in machine.run()] == [first, second]
    assert machine.result()[:2] == [second, "0"]


def test_a_failed_command_is_not_run_again_for_its_version(machine):
    """Its exit status is kept for the visit that asks."""
    machine.install(replace(HOOK, command='echo again >>"$LOG"; exit 7'))
    version = machine.version(1)
    machine.run()
    assert machine.run() == ["again"]
    sha256, status, began, ended = machine.result()
    assert (sha256, status) == (version, "7")
    assert 0 <= int(ended) - int(began) < 60


def test_a_version_that_comes_while_the_command_runs_is_not_missed(machine):
    """systemd does not tell of what changes meanwhile."""
    second, first = machine.version(2), machine.version(1)
    swing = f"ln -sf kv.web.2.PEM {STORE}/kv.web"
    machine.install(replace(HOOK, command=f'echo "$BATCHCERT_SHA256" >>"$LOG"; {swing}'))
    assert machine.run() == [first, second]


def test_a_command_that_always_brings_another_version_ends(machine):
    """It is run again some times, and not for ever."""
    machine.install(
        replace(HOOK, command=f'echo again >>"$LOG"; cat {STORE}/$(wc -l <"$LOG" | tr -d " ") >{STORE}/kv.web.x')
    )
    machine.at(HOOK.file).symlink_to(machine.at(f"{STORE}/kv.web.x"))
    for number in range(12):
        machine.at(f"{STORE}/{number}").write_text(make_leaf(number)[0])
    shutil.copy(machine.at(f"{STORE}/0"), machine.at(f"{STORE}/kv.web.x"))
    assert machine.run() == ["again"] * 8


@pytest.mark.parametrize("content", ["", "no certificate\n", "-----BEGIN CERTIFICATE-----\nMIIB\n"])
def test_a_file_without_a_whole_certificate_is_waited_for(machine, content):
    """Half a file is none; systemd calls again when it is whole."""
    machine.install(HOOK)
    machine.at(HOOK.file).write_text(content)
    assert machine.run() == []
    assert not machine.at(f"{ROTATION}/kv.web/result").exists()


def test_a_second_installation_keeps_the_last_result(machine):
    """A reboot runs the start task again: a version that the command has run for is not run for again."""
    machine.install(HOOK)
    machine.version(1)
    machine.run()
    machine.install(HOOK)
    assert len(machine.run()) == 1


def test_a_hook_that_is_wanted_no_more_goes(machine):
    """Its units are stopped first."""
    machine.install(HOOK, OTHER)
    asked = machine.install(OTHER)
    assert "disable --now batchcert-rotation-kv.web.path" in asked
    assert [file.name for file in machine.at(UNITS).iterdir() if "kv.web" in file.name] == []
    assert sorted(file.name for file in machine.at(ROTATION).iterdir()) == ["kv.api", "run"]


def test_where_systemd_refuses_there_is_no_revision(machine):
    """So a visit finds that the hook is not there; and the start task ends well all the same."""
    machine.at("/bin/systemctl").write_text("#!/bin/sh\nexit 1\n")
    machine.sh(machine.placed(install_script([HOOK])))
    assert not machine.at(f"{ROTATION}/kv.web/revision").exists()


def test_each_hook_has_its_own_command_and_revision(machine):
    """Quotes, dollars and backslashes in a command are the command's own."""
    odd = replace(OTHER, command="""printf '%s' "a'b\\c$HOME" | tr -d "\\n" # `x`""")
    machine.install(HOOK, odd)
    assert machine.at(f"{ROTATION}/kv.api/command").read_text() == f"{odd.command}\n"
    assert machine.at(f"{ROTATION}/kv.api/revision").read_text() == f"{odd.revision}\n"


@pytest.mark.parametrize(
    "change",
    [{"command": "true"}, {"file": f"{STORE}/another"}, {"store": "/var/lib/another"}],
    ids=lambda one: next(iter(one)),
)
def test_whatever_changes_on_the_node_changes_the_revision(change):
    """So a node that has an older hook is known."""
    assert replace(HOOK, **change).revision != HOOK.revision
    assert re.fullmatch("[0-9a-f]{16}", HOOK.revision)


def test_a_percent_sign_is_no_specifier_of_systemd(machine):
    """systemd.unit(5): it is written twice."""
    assert "PathChanged=/var/50%%" in unit_of(machine, replace(HOOK, store="/var/50%", file="/var/50%/kv.web"))


def unit_of(machine: Machine, hook: Hook) -> str:
    machine.install(hook)
    return machine.at(f"{UNITS}/batchcert-rotation-{hook.name}.path").read_text()


def test_systemd_ends_a_command_that_takes_too_long(machine):
    """Whoever waits for it counts on that."""
    machine.install(HOOK)
    service = machine.at(f"{UNITS}/batchcert-rotation-kv.web.service").read_text()
    assert f"TimeoutStartSec={LONGEST_COMMAND_SECONDS}\n" in service


def test_who_waits_has_the_command_run_before_the_script_ends(machine):
    """A visit that follows sees how it went."""
    log = machine.log.with_suffix(".systemctl")
    machine.sh(machine.placed(install_script([HOOK], wait=True)))
    assert log.read_text().splitlines()[-1] == "start --wait batchcert-rotation-kv.web.service"


@pytest.mark.parametrize("command", ["true\ntrue", "BATCHCERT-COMMAND-ENDS"])
def test_a_command_is_one_line(command):
    """What is not would end the document that it is written in."""
    with pytest.raises(ValueError, match="one line"):
        install_script([replace(HOOK, command=command)])


@pytest.mark.skipif(ANALYZE is None, reason="systemd is not installed")
def test_systemd_takes_the_units(machine, tmp_path):
    """It knows every section and key in them."""
    unit_of(machine, replace(HOOK, store="/var/50%", file="/var/50%/kv.web"))
    units = sorted(str(file) for file in machine.at(UNITS).iterdir())
    done = subprocess.run(
        [ANALYZE, "verify", "--man=no", *units], capture_output=True, text=True, timeout=60, check=False
    )
    assert len(units) == 2
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.skipif(SHELLCHECK is None, reason="shellcheck is not installed")
def test_the_scripts_are_clean(tmp_path):
    """shellcheck has nothing to say, for plain sh, of the parts nor of the whole."""
    whole = tmp_path / "whole.sh"
    whole.write_text(install_script([HOOK, OTHER]))
    run = tmp_path / "run.sh"
    run.write_text(part("run.sh"))
    done = subprocess.run([SHELLCHECK, whole, run], capture_output=True, text=True, timeout=60, check=False)
    assert done.stdout == ""
