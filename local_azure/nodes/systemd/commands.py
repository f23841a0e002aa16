"""The command lines of a unit: systemd.service(5), "Command lines", and how variables get into them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from local_azure.nodes.systemd.unit_file import BadSettingError

_PIECE = re.compile(
    r"""(?P<blank>\s+)"""
    r"""|'(?P<single>(?:\\.|[^'\\])*)'"""
    r"""|"(?P<double>(?:\\.|[^"\\])*)\""""
    r"""|(?P<bare>(?:\\.|[^\s'"\\])+)""",
    re.DOTALL,
)
_ESCAPE = re.compile(r"\\(?:x([0-9a-fA-F]{2})|([0-7]{3})|(.))", re.DOTALL)
_ESCAPED = {"a": "\a", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v", "s": " "} | {
    mark: mark for mark in "\\\"';"
}
_VARIABLE = re.compile(r"\$(?:(\$)|\{([A-Za-z_]\w*)\})")
_PREFIXES = "-:+!@|"


@dataclass(frozen=True)
class Command:
    """One command of a unit.

    Attributes:
        words: its program and arguments, as written.
        may_fail: whether its failure does not count (the prefix `-`).
        verbatim: whether variables stay as they are (the prefix `:`).
    """

    words: tuple[str, ...]
    may_fail: bool = False
    verbatim: bool = False

    def argv(self, environment: Mapping[str, str]) -> list[str]:
        """The words with variables put in: `${X}` as it is, a word `$X` split at blanks, `$$` a dollar sign."""
        if self.verbatim:
            return list(self.words)
        return [self.words[0], *(part for word in self.words[1:] for part in _put_in(word, environment))]


def commands(values: Iterable[str]) -> tuple[Command, ...]:
    """The commands of all values of a setting like ExecStart=. Raises: BadSettingError."""
    found: list[Command] = []
    for value in values:
        words: list[str] = []
        for raw, word in [*_words(value), (";", ";")]:
            if raw != ";":
                words.append(word)
            elif words:
                found.append(_command(words))
                words = []
    return tuple(found)


def assignments(values: Iterable[str]) -> dict[str, str]:
    """The variables of all values of Environment=. Raises: BadSettingError."""
    pairs = (word.partition("=") for value in values for _, word in _words(value))
    return {name: value for name, equals, value in pairs if equals}


def _command(words: list[str]) -> Command:
    program = words[0].lstrip(_PREFIXES)
    prefixes = words[0][: len(words[0]) - len(program)]
    if not program:
        raise BadSettingError("an empty path in a command line")
    arguments = words[2:] if "@" in prefixes else words[1:]  # the word behind is what the program is told its name is
    return Command((program, *arguments), may_fail="-" in prefixes, verbatim=":" in prefixes)


def _words(text: str) -> list[tuple[str, str]]:
    """Each word as written, and as meant. Raises: BadSettingError for a quote without its end."""
    found: list[tuple[str, str]] = []
    at, inside = 0, False
    while at < len(text):
        piece = _PIECE.match(text, at)
        if not piece:
            raise BadSettingError(f"unbalanced quoting: {text}")
        at = piece.end()
        if piece.lastgroup == "blank":
            inside = False
            continue
        before = found.pop() if inside else ("", "")
        meant = _ESCAPE.sub(_unescaped, piece[str(piece.lastgroup)])
        found.append((before[0] + piece[0], before[1] + meant))
        inside = True
    return found


def _unescaped(escape: re.Match[str]) -> str:
    if escape[1]:
        return chr(int(escape[1], 16))
    if escape[2]:
        return chr(int(escape[2], 8))
    return _ESCAPED.get(escape[3], escape[0])


def _put_in(word: str, environment: Mapping[str, str]) -> list[str]:
    if whole := re.fullmatch(r"\$([A-Za-z_]\w*)", word):
        return environment.get(whole[1], "").split()
    return [_VARIABLE.sub(lambda found: found[1] or environment.get(found[2], ""), word)]
