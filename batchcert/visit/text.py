"""Text that a node supplied, made fit to be shown."""

from __future__ import annotations

import unicodedata

LINE_LIMIT = 1000


def one_line(text: str, limit: int = LINE_LIMIT) -> str:
    """*text* on one line of at most *limit* characters, without control, format or unpaired surrogate characters.

    Terminal escapes, bidirectional overrides and invisible characters are gone with them.
    """
    visible = "".join(" " if _hidden(character) else character for character in text[: 4 * limit])
    line = " ".join(visible.split())
    return line if len(line) <= limit else f"{line[: limit - 1]}…"


def _hidden(character: str) -> bool:
    return unicodedata.category(character) in {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
