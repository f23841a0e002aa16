"""A folder for each demonstration."""

from __future__ import annotations

import stat
from contextlib import suppress
from pathlib import Path

from demo.room import claim_room


def test_two_side_by_side_have_rooms_of_their_own(tmp_path: Path) -> None:
    """The first free number; given back, it is used again."""
    with claim_room(tmp_path) as first:
        with claim_room(tmp_path) as second:
            assert (first.folder.name, second.folder.name) == ("1", "2")
        with claim_room(tmp_path) as third:
            assert third.folder.name == "2"
    with claim_room(tmp_path) as again:
        assert again.folder.name == "1"


def test_a_room_is_emptied_and_its_owners_alone(tmp_path: Path) -> None:
    """Nothing of an earlier demonstration is left, and no other user can look in."""
    with claim_room(tmp_path) as room:
        (room.prefect / "prefect.db").write_text("old")
    with claim_room(tmp_path) as room:
        assert list(room.prefect.iterdir()) == []
        assert stat.S_IMODE(room.folder.stat().st_mode) == 0o700


def test_secrets_do_not_outlive_it(tmp_path: Path) -> None:
    """The ready file goes, the logs stay, whatever happened."""
    with suppress(RuntimeError), claim_room(tmp_path) as room:
        room.ready_file.write_text("secret")
        (room.logs / "azure.log").write_text("said")
        raise RuntimeError
    assert not room.ready_file.exists()
    assert (room.logs / "azure.log").read_text() == "said"
