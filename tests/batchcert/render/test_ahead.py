"""What lies ahead, at a glance and in full."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from markdown_it import MarkdownIt

from batchcert.forecast.risks import Forewarning, Risk
from batchcert.render.markdown import report_markdown
from batchcert.render.report import CertificateLine, RunReport
from batchcert.verdict.reasons import Reason

NOW = datetime(2026, 1, 14, 9, 30, tzinfo=UTC)
LATE = Risk.TRIGGER_LATE.forewarning("kv/web", "renews late", NOW + timedelta(days=20))
IMAGE = Risk.IMAGE_RETIRING.forewarning("image a/b/c", "ends", NOW + timedelta(days=100))


def line(label: str, renews_at: datetime | None) -> CertificateLine:
    """A certificate that is renewed then."""
    return CertificateLine(label, "8c1f3a2b9d", "3f" * 32, NOW, NOW + timedelta(days=351), renews_at)


def report(**given: object) -> str:
    """The report's text."""
    return report_markdown(RunReport(**{"pool": "p", "place": "here", "ran_at": NOW} | given))


def test_a_clear_sky_names_the_next_renewal():
    """The nearest of all, below the headline."""
    certificates = [line("kv/a", NOW + timedelta(days=90)), line("kv/b", NOW + timedelta(days=30)), line("kv/c", None)]
    assert report(certificates=certificates).split("\n")[4] == (
        "☀ Nothing to worry about ahead; the next renewal is `kv/b` on 2026-02-13, in 30 d"
    )


def test_warnings_are_counted_and_named_below_the_headline(rows):
    """A pool that is fine stays fine: the headline is what it was."""
    text = report(rows=rows(("a", Reason.CURRENT)), ahead=[LATE, IMAGE, LATE]).split("\n")
    assert text[0] == "# ✔ Pool p is fine: 1 node, all current"
    assert text[4] == "⚠ **3 warnings of what lies ahead:** renewal-trigger-late, image-retiring"


def test_each_warning_has_what_was_seen_why_and_what_to_do(rows):
    """After what is wrong now, and before what is only good to know."""
    given = rows(("a", Reason.STORE_MISSING), ("b", Reason.NODE_YOUNG))
    text = report(rows=given, ahead=[LATE, IMAGE], pages="https://docs.example/")
    assert [head for head in text.split("\n") if head.startswith("## ")] == [
        "## What is wrong",
        "## What lies ahead",
        "## Good to know",
    ]
    assert (
        "### ⚠ [renewal-trigger-late](https://docs.example/renewal-trigger-late.md): `kv/web`, 2026-02-03, in 20 d\n\n"
        "- **Seen:** `renews late`\n"
        f"- **Why:** {LATE.cause}\n"
        f"- **What to do:** {LATE.cure}\n"
    ) in text


def test_nothing_is_said_where_nothing_was_looked_at():
    """A teardown's report has no forecast."""
    assert report() == "# Pool p\n\nin here, 2026-01-14 09:30 UTC\n"


def test_a_hostile_name_gets_nothing_into_the_page(hostile):
    """An issuer's words and a pool's image are texts from outside."""

    def tags(words: str) -> list[str]:
        text = report(ahead=[Forewarning("renewal-overdue", words, words, words, words, NOW)])
        tokens = MarkdownIt("commonmark", {"html": True}).enable("table").parse(text)
        return [f"{token.type} {[child.type for child in token.children or ()]}" for token in tokens]

    assert tags(hostile) == tags("harmless words")
