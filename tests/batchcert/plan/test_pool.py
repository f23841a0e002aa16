"""The pool: what is equal to Azure is equal to us, and every other difference is told by its field."""

import copy
import json
from dataclasses import replace

import pytest

from batchcert.changes import Action
from batchcert.plan.json_path import at
from batchcert.plan.pool import plan_pool, pool_differs
from batchcert.problems import Problem

MACHINE = ("properties", "deploymentConfiguration", "virtualMachineConfiguration")
NAT = ("properties", "networkConfiguration", "endpointConfiguration", "inboundNatPools", 0)
FIXED = ("properties", "scaleSettings", "fixedScale")
SETTINGS = (*MACHINE, "extensions", 0, "settings")
SECRETS = (*SETTINGS, "secretsManagementSettings")
START = ("properties", "startTask")
GONE = object()


def changed(body, *changes):
    """A copy of *body* with the value at each path set, or taken away."""
    result = copy.deepcopy(body)
    for path, value in changes:
        holder = result
        for step in path[:-1]:
            holder = holder[step]
        if value is GONE:
            del holder[path[-1]]
        else:
            holder[path[-1]] = value
    return result


def plan(body, pool, *changes):
    return plan_pool("farm", body, replace(pool, body=changed(body, *changes)))


def test_a_pool_that_is_not_there_is_created(body):
    """The plan is a creation."""
    assert plan_pool("farm", body, None).action is Action.CREATE


def test_an_equal_pool_is_left_alone(body, pool):
    """Nothing to do."""
    assert plan(body, pool).action is Action.NOTHING


@pytest.mark.parametrize(
    "changes",
    [
        [(("properties", "vmSize"), "Standard_D2s_v5")],
        [((*FIXED, "resizeTimeout"), "PT900S")],
        [((*FIXED, "resizeTimeout"), GONE)],
        [((*FIXED, "targetLowPriorityNodes"), GONE)],
        [((*FIXED, "nodeDeallocationOption"), "Requeue")],
        [((*MACHINE, "imageReference", "version"), GONE)],
        [((*MACHINE, "imageReference", "version"), "Latest")],
        [((*MACHINE, "imageReference", "publisher"), "canonical")],
        [((*MACHINE, "imageReference", "exactVersion"), "24.04.202601010")],
        [((*MACHINE, "nodePlacementConfiguration"), {"policy": "Regional"})],
        [((*MACHINE, "extensions", 0, "enableAutomaticUpgrade"), False)],
        [((*MACHINE, "extensions", 0, "protectedSettings"), GONE)],
        [((*START, "maxTaskRetryCount"), GONE)],
        [((*START, "userIdentity", "autoUser", "elevationLevel"), "admin")],
        [((*NAT, "protocol"), "tcp")],
        [((*NAT, "networkSecurityGroupRules", 0, "sourcePortRanges"), ["*"])],
        [(("properties", "taskSlotsPerNode"), 1)],
        [(("properties", "interNodeCommunication"), "Disabled")],
        [(("properties", "allocationState"), "Steady"), (("properties", "creationTime"), "2026-01-01T00:00:00Z")],
        [(("properties", "metadata"), [{"name": "team", "value": "render"}])],
        [(("etag",), 'W/"0x8D"'), (("type",), "Microsoft.Batch/batchAccounts/pools")],
    ],
    ids=lambda changes: changes[0][0][-1],
)
def test_what_azure_fills_in_or_spells_its_own_way_is_no_difference(body, pool, changes):
    """Defaults, case, durations and read-only fields are forgiven."""
    assert plan(body, pool, *changes).fields == ()


def test_the_case_of_arm_ids_and_further_identities_are_no_difference(body, pool, identity):
    """An owner may have put more identities on the pool; ours is on it."""
    known = {identity.arm_id.upper(): {"clientId": identity.client_id}, "/subscriptions/x/other": {}}
    assert plan(body, pool, (("identity", "userAssignedIdentities"), known)).fields == ()


def test_settings_told_as_json_text_are_read(body, pool):
    """Batch's data plane tells an extension's settings so."""
    text = json.dumps(
        at(body, "properties.deploymentConfiguration.virtualMachineConfiguration.extensions")[0]["settings"]
    )
    assert plan(body, pool, (SETTINGS, text)).fields == ()


def test_extensions_and_their_order_beside_ours_are_no_difference(body, pool):
    """Whoever added a monitoring agent keeps it."""
    ours = at(body, ".".join(MACHINE))["extensions"][0]
    agent = {
        "name": "ama",
        "publisher": "Microsoft.Azure.Monitor",
        "type": "AzureMonitorLinuxAgent",
        "settings": {"a": 1},
    }
    assert plan(body, pool, ((*MACHINE, "extensions"), [agent, ours])).fields == ()


@pytest.mark.parametrize(
    ("changes", "path", "values"),
    [
        ([(("properties", "vmSize"), "STANDARD_D4S_V5")], "vmSize", ("STANDARD_D4S_V5", "STANDARD_D2S_V5")),
        ([((*FIXED, "targetDedicatedNodes"), 5)], "scaleSettings.fixedScale.targetDedicatedNodes", ("5", "3")),
        ([((*FIXED, "targetLowPriorityNodes"), 2)], "scaleSettings.fixedScale.targetLowPriorityNodes", ("2", "0")),
        ([((*FIXED, "resizeTimeout"), "PT1H")], "scaleSettings.fixedScale.resizeTimeout", ("PT1H", "PT15M")),
        (
            [(("properties", "scaleSettings"), {"autoScale": {"formula": "$TargetDedicatedNodes=1;"}})],
            "scaleSettings.autoScale.formula",
            ("$TargetDedicatedNodes=1;", ""),
        ),
        (
            [((*MACHINE, "imageReference", "offer"), "0001-com-ubuntu-server-jammy")],
            "deploymentConfiguration.virtualMachineConfiguration.imageReference.offer",
            ("0001-com-ubuntu-server-jammy", "ubuntu-24_04-lts"),
        ),
        (
            [((*MACHINE, "extensions", 0, "typeHandlerVersion"), "1.0")],
            "extensions[KeyVaultForLinux].typeHandlerVersion",
            ("1.0", "3.0"),
        ),
        (
            [((*SECRETS, "pollingIntervalInS"), "3600")],
            "extensions[KeyVaultForLinux].settings.secretsManagementSettings.pollingIntervalInS",
            ("3600", "300"),
        ),
        (
            [((*SECRETS, "requireInitialSync"), False)],
            "extensions[KeyVaultForLinux].settings.secretsManagementSettings.requireInitialSync",
            ("false", "true"),
        ),
        (
            [((*SETTINGS, "authenticationSettings", "msiClientId"), "other")],
            "extensions[KeyVaultForLinux].settings.authenticationSettings.msiClientId",
            ("other", "c11e0000-0000-4000-8000-000000000001"),
        ),
        (
            [((*SETTINGS, "loggingSettings"), {"logger": "fluentd"})],
            "extensions[KeyVaultForLinux].settings.loggingSettings.logger",
            ("fluentd", ""),
        ),
        ([((*START, "commandLine"), "/bin/true")], "startTask.commandLine", ("/bin/true", None)),
        ([((*START, "waitForSuccess"), GONE)], "startTask.waitForSuccess", ("false", "true")),
        ([((*NAT, "frontendPortRangeEnd"), 40100)], "inboundNatPools[SSH].frontendPortRangeEnd", ("40100", "49999")),
        (
            [((*NAT, "networkSecurityGroupRules", 0, "sourceAddressPrefix"), "0.0.0.0/0")],
            "inboundNatPools[SSH].rules[150]",
            ("Allow 0.0.0.0/0", "Allow 203.0.113.0/24"),
        ),
        (
            [((*NAT, "networkSecurityGroupRules", 0, "sourcePortRanges"), ["1024-2048"])],
            "inboundNatPools[SSH].rules[150]",
            ("Allow 203.0.113.0/24 from ports 1024-2048", "Allow 203.0.113.0/24"),
        ),
        (
            [(("properties", "networkConfiguration", "subnetId"), "/subscriptions/s/subnets/n")],
            "networkConfiguration.subnetId",
            ("/subscriptions/s/subnets/n", ""),
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_every_difference_is_told_with_both_values(body, pool, changes, path, values):
    """What is there, and what is asked for."""
    told = {field.path: field for field in plan(body, pool, *changes).fields}
    before, after = values
    assert told[path].before == before
    if after is not None:
        assert told[path].after == after


def test_an_identity_that_the_pool_lacks_is_told(body, pool, identity):
    """By the ARM id that is missing."""
    (field,) = plan(body, pool, (("identity", "userAssignedIdentities"), {"/subscriptions/x/other": {}})).fields
    assert field.path == f"identity.userAssignedIdentities[{identity.arm_id.lower()}]"
    assert (field.before, field.after) == ("", "assigned")


def test_a_rule_or_port_that_nobody_asked_for_is_told(body, pool):
    """More ways in change the meaning of the whole."""
    door = {
        "name": "door",
        "protocol": "TCP",
        "backendPort": 8080,
        "frontendPortRangeStart": 1,
        "frontendPortRangeEnd": 50,
    }
    rule = {"priority": 149, "access": "Allow", "sourceAddressPrefix": "*"}
    inside = copy.deepcopy(at(body, "properties.networkConfiguration.endpointConfiguration.inboundNatPools"))
    inside[0]["networkSecurityGroupRules"].append(rule)
    told = {field.path for field in plan(body, pool, (NAT[:-1], [*inside, door])).fields}
    assert {"inboundNatPools[door].backendPort", "inboundNatPools[SSH].rules[149]"} <= told


def test_a_pinned_certificate_is_told_as_another_one(body, pool):
    """The versionless address is missing, and the pinned one is too much."""
    observed = at(body, ".".join(MACHINE))["extensions"][0]["settings"]["secretsManagementSettings"]
    pinned = {**observed["observedCertificates"][0], "url": f"{observed['observedCertificates'][0]['url']}/{'0' * 32}"}
    fields = plan(body, pool, ((*SECRETS, "observedCertificates"), [pinned])).fields
    urls = [(field.before, field.after) for field in fields if field.path.endswith(".url")]
    assert sorted(urls) == [("", observed["observedCertificates"][0]["url"]), (pinned["url"], "")]


def test_each_reader_of_a_key_counts(body, pool):
    """One user in two groups is two readers; one that nobody asked for is told."""
    observed = at(body, ".".join(MACHINE))["extensions"][0]["settings"]["secretsManagementSettings"]
    read = {
        **observed["observedCertificates"][0],
        "acls": [{"user": "www", "group": "a"}, {"user": "www", "group": "b"}],
    }
    fields = plan(body, pool, ((*SECRETS, "observedCertificates"), [read])).fields
    assert [field.before for field in fields if field.path.endswith(".group")] == ["a", "b"]


def test_the_order_of_observed_certificates_is_no_difference(body, pool):
    """They are told apart by their addresses."""
    observed = at(body, ".".join(MACHINE))["extensions"][0]["settings"]["secretsManagementSettings"]
    two = [*observed["observedCertificates"], {"url": "https://kv-render.vault.azure.net/secrets/api"}]
    desired = changed(body, ((*SECRETS, "observedCertificates"), two))
    turned = changed(body, ((*SECRETS, "observedCertificates"), two[::-1]))
    assert plan_pool("farm", desired, replace(pool, body=turned)).fields == ()


@pytest.mark.parametrize(
    ("changes", "action"),
    [
        ([((*FIXED, "targetDedicatedNodes"), 5)], Action.UPDATE),
        ([((*START, "commandLine"), "/bin/true")], Action.UPDATE),
        ([((*SECRETS, "pollingIntervalInS"), "60")], Action.REPLACE),
        ([((*FIXED, "targetDedicatedNodes"), 5), (("properties", "vmSize"), "STANDARD_D4S_V5")], Action.REPLACE),
    ],
)
def test_what_cannot_change_under_nodes_needs_another_pool(body, pool, changes, action):
    """Scale and start task change in place; one other field is enough for a replacement."""
    assert plan(body, pool, *changes).action is action


def test_a_pool_that_differs_is_refused_with_every_field(body, pool):
    """The account is in the Problem itself, so that no log is needed to act on it."""
    change = plan(body, pool, ((*FIXED, "targetDedicatedNodes"), 5), (("properties", "vmSize"), "STANDARD_D4S_V5"))
    problem = pool_differs(change)
    assert problem.code == "pool-differs"
    assert "vmSize: STANDARD_D4S_V5 -> STANDARD_D2S_V5" in problem.what
    assert "scaleSettings.fixedScale.targetDedicatedNodes: 5 -> 3" in problem.what


def test_a_pool_that_is_being_deleted_is_waited_for(body, pool):
    """Its name is free in a while, so that passes."""
    with pytest.raises(Problem) as refused:
        plan_pool("farm", body, replace(pool, provisioning="Deleting"))
    assert (refused.value.code, refused.value.passes) == ("pool-being-deleted", True)


def test_the_mark_is_read_from_the_metadata(body, pool):
    """Ours by what provision wrote, nobody's without it."""
    assert pool.ours
    assert not replace(pool, body=changed(body, (("properties", "metadata"), []))).ours
    assert not replace(pool, body={}).ours
