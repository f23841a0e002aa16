"""Whether a command's standard input is a script, which is to be translated, or data, which is not to be touched."""

from __future__ import annotations

import re
import shlex

from local_azure.nodes.views import ROOT

_SHELLS = frozenset({"sh", "bash", "dash", "ash"})
_ASSIGNMENT = re.compile(r"[A-Za-z_]\w*=.*", re.DOTALL)
_SUDO_WITH_VALUE = frozenset("CDRTUghprtu")  # sudo(8): options that take the next word
_SHELL_WITH_VALUE = frozenset("oO")


def whose_script(command: str | None, user: str) -> str | None:
    """The user whose shell reads the standard input of *command* as a script, None where no shell does.

    *command* is None for a login shell. In `a && b` and `a; b` the first shell counts; in a pipe, only its head.
    """
    if command is None:
        return user
    parts = shlex.shlex(command, posix=True, punctuation_chars=True)
    parts.whitespace_split = True
    try:
        words = list(parts)
    except ValueError:  # a quote without its end: sh will say so
        return None
    return next((found for found in (_reader(part, user) for part in _commands(words)) if found), None)


def _commands(words: list[str]) -> list[list[str]]:
    """The simple commands that have the session's own standard input."""
    commands: list[list[str]] = [[]]
    piped = False
    for word in words:
        if word in {";", "&&", "||"}:
            commands.append([])
            piped = False
        elif word == "|":
            piped = True
        elif not piped:
            commands[-1].append(word)
    return commands


def _reader(words: list[str], user: str) -> str | None:
    while words and (words[0] == "exec" or _ASSIGNMENT.fullmatch(words[0])):
        words = words[1:]
    if words[:1] == ["sudo"]:
        options, words = _split(words[1:], _SUDO_WITH_VALUE)
        user = ROOT
        if not words:
            return user if options & {"i", "s", "login", "shell"} else None
    if not words or words[0].rpartition("/")[2] not in _SHELLS:
        return None
    options, operands = _split(words[1:], _SHELL_WITH_VALUE)
    return user if "s" in options or not (operands or "c" in options) else None


def _split(words: list[str], with_value: frozenset[str]) -> tuple[set[str], list[str]]:
    """The letters (or long names) of the options in front, and the words behind them."""
    options: set[str] = set()
    rest = iter(enumerate(words))
    for at, word in rest:
        if word == "--":
            return options, words[at + 1 :]
        if not word.startswith("-") or word == "-":
            return options, words[at:]
        options |= {word[2:]} if word.startswith("--") else set(word[1:])
        if not word.startswith("--") and word[-1] in with_value:
            next(rest, None)
    return options, []
