"""The report of a run as Markdown: first whether the pool is fine, then what is not, why, and what to do."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from batchcert.changes import Action, Change
from batchcert.render.ahead import ahead_line, ahead_section
from batchcert.render.groups import Group, counted, grouped
from batchcert.render.headline import headline
from batchcert.render.looked import looked_section, looked_words
from batchcert.render.nodes import short_node
from batchcert.render.old_files import old_files_section
from batchcert.render.repairs import repair_line, repair_section
from batchcert.render.report import CertificateLine, Link, RunReport
from batchcert.render.safe import code, prose
from batchcert.verdict.rollup import PoolVerdict, roll_up
from batchcert.verdict.words import day, lasting, moment, short

_NODES_NAMED = 5
_DONE = {
    Action.CREATE: "created",
    Action.UPDATE: "updated",
    Action.RECOVER: "recovered",
    Action.REPLACE: "replaced",
    Action.DELETE: "deleted",
    Action.NOTHING: "unchanged",
}


def report_markdown(report: RunReport) -> str:
    """The whole report. Text that a node supplied appears in code spans alone: no HTML, link or image gets in."""
    pool = roll_up(report.rows) if report.rows is not None else None
    groups = grouped(report.rows or ())
    parts = [
        *_head(report, pool),
        *_section("What is wrong", (group_block(group, report.pages) for group in groups if not group.verdict.fine)),
        *_section("Repair", repair_section(report.repairs, report.pages)),
        *_section("How the nodes were looked at", looked_section(report.looked, report.pages)),
        *_section("What lies ahead", ahead_section(report.ahead, report.pages, report.ran_at)),
        *_section("Good to know", (group_block(group, report.pages) for group in groups if group.verdict.fine)),
        *_section("Old files on the nodes", old_files_section(report.old)),
        *_section("Certificates in Key Vault", _certificates(report.certificates, report.ran_at)),
        *_section("What this run did", _changes(report.changes)),
        *_section("In the portal", _links(report.links)),
    ]
    return "\n\n".join(parts) + "\n"


def _head(report: RunReport, pool: PoolVerdict | None) -> list[str]:
    where = f"in {prose(report.place)}, {moment(report.ran_at)}{looked_words(report.looked)}"
    ahead = ahead_line(report.ahead, report.certificates, report.ran_at)
    told = [line for line in (repair_line(report.repairs, report.pages), ahead) if line]
    return [f"# {prose(headline(report))}", f"{_counts(pool) if pool else ''}{where}", *told]


def _counts(pool: PoolVerdict) -> str:
    told = " · ".join(f"**{count} {verdict}**" for verdict, count in pool.counts.items())
    return f"{told} — " if told else ""


def _section(title: str, blocks: Iterable[str]) -> list[str]:
    found = list(blocks)
    return [f"## {title}", *found] if found else []


def group_block(group: Group, pages: str) -> str:
    """What rows of one reason have in common: seen, why, what to do, where. *pages*: as `RunReport` has it."""
    finding = group.finding
    reason = f"[{prose(finding.reason)}]({pages}{finding.reason}.md)" if pages else prose(finding.reason)
    more_in = "" if pages else f"; more in {code(f'docs/problems/{finding.reason}.md')}"
    more = len(group.nodes) - _NODES_NAMED
    named = ", ".join(code(short_node(node)) for node in group.nodes[:_NODES_NAMED]) + (
        f" and {more} more" if more > 0 else ""
    )
    lines = [
        f"### {finding.verdict} on {counted(len(group.nodes), 'node')}: {reason}",
        "",
        f"- **Seen:** {code(group.seen)}{group.alike}",
        *([f"- **Why:** {prose(finding.cause)}"] if finding.cause else []),
        *([f"- **What to do:** {prose(finding.cure)}{more_in}"] if finding.cure else []),
        f"- **Where:** {', '.join(code(name) for name in group.certificates)} on {named}",
    ]
    return "\n".join(lines)


def _certificates(certificates: Sequence[CertificateLine], now: datetime) -> list[str]:
    if not certificates:
        return []
    lines = [
        "| Certificate | Version | SHA-256 | Valid until | Renews |",
        "| --- | --- | --- | --- | --- |",
    ]
    lines += [
        f"| {code(line.label)} | {code(line.version[:8])} | {code(short(line.sha256))} "
        f"| {_when(line.not_after, now)} | {_when(line.renews_at, now)} |"
        for line in certificates
    ]
    return ["\n".join(lines)]


def _when(time: datetime | None, now: datetime) -> str:
    if time is None:
        return "**not by itself**"
    return f"{day(time)}, in {lasting(time - now)}" if time > now else f"**{moment(time)}, past**"


def _changes(changes: Sequence[Change]) -> list[str]:
    ordered = sorted(changes, key=lambda change: not change.writes)
    return ["\n".join(line for change in ordered for line in _change(change))] if ordered else []


def _change(change: Change) -> list[str]:
    done = _DONE[change.action]
    why = f": {prose(change.why)}" if change.why else ""
    return [
        f"- {f'**{done}**' if change.writes else done} {code(change.resource)}{why}",
        *(
            f"    - {code(field.path)}: {code(field.before or '(none)')} → {code(field.after or '(none)')}"
            for field in change.fields
        ),
    ]


def _links(links: Sequence[Link]) -> list[str]:
    return ["\n".join(f"- [{prose(link.title)}]({link.url})" for link in links)] if links else []
