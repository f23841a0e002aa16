"""What Azure refuses, as Problems: code, cause, cure, and whether waiting helps."""

import pickle
import re
from pathlib import Path

import pytest

from batchcert.arm_ids import arm_id
from batchcert.problems import Problem
from tasks.azure_api import identities, nodes, pools
from tasks.azure_api.faults import refused
from tasks.azure_api.known_faults import BY_CODE, BY_ENTRA_CODE, BY_STATUS, NOT_SIGNED_IN, UNREACHABLE, UNTRUSTED
from tasks.azure_api.refusals import Refusal

SUBSCRIPTION = "aaaa0a0a-bb1b-cc2c-dd3d-eeeeee4e4e4e"
POOL = arm_id(SUBSCRIPTION, "g", "Microsoft.Batch/batchAccounts/pools", "account", "farm")
PAGES = Path(__file__).parents[3] / "docs" / "problems"
KNOWN = [*BY_CODE.values(), *BY_STATUS.values(), *BY_ENTRA_CODE.values(), NOT_SIGNED_IN, UNREACHABLE, UNTRUSTED]


def refusal(azure):
    with azure.pools(SUBSCRIPTION) as api, pytest.raises(Problem) as refused:
        pools.create(api, POOL, {"properties": {}})
    return refused.value


@pytest.mark.usefixtures("naps")
@pytest.mark.parametrize(
    ("answer", "expected", "passes"),
    [
        ((403, "Forbidden", "ForbiddenByFirewall"), "vault-firewall", False),
        ((403, "Forbidden", "ForbiddenByRbac"), "vault-forbidden", False),
        ((403, "Forbidden", "ForbiddenByPolicy"), "vault-forbidden", False),
        ((403, "Forbidden", "AccessDenied"), "vault-forbidden", False),
        ((403, "Forbidden", "SomethingNew"), "azure-forbidden", False),
        ((403, "AuthorizationFailed", ""), "azure-forbidden", False),
        ((403, "LinkedAuthorizationFailed", ""), "identity-assign-forbidden", False),
        ((403, "RequestDisallowedByPolicy", ""), "azure-policy-refuses", False),
        ((404, "SubscriptionNotFound", ""), "azure-wrong-target", False),
        ((404, "SomethingNew", ""), "azure-not-found", False),
        ((409, "ScopeLocked", ""), "azure-locked", False),
        ((409, "ObjectIsDeletedButRecoverable", ""), "certificate-soft-deleted", False),
        ((409, "ObjectIsBeingDeleted", ""), "azure-unavailable", True),
        ((409, "PoolBeingDeleted", ""), "pool-being-deleted", True),
        ((409, "OperationNotValidOnNode", ""), "node-operation-refused", False),
        ((409, "PoolQuotaReached", ""), "batch-quota", False),
        ((409, "VaultAlreadyExists", ""), "vault-name-taken", False),
        ((409, "MissingSubscriptionRegistration", ""), "provider-not-registered", False),
        ((412, "ConditionNotMet", ""), "azure-changed-meanwhile", True),
        ((400, "PrincipalNotFound", ""), "identity-not-everywhere-yet", True),
        ((400, "InvalidPropertyValue", ""), "azure-refused", False),
        ((418, "Teapot", ""), "azure-refused", False),
        ((429, "Throttled", ""), "azure-throttled", True),
        ((503, "ServerBusy", ""), "azure-unavailable", True),
        ((507, "SomethingNew", ""), "azure-unavailable", True),
    ],
)
def test_each_code_becomes_its_problem(at_double, double, answer, expected, passes):
    """The more exact code first, then the service's own, then the status."""
    status, code, inner = answer
    double.refuse(status, code, inner=inner)
    problem = refusal(at_double)
    assert (problem.code, problem.passes) == (expected, passes)


@pytest.mark.parametrize("fault", KNOWN, ids=lambda fault: fault.code)
def test_every_known_fault_can_be_acted_on(fault):
    """A kebab-case code, and a cure wherever the cause is known; a bare status has neither."""
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", fault.code)
    assert bool(fault.cause) == bool(fault.cure)
    assert fault.cause or fault in BY_STATUS.values()


@pytest.mark.parametrize("code", sorted({fault.code for fault in KNOWN}))
def test_every_known_fault_has_its_page(code):
    """The code in a run's log leads to docs/problems."""
    assert (PAGES / f"{code}.md").read_text().startswith(f"# {code}\n")


def test_codes_are_looked_up_in_lower_case():
    """Azure is not of one mind about the case of its codes."""
    assert all(code == code.lower() for code in BY_CODE)


def test_a_refusal_says_what_was_asked_and_what_was_answered(at_double, double):
    """Method, host, path, status, codes and message, without the subscription or the query."""
    double.refuse(403, "Forbidden", "Client address is not authorized.", inner="ForbiddenByFirewall")
    what = refusal(at_double).what
    assert what == (
        "PUT 127.0.0.1/resourceGroups/g/providers/Microsoft.Batch/batchAccounts/account/pools/farm: "
        "403 Forbidden/ForbiddenByFirewall: Client address is not authorized."
    )


def test_an_unknown_refusal_keeps_the_request_id(at_double, double):
    """Nobody but Azure's support can tell more, and they ask for it."""
    double.then(400, {"error": {"code": "Odd", "message": "Odd."}}, x_ms_request_id="6b1f-77")
    assert refusal(at_double).what.endswith("400 Odd: Odd. (request 6b1f-77)")


def test_a_status_alone_keeps_the_request_id():
    """What is known of 500 helps nobody but Azure's support; what is known of a code needs no support."""
    assert "(request 6b1f-77)" in refused(Refusal(500, "GET host/path", "Odd", request_id="6b1f-77")).what
    assert "request" not in refused(Refusal(409, "PUT host/path", "PoolExists", request_id="6b1f-77")).what


@pytest.mark.parametrize(
    "body", [b"", b"<html>Bad gateway</html>", b"[1]", b'{"error": "text"}', b'{"error": {"code": 7}}']
)
def test_an_answer_that_is_no_error_object_is_told_by_its_status(at_double, double, naps, body):
    """A proxy on the way answers in its own words."""
    double.then(502, body)
    problem = refusal(at_double)
    assert problem.code == "azure-unavailable"
    assert "502" in problem.what


def test_batchs_own_shape_is_read(at_double, double):
    """The data plane has its message in a language, and details in values."""
    double.then(
        409,
        {
            "code": "NodeStateUnusable",
            "message": {"lang": "en-US", "value": "The node is unusable.\nRequestId:1"},
            "values": [{"key": "Reason", "value": "AgentTimeout"}],
        },
    )
    with at_double.nodes(double.host) as api, pytest.raises(Problem) as refused:
        nodes.remote_login(api, "farm", "n1")
    assert refused.value.code == "node-unusable"
    assert "The node is unusable. RequestId:1; Reason: AgentTimeout" in refused.value.what


@pytest.mark.parametrize(
    "secret",
    [
        "eyJhbGciOiJSUzI1NiJ9.eyJvaWQiOiIxIn0.c2lnbmF0dXJl",
        "-----BEGIN PRIVATE KEY-----\nMIIEvQIBADAN\n-----END PRIVATE KEY-----",
        "client_secret=hunter2hunter2",
        "https://x.blob.core.windows.net/c?sv=1&sig=abc%2Fdef",
    ],
)
def test_nothing_secret_is_repeated(at_double, double, secret):
    """Services quote what they were sent; tokens, keys and passwords are blotted out of it."""
    double.refuse(400, "InvalidRequestContent", f"cannot read {secret} here")
    problem = refusal(at_double)
    assert "REDACTED" in problem.what
    for piece in ("c2lnbmF0dXJl", "MIIEvQIBADAN", "hunter2", "abc%2Fdef"):
        assert piece not in str(problem)


def test_a_problem_holds_nothing_of_the_request(at_double, double):
    """The SDK's exception has the request with its token: it is not chained, and does not survive pickling."""
    double.refuse(400, "InvalidPropertyValue")
    problem = refusal(at_double)
    assert problem.__cause__ is None
    assert problem.__suppress_context__
    assert b"not-a-secret" not in pickle.dumps(problem)


def test_a_long_message_is_cut_and_kept_on_one_line(at_double, double):
    """A service cannot flood a log."""
    double.refuse(400, "InvalidPropertyValue", "line\n" * 10_000)
    what = refusal(at_double).what
    assert len(what) < 1_500
    assert "\n" not in what


def test_a_missing_group_is_not_a_missing_resource(at_double, double):
    """ "Does not exist" gives None; a wrong target is a Problem."""
    identity = arm_id(SUBSCRIPTION, "g", "Microsoft.ManagedIdentity/userAssignedIdentities", "i")
    with at_double.identities(SUBSCRIPTION) as api:
        double.refuse(404, "ResourceNotFound")
        assert identities.read(api, identity) is None
        double.answers.clear()
        double.refuse(404, "ResourceGroupNotFound")
        with pytest.raises(Problem) as refused:
            identities.read(api, identity)
    assert refused.value.code == "azure-wrong-target"


def test_an_untrusted_authority_is_told_as_that(at_double, double, naps, monkeypatch):
    """A company's proxy shows its own certificates; trying again does not help."""
    double.then(200)
    monkeypatch.delenv("REQUESTS_CA_BUNDLE")
    problem = refusal(at_double)
    assert (problem.code, problem.passes) == ("azure-tls-untrusted", False)
    assert "REQUESTS_CA_BUNDLE" in problem.cure


def test_a_bundle_that_is_no_file_is_told_as_that(at_double, double, naps, monkeypatch):
    """requests raises a plain OSError there."""
    double.then(200)
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", "/nowhere/ca.pem")
    assert refusal(at_double).code == "azure-tls-untrusted"


def test_no_way_to_azure_passes(at_double, double, naps):
    """A proxy or a network that is down comes back."""
    double.close()
    problem = refusal(at_double)
    assert (problem.code, problem.passes) == ("azure-unreachable", True)


def test_the_services_time_is_read_from_its_answers(at_double, double):
    """Also from a refusal; whole seconds, UTC."""
    double.then(404, {"error": {"code": "PoolNotFound", "message": "m"}}, Date="Sun, 06 Nov 1994 08:49:37 GMT")
    with at_double.pools(SUBSCRIPTION) as api:
        assert pools.read(api, POOL) is None
    assert at_double.clock.now.isoformat() == "1994-11-06T08:49:37+00:00"


def test_no_answer_tells_no_time(at_double):
    """To ask before is a caller's mistake."""
    with pytest.raises(RuntimeError):
        at_double.clock.now  # noqa: B018 - a property that refuses
