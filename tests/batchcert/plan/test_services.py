"""What uses a pool's certificates: kept with the pool, read from it again, and told by hand."""

from __future__ import annotations

import json

import pytest

from batchcert.changes import Action
from batchcert.extension.observed import ObservedCertificate, find_extension
from batchcert.extension.services import SERVICES, kept_services, services_text
from batchcert.plan.changing.bodies import update_body
from batchcert.plan.changing.ways import Way, rule_of
from batchcert.plan.json_path import at, objects
from batchcert.plan.marks import metadata_is_ours
from batchcert.plan.pool import plan_pool
from batchcert.plan.pool_body import pool_body
from batchcert.plan.services import hook_of, services_of
from batchcert.plan.start_task import HOOKS_VARIABLE, puts_hooks
from batchcert.problems import Problem, Problems
from batchcert.spec import CertificateSpec, Endpoint, ExtensionVersion, ServiceSpec
from batchcert.visit.host_keys import START_TASK_COMMAND

MACHINE = "properties.deploymentConfiguration.virtualMachineConfiguration"
RELOAD = "systemctl reload 'nginx' # 50% \"quoted\" $HOME"
SERVED = {"serves": [Endpoint(port=443), Endpoint(port=8443, server_name="a.example.com")], "on_rotation": RELOAD}


def observed(vault: str, name: str) -> ObservedCertificate:
    return ObservedCertificate(vault, name, "", "/store", "", (), f"https://{vault}.vault.azure.net")


@pytest.fixture
def made(pool_spec, identity, vault, certificate_spec):
    """Makes the body of a pool whose certificate has these services."""

    def make(*, version: ExtensionVersion = ExtensionVersion.V3, **changes):
        certificates = [
            certificate_spec.model_copy(update=changes),
            CertificateSpec(name="api", subject="CN=api.example.com"),
        ]
        return pool_body(
            pool_spec.model_copy(update={"extension_version": version}),
            identity_id=identity.arm_id,
            client_id=identity.client_id,
            vault_url=vault.url,
            certificates=certificates,
        )

    return make


def seen_of(body):
    """What a validation reads of a pool with this body: services and hooks."""
    view = find_extension(objects(at(body, f"{MACHINE}.extensions")))
    kept = kept_services(services_text(objects(at(body, "properties.metadata"))))
    services = services_of(view.certificates, kept, ())
    return services, [hook for one in view.certificates if (hook := hook_of(one, services))]


@pytest.mark.parametrize("version", list(ExtensionVersion))
def test_a_validation_reads_what_provision_was_given(made, version):
    """Services from the metadata; and the hooks are those that the start task puts on nodes, for each version."""
    body = made(version=version, **SERVED)
    services, hooks = seen_of(body)
    assert list(services) == ["kv-render/web"]
    assert services["kv-render/web"].serves == SERVED["serves"]
    (hook,) = hooks
    assert (hook.name, hook.command) == ("kv-render.web", RELOAD)
    assert hook.file == "/var/lib/waagent/Microsoft.Azure.KeyVault.Store/kv-render.web"
    assert puts_hooks(at(body, "properties.startTask"), hooks)
    assert RELOAD in at(body, "properties.startTask.environmentSettings")[0]["value"]


def test_a_link_of_its_own_is_what_the_command_is_for(made):
    """Services open that one."""
    _, (hook,) = seen_of(made(link_name="web.pem", **SERVED))
    assert hook.file.endswith("/web.pem")


def test_without_services_nothing_is_kept(made):
    """The pool is as it always was."""
    body = made()
    assert services_text(objects(at(body, "properties.metadata"))) == ""
    assert at(body, "properties.startTask.commandLine") == START_TASK_COMMAND
    assert "environmentSettings" not in at(body, "properties.startTask")


def test_another_start_task_puts_no_hooks(made):
    """Neither one without the script, nor one with an older script."""
    body = made(**SERVED)
    _, hooks = seen_of(body)
    assert not puts_hooks(at(made(), "properties.startTask"), hooks)
    assert not puts_hooks(at(made(on_rotation="true"), "properties.startTask"), hooks)
    assert not puts_hooks(None, hooks)
    assert puts_hooks(None, [])


@pytest.mark.parametrize(
    ("before", "after", "fields"),
    [
        ({}, {"serves": [Endpoint(port=443)]}, [f"metadata[{SERVICES}]"]),
        ({"serves": [Endpoint(port=443)]}, {}, [f"metadata[{SERVICES}]"]),
        (
            SERVED,
            {**SERVED, "on_rotation": "true"},
            [f"metadata[{SERVICES}]", f"startTask.environmentSettings[{HOOKS_VARIABLE}]"],
        ),
        (
            {},
            SERVED,
            [
                f"metadata[{SERVICES}]",
                "startTask.commandLine",
                f"startTask.environmentSettings[{HOOKS_VARIABLE}]",
            ],
        ),
    ],
)
def test_a_change_of_services_is_made_in_place(made, pool, before, after, fields):
    """Metadata and start task change on a pool with nodes; both ways, and nothing else is touched."""
    old, new = made(**before), made(**after)
    change = plan_pool("farm", new, pool.__class__(**{**vars(pool), "body": old}))
    assert (change.action, [field.path for field in change.fields]) == (Action.UPDATE, fields)
    assert {rule_of(path).way for path in fields} == {Way.IN_PLACE}
    foreign = {"name": "team", "value": "render"}
    variable = {"name": "TEAM", "value": "render"}
    old["properties"]["metadata"] = [foreign, *objects(at(old, "properties.metadata"))]
    old["properties"]["startTask"].setdefault("environmentSettings", []).append(variable)
    body = update_body(new, old, fields)
    assert foreign in body["properties"]["metadata"]
    assert seen_of({"properties": {**old["properties"], **body["properties"]}})[0] == seen_of(new)[0]
    if "startTask" in body["properties"]:
        assert variable in body["properties"]["startTask"]["environmentSettings"]
        assert puts_hooks(body["properties"]["startTask"], seen_of(new)[1])


def test_a_pool_that_is_not_ours_does_not_become_ours(made):
    """An update of its metadata brings no mark."""
    old = made()
    old["properties"]["metadata"] = []
    body = update_body(made(**SERVED), old, [f"metadata[{SERVICES}]"])
    assert not metadata_is_ours(body["properties"]["metadata"])


@pytest.mark.parametrize("text", ["{", "[1]", '[{"certificate": "a/b", "port": 1}]', '{"certificate": "kv/web"}'])
def test_metadata_that_cannot_be_read_are_told(text):
    """Somebody edited them."""
    with pytest.raises(Problem) as raised:
        kept_services(text)
    assert raised.value.code == "services-unreadable"
    assert SERVICES in raised.value.what


def test_what_is_kept_of_a_certificate_that_is_gone_is_left_aside():
    """A pool's settings may have been changed since."""
    kept = [ServiceSpec(certificate="kv-a/gone", serves=[Endpoint(port=1)])]
    assert services_of([observed("kv-a", "web")], kept, ()) == {}


@pytest.mark.parametrize("name", ["web", "WEB", "kv-a/web", "KV-A/Web"])
def test_what_is_told_by_hand_goes_before_what_is_kept(name):
    """By the certificate's name alone, or with its vault's; case makes no difference in Key Vault."""
    kept = [ServiceSpec(certificate="kv-a/web", serves=[Endpoint(port=1)])]
    given = [ServiceSpec(certificate=name, serves=[Endpoint(port=2)])]
    services = services_of([observed("kv-a", "web"), observed("kv-a", "api")], kept, given)
    assert [one.serves[0].port for one in services.values()] == [2]


def test_all_that_is_told_of_no_certificate_is_refused_at_once():
    """One that the pool does not observe, and one that is the name of two."""
    pool = [observed("kv-a", "web"), observed("kv-b", "web")]
    with pytest.raises(Problems) as raised:
        services_of(pool, (), [ServiceSpec(certificate="api"), ServiceSpec(certificate="web")])
    told = [problem.what for problem in raised.value.found]
    assert [problem.code for problem in raised.value.found] == ["service-unknown"] * 2
    assert "api is no certificate that the pool observes: kv-a/web, kv-b/web" in told[0]
    assert "web is the name of several certificates: kv-a/web, kv-b/web" in told[1]


def test_the_metadata_are_short_and_plain(made):
    """A person reads them in the portal."""
    text = services_text(objects(at(made(serves=[Endpoint(port=443)]), "properties.metadata")))
    assert json.loads(text) == [{"certificate": "kv-render/web", "serves": [{"port": 443}]}]
    assert " " not in text
