"""The linter: each trap is seen where it is, and nowhere else."""

import json

import pytest

from batchcert.extension.document import read_document
from batchcert.extension.traps import CODES, PROCEDURE, RULES, TRAPS, Severity, find_traps

MACHINE = "properties.deploymentConfiguration.virtualMachineConfiguration"
EXT = f"{MACHINE}.extensions[0]"
SECRETS = f"{EXT}.settings.secretsManagementSettings"
AUTH = f"{EXT}.settings.authenticationSettings"
NATS = "properties.networkConfiguration.endpointConfiguration.inboundNatPools"
RULE = f"{NATS}[0].networkSecurityGroupRules"
URL = f"{SECRETS}.observedCertificates[0].url"
URLS = "secrets/observedCertificates"
SECRET = "https://contoso.vault.azure.net/secrets/web"
CLIENT = "b9f6dd56-d2d6-4967-99d7-8062d56fd84c"
OBJECT = "11111111-2222-3333-4444-555555555555"
OTHER = "99999999-2222-3333-4444-555555555555"
IMAGE = f"{MACHINE}.imageReference"


def image(offer: str, sku: str, publisher: str = "Canonical") -> dict[str, str]:
    """A marketplace image."""
    return {"publisher": publisher, "offer": offer, "sku": sku, "version": "latest"}


def nsg(*rules: tuple[str, str], first: int = 150) -> list[dict[str, object]]:
    """Security rules in order: access and source."""
    return [
        {"priority": first + place, "access": access, "sourceAddressPrefix": source}
        for place, (access, source) in enumerate(rules)
    ]


CASES: list[tuple[str, dict[str, object], str]] = [
    ("pinned-secret-url", {f"{URLS}/0/url": f"{SECRET}/8f5f3f491afd48cb99286ba2aacd39af"}, URL),
    ("pinned-secret-url", {URLS: [SECRET, f"{SECRET}2/8f5f"]}, f"{SECRETS}.observedCertificates[1]"),
    ("certificate-url-observed", {f"{URLS}/0/url": SECRET.replace("secrets", "certificates")}, URL),
    ("not-a-secret-url", {f"{URLS}/0/url": "web"}, URL),
    ("not-a-secret-url", {f"{URLS}/0/url": 7}, URL),
    ("not-a-secret-url", {f"{URLS}/0/url": None}, URL),
    ("no-observed-certificates", {URLS: []}, f"{SECRETS}.observedCertificates"),
    ("no-observed-certificates", {URLS: None}, f"{SECRETS}.observedCertificates"),
    ("no-observed-certificates", {URLS: SECRET}, f"{SECRETS}.observedCertificates"),
    ("objects-on-old-version", {"ext/typeHandlerVersion": "2.0"}, f"{SECRETS}.observedCertificates"),
    ("objects-on-old-version", {"ext/typeHandlerVersion": "1.0"}, f"{SECRETS}.observedCertificates"),
    ("acls-switched-off", {"secrets/aclEnabled": None}, f"{SECRETS}.observedCertificates[0].acls[0]"),
    ("acls-switched-off", {"secrets/aclEnabled": False}, f"{SECRETS}.observedCertificates[0].acls[0]"),
    (
        "acl-names-nobody",
        {f"{URLS}/0/acls": [{"user": "nginx"}, {"user": "_azbatchtask_1"}]},
        f"{SECRETS}.observedCertificates[0].acls[1].user",
    ),
    ("acl-names-nobody", {f"{URLS}/0/acls": [{"group": "tls"}]}, f"{SECRETS}.observedCertificates[0].acls[0].user"),
    ("strings-on-version-3", {URLS: [SECRET]}, f"{SECRETS}.observedCertificates"),
    (
        "store-beside-handler",
        {f"{URLS}/0/certificateStoreLocation": "/var/lib/waagent/Microsoft.Azure.KeyVault/"},
        f"{SECRETS}.observedCertificates[0].certificateStoreLocation",
    ),
    ("settings-not-an-object", {"ext/settings": json.dumps({"secretsManagementSettings": {}})}, f"{EXT}.settings"),
    ("settings-not-an-object", {"ext/settings": "not JSON"}, f"{EXT}.settings"),
    ("settings-not-an-object", {"ext/settings": None}, f"{EXT}.settings"),
    ("settings-not-an-object", {"ext/settings": []}, f"{EXT}.settings"),
    ("polling-interval-not-a-string", {"secrets/pollingIntervalInS": 300}, f"{SECRETS}.pollingIntervalInS"),
    ("polling-interval-out-of-range", {"secrets/pollingIntervalInS": "59"}, f"{SECRETS}.pollingIntervalInS"),
    ("polling-interval-out-of-range", {"secrets/pollingIntervalInS": "86401"}, f"{SECRETS}.pollingIntervalInS"),
    ("polling-interval-out-of-range", {"secrets/pollingIntervalInS": "5m"}, f"{SECRETS}.pollingIntervalInS"),
    ("polling-interval-out-of-range", {"secrets/pollingIntervalInS": None}, f"{SECRETS}.pollingIntervalInS"),
    ("no-initial-sync", {"secrets/requireInitialSync": None}, f"{SECRETS}.requireInitialSync"),
    ("no-initial-sync", {"secrets/requireInitialSync": False}, f"{SECRETS}.requireInitialSync"),
    ("no-initial-sync", {"secrets/requireInitialSync": "true"}, f"{SECRETS}.requireInitialSync"),
    ("no-initial-sync", {"ext/typeHandlerVersion": "1.0"}, f"{SECRETS}.requireInitialSync"),
    ("old-extension-version", {"ext/typeHandlerVersion": "1.0"}, f"{EXT}.typeHandlerVersion"),
    ("old-extension-version", {"ext/typeHandlerVersion": "2.0"}, f"{EXT}.typeHandlerVersion"),
    ("old-extension-version", {"ext/typeHandlerVersion": None}, f"{EXT}.typeHandlerVersion"),
    ("minor-upgrade-at-deployment-only", {"ext/enableAutomaticUpgrade": None}, f"{EXT}.autoUpgradeMinorVersion"),
    ("pool-identity-missing", {"body/identity": None}, "identity"),
    ("pool-identity-missing", {"identity/type": "None"}, "identity.type"),
    ("pool-identity-missing", {"identity/type": "SystemAssigned"}, "identity.type"),
    ("pool-identity-missing", {"identity/type": None}, "identity.type"),
    ("pool-identity-missing", {"identity/userAssignedIdentities": {}}, "identity.userAssignedIdentities"),
    (
        "identity-not-an-arm-id",
        {"identity/userAssignedIdentities": {"nodes": {}}},
        "identity.userAssignedIdentities.nodes",
    ),
    (
        "identity-not-an-arm-id",
        {"identity/userAssignedIdentities": {CLIENT: {}}},
        f'identity.userAssignedIdentities["{CLIENT}"]',
    ),
    (
        "authentication-settings-misplaced",
        {"secrets/authenticationSettings": {"msiClientId": CLIENT}, "settings/authenticationSettings": None},
        f"{SECRETS}.authenticationSettings",
    ),
    ("authentication-settings-misplaced", {"ext/authenticationSettings": {}}, f"{EXT}.authenticationSettings"),
    ("authentication-settings-missing", {"settings/authenticationSettings": None}, AUTH),
    ("authentication-settings-missing", {"auth/msiClientId": None}, f"{AUTH}.msiClientId"),
    ("client-id-not-a-guid", {"auth/msiClientId": "/subscriptions/x/userAssignedIdentities/y"}, f"{AUTH}.msiClientId"),
    ("client-id-not-a-guid", {"auth/msiClientId": "nodes"}, f"{AUTH}.msiClientId"),
    ("client-id-of-another", {"auth/msiClientId": OBJECT}, f"{AUTH}.msiClientId"),
    ("client-id-of-another", {"auth/msiClientId": OTHER}, f"{AUTH}.msiClientId"),
    ("msi-endpoint-wrong", {"auth/msiEndpoint": None}, f"{AUTH}.msiEndpoint"),
    ("msi-endpoint-wrong", {"auth/msiEndpoint": "http://localhost:40342/metadata/identity"}, f"{AUTH}.msiEndpoint"),
    ("client-id-unverified", {"identity/userAssignedIdentities": {"/subscriptions/<id>": {}}}, f"{AUTH}.msiClientId"),
    ("image-retired", {"machine/imageReference": image("ubuntuserver", "18.04-lts")}, IMAGE),
    ("image-retired", {"machine/imageReference": image("0001-com-ubuntu-server-focal", "20_04-lts")}, IMAGE),
    ("image-never-published", {"machine/imageReference": image("ubuntuserver", "20.04-lts")}, IMAGE),
    ("image-never-published", {"machine/imageReference": image("UbuntuServer", "24.04-LTS")}, IMAGE),
    ("image-unsupported", {"machine/imageReference": image("debian-12", "12", "debian")}, IMAGE),
    ("image-ending", {"machine/imageReference": image("0001-com-ubuntu-server-jammy", "22_04-lts")}, IMAGE),
    ("node-agent-mismatch", {"machine/nodeAgentSkuId": "batch.node.ubuntu 22.04"}, f"{MACHINE}.nodeAgentSkuId"),
    ("node-agent-mismatch", {"machine/nodeAgentSkuId": None}, f"{MACHINE}.nodeAgentSkuId"),
    ("vm-size-ending", {"properties/vmSize": "standard_d2_v2"}, "properties.vmSize"),
    ("no-ssh-nat-pool", {"properties/networkConfiguration": None}, NATS),
    ("no-ssh-nat-pool", {"nat/backendPort": 443}, NATS),
    ("ssh-open-to-everyone", {"nat/networkSecurityGroupRules": None}, RULE),
    ("ssh-open-to-everyone", {"nat/networkSecurityGroupRules": []}, RULE),
    *(
        (
            "ssh-open-to-everyone",
            {"nat/networkSecurityGroupRules": nsg(("Allow", source))},
            f"{RULE}[0].sourceAddressPrefix",
        )
        for source in ("*", "0.0.0.0/0", "Internet", "::/0", "any")
    ),
    (
        "ssh-open-to-everyone",
        {"nat/networkSecurityGroupRules": [*nsg(("Deny", "*"), first=200), *nsg(("Allow", "*"))]},
        f"{RULE}[1].sourceAddressPrefix",
    ),
    ("ssh-not-closed", {"nat/networkSecurityGroupRules": nsg(("Allow", "203.0.113.0/24"))}, RULE),
    ("nat-pool-refused", {"nat/frontendPortRangeStart": 40970}, f"{NATS}[0].frontendPortRangeStart"),
    (
        "nat-pool-refused",
        {"nat/frontendPortRangeStart": 50000, "nat/frontendPortRangeEnd": 50999},
        f"{NATS}[0].frontendPortRangeStart",
    ),
    ("nat-pool-refused", {"nat/backendPort": 29876}, f"{NATS}[0].backendPort"),
    ("nat-pool-refused", {"nat/networkSecurityGroupRules/0/priority": 149}, f"{RULE}[0].priority"),
    ("nat-pool-refused", {"nat/networkSecurityGroupRules/0/priority": 151}, f"{RULE}[0].priority"),
    (
        "nat-pool-refused",
        {"nat/networkSecurityGroupRules": nsg(*[("Allow", f"203.0.113.{n}") for n in range(25)], ("Deny", "*"))},
        f"{NATS}[0]",
    ),
    (
        "classic-communication",
        {"properties/targetNodeCommunicationMode": "Classic"},
        "properties.targetNodeCommunicationMode",
    ),
    (
        "no-way-out",
        {"properties/networkConfiguration/publicIPAddressConfiguration": {"provision": "NoPublicIPAddresses"}},
        "properties.networkConfiguration.publicIPAddressConfiguration.provision",
    ),
    ("key-vault-extension-missing", {"machine/extensions": []}, f"{MACHINE}.extensions"),
    ("key-vault-extension-missing", {"machine/extensions": None}, f"{MACHINE}.extensions"),
    ("key-vault-extension-missing", {"ext/type": "OmsAgentForLinux"}, f"{MACHINE}.extensions"),
    ("extension-for-windows", {"ext/type": "KeyVaultForWindows"}, f"{EXT}.type"),
    ("extension-publisher-wrong", {"ext/publisher": "Microsoft.Azure.KeyVault.Edp"}, f"{EXT}.publisher"),
    ("extension-publisher-wrong", {"ext/publisher": None}, f"{EXT}.publisher"),
    ("custom-script-reserved", {"ext/type": "CustomScript"}, f"{EXT}.type"),
    ("certificates-retired", {"properties/certificates": [{"id": "x"}]}, "properties.certificates"),
    ("api-version-ending", {"body/apiVersion": "2021-01-01"}, "apiVersion"),
    (
        "proxy-agent-unconfirmed",
        {"machine/securityProfile": {"proxyAgentSettings": {"enabled": True}}},
        f"{MACHINE}.securityProfile.proxyAgentSettings.enabled",
    ),
    ("placeholder-left", {"body/name": "<pool name>"}, "name"),
    ("placeholder-left", {"properties/vmSize": "[parameters('size')]"}, "properties.vmSize"),
]


def test_the_right_body_falls_into_no_trap(body_with):
    """Nothing is found where there is nothing to find."""
    assert find_traps(body_with({})) == []


@pytest.mark.parametrize(("code", "changes", "field"), CASES, ids=[f"{n}-{case[0]}" for n, case in enumerate(CASES)])
def test_each_trap_is_seen_at_its_field(body_with, code, changes, field):
    """One change to the right body is found under its code, at its path."""
    found = find_traps(body_with(changes))
    assert (code, field) in [(finding.code, finding.field) for finding in found]


def test_a_body_of_the_data_plane_is_seen_as_one():
    """It has no properties, and no identity can be given to it."""
    body = {
        "id": "p",
        "vmSize": "STANDARD_D2S_V5",
        "virtualMachineConfiguration": {"nodeAgentSKUId": "batch.node.el 9"},
    }
    found = {finding.code: finding.field for finding in find_traps(body)}
    assert found["data-plane-body"] == "properties"
    assert found["key-vault-extension-missing"] == "virtualMachineConfiguration.extensions"
    assert "node-agent-mismatch" not in found


def test_every_rule_has_a_case():
    """No rule is left untried."""
    assert {rule.trap.code for rule in RULES} == {code for code, _, _ in CASES} | {"data-plane-body"}


FINE: dict[str, dict[str, object]] = {
    "the longer endpoint": {"auth/msiEndpoint": "http://169.254.169.254/metadata/identity/oauth2/token"},
    "an upper-case client id": {"auth/msiClientId": CLIENT.upper()},
    "other case in type and publisher": {"ext/type": "keyvaultforlinux", "ext/publisher": "microsoft.azure.keyvault"},
    "a later minor version": {"ext/typeHandlerVersion": "3.1"},
    "no minor upgrades": {"ext/autoUpgradeMinorVersion": None, "ext/enableAutomaticUpgrade": None},
    "a custom image": {"machine/imageReference": {"id": "/subscriptions/x"}},
    "Azure Linux": {
        "machine/imageReference": image("azure-linux-3", "azure-linux-3", "microsoftcblmariner"),
        "machine/nodeAgentSkuId": "batch.node.azurelinux 3.0",
    },
    "today's API version": {"body/apiVersion": "2025-06-01"},
    "simplified communication": {"properties/targetNodeCommunicationMode": "Simplified"},
    "a rule behind the closing one": {
        "nat/networkSecurityGroupRules": nsg(("Allow", "203.0.113.7"), ("Deny", "Internet"), ("Allow", "*"))
    },
    "a second NAT pool for another port": {
        "properties/networkConfiguration/endpointConfiguration/inboundNatPools": [
            {"backendPort": 22, "networkSecurityGroupRules": nsg(("Allow", "203.0.113.0/24"), ("Deny", "*"))},
            {"backendPort": 443, "frontendPortRangeStart": 1, "frontendPortRangeEnd": 40},
        ]
    },
    "no certificates of Batch's own": {"properties/certificates": []},
    "the proxy agent off": {"machine/securityProfile": {"proxyAgentSettings": {"enabled": False}}},
    "a bracket that is no expression": {"body/tags": {"note": "[[not an expression]"}},
}


@pytest.mark.parametrize("changes", FINE.values(), ids=FINE)
def test_what_is_as_good_is_not_called_a_trap(body_with, changes):
    """Other spellings and other right choices."""
    assert find_traps(body_with(changes)) == []


@pytest.mark.parametrize("unfilled", ["<fill me in>", "{{ value }}", "${VALUE}", "[parameters('value')]"])
def test_what_is_not_filled_in_is_not_judged(body_with, unfilled):
    """A placeholder is told as one, and as nothing else."""
    places = [
        *(
            "auth/msiClientId",
            "auth/msiEndpoint",
            "ext/typeHandlerVersion",
            "ext/publisher",
            "secrets/pollingIntervalInS",
        ),
        *("properties/vmSize", "machine/nodeAgentSkuId", "identity/type", f"{URLS}/0/url", "body/apiVersion"),
    ]
    found = find_traps(body_with(dict.fromkeys(places, unfilled)))
    assert [finding.code for finding in found] == ["placeholder-left"] * len(places)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        (
            "2021",
            [
                ("breaks", "pinned-secret-url"),
                ("breaks", "image-retired"),
                ("weakens", "no-initial-sync"),
                ("weakens", "old-extension-version"),
                ("weakens", "vm-size-ending"),
                ("weakens", "no-ssh-nat-pool"),
                ("notes", "client-id-unverified"),
                ("notes", "store-beside-handler"),
                ("notes", "minor-upgrade-at-deployment-only"),
            ],
        ),
        (
            "2026",
            [
                ("breaks", "pinned-secret-url"),
                ("breaks", "image-retired"),
                ("breaks", "image-never-published"),
                ("weakens", "vm-size-ending"),
                ("weakens", "no-ssh-nat-pool"),
                ("notes", "client-id-unverified"),
                ("notes", "strings-on-version-3"),
                ("notes", "store-beside-handler"),
                ("notes", "minor-upgrade-at-deployment-only"),
            ],
        ),
        ("2026-windows", [("breaks", "extension-for-windows"), ("weakens", "vm-size-ending")]),
    ],
)
def test_the_traps_of_the_published_bodies_worst_first(document, name, expected):
    """All that the documents' own examples fall into, and nothing else."""
    body, _ = read_document(document(name))
    assert [(finding.severity, finding.code) for finding in find_traps(body)] == expected


def test_a_pinned_address_is_cured_by_the_very_address_to_use(document):
    """The cure is for this case, not for cases like it."""
    body, _ = read_document(document("2021"))
    (pinned,) = [finding for finding in find_traps(body) if finding.code == "pinned-secret-url"]
    assert pinned.cure == "observe https://testkvwestus2s.vault.azure.net/secrets/authcertforumatesting"


def test_an_object_id_is_cured_by_the_client_id_that_the_body_knows(body_with):
    """A body read back from Azure says which one to use."""
    (finding,) = find_traps(body_with({"auth/msiClientId": OBJECT}))
    assert (finding.code, finding.cure) == ("client-id-of-another", f"use {CLIENT}")


def test_settings_as_text_are_judged_inside_too(body_with):
    """That they are text does not hide what is wrong in them."""
    settings = {"secretsManagementSettings": {"observedCertificates": [f"{SECRET}/8f5f"], "pollingIntervalInS": "300"}}
    codes = {finding.code for finding in find_traps(body_with({"ext/settings": json.dumps(settings)}))}
    assert {"settings-not-an-object", "pinned-secret-url", "authentication-settings-missing"} <= codes


@pytest.mark.parametrize("value", ["text", 7, True, [], {}, [[]], [7], {"x": {}}])
@pytest.mark.parametrize(
    "place",
    [
        *("properties/networkConfiguration", "properties/scaleSettings", "properties/deploymentConfiguration"),
        *(
            "machine/extensions",
            "ext/settings",
            "settings/secretsManagementSettings",
            "settings/authenticationSettings",
        ),
        *(URLS, f"{URLS}/0", f"{URLS}/0/acls", "body/identity", "identity/userAssignedIdentities", "nat/backendPort"),
        *(
            "nat/networkSecurityGroupRules",
            "nat/networkSecurityGroupRules/0",
            "machine/imageReference",
            "body/properties",
        ),
        *("nat/networkSecurityGroupRules/0/priority", "nat/frontendPortRangeStart", "body/apiVersion", "ext/type"),
    ],
)
def test_no_form_of_a_body_stops_the_linter(body_with, place, value):
    """Whatever stands where something else belongs, there is an answer, and every finding has all its parts."""
    for finding in find_traps(body_with({place: value})):
        assert all((finding.code, finding.field, finding.what, finding.cause, finding.cure, finding.source))


def test_codes_are_unique_and_kebab_case():
    """A code names one trap and one page."""
    assert len(CODES) == len(TRAPS) == len(RULES) + len(PROCEDURE)
    assert all(code == code.lower() and code.replace("-", "").isalnum() for code in CODES)


def test_every_trap_says_why_what_to_do_and_what_batchcert_does():
    """No part is empty, and none ends like a sentence, since they stand in lines of their own."""
    for trap in TRAPS:
        for part in (trap.cause, trap.cure, trap.answer, trap.source):
            assert part, trap.code
            assert not part.endswith((";", ",", " ")), trap.code


def test_severities_are_ordered_worst_first():
    """The order of the findings is the enumeration's."""
    assert [severity.rank for severity in (Severity.BREAKS, Severity.WEAKENS, Severity.NOTES)] == [0, 1, 2]


ROWS = {
    "a pinned version": {"pinned-secret-url"},
    "SSH off by default": {"no-ssh-nat-pool", "ssh-open-to-everyone"},
    "status code 0 in an error": {"status-code-always-zero"},
    "success without rotation": {"success-is-not-rotation", "no-initial-sync"},
    "retired images and sizes": {"image-retired", "vm-size-ending"},
    "vaults on RBAC": {"vault-defaults-to-rbac"},
    "extensions of a pool with nodes": {"extensions-fixed-with-nodes"},
    "PUT replaces": {"put-replaces-pool"},
    "1.status is the first": {"first-status-only"},
    "identity not found": {"client-id-not-a-guid", "authentication-settings-misplaced"},
    "grants take minutes": {"grant-takes-time"},
    "five preview regions": {"preview-regions"},
}


@pytest.mark.parametrize("codes", ROWS.values(), ids=ROWS)
def test_all_that_has_changed_since_the_document_is_covered(codes):
    """Each change that breaks the published procedure has its traps."""
    assert codes <= CODES
