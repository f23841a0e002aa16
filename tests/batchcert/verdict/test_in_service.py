"""What services present, and the command for new versions: each finding from what a visit has seen."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from batchcert.hook.hook import Hook
from batchcert.spec import Endpoint
from batchcert.verdict.checks import judge
from batchcert.verdict.finding import Verdict
from batchcert.visit.report import Certificate, FoundHook, Ran, Served, Shown

from .conftest import CURRENT, EARLIER, NOW, STORE, TEN_DAYS_AGO

HTTPS = Endpoint(port=443)
NAMED = Endpoint(port=8443, server_name="render.example.com")
HOOK = Hook("kv.web", STORE, f"{STORE}/kv.web", "systemctl reload nginx")
SWUNG = NOW - timedelta(hours=5)
THEN = f"{SWUNG:%Y-%m-%d %H:%M} UTC"
YOUNG = NOW - timedelta(minutes=3)


def leaf(sha256: str = CURRENT, end=NOW + timedelta(days=80)) -> Certificate:
    return Certificate(sha256, "CN=web", "CN=web", (), TEN_DAYS_AGO, end)


def presents(place: Endpoint, sha256: str = CURRENT, **more) -> Served:
    return Served(place.port, place.server_name, Shown.CERTIFICATE, leaf(sha256, **more))


def silent(place: Endpoint, shown: Shown) -> Served:
    return Served(place.port, place.server_name, shown)


def ran(status: int | None = 0, sha256: str = CURRENT) -> Ran:
    return Ran(sha256, status, SWUNG, None if status is None else SWUNG)


def found(**changes) -> FoundHook:
    return replace(FoundHook(HOOK.name, HOOK.revision, watching=True, ran=ran()), **changes)


def finding(scene, *served: Served, places=(HTTPS,), hook=None, hooks=(), **changes):
    """What is judged of a scene in which services were asked."""
    seen = replace(scene, file={"swung": SWUNG}, earlier=(EARLIER,), **changes).evidence()
    seen = replace(
        seen,
        expected=replace(seen.expected, endpoints=tuple(places), hook=hook),
        report=replace(seen.report, served=served, hooks=tuple(hooks)),
    )
    return judge(seen, NOW)


def test_what_every_port_presents_is_current(scene):
    """All of them are named in the verdict's words."""
    told = finding(scene, presents(HTTPS), presents(NAMED), places=(HTTPS, NAMED))
    assert (told.verdict, told.reason) == (Verdict.CURRENT, "current")
    assert told.message.endswith("; presented on port 443, port 8443 (render.example.com)")


def test_current_on_disk_and_stale_in_service(scene):
    """It says since when: since the node has had the version that the service does not present."""
    told = finding(scene, presents(HTTPS, EARLIER))
    assert (told.verdict, told.reason) == (Verdict.STALE, "stale-in-service")
    assert told.message.startswith(f"current on disk, stale in service since {THEN}: port 443 presents")
    assert EARLIER[:16] in told.message
    assert CURRENT[:16] in told.message


@pytest.mark.parametrize(
    ("served", "verdict", "reason"),
    [
        (presents(NAMED, EARLIER), Verdict.STALE, "stale-in-service"),
        (presents(NAMED, EARLIER, end=NOW - timedelta(days=1)), Verdict.EXPIRED, "expired-in-service"),
        (presents(NAMED, "f" * 64), Verdict.FAILED, "foreign-in-service"),
        (silent(NAMED, Shown.REFUSED), Verdict.FAILED, "service-refuses"),
        (silent(NAMED, Shown.NO_TLS), Verdict.FAILED, "service-without-tls"),
        (silent(NAMED, Shown.UNTOLD), Verdict.CURRENT, "current"),
    ],
)
def test_one_port_of_several_decides(scene, served, verdict, reason):
    """The worst of what is presented, wherever it is."""
    told = finding(scene, presents(HTTPS), served, places=(HTTPS, NAMED))
    assert (told.verdict, told.reason) == (verdict, reason)


@pytest.mark.parametrize(
    ("shown", "why"),
    [(Shown.UNTOLD, "no openssl on the node"), (Shown.UNASKED, "other services of the node took too long")],
)
def test_what_nobody_could_ask_is_no_fault_and_is_told(scene, shown, why):
    """It is not said to be presented either."""
    told = finding(scene, presents(NAMED), silent(HTTPS, shown), places=(HTTPS, NAMED))
    assert told.verdict is Verdict.CURRENT
    assert f"presented on {NAMED}; not known whether port 443 presents it: {why}" in told.message


def test_another_certificate_s_port_says_nothing_of_this_one(scene):
    """A pool has several certificates, and each its own ports."""
    assert finding(scene, presents(NAMED, "f" * 64), places=()).verdict is Verdict.CURRENT


@pytest.mark.parametrize("young", [{"issued_at": YOUNG}, {"allocated_at": YOUNG}])
@pytest.mark.parametrize("served", [presents(HTTPS, EARLIER), silent(HTTPS, Shown.REFUSED)])
def test_there_is_time_while_version_or_node_is_young(scene, young, served):
    """A service that is about to be reloaded, or has not started yet."""
    told = finding(scene, served, **young)
    assert (told.verdict, told.reason) == (Verdict.PENDING, "service-pending")


def test_what_has_expired_waits_for_nothing(scene):
    """Clients are turned away now."""
    served = presents(HTTPS, EARLIER, end=NOW - timedelta(days=1))
    assert finding(scene, served, issued_at=YOUNG).reason == "expired-in-service"


def test_a_stale_file_is_told_before_its_service(scene):
    """The service cannot present what the node does not have."""
    assert finding(scene, presents(HTTPS, EARLIER), leaf=EARLIER).reason == "rotation-overdue"


@pytest.mark.parametrize(
    ("hook", "reason", "words"),
    [
        (found(), "current", "is Key Vault's current version"),
        (FoundHook(HOOK.name), "hook-missing", "has no command for new versions of kv.web"),
        (found(revision="0" * 16), "hook-outdated", HOOK.revision),
        (found(watching=False), "hook-not-watching", "systemd does not watch"),
        (found(ran=ran(3)), "hook-failed", f"ended with 3, on {THEN} for leaf {CURRENT[:16]}"),
        (found(ran=None), "hook-not-run", "has not run for this one"),
        (
            found(ran=ran(0, EARLIER)),
            "hook-not-run",
            f"has not run for this one, on {THEN} for leaf {EARLIER[:16]}",
        ),
        (found(ran=ran(1, EARLIER)), "hook-not-run", "has not run for this one"),
        (found(ran=ran(None)), "hook-not-run", "has not ended for this one"),
    ],
)
def test_the_command_for_new_versions(scene, hook, reason, words):
    """It is there, it is the pool's, systemd watches, and it ran for this version and succeeded."""
    told = finding(scene, places=(), hook=HOOK, hooks=(hook,))
    assert told.reason == reason
    assert words in told.message


@pytest.mark.parametrize("hook", [FoundHook(HOOK.name), found(ran=None), found(ran=ran(None))])
def test_the_command_has_time_too(scene, hook):
    """While the version is young."""
    told = finding(scene, places=(), hook=HOOK, hooks=(hook,), issued_at=YOUNG)
    assert told.reason == "service-pending"


def test_what_is_presented_is_told_before_the_command(scene):
    """The service is what counts."""
    told = finding(scene, presents(HTTPS, EARLIER), hook=HOOK, hooks=(found(ran=ran(3)),))
    assert told.reason == "stale-in-service"
