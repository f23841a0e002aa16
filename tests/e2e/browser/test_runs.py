"""From an empty form to the verdict on every node, as a person sees it in a real browser."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.e2e.browser.journey import NODES, Ended, Journey
from tests.e2e.browser.run_page import rows

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]


def test_what_was_typed_is_what_runs(journey: Journey, provisioned: Ended) -> None:
    """Numbers stay numbers, choices stay choices, and what was left alone stays as deployed."""
    given, deployed = (
        journey.stack.parameters(provisioned.run),
        journey.stack.deployment("provision/local")["parameters"],
    )
    assert provisioned.state == "Completed"
    assert given["pool"] == {
        **deployed["pool"],
        "nodes": NODES,
        "vm_size": "STANDARD_D4S_V5",
        "node_fill_type": "Spread",
    }
    (certificate,) = given["certificates"]
    assert certificate == {
        **deployed["certificates"][0],
        "key_size": 3072,
        "dns_names": ["render.batchcert.test", "render-2.batchcert.test"],
    }
    assert given["target"] == deployed["target"]


def test_a_pool_that_is_fine_says_so(journey: Journey, fine: Ended) -> None:
    """On the run's page, on the cards of its artifacts, in the first line of the report, and in each row."""
    assert fine.state == "Completed"
    assert "✔ Pool render is fine: 6 nodes, all current" in fine.page.artifact("MARKDOWN").inner_text()
    expect(fine.page.open_report().get_by_role("heading").first).to_have_text(
        "✔ Pool render is fine: 6 nodes, all current"
    )
    found = rows(fine.page.open_table())
    assert [row["verdict"] for row in found] == ["current"] * NODES
    assert len({row["node id"] for row in found}) == NODES
    assert len({row["leaf sha256"] for row in found}) == 1


def test_numbers_of_a_validation_arrive_as_numbers(journey: Journey, fine: Ended) -> None:
    """A whole one and a fraction."""
    validation = journey.stack.parameters(fine.run)["validation"]
    assert (validation["grace_minutes"], validation["visit"]["connect_timeout"]) == (12, 7.5)


def test_each_node_in_trouble_has_its_verdict(deserved: dict[str, str], troubled: Ended) -> None:
    """The run failed, and the table has the bad ones on top."""
    assert troubled.state == "Failed"
    found = rows(troubled.page.open_table())
    assert {row["node id"]: row["verdict"] for row in found} == deserved
    assert [row["verdict"] for row in found] == ["failed", "stale", "unreachable", "current", "current", "current"]


def test_the_report_says_what_is_wrong_why_and_what_to_do(troubled: Ended) -> None:
    """For each reason: how many nodes, what was seen, its cause and its cure."""
    assert "✘ Pool render: 3 of 6 nodes not fine" in troubled.page.artifact("MARKDOWN").inner_text()
    assert "1 failed, 1 stale, 1 unreachable, 3 current" in troubled.page.artifact("TABLE").inner_text()
    report = troubled.page.open_report()
    expect(report.get_by_role("heading")).to_contain_text(
        [
            "✘ Pool render: 3 of 6 nodes not fine",
            "What is wrong",
            "failed on 1 node: extension-identity-not-found",
            "stale on 1 node: rotation-overdue",
            "unreachable on 1 node: ssh-connect-failed",
        ]
    )
    for told in ("Seen:", "Why:", "What to do:", "Where:"):
        expect(report.get_by_text(told)).to_have_count(3)


def test_a_run_s_page_says_how_it_ended(troubled: Ended) -> None:
    """In one line, without the report."""
    troubled.page.open("Details")
    state = troubled.page.page.get_by_text("6 nodes: 1 failed, 1 stale, 1 unreachable, 3 current", exact=True)
    expect(state.first).to_be_visible()
