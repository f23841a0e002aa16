"""Who waits for what: each fault that passes is tried again by its one owner, and no other is."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from batchcert.arm_ids import arm_id
from batchcert.problems import Problem
from tasks.azure_api import pools, users, vaults
from tasks.azure_api.patience import FRESH_GRANT_CODES, LONGEST_RETRY_AFTER

SUBSCRIPTION = "aaaa0a0a-bb1b-cc2c-dd3d-eeeeee4e4e4e"
POOL = arm_id(SUBSCRIPTION, "g", "Microsoft.Batch/batchAccounts/pools", "account", "farm")
BODY = {"id": str(POOL), "name": "farm", "properties": {"allocationState": "Steady"}}
EXPIRES = datetime(2026, 1, 2, tzinfo=UTC)


def read(azure):
    with azure.pools(SUBSCRIPTION) as api:
        return pools.read(api, POOL)


def add_user(azure, double):
    with azure.nodes(double.host) as api:
        users.put(api, "farm", "node", "batchcert", public_key="ssh-ed25519 AAAA", expires=EXPIRES)


@pytest.mark.parametrize("status", [408, 429, 500, 502, 503, 504])
def test_a_busy_service_is_asked_again(at_double, double, naps, status):
    """Twice refused, then answered: three requests, and no Problem."""
    double.refuse(status, "ServerBusy", times=2).then(200, BODY)
    assert read(at_double).name == "farm"
    assert len(double.asked) == 3


def test_retry_after_is_obeyed(at_double, double, naps):
    """For as long as the service says, and no longer."""
    double.then(429, {"error": {"code": "TooManyRequests"}}, Retry_After="17").then(200, BODY)
    assert read(at_double).name == "farm"
    assert naps == [17.0]


def test_a_long_retry_after_is_handed_up_instead_of_slept_through(at_double, double, naps):
    """The step's own retries decide whether to wait that long."""
    double.then(429, {"error": {"code": "TooManyRequests", "message": "m"}}, Retry_After="600").then(200, BODY)
    with pytest.raises(Problem) as refused:
        read(at_double)
    assert (refused.value.code, refused.value.retry_after, refused.value.passes) == ("azure-throttled", 600.0, True)
    assert naps == []
    assert LONGEST_RETRY_AFTER < 600


def test_a_broken_connection_is_made_again(at_double, double, naps):
    """A reset in mid-answer, on a request that may be repeated."""
    double.then(reset=True, times=2).then(200, BODY)
    assert read(at_double).name == "farm"
    assert len(double.asked) == 3


def test_retries_end(at_double, double, naps):
    """A service that stays down is told after a bounded number of tries, and the step may try again later."""
    double.refuse(503, "ServerBusy", "The server is busy.")
    with pytest.raises(Problem) as refused:
        read(at_double)
    assert (refused.value.code, refused.value.passes) == ("azure-unavailable", True)
    assert len(double.asked) == 5
    assert sum(naps) < 30


@pytest.mark.parametrize(
    ("status", "code"),
    [
        (400, "InvalidPropertyValue"),
        (401, "InvalidAuthenticationToken"),
        (403, "AuthorizationFailed"),
        (403, "RequestDisallowedByPolicy"),
        (404, "ResourceGroupNotFound"),
        (409, "ScopeLocked"),
        (412, "ConditionNotMet"),
        (501, "NotImplemented"),
    ],
)
def test_what_does_not_pass_is_asked_once(at_double, double, naps, status, code):
    """A wrong parameter or a missing right fails at once."""
    double.refuse(status, code)
    with pytest.raises(Problem):
        read(at_double)
    assert len(double.asked) == 1
    assert naps == []


@pytest.mark.parametrize("status", [429, 503])
def test_adding_a_node_user_is_repeated(at_double, double, naps, status):
    """A POST, and safe: a user that is there already is brought to the wanted state."""
    double.refuse(status, "ServerBusy").then(201)
    add_user(at_double, double)
    assert [method for method, _ in double.asked] == ["POST", "POST"]


def test_a_node_user_that_is_there_already_is_renewed(at_double, double, naps):
    """The answer to the first request was lost, or an interrupted run left it."""
    double.then(409, {"code": "NodeUserExists", "message": {"value": "exists"}}).then(200)
    add_user(at_double, double)
    assert [method for method, _ in double.asked] == ["POST", "PUT"]


def test_another_conflict_on_a_node_user_is_told(at_double, double, naps):
    """A node that is starting takes no users."""
    double.then(409, {"code": "NodeNotReady", "message": {"value": "starting"}})
    with pytest.raises(Problem) as refused:
        add_user(at_double, double)
    assert (refused.value.code, refused.value.passes) == ("node-not-ready", True)
    assert len(double.asked) == 1


@pytest.fixture
def slept():
    """How long `waiting` has slept."""
    return []


@pytest.fixture
def said():
    """What `waiting` has told."""
    return []


@pytest.fixture
def waiting(at_double, slept, said):
    """Azure at the double, with five minutes for fresh grants; it does not sleep."""
    return replace(at_double, patience=timedelta(minutes=5), sleep=slept.append, tell=said.append)


REFUSALS = [
    (403, "Forbidden", "ForbiddenByRbac"),
    (403, "Forbidden", "ForbiddenByPolicy"),
    (403, "Forbidden", "AccessDenied"),
    (403, "AuthorizationFailed", ""),
    (403, "LinkedAuthorizationFailed", ""),
    (400, "PrincipalNotFound", ""),
]


@pytest.mark.parametrize("refusal", REFUSALS, ids=lambda refusal: refusal[2] or refusal[1])
def test_a_refusal_that_follows_a_fresh_grant_is_waited_for(waiting, double, slept, said, refusal):
    """Each such code, until the grant has arrived; the run's log says what is waited for."""
    status, code, inner = refusal
    double.refuse(status, code, inner=inner, times=4).then(200, BODY)
    assert read(waiting).name == "farm"
    assert (len(double.asked), len(slept), len(said)) == (5, 4, 4)
    assert "a new grant takes minutes" in said[0]


def test_every_code_that_is_waited_for_is_tested_above():
    """The table is whole."""
    assert {(inner or code).lower() for _, code, inner in REFUSALS} == FRESH_GRANT_CODES


@pytest.mark.parametrize(
    "refusal",
    [
        (403, "Forbidden", "ForbiddenByFirewall"),
        (403, "AccessDenied", "ForbiddenByFirewall"),
        (403, "RequestDisallowedByPolicy", ""),
        (403, "Forbidden", ""),
        (400, "InvalidPropertyValue", ""),
        (401, "AccessDenied", ""),
        (409, "AuthorizationFailed", ""),
    ],
    ids=lambda refusal: "-".join(map(str, refusal)),
)
def test_no_other_refusal_is_waited_for(waiting, double, slept, said, refusal):
    """A firewall above all: it does not change by waiting."""
    status, code, inner = refusal
    double.refuse(status, code, inner=inner)
    with pytest.raises(Problem):
        read(waiting)
    assert (len(double.asked), slept, said) == (1, [], [])


def test_the_wait_for_a_grant_is_bounded(waiting, double, slept):
    """After five minutes it is a missing right, which the step does not try again."""
    double.refuse(403, "Forbidden", inner="ForbiddenByRbac")
    with pytest.raises(Problem) as refused:
        read(waiting)
    assert (refused.value.code, refused.value.passes) == ("vault-forbidden", False)
    assert 240 < sum(slept) <= 300


def test_patience_is_spent_once_for_a_client(waiting, double, slept):
    """A client that lacks a right for good asks patiently once, not at every request."""
    double.refuse(403, "AuthorizationFailed")
    with waiting.pools(SUBSCRIPTION) as api:
        for _ in range(3):
            with pytest.raises(Problem):
                pools.read(api, POOL)
    assert sum(slept) <= 300


def test_a_refusal_that_is_an_answer_is_not_waited_for(waiting, double, slept):
    """Whoever may not see a subscription's deleted vaults goes on without."""
    double.refuse(403, "AuthorizationFailed")
    with waiting.vaults(SUBSCRIPTION) as api:
        assert not vaults.is_soft_deleted(api, arm_id(SUBSCRIPTION, "g", "Microsoft.KeyVault/vaults", "kv"), "westus2")
    assert slept == []
