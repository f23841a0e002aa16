"""The lines of a visit's answer, taken one after the other."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator

from batchcert.problems import Problem
from batchcert.visit.faults import Fault
from batchcert.visit.text import one_line

BEGIN = "batchcert-visit 1"
END = "end"
NOTHING = re.compile("")  # the fields of a line that has none
BASE64 = re.compile(r"([A-Za-z0-9+/]*={0,2})")


class Lines:
    """A cursor over the lines between an answer's two marks."""

    def __init__(self, lines: list[str]) -> None:
        self._lines = lines
        self._at = 0

    def take(self, keyword: str, fields: re.Pattern[str]) -> re.Match[str] | None:
        """The fields of the next line if it is a *keyword* line, and go on to the next; else None.

        Raises: Problem `visit-answer-malformed` where the fields are not as the script prints them.
        """
        word, _, rest = self._next().partition(" ")
        if word != keyword or self._at == len(self._lines):
            return None
        match = fields.fullmatch(rest)
        if match is None:
            raise self.malformed()
        self._at += 1
        return match

    def need(self, keyword: str, fields: re.Pattern[str]) -> re.Match[str]:
        """Like `take`, for a line that must be there."""
        match = self.take(keyword, fields)
        if match is None:
            raise self.malformed()
        return match

    def each(self, keyword: str, fields: re.Pattern[str], most: int) -> Iterator[re.Match[str]]:
        """The fields of each *keyword* line from here on; what belongs to a line is taken before the next is asked.

        Raises: Problem `visit-answer-too-many-parts` for more than *most*.
        """
        count = 0
        while match := self.take(keyword, fields):
            count += 1
            if count > most:
                raise Fault.ANSWER_TOO_MANY.problem(f"the answer has more than {most} lines {keyword!r} in one place")
            yield match

    def decoded(self, text: str) -> bytes:
        """What *text*, a `BASE64` field of the line just taken, stands for.

        Raises: Problem `visit-answer-malformed`.
        """
        try:
            return base64.b64decode(text, validate=True)
        except binascii.Error:
            raise self.malformed() from None

    def finished(self) -> None:
        """Nothing may be left.

        Raises: Problem `visit-answer-malformed`.
        """
        if self._at < len(self._lines):
            raise self.malformed()

    def malformed(self) -> Problem:
        """The problem with the line that is next."""
        return Fault.ANSWER_MALFORMED.problem(
            f"line {self._at + 1} of the answer is not as the script prints it: {one_line(self._next(), 80)!r}"
        )

    def _next(self) -> str:
        return self._lines[self._at] if self._at < len(self._lines) else ""


def between_marks(text: str) -> Lines:
    """The lines between the two marks of an answer; what a login shell prints before them is left aside.

    Raises: Problem `visit-answer-empty`, `visit-answer-unmarked`, `visit-answer-cut` or `visit-answer-malformed`.
    """
    lines = text.split("\n")
    if not text.strip():
        raise Fault.ANSWER_EMPTY.problem("the visit's answer is empty")
    if BEGIN not in lines:
        raise Fault.ANSWER_UNMARKED.problem(
            f"the visit's answer does not begin as the script's does: {one_line(text, 80)!r}"
        )
    body = lines[lines.index(BEGIN) + 1 :]
    if END not in body[:-1]:  # the mark's own line must be whole, so one more follows, if only an empty one
        raise Fault.ANSWER_CUT.problem(f"the visit's answer breaks off after {len(text)} characters")
    end = body.index(END)
    if any(body[end + 1 :]):
        raise Fault.ANSWER_MALFORMED.problem("the visit's answer goes on behind its end mark")
    return Lines(body[:end])
