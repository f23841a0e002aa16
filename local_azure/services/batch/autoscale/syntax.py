"""From the text of a formula to its statements."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

MOST_STATEMENTS = 100
_TOKEN = re.compile(
    r"(?P<blank>\s+|//[^\n]*|/\*.*?\*/)|(?P<number>(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)"
    r"|(?P<text>\"[^\"\n]*\"|'[^'\n]*')|(?P<name>\$?[A-Za-z_]\w*)"
    r"|(?P<sign>&&|\|\||[<>=!]=|[-+*/<>=!?:;,.()])",
    re.DOTALL,
)
_LEVELS: tuple[tuple[str, ...], ...] = (
    ("||",),
    ("&&",),
    ("==", "!="),
    ("<", "<=", ">", ">="),
    ("+", "-"),
    ("*", "/"),
)
"""The binary operators, those that bind loosest first."""


@dataclass(frozen=True)
class Place:
    """Where in the text something stands; both count from 1."""

    line: int
    column: int

    def __str__(self) -> str:
        """As Batch writes it."""
        return f"Line {self.line}, Col {self.column}"


class FormulaError(Exception):
    """A formula that cannot be read or evaluated: *code* is Batch's, *detail* tells where and why."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(f"{code}: {detail}")
        self.code = code
        self.detail = detail


@dataclass(frozen=True)
class Constant:
    """A number or a text."""

    value: float | str
    place: Place


@dataclass(frozen=True)
class Name:
    """A variable, a time interval, a deallocation option."""

    name: str
    place: Place


@dataclass(frozen=True)
class Call:
    """A function, or a method of *target*; without *arguments* a member of it."""

    name: str
    arguments: tuple[Expression, ...] | None
    place: Place
    target: Expression | None = None


@dataclass(frozen=True)
class Operation:
    """An operator with one, two or (`?`) three operands."""

    sign: str
    operands: tuple[Expression, ...]
    place: Place


Expression = Constant | Name | Call | Operation


@dataclass(frozen=True)
class Statement:
    """An assignment to *name*, or with "" an expression by itself, as in stop()."""

    name: str
    value: Expression


def parse(text: str) -> tuple[Statement, ...]:
    """The statements of a formula. Raises: FormulaError `AutoScalingFormulaSyntaxError`."""
    try:
        return _Parser(text).statements()
    except RecursionError:
        raise _syntax("The formula is nested too deeply") from None


@dataclass(frozen=True)
class _Token:
    kind: str
    text: str
    place: Place


class _Parser:
    def __init__(self, text: str) -> None:
        self._tokens = _tokens(text)
        self._at = 0

    def statements(self) -> tuple[Statement, ...]:
        found: list[Statement] = []
        while self._peek().kind != "end":
            if self._take_if(";"):
                continue
            found.append(self._statement())
            if self._peek().kind != "end" and not self._take_if(";"):
                raise _unexpected(self._peek())
        if len(found) > MOST_STATEMENTS:
            raise _syntax(f"The formula has more than {MOST_STATEMENTS} statements")
        return tuple(found)

    def _statement(self) -> Statement:
        first, second = self._peek(), self._peek(1)
        if first.kind == "name" and second.text == "=":
            self._at += 2
            return Statement(first.text, self._expression())
        return Statement("", self._expression())

    def _expression(self) -> Expression:
        condition = self._binary(0)
        question = self._peek()
        if not self._take_if("?"):
            return condition
        yes = self._expression()
        self._take(":")
        return Operation("?", (condition, yes, self._expression()), question.place)

    def _binary(self, level: int) -> Expression:
        if level == len(_LEVELS):
            return self._unary()
        left = self._binary(level + 1)
        while self._peek().kind == "sign" and self._peek().text in _LEVELS[level]:
            sign = self._next()
            left = Operation(sign.text, (left, self._binary(level + 1)), sign.place)
        return left

    def _unary(self) -> Expression:
        sign = self._peek()
        if self._take_if("-") or self._take_if("!"):
            return Operation(sign.text, (self._unary(),), sign.place)
        found = self._primary()
        while self._take_if("."):
            name = self._next()
            if name.kind != "name":
                raise _unexpected(name)
            arguments = self._arguments() if self._peek().text == "(" else None
            found = Call(name.text, arguments, name.place, found)
        return found

    def _primary(self) -> Expression:
        token = self._next()
        if token.kind == "number":
            return Constant(float(token.text), token.place)
        if token.kind == "text":
            return Constant(token.text[1:-1], token.place)
        if token.kind == "name":
            if self._peek().text == "(":
                return Call(token.text, self._arguments(), token.place)
            return Name(token.text, token.place)
        if token.text == "(":
            inner = self._expression()
            self._take(")")
            return inner
        raise _unexpected(token)

    def _arguments(self) -> tuple[Expression, ...]:
        self._take("(")
        if self._take_if(")"):
            return ()
        found = [self._expression()]
        while self._take_if(","):
            found.append(self._expression())
        self._take(")")
        return tuple(found)

    def _peek(self, ahead: int = 0) -> _Token:
        return self._tokens[min(self._at + ahead, len(self._tokens) - 1)]

    def _next(self) -> _Token:
        token = self._peek()
        self._at += 1
        return token

    def _take_if(self, sign: str) -> bool:
        found = self._peek().kind == "sign" and self._peek().text == sign
        self._at += found
        return found

    def _take(self, sign: str) -> None:
        if not self._take_if(sign):
            raise _unexpected(self._peek(), f", '{sign}' was expected")


def _tokens(text: str) -> Sequence[_Token]:
    found: list[_Token] = []
    at = 0
    while at < len(text):
        match = _TOKEN.match(text, at)
        if match is None or match.lastgroup is None:
            raise _syntax(f"{_place(text, at)}: Unexpected character '{text[at]}'")
        if match.lastgroup != "blank":
            found.append(_Token(match.lastgroup, match.group(), _place(text, at)))
        at = match.end()
    return [*found, _Token("end", "", _place(text, len(text)))]


def _place(text: str, at: int) -> Place:
    return Place(text.count("\n", 0, at) + 1, at - (text.rfind("\n", 0, at)))


def _unexpected(token: _Token, more: str = "") -> FormulaError:
    what = "end of formula" if token.kind == "end" else f"'{token.text}'"
    return _syntax(f"{token.place}: Unexpected {what}{more}")


def _syntax(detail: str) -> FormulaError:
    return FormulaError("AutoScalingFormulaSyntaxError", detail)
