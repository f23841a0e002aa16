"""Whole traffic, recorded as `local-azure serve --record` does, keeps to Microsoft's descriptions."""

from __future__ import annotations

import pytest

from local_azure.pytest_plugin import set_environment
from local_azure.serving import LocalAzure
from local_azure.settings import Settings
from tests.conformance import journey
from tools.conformance.checks import Conformance
from tools.conformance.exchanges import Exchange, recorded


@pytest.fixture(scope="module")
def traffic(tmp_path_factory: pytest.TempPathFactory) -> list[Exchange]:
    """All that the SDKs sent while a pool was provisioned, visited, misused, changed and removed."""
    file = tmp_path_factory.mktemp("traffic") / "recording.jsonl"
    with pytest.MonkeyPatch.context() as environment, LocalAzure(Settings(node_seconds=0.1), record=file) as azure:
        set_environment(azure.env, environment)
        with journey.clients(azure) as clients:
            journey.provision(clients, azure.env["AZURE_TENANT_ID"])
            journey.look(clients)
            journey.visit(clients)
            assert journey.go_wrong(clients) == {400, 403, 404, 409, 412}
            journey.be_nobody(azure, clients)
            journey.change(clients)
    return list(recorded(file))


def test_no_answer_departs_from_its_description(conformance: Conformance, traffic: list[Exchange]) -> None:
    """Refusals included."""
    assert [str(each) for exchange in traffic for each in conformance.violations(exchange)] == []


def test_the_traffic_is_worth_judging(conformance: Conformance, traffic: list[Exchange]) -> None:
    """It is of every service and many operations, and each kind of refusal is among it."""
    found = [operation for exchange in traffic if (operation := conformance.operation(exchange))]
    assert {each.service for each in found} == {
        "authorization/resource-manager",
        "batch/data-plane",
        "batch/resource-manager",
        "keyvault/data-plane",
        "keyvault/resource-manager",
        "msi/resource-manager",
    }
    assert len({(each.service, each.name) for each in found}) > 50
    assert {200, 201, 202, 204, 400, 401, 403, 404, 409, 412} <= {exchange.status for exchange in traffic}
