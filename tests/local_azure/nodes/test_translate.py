"""Paths on their way into a command and out of it."""

from __future__ import annotations

import os

import pytest

from local_azure.nodes.translate import Inward, Outward

NODE = "/srv/nodes/n-1"
TOPS = {
    "/var": f"{NODE}/root/var",
    "/etc": f"{NODE}/root/etc",
    "/usr/local": f"{NODE}/root/usr/local",
    "/tmp": f"{NODE}/t",
}


@pytest.mark.parametrize(
    ("text", "translated"),
    [
        ("cat /var/lib/x", "cat @/root/var/lib/x"),
        ("/var", "@/root/var"),
        ("ls /var /etc", "ls @/root/var @/root/etc"),
        ("a=/var/x:/etc", "a=@/root/var/x:@/root/etc"),
        ("f '/var/a b' \"/etc/$x\"", "f '@/root/var/a b' \"@/root/etc/$x\""),
        ("sh -c \"cat '/var/x'\"", "sh -c \"cat '@/root/var/x'\""),
        ('printf "\\"/var\\""', 'printf "\\"@/root/var\\""'),
        ("sh -c 'cat '\\''/var/x'\\'", "sh -c 'cat '\\''@/root/var/x'\\'"),
        ("echo >/tmp/x 2>>/var/log/y </etc/z", "echo >@/t/x 2>>@/root/var/log/y <@/root/etc/z"),
        ("a;/usr/local/bin/b|/etc/c", "a;@/root/usr/local/bin/b|@/root/etc/c"),
        ("${path#/var/lib/}", "${path#@/root/var/lib/}"),
        ("${path:-/tmp}", "${path:-@/t}"),
        ("x=`/var/run`", "x=`@/root/var/run`"),
        ("{/var,/etc}", "{@/root/var,@/root/etc}"),
        ("grep '^/var/'", "grep '^@/root/var/'"),
        ("--root=/var", "--root=@/root/var"),
        ("curl -d @/etc/x", "curl -d @@/root/etc/x"),
    ],
)
def test_literal_absolute_paths_are_translated(text: str, translated: str) -> None:
    """A path below one of the node's top folders is the node's, wherever a word can begin."""
    assert Inward(TOPS).text(text) == translated.replace("@/", f"{NODE}/")


@pytest.mark.parametrize(
    "text",
    [
        "curl https://host/var/x",
        "curl file:///var/x",
        "cc -I/usr/local/include",
        "cat a/var/x ./var ../var",
        "$x/var ${x}/var $(pwd)/var */var ~/var",
        '"$x"/var/y',
        "/variable /etcetera /etc-old /tmp.x /usr/locals",
        "/bin/sh /usr/bin/env /dev/null /",
        "text/etc",
        "s/x/var/",
        "//var",
    ],
)
def test_what_only_looks_like_a_path_is_left_alone(text: str) -> None:
    """URLs, options with a path glued on, paths put together from parts, longer names, the host's own folders."""
    assert Inward(TOPS).text(text) == text


def test_script_lines_are_translated_as_they_become_whole() -> None:
    """A path that is split over two chunks is found, and nothing is held longer than its line."""
    inward = Inward(TOPS)
    assert inward.feed(b"cat /va") == b""
    assert inward.feed(b"r/x\necho /e") == f"cat {NODE}/root/var/x\n".encode()
    assert inward.close() == b"echo /e"
    assert inward.close() == b""


def test_a_line_without_end_is_not_kept() -> None:
    """Input that never ends its line is passed on, so that memory stays bounded."""
    inward = Inward(TOPS)
    passed = sum(len(inward.feed(b"x" * 1000)) for _ in range(1000))
    assert passed > 1_000_000 - 70_000


@pytest.mark.parametrize(
    ("output", "translated"),
    [
        (f"{NODE}/root/var/lib", "/var/lib"),
        (f"{NODE}/root", "/"),
        (f"{NODE}/root/", "/"),
        (f"x -> {NODE}/as/eve/etc/y\n", "x -> /etc/y\n"),
        (f"{NODE}/root/var:{NODE}/as/eve/etc", "/var:/etc"),
        (f"{NODE}/rooted/var", f"{NODE}/rooted/var"),
        (f"{NODE}/root-2", f"{NODE}/root-2"),
        (f"{NODE}/roo", f"{NODE}/roo"),
        (f"'{NODE}/root'", "'/'"),
        ("/srv/nodes/other", "/srv/nodes/other"),
        ("", ""),
    ],
)
def test_host_paths_come_out_as_the_node_s_however_they_are_cut(output: str, translated: str) -> None:
    """Wherever the stream is cut in two, or into single bytes, the same text comes out."""
    folders = (f"{NODE}/root", f"{NODE}/as/eve")
    data = output.encode()
    for cut in range(len(data) + 1):
        outward = Outward(folders)
        assert outward.feed(data[:cut]) + outward.feed(data[cut:]) + outward.close() == translated.encode()
    outward = Outward(folders)
    assert b"".join(outward.feed(bytes([byte])) for byte in data) + outward.close() == translated.encode()


def test_bytes_of_any_kind_pass_unchanged() -> None:
    """Output need not be text."""
    data = os.urandom(100_000).replace(b"/", b"")
    outward = Outward([f"{NODE}/root"])
    assert outward.feed(data) + outward.close() == data


def test_little_is_held_back() -> None:
    """What cannot be part of a path comes out at once, so that a prompt or a progress line is seen."""
    outward = Outward([f"{NODE}/root"])
    assert outward.feed(b"$ ") == b"$ "
    assert outward.feed(b"50 %\r") == b"50 %\r"
