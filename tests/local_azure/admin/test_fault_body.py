"""A fault rule as it is sent and shown."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from local_azure.admin.effects import EFFECTS
from local_azure.admin.fault_body import read_rule, rule_json
from local_azure.nodes.troubles import NAMES
from local_azure.wire.faults import Effect, Rule, When
from local_azure.wire.messages import AzureError

NOW = datetime(2026, 5, 1, tzinfo=UTC)
SERVED = {"Vaults_Get", "Pool_Create"}


@pytest.mark.parametrize(
    ("body", "effect", "when"),
    [
        ({"effect": "throttled"}, Effect("throttled", status=429), When()),
        ({"effect": "throttled", "retry_after": 0}, Effect("throttled", status=429, retry_after=0), When()),
        ({"effect": "error", "status": 502, "nth": 3}, Effect("error", status=502), When(nth=3)),
        ({"effect": "slow", "seconds": 0.5, "every": 2}, Effect("slow", seconds=0.5), When(every=2)),
        ({"effect": "reset", "for_seconds": 60}, Effect("reset"), When(until=NOW + timedelta(minutes=1))),
        ({"effect": "lost", "chance": 0.1, "seed": "a"}, Effect("lost"), When(chance=0.1, seed="a")),
        ({"effect": "failed", "operation": "PoolResize", "code": "X"}, Effect("failed", code="X"), When()),
        ({"effect": "lying", "kind": "old", "first": 2}, Effect("lying", kind="old"), When(first=2)),
        ({"effect": "clock-skewed", "seconds": -90}, Effect("clock-skewed", seconds=-90), When()),
        ({"effect": "ssh-dropped", "size": 0}, Effect("ssh-dropped", size=0), When()),
    ],
)
def test_a_rule_is_read(body: dict[str, Any], effect: Effect, when: When) -> None:
    """What is left out has its usual value; an end is counted from now."""
    wanted = read_rule(body, SERVED, NOW)
    assert (wanted.effect, wanted.when) == (effect, when)
    assert (wanted.domain, wanted.resource) == (EFFECTS[body["effect"]].domain, "*")


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ({}, "effect: None is none of throttled, error, "),
        ({"effect": ["slow"]}, "effect: ['slow'] is none of"),
        ({"effect": "error"}, "status: error needs it"),
        ({"effect": "error", "status": 404}, "status: 404 is none of 500, 502, 503"),
        ({"effect": "reset", "status": 500}, "status: reset does not take it"),
        ({"effect": "slow", "seconds": -1}, "seconds: slow takes no negative number"),
        ({"effect": "slow", "seconds": float("nan")}, "seconds: nan is not seconds"),
        ({"effect": "slow", "seconds": "2"}, "seconds: '2' is not seconds"),
        ({"effect": "lost", "nth": 0}, "nth: 0 is not a number of 1 or more"),
        ({"effect": "lost", "every": True}, "every: True is not"),
        ({"effect": "lost", "chance": 1.5}, "chance: 1.5 is not a number from 0 to 1"),
        ({"effect": "lost", "for_seconds": 0}, "for_seconds: 0 is not"),
        ({"effect": "lost", "resource": ""}, "resource: '' is not a pattern"),
        ({"effect": "lost", "wen": 1}, "wen: a rule has no such field"),
        ({"effect": "lost", "operation": "Vault_*"}, "operation: 'Vault_*' is not one of the embedded Azure's"),
        ({"effect": "lost", "operation": 1}, "operation: 1 is not a pattern"),
        ({"effect": "failed", "operation": "Grant"}, "is not CertificateIssuance, PoolResize, VaultCreation"),
        ({"effect": "late", "operation": "PoolResize", "seconds": 1}, "is not CertificateIssuance, Grant"),
        ({"effect": "lying", "kind": "sometimes"}, "kind: 'sometimes' is none of old, foreign"),
        ({"effect": "ssh-refused", "operation": "Vaults_Get"}, "operation: a node has none"),
    ],
)
def test_a_wrong_rule_is_refused(body: dict[str, Any], told: str) -> None:
    """The message names the field, the value, and what would be right."""
    with pytest.raises(AzureError) as refused:
        read_rule(body, SERVED, NOW)
    assert (refused.value.status, refused.value.code) == (400, "InvalidFault")
    assert told in refused.value.message


def test_all_that_is_wrong_is_told_at_once() -> None:
    """A person corrects a rule once."""
    with pytest.raises(AzureError) as refused:
        read_rule({"effect": "error", "nth": 0, "kind": "x", "operation": "Nothing"}, SERVED, NOW)
    assert [part.partition(":")[0] for part in refused.value.message.split("; ")] == [
        "nth",
        "status",
        "kind",
        "operation",
    ]


def test_a_rule_shows_what_was_asked_for_and_what_it_did() -> None:
    """Nothing that was left out, but for the patterns."""
    rule = Rule("f7", "request", Effect("throttled", status=429, retry_after=0), "Pool_*", when=When(nth=2, until=NOW))
    rule.count()
    rule.count()
    assert rule_json(rule) == {
        "id": "f7",
        "effect": "throttled",
        "operation": "Pool_*",
        "resource": "*",
        "status": 429,
        "retry_after": 0,
        "nth": 2,
        "until": "2026-05-01T00:00:00+00:00",
        "seen": 2,
        "struck": 1,
    }


def test_every_trouble_of_a_node_can_be_asked_for() -> None:
    """The catalogue has what nodes can suffer, and no more."""
    assert {name for name, kind in EFFECTS.items() if kind.domain == "node"} == NAMES
