"""What can be wrong between a node that has the current version and the services that should present it."""

from __future__ import annotations

from batchcert.verdict.finding import Judged, Verdict

_JOURNAL = "on the node, journalctl -u batchcert-rotation-VAULT.CERTIFICATE shows what it printed"
_OTHER_READS = "it reads another file, or was given another certificate's port"


class Shortfall(Judged):
    """A reason why a certificate is not in use though the node has it."""

    EXPIRED_IN_SERVICE = (
        "expired-in-service",
        Verdict.EXPIRED,
        "the service has not read the file again since the version that it presents was replaced",
        "reload or restart the service on the node; give the certificate on_rotation, a command that does so each time",
    )
    STALE_IN_SERVICE = (
        "stale-in-service",
        Verdict.STALE,
        "the service has not read the file again: few do so by themselves, and the extension tells nobody",
        "reload or restart the service on the node; give the certificate on_rotation, a command that does so each time",
    )
    FOREIGN_IN_SERVICE = (
        "foreign-in-service",
        Verdict.FAILED,
        _OTHER_READS,
        "see which file the service's configuration names, and which port and server name the certificate's serves",
    )
    SERVICE_REFUSES = (
        "service-refuses",
        Verdict.FAILED,
        "the service is not running, listens on another port, or on an address other than the node's own 127.0.0.1",
        "see the service's state on the node, and the port that the certificate's serves names",
    )
    SERVICE_WITHOUT_TLS = (
        "service-without-tls",
        Verdict.FAILED,
        "what listens there speaks no TLS, hangs, or wants a server name that it was not given",
        "see what listens there (ss -ltnp), and give the endpoint a server name if the service wants one",
    )
    SERVICE_PENDING = (
        "service-pending",
        Verdict.PENDING,
        "the node or the version is younger than polling interval and grace together",
        "validate again when that time is over",
    )
    HOOK_MISSING = (
        "hook-missing",
        Verdict.FAILED,
        "the command for new versions was asked for after the node came up, or systemd refused it there",
        "reboot the node: the pool's start task puts it there, and its startup/stderr.txt says what systemd refused",
    )
    HOOK_OUTDATED = (
        "hook-outdated",
        Verdict.FAILED,
        "the command was changed after the node came up, and nodes take the start task's at their next start",
        "reboot the node, or let a new one take its place",
    )
    HOOK_NOT_WATCHING = (
        "hook-not-watching",
        Verdict.FAILED,
        "somebody stopped the path unit, or systemd gave up on it",
        "on the node, systemctl status batchcert-rotation-VAULT.CERTIFICATE.path says why; start it, or reboot",
    )
    HOOK_FAILED = (
        "hook-failed",
        Verdict.FAILED,
        "the command that makes services read the new version did not succeed on this node",
        f"{_JOURNAL}; mend it, and run the command by hand",
    )
    HOOK_NOT_RUN = (
        "hook-not-run",
        Verdict.FAILED,
        "the path unit was started after the file came, systemd did not tell of the change, or the command hangs",
        f"systemctl start batchcert-rotation-VAULT.CERTIFICATE.service runs it; {_JOURNAL}",
    )
