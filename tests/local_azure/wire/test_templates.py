"""Hosts and paths with parameters."""

from __future__ import annotations

import pytest

from local_azure.wire.templates import match_host, segments_of, template_of


@pytest.mark.parametrize(
    ("template", "path", "rank", "params"),
    [
        ("/", "/", (), {}),
        ("/a/{x}", "/A/One%20Two/", (0, 1), {"x": "One Two"}),
        ("/{a}/{b}", "/x/y", (1, 1), {"a": "x", "b": "y"}),
        ("/files/{file:path}", "/files/a%2Fb/c", (0, 2), {"file": "a/b/c"}),
        ("/{x}/b", "//one//b", (1, 0), {"x": "one"}),
    ],
)
def test_a_path_that_matches(template: str, path: str, rank: tuple[int, ...], params: dict[str, str]) -> None:
    """Literals without case, parameters decoded, empty segments ignored; the rank tells how literal the match is."""
    assert template_of(template).match(segments_of(path)) == (rank, params)


@pytest.mark.parametrize(
    ("template", "path"),
    [("/a/{x}", "/a"), ("/a/{x}", "/a/b/c"), ("/a", "/b"), ("/files/{file:path}", "/files"), ("/a/b", "/a%2Fb")],
)
def test_a_path_that_does_not(template: str, path: str) -> None:
    """Too short, too long, or another literal; a slash that is encoded separates nothing."""
    assert template_of(template).match(segments_of(path)) is None


@pytest.mark.parametrize(
    ("pattern", "host", "params"),
    [
        ("a.example.net", "a.example.net", {}),
        ("a.example.net", "b.example.net", None),
        ("{vault}.example.net", "one.example.net", {"vault": "one"}),
        ("{vault}.example.net", "one.two.example.net", {"vault": "one.two"}),
        ("{vault}.example.net", ".example.net", None),
        ("{vault}.example.net", "example.net", None),
    ],
)
def test_hosts(pattern: str, host: str, params: dict[str, str] | None) -> None:
    """The first label may be a parameter, and is never empty."""
    assert match_host(pattern, host) == params
