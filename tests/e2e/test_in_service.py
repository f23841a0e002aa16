"""What services on real nodes present, over renewals: caught where they are behind, and reloaded by a command."""

from __future__ import annotations

import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from batchcert.drill.rollout import Stage
from batchcert.repair.steps import Step
from batchcert.spec import DEFAULT_STORE, CertificateSpec, Endpoint, Renewal, RenewalTrigger, ServiceSpec
from batchcert.verdict.finding import Row, Verdict
from tasks.azure_api import nodes
from tasks.azure_api.clients import Azure
from tasks.azure_api.restarts import restart
from tasks.channels.elevated import run_elevated
from tasks.channels.values import Bounds, Work
from tasks.hooking import lacking, put_hooks
from tasks.visiting import visit_pool
from tasks.watching import watched_of

from .farm import CERTIFICATE, POOL, VALIDATION, VAULT, Farm, farm

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

NODES = 2
PORT = 8443
POLLING = timedelta(hours=1)
TOLERANCE = POLLING + timedelta(minutes=VALIDATION.grace_minutes)
DAYS_BEFORE_EXPIRY = 30
MOMENT = timedelta(seconds=5)
RELOAD = "systemctl reload render.service"
LINK = f"{DEFAULT_STORE}/{VAULT}.{CERTIFICATE}"
FOLDER = f"/var/lib/batchcert/rotation/{VAULT}.{CERTIFICATE}"
FILE = "/etc/systemd/system/render.service"
LISTENS = f"n=0; while [ ! -f /run/ports/{PORT} ] && [ $n -lt 100 ]; do n=$((n + 1)); sleep 0.1; done"
RESTART = f"rm /run/ports/{PORT}; systemctl daemon-reload; systemctl restart render.service; {LISTENS}"
FOREIGN = """openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=another -days 3 \
  -keyout /opt/key.pem -out /opt/leaf.pem 2>/dev/null
cat /opt/leaf.pem /opt/key.pem >/opt/foreign.pem"""
UNIT = f"""[Service]
ExecStart=/usr/local/bin/python /opt/serving.py --port-file /run/ports/{PORT} --certificate {LINK}
ExecReload=/bin/kill -HUP $MAINPID
[Install]
WantedBy=multi-user.target
"""


def certificate(**services) -> CertificateSpec:
    return CertificateSpec(
        name=CERTIFICATE,
        subject="CN=render.example.com",
        renewal=Renewal(trigger=RenewalTrigger.DAYS_BEFORE_EXPIRY, value=DAYS_BEFORE_EXPIRY),
        **services,
    )


def as_root(pool: Farm, script: str) -> list[str]:
    """Run a script on every node; what each printed."""
    azure = Azure(pool.target.endpoints)
    work, bounds = Work(POOL, "by-hand-", script), Bounds(30, 30, 65536, NODES)
    endpoint = watched_of(azure, pool.target, POOL).endpoint
    with azure.nodes(endpoint) as api:
        ran = run_elevated(api, azure.clock, work, pool.machines, bounds, tell=pytest.fail)
    assert [one.failure for one in ran.values()] == [None] * NODES
    return [one.output.decode() for one in ran.values()]


def start_services(pool: Farm) -> None:
    """Have a TLS service on every node that reads its certificate when it starts or is told to."""
    for machine in pool.machines.values():
        machine.disk.host("/usr/local/bin/python").symlink_to(Path(sys.executable))
        machine.disk.write("/opt/serving.py", (Path(__file__).parents[1] / "serving.py").read_bytes())
        machine.disk.write(FILE, UNIT.encode())
    started = as_root(
        pool,
        "systemctl daemon-reload && systemctl enable --now render.service 2>/dev/null\n"
        f"{LISTENS}; systemctl is-active render.service",
    )
    assert started == ["active\n"] * NODES


def serve_instead(pool: Farm, file: str) -> None:
    """Have the service on every node present what is in *file*."""
    for machine in pool.machines.values():
        machine.disk.write(FILE, UNIT.replace(LINK, file).encode())
    as_root(pool, RESTART)


def reasons(rows: tuple[Row, ...]) -> set[str]:
    assert len(rows) == NODES
    return {row.finding.reason for row in rows}


@pytest.fixture
def served() -> Iterator[Farm]:
    """Two nodes whose certificate is to be presented on a port, by a service that nobody reloads."""
    with farm(nodes=NODES, certificate=certificate(serves=[Endpoint(port=PORT)]), polling=POLLING) as made:
        yield made


def test_a_service_that_is_behind_is_caught_and_then_reloaded_by_the_command(served: Farm) -> None:
    """Refused, current, pending, current on disk and stale in service; then the command, and the next version by it."""
    served.azure.advance(TOLERANCE)
    assert reasons(served.validate()) == {"service-refuses"}
    start_services(served)
    rows = served.validate()
    assert reasons(rows) == {"current"}
    assert rows[0].finding.message.endswith(f"; presented on port {PORT}")

    with listening() as port:
        assert reasons(told(served, Endpoint(port=port)).validate()) == {"service-without-tls"}
    as_root(served, FOREIGN)
    serve_instead(served, "/opt/foreign.pem")
    assert reasons(served.validate()) == {"foreign-in-service"}
    serve_instead(served, LINK)

    first = served.held()
    served.move_to(first.not_after - timedelta(days=DAYS_BEFORE_EXPIRY) + MOMENT)
    served.azure.advance(POLLING)
    assert reasons(served.validate()) == {"service-pending"}
    served.azure.advance(TOLERANCE - POLLING)
    rows = served.validate()
    assert reasons(rows) == {"stale-in-service"}
    assert rows[0].finding.verdict is Verdict.STALE
    assert "current on disk, stale in service since 2" in rows[0].finding.message
    assert first.sha256[:16] in rows[0].finding.message
    served.move_to(first.not_after + MOMENT)
    assert reasons(served.validate()) == {"expired-in-service"}

    hooked = told(served, Endpoint(port=PORT), on_rotation=RELOAD)
    hook_up(hooked)
    assert reasons(hooked.validate()) == {"current"}

    rollout = hooked.drill(timedelta(minutes=5))
    assert (rollout.done, len(rollout.lags(Stage.NODE)), len(rollout.lags(Stage.SERVICE))) == (True, NODES, NODES)
    assert rollout.lags(Stage.SERVICE) == rollout.lags(Stage.NODE)
    assert reasons(hooked.validate()) == {"current"}


def told(pool: Farm, *places: Endpoint, on_rotation: str = "") -> Farm:
    """The pool, validated with what somebody tells of its services."""
    service = ServiceSpec(certificate=CERTIFICATE, serves=list(places), on_rotation=on_rotation)
    return replace(pool, services=(service,))


@contextmanager
def listening() -> Iterator[int]:
    """A port on which something takes connections and says nothing."""
    with socket.create_server(("127.0.0.1", 0), backlog=64) as server:
        yield server.getsockname()[1]


def hook_up(pool: Farm) -> None:
    """Put the command on all nodes, as a validation does: each node once."""
    azure = Azure(pool.target.endpoints)
    watched = watched_of(azure, pool.target, POOL, pool.services)
    without = lacking(watched, visit_pool(azure, watched, VALIDATION.visit, lambda *_: None))
    assert set(without) == set(pool.machines)
    hooked = put_hooks(azure, watched, without, VALIDATION.visit)
    assert (set(hooked.nodes), hooked.failures) == (set(without), ())
    assert lacking(watched, visit_pool(azure, watched, VALIDATION.visit, lambda *_: None)) == ()


@pytest.fixture
def hooked() -> Iterator[Farm]:
    """Two nodes whose start task puts the command there: it writes down each version, and fails while a file exists."""
    command = 'echo "$BATCHCERT_SHA256" >>/var/log/rotations; test ! -e /var/fail'
    with farm(nodes=NODES, certificate=certificate(on_rotation=command), polling=POLLING) as made:
        yield made


def test_the_start_task_s_command_runs_once_for_each_version(hooked: Farm) -> None:
    """The first included, after a reboot not again; and one that fails is told, once its version is there."""
    first = hooked.held().sha256
    hooked.azure.advance(TOLERANCE)
    assert reasons(hooked.validate()) == {"current"}
    assert as_root(hooked, "cat /var/log/rotations") == [f"{first}\n"] * NODES

    reboot(hooked)
    assert reasons(hooked.validate()) == {"current"}
    assert as_root(hooked, "cat /var/log/rotations") == [f"{first}\n"] * NODES

    as_root(hooked, "touch /var/fail")
    hooked.drill(timedelta(minutes=5))
    second = hooked.held().sha256
    rows = hooked.validate()
    assert reasons(rows) == {"hook-failed"}
    assert "ended with 1, on 2" in rows[0].finding.message
    assert second[:16] in rows[0].finding.message
    assert as_root(hooked, "cat /var/log/rotations") == [f"{first}\n{second}\n"] * NODES

    hooked.azure.advance(TOLERANCE)
    assert reasons(told(hooked, on_rotation="true").validate()) == {"hook-outdated"}
    as_root(hooked, f"rm {FOLDER}/result")
    assert reasons(hooked.validate()) == {"hook-not-run"}
    as_root(hooked, f"systemctl stop batchcert-rotation-{VAULT}.{CERTIFICATE}.path")
    assert reasons(hooked.validate()) == {"hook-not-watching"}
    as_root(hooked, f"rm -r {FOLDER}")
    assert reasons(hooked.validate()) == {"hook-missing"}
    reboot(hooked)
    assert reasons(hooked.validate()) == {"hook-failed"}


def reboot(pool: Farm) -> None:
    """Reboot every node, and wait until all are up again."""
    azure = Azure(pool.target.endpoints)
    with azure.nodes(watched_of(azure, pool.target, POOL).endpoint) as api:
        for node in pool.machines:
            restart(api, POOL, node, Step.REBOOT)
    pool.azure.advance(timedelta(minutes=5))
    with azure.nodes(watched_of(azure, pool.target, POOL).endpoint) as api:
        assert {node.state for node in nodes.listed(api, POOL)} == {"idle"}
