"""Whose standard input is a script."""

from __future__ import annotations

import pytest

from local_azure.nodes.scripts import whose_script


@pytest.mark.parametrize(
    ("command", "reader"),
    [
        (None, "eve"),
        ("sh", "eve"),
        ("/bin/sh -s", "eve"),
        ("sh -s -- a b", "eve"),
        ("bash -x -o pipefail", "eve"),
        ("exec sh -eu", "eve"),
        ("LC_ALL=C sh -s", "eve"),
        ("cd /tmp && sh -s", "eve"),
        ("true; sudo -n sh", "root"),
        ("sudo -n sh -s", "root"),
        ("sudo -n -u root -- /bin/sh -s", "root"),
        ("sudo -nH bash", "root"),
        ("sudo -i", "root"),
        ("sudo --login", "root"),
        ("sudo -n sh -s | cat", "root"),
        ("sudo", None),
        ("sudo -n cat", None),
        ("sudo -n sh -c 'cat'", None),
        ("sh -c 'cat /x'", None),
        ("sh script.sh", None),
        ("cat > /tmp/x", None),
        ("cat | sh", None),
        ("echo sh", None),
        ("echo 'unfinished", None),
        ("", None),
    ],
)
def test_only_a_shell_without_a_script_of_its_own_reads_one(command: str | None, reader: str | None) -> None:
    """Input of anything else is data, and is never touched."""
    assert whose_script(command, "eve") == reader
