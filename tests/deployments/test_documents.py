"""YAML that knows its lines."""

from __future__ import annotations

from pathlib import Path

import pytest

from deployments.documents import UnreadableError, read_document

TEXT = """\
shared: &shared
  entrypoint: a.py:a
  deep:
    one: 1
list:
  - name: first
    <<: *shared
  - <<: [*shared, {own: 2}]
    name: second
"""


@pytest.mark.parametrize(
    ("path", "line"),
    [
        ((), 1),
        (("shared", "deep", "one"), 4),
        (("list", 0, "name"), 6),
        (("list", 0, "entrypoint"), 2),
        (("list", 1, "deep", "one"), 4),
        (("list", 1, "own"), 8),
        (("list", 1, "absent"), 8),
        (("shared", "deep", "absent"), 4),
        (("list", 9), 6),
        (("list", 0, "name", "deeper"), 6),
    ],
)
def test_a_field_knows_its_line(tmp_path: Path, path: tuple[str | int, ...], line: int) -> None:
    """Merged fields have the line where they are written; absent ones that of the field around them."""
    file = tmp_path / "a.yaml"
    file.write_text(TEXT)
    assert read_document(file).line(path) == line


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        (b"a: 1\nb: [1,\n", 3, "is not valid YAML"),
        (b"a: 1\na: 2\n", 2, "duplicate key"),
        (b"a: \xff\n", 0, "cannot be read"),
        (b"a: *nothing\n", 1, "undefined alias"),
    ],
)
def test_what_is_no_yaml_says_where(tmp_path: Path, text: bytes, line: int, said: str) -> None:
    """A file that cannot be read names its line where there is one."""
    file = tmp_path / "a.yaml"
    file.write_bytes(text)
    with pytest.raises(UnreadableError) as caught:
        read_document(file)
    assert (caught.value.fault.file, caught.value.fault.line) == (str(file), line)
    assert said in caught.value.fault.what


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    """The fault is of the file as a whole."""
    with pytest.raises(UnreadableError, match="there is no such file"):
        read_document(tmp_path / "absent.yaml")
