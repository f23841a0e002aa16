"""Command lines of units: words, prefixes, variables."""

from __future__ import annotations

import pytest

from local_azure.nodes.systemd.commands import Command, assignments, commands
from local_azure.nodes.systemd.unit_file import BadSettingError

VARIABLES = {"MAINPID": "42", "TWO": "a  b", "EMPTY": ""}


@pytest.mark.parametrize(
    ("line", "argv"),
    [
        ("/bin/echo a  b", ["/bin/echo", "a", "b"]),
        ("/bin/sh -c 'a  b; c'", ["/bin/sh", "-c", "a  b; c"]),
        ("/bin/sh -c \"a 'b' c\"", ["/bin/sh", "-c", "a 'b' c"]),
        ("/bin/echo a'b c'd", ["/bin/echo", "ab cd"]),
        ("/bin/echo '' \"\"", ["/bin/echo", "", ""]),
        (r"/bin/echo a\x20b\tc\\d\s", ["/bin/echo", "a b\tc\\d "]),
        (r"/bin/echo \101 \q", ["/bin/echo", "A", r"\q"]),
        (r"/bin/echo a \; b", ["/bin/echo", "a", ";", "b"]),
        ("/bin/kill -HUP $MAINPID", ["/bin/kill", "-HUP", "42"]),
        ("/bin/echo x${MAINPID}y $MAINPID.", ["/bin/echo", "x42y", "$MAINPID."]),
        ("/bin/echo $TWO ${TWO}", ["/bin/echo", "a", "b", "a  b"]),
        ("/bin/echo $EMPTY ${EMPTY} $NONE ${NONE}", ["/bin/echo", "", ""]),
        ("/bin/echo $$ $$MAINPID a$$b", ["/bin/echo", "$", "$MAINPID", "a$b"]),
        ("/bin/sh -c 'kill $MAINPID'", ["/bin/sh", "-c", "kill $MAINPID"]),
        ("$MAINPID x", ["$MAINPID", "x"]),
        (":/bin/echo $MAINPID", ["/bin/echo", "$MAINPID"]),
        ("@/bin/sh mysh -c x", ["/bin/sh", "-c", "x"]),
    ],
)
def test_a_command_s_words(line: str, argv: list[str]) -> None:
    """Quoting, escapes and variables as in systemd.service(5)."""
    (command,) = commands([line])
    assert command.argv(VARIABLES) == argv


def test_a_line_may_hold_several_commands() -> None:
    """And a dash lets one fail."""
    assert commands(["/bin/a 1 ; -/bin/b", "-!/bin/c"]) == (
        Command(("/bin/a", "1")),
        Command(("/bin/b",), may_fail=True),
        Command(("/bin/c",), may_fail=True),
    )


@pytest.mark.parametrize("line", ["/bin/echo 'a", '/bin/echo "a', "/bin/echo a\\"])
def test_a_quote_needs_its_end(line: str) -> None:
    """Else the line cannot be used."""
    with pytest.raises(BadSettingError):
        commands([line])


def test_variables_of_a_unit() -> None:
    """Several on a line, quoted, the later one counts."""
    assert assignments(["A=1 'B=two words' nothing", '"C=3" A=4']) == {"A": "4", "B": "two words", "C": "3"}
