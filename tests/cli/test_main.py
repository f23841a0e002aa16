"""The command line as a whole."""

import os
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import pytest

from cli.exit_codes import ExitCode
from cli.main import COMMANDS, command

PROGRAM = Path(sys.executable).with_name("batchcert")


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the installed command."""
    return subprocess.run([PROGRAM, *arguments], capture_output=True, text=True, timeout=60, check=False)


def test_its_version_is_the_packages():
    """One line, for bug reports."""
    ended = run("--version")
    assert (ended.returncode, ended.stdout) == (0, f"batchcert {version('batchcert')}\n")


@pytest.mark.parametrize("arguments", [["--help"], []])
def test_its_help_names_every_command(arguments):
    """Asked for, or shown for want of a command."""
    ended = run(*arguments)
    told = ended.stdout + ended.stderr
    assert all(name in told for name in COMMANDS)
    assert "0 fine, 1 findings, 2 usage" in told
    assert ended.returncode == (ExitCode.FINE if arguments else ExitCode.USAGE)


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_can_be_called(name):
    """Its module has a function of its name, and its help says what the list says."""
    ended = run(name, "--help")
    assert ended.returncode == ExitCode.FINE, ended.stderr
    assert COMMANDS[name].split(",")[0] in ended.stdout


def test_help_imports_no_command():
    """The help of all is quick because it needs neither the engine nor the SDKs, nor any command's module."""
    program = "import sys, cli.main; cli.main.command()(['--help'], standalone_mode=False)"
    program += "; print(*sys.modules, file=sys.stderr)"
    ended = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=True, env=dict(os.environ)
    )
    loaded = set(ended.stderr.split())
    assert "cli.main" in loaded
    assert not {name.split(".")[0] for name in loaded} & {"prefect", "azure", "paramiko", "pydantic"}
    assert not {f"cli.{name}" for name in COMMANDS} & loaded


def test_commands_are_listed_in_the_order_of_the_table():
    """The list is the table's."""
    assert list(command().commands) == list(COMMANDS)
