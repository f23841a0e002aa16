"""Text from outside, made harmless for where it is shown.

A node's message, a file's name or an error text may hold HTML, Markdown, terminal escapes or spreadsheet formulas. Each
function here keeps such text readable and takes its power; all of them first make it one visible line.
"""

from __future__ import annotations

import re

from batchcert.visit.text import one_line

# A table's cells are shown literally by one of Prefect's two pages and as Markdown by the other, so that neither a
# backslash nor an entity will do: what means something in Markdown or HTML becomes a character that looks like it.
_LOOK_ALIKES = str.maketrans("<>[]`|*\\@&", "‹›［］ˋ¦∗∖＠＆")  # noqa: RUF001
_LINKS = re.compile(r"(?<=:)//|(?<=www)\.", re.IGNORECASE)
_SPECIAL = re.compile(r"([_~#$])")  # what `cell` leaves and Markdown knows inside a line
_FORMULA = re.compile(r"\s*[=+\-@＝＋－＠]")  # noqa: RUF001 - spreadsheets take the wide forms too


def cell(text: str) -> str:
    """*text* for a table's cell, whether the page shows it literally or as Markdown."""
    return _LINKS.sub(lambda match: "∕∕" if match[0] == "//" else "․", one_line(text)).translate(_LOOK_ALIKES)  # noqa: RUF001


def code(text: str) -> str:
    """*text* as a Markdown code span, which holds anything, also in a table."""
    line = one_line(text).replace("|", "¦") or " "
    fence = "`" * (1 + max((len(run) for run in re.findall("`+", line)), default=0))
    pad = " " if len(fence) > 1 else ""
    return f"{fence}{pad}{line}{pad}{fence}"


def prose(text: str) -> str:
    """*text* as words inside a line of Markdown: nothing in it is markup, and no address becomes a link."""
    return _SPECIAL.sub(r"\\\1", cell(text))


def spreadsheet(text: str) -> str:
    """*text* for a CSV cell: a spreadsheet takes it for text, never for a formula.

    Source: OWASP, CSV Injection.
    """
    line = one_line(text)
    return f"'{line}" if _FORMULA.match(line) else line
