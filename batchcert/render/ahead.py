"""What lies ahead, as Markdown: one line at the top of a report that says whether to worry, and the warnings below."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from batchcert.forecast.risks import Forewarning
from batchcert.render.groups import counted
from batchcert.render.report import CertificateLine
from batchcert.render.safe import code, prose
from batchcert.verdict.words import day, lasting


def ahead_line(warnings: Sequence[Forewarning], certificates: Sequence[CertificateLine], now: datetime) -> str:
    """The whole forecast in one line of Markdown; "" where the run looked at no certificates."""
    if warnings:
        codes = ", ".join(prose(name) for name in dict.fromkeys(warning.code for warning in warnings))
        return f"⚠ **{counted(len(warnings), 'warning')} of what lies ahead:** {codes}"
    renewals = [(line.renews_at, line.label) for line in certificates if line.renews_at]
    if not renewals:
        return ""
    when, label = min(renewals)
    return f"☀ Nothing to worry about ahead; the next renewal is {code(label)} on {day(when)}, {_from_now(when, now)}"


def ahead_section(warnings: Sequence[Forewarning], pages: str, now: datetime) -> list[str]:
    """A block for each warning, the nearest first. *pages*: as `RunReport` has it."""
    return [_block(warning, pages, now) for warning in warnings]


def _block(warning: Forewarning, pages: str, now: datetime) -> str:
    name = f"[{prose(warning.code)}]({pages}{warning.code}.md)" if pages else prose(warning.code)
    more_in = "" if pages else f"; more in {code(f'docs/problems/{warning.code}.md')}"
    return "\n".join(
        [
            f"### ⚠ {name}: {code(warning.subject)}, {day(warning.due)}, {_from_now(warning.due, now)}",
            "",
            f"- **Seen:** {code(warning.message)}",
            f"- **Why:** {prose(warning.cause)}",
            f"- **What to do:** {prose(warning.cure)}{more_in}",
        ]
    )


def _from_now(when: datetime, now: datetime) -> str:
    return f"in {lasting(when - now)}" if when > now else "now"
