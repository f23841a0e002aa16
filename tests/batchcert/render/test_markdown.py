"""The report: a person sees at once whether the pool is fine."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from markdown_it import MarkdownIt

from batchcert.arm_ids import arm_id
from batchcert.changes import Action, Change, FieldChange
from batchcert.clouds import CLOUDS, CloudName
from batchcert.render.markdown import report_markdown
from batchcert.render.report import CertificateLine, RunReport, portal_link
from batchcert.verdict.causes import Cause
from batchcert.verdict.reasons import Reason

NOW = datetime(2026, 1, 14, 9, 30, tzinfo=UTC)
SUBSCRIPTION = "11111111-2222-3333-4444-555555555555"


def _report(**given: object) -> RunReport:
    return RunReport(**{"pool": "render-eu", "place": "Batch account batcheu, westeurope", "ran_at": NOW} | given)


@pytest.mark.parametrize(
    ("pairs", "headline", "counts"),
    [
        (
            [("a", Reason.CURRENT), ("b", Reason.CURRENT)],
            "# ✔ Pool render-eu is fine: 2 nodes, all current",
            "**2 current** — ",
        ),
        ([("a", Reason.CURRENT)], "# ✔ Pool render-eu is fine: 1 node, all current", "**1 current** — "),
        (
            [("a", Reason.CURRENT), ("b", Reason.NODE_YOUNG)],
            "# ✔ Pool render-eu is fine so far: 1 of 2 nodes current",
            "**1 pending** · **1 current** — ",
        ),
        (
            [("a", Reason.CURRENT), ("b", Reason.NODE_YOUNG), ("c", Reason.STORE_MISSING)],
            "# ✘ Pool render-eu: 1 of 3 nodes not fine",
            "**1 missing** · **1 pending** · **1 current** — ",
        ),
        (
            [("a", Reason.CURRENT), ("a", Reason.LEAF_EXPIRED, "m", "kv/api")],
            "# ✘ Pool render-eu: 1 of 1 node not fine",
            "**1 expired** — ",
        ),
        ([], "# Pool render-eu has no nodes: nothing was proved", ""),
    ],
)
def test_the_first_two_lines_say_it(rows, pairs, headline, counts):
    """Fine or not, how many nodes are what, where, and when."""
    lines = report_markdown(_report(rows=rows(*pairs))).split("\n")
    assert lines[0] == headline
    assert lines[2] == f"{counts}in Batch account batcheu, westeurope, 2026-01-14 09:30 UTC"


def test_what_is_wrong_comes_next_worst_first(pool):
    """Each reason once, with what was seen, why, what to do and where; what is fine comes after it."""
    text = report_markdown(_report(rows=pool))
    assert [line for line in text.split("\n") if line.startswith("#")] == [
        "# ✘ Pool render-eu: 4 of 10 nodes not fine",
        "## What is wrong",
        "### expired on 1 node: leaf-expired",
        "### failed on 1 node: extension-identity-not-found",
        "### stale on 2 nodes: rotation-overdue",
        "## Good to know",
        "### pending on 1 node: node-young",
    ]
    assert (f"- **Seen:** `what was seen`\n- **Why:** {Cause.IDENTITY_NOT_FOUND.cause}\n") in text
    assert "on `tvmps_5c0ffe…fe83ab7cd_d`, `tvmps_6c0ffe…fe83ab7cd_d`" in text


def test_many_nodes_with_one_fault_are_one_paragraph(rows):
    """A thousand stale nodes are told once, with the first few named."""
    text = report_markdown(_report(rows=rows(*((f"n{i:04}", Reason.ROTATION_OVERDUE) for i in range(1000)))))
    assert "### stale on 1000 nodes: rotation-overdue" in text
    assert "`n0004` and 995 more" in text
    assert len(text) < 1500


def test_messages_that_differ_are_told_by_one_of_them(rows):
    """Ages and fingerprints differ from node to node; one stands for all and says so."""
    reason = Reason.ROTATION_OVERDUE
    assert "- **Seen:** `a` (and the like)\n" in report_markdown(
        _report(rows=rows(("1", reason, "a"), ("2", reason, "b")))
    )
    assert "- **Seen:** `a`\n" in report_markdown(_report(rows=rows(("1", reason, "a"), ("2", reason, "a"))))


def test_a_reason_leads_to_its_page(rows):
    """Where the pages are published."""
    text = report_markdown(_report(rows=rows(("a", Reason.STORE_MISSING)), pages="https://docs.example/problems/"))
    assert "[store-missing](https://docs.example/problems/store-missing.md)" in text
    assert "more in" not in text


def test_a_reason_names_its_page_in_the_repository(rows):
    """Where nobody has said where the pages are published; a reason without a cure has nothing to add."""
    text = report_markdown(_report(rows=rows(("a", Reason.STORE_MISSING), ("b", Reason.NODE_LEAVING))))
    assert f"- **What to do:** {Reason.STORE_MISSING.cure}; more in `docs/problems/store-missing.md`\n" in text
    assert "node-leaving.md" not in text


def test_certificates_with_their_validity_and_next_renewal():
    """What is past, or does not renew by itself, stands out."""
    line = CertificateLine(
        "kv/web", "8c1f3a2b9d", "3f9c1a2b77d0e445" * 4, NOW - timedelta(days=14), NOW + timedelta(days=351), None
    )
    text = report_markdown(_report(certificates=[line]))
    assert ("| `kv/web` | `8c1f3a2b` | `3f9c1a2b77d0e445` | 2026-12-31, in 351 d | **not by itself** |") in text
    past = CertificateLine("kv/web", "8", "3f", NOW, NOW - timedelta(days=1), NOW + timedelta(days=3, hours=2))
    assert "| **2026-01-13 09:30 UTC, past** | 2026-01-17, in 3 d 2 h |" in report_markdown(
        _report(certificates=[past])
    )


def test_what_the_run_did_writes_first():
    """Created and updated stand out; what was right already is named after."""
    changes = [
        Change(Action.NOTHING, "identity/x", "exists"),
        Change(Action.CREATE, "certificate/kv/web", "new"),
        Change(Action.UPDATE, "pool/p", "", (FieldChange("a[0].b", "", '"300"'),)),
    ]
    assert report_markdown(_report(changes=changes)).endswith(
        "## What this run did\n\n"
        "- **created** `certificate/kv/web`: new\n"
        "- **updated** `pool/p`\n"
        '    - `a[0].b`: `(none)` → `"300"`\n'
        "- unchanged `identity/x`: exists\n"
    )


def test_a_run_that_saw_no_nodes_claims_nothing():
    """No headline about fine or not fine."""
    assert report_markdown(_report()) == (
        "# Pool render-eu\n\nin Batch account batcheu, westeurope, 2026-01-14 09:30 UTC\n"
    )


@pytest.mark.parametrize(
    ("cloud", "host"),
    [
        (CloudName.PUBLIC, "portal.azure.com"),
        (CloudName.US_GOVERNMENT, "portal.azure.us"),
        (CloudName.CHINA, "portal.azure.cn"),
    ],
)
def test_links_lead_to_the_cloud_s_portal(cloud, host):
    """To a resource's page; for a pool, to its account's, and blanks or brackets in a name break nothing."""
    pool = arm_id(SUBSCRIPTION, "rg (eu)", "Microsoft.Batch/batchAccounts/pools", "batcheu", "render-eu")
    link = portal_link(CLOUDS[cloud], pool)
    assert link.title == "Batch account batcheu"
    assert link.url == (
        f"https://{host}/#resource/subscriptions/{SUBSCRIPTION}/resourceGroups/rg%20%28eu%29"
        "/providers/Microsoft.Batch/batchAccounts/batcheu"
    )
    html = MarkdownIt().render(report_markdown(_report(links=[link])))
    assert f'<a href="{link.url}">Batch account batcheu</a>' in html


def test_a_hostile_node_gets_nothing_into_the_page(rows, hostile):
    """The same elements as for harmless words, in the same order."""

    def tags(words: str) -> list[str]:
        given = rows((words, Reason.EXTENSION_ERROR, words, words), ("b", Reason.NODE_UNUSABLE, words))
        change = Change(Action.UPDATE, words, words, (FieldChange(words, words, words),))
        text = report_markdown(_report(rows=given, changes=[change]))
        tokens = MarkdownIt("commonmark", {"html": True}).enable("table").parse(text)
        return [f"{token.type} {[child.type for child in token.children or ()]}" for token in tokens]

    assert tags(hostile) == tags("harmless words")
