"""Why a verdict is what it is: each reason with its verdict, its cause and its cure.

Reasons that are a `Problem`'s code (a visit that failed, a file that cannot be read) bring their own cause and cure.
"""

from __future__ import annotations

from batchcert.verdict.finding import Judged, Verdict

_LOGS = "/var/log/azure/Microsoft.Azure.KeyVault.KeyVaultForLinux"


class Reason(Judged):
    """What a node, its extension and its certificate are, apart from `Defect` and `Cause`."""

    CURRENT = (
        "current",
        Verdict.CURRENT,
        "the extension reports success and the leaf on the node is Key Vault's current version",
    )
    CURRENT_BUT_PINNED = (
        "current-but-pinned",
        Verdict.CURRENT,
        "the pool's settings name one version of the secret, and it is still the current one; the next will not come",
        "create the pool with the versionless secret id before Key Vault renews the certificate",
    )

    NODE_LEAVING = (
        "node-leaving",
        Verdict.SKIPPED,
        "Batch is taking the node out of service, so its certificates are of no account",
    )
    NODE_STARTING = (
        "node-starting",
        Verdict.PENDING,
        "Batch lets nobody in until a node is idle or running",
        "validate again when the node is up",
    )
    NODE_NOT_READY = (
        "node-not-ready",
        Verdict.UNREACHABLE,
        "the image, the extension or the start task keeps the node from coming up",
        "look at the node's errors and its start task's output in the portal; reboot or reimage the node",
    )
    NODE_OFFLINE = (
        "node-offline",
        Verdict.UNREACHABLE,
        "scheduling is disabled on the node, and Batch adds users only to nodes that are idle or running",
        "enable scheduling on the node, or remove it from the pool",
    )
    NODE_LOST = (
        "node-lost",
        Verdict.UNREACHABLE,
        "Batch has lost contact with the node, or reports a state that batchcert does not know",
        "reboot the node; if Batch does not find it again, remove it from the pool",
    )
    NODE_UNUSABLE = (
        "node-unusable",
        Verdict.FAILED,
        "often an extension that failed while the node was set up: no access to the vault, wrong settings",
        "see Batch's errors and the extension's view of the node; mend the cause, then reimage or remove the node",
    )
    NODE_START_TASK_FAILED = (
        "node-start-task-failed",
        Verdict.FAILED,
        "the start task ended with an error, so the node takes no tasks and lets no visit in",
        "read startup/stderr.txt of the node, mend the start task, and reboot the node",
    )
    NODE_REIMAGED = (
        "node-reimaged",
        Verdict.PENDING,
        "a reimaged node has new host keys, and its start task has not yet run again to tell them",
        "validate again once the start task has run",
    )
    NOT_VISITED = (
        "node-not-visited",
        Verdict.UNREACHABLE,
        "the run ended before it came to this node",
        "validate again",
    )

    CHANNELS_DISAGREE = (
        "channels-disagree",
        Verdict.FAILED,
        "one of the two is not the truth: a status file that something else wrote, another sudo or sh, a forged answer",
        "log in and compare the handler's newest status and the leaf by hand; reimage the node if it was tampered with",
    )

    NODE_YOUNG = (
        "node-young",
        Verdict.PENDING,
        "the node is younger than polling interval and grace together",
        "validate again in some minutes",
    )
    ROTATION_PENDING = (
        "rotation-pending",
        Verdict.PENDING,
        "Key Vault issued the version less than polling interval and grace ago",
        "validate again when that time is over",
    )
    EXTENSION_TRANSITIONING = (
        "extension-transitioning",
        Verdict.PENDING,
        "the extension has started and has not finished its first synchronization",
        "validate again in some minutes",
    )

    EXTENSION_REPORTS_SUCCESS = (
        "extension-reports-success",
        Verdict.REPORTED,
        "the extension says success; nobody has looked at the certificate",
        "validate through ssh or task to have it proved",
    )

    LEAF_EXPIRED = (
        "leaf-expired",
        Verdict.EXPIRED,
        "the node never got the version that Key Vault holds now",
        f"see why the extension cannot fetch it ({_LOGS} on the node), then restart the service akvvm_service",
    )
    VERSION_EXPIRED = (
        "version-expired",
        Verdict.EXPIRED,
        "Key Vault has not renewed the certificate: no lifetime action, an issuer that cannot, or a failed request",
        "look at the certificate's pending operation and lifetime action in the vault, and create a new version",
    )
    HANDLER_NOT_INSTALLED = (
        "handler-not-installed",
        Verdict.FAILED,
        "the pool has no KeyVaultForLinux extension, or its installation or upgrade failed on this node",
        "see that the pool's settings hold the extension; reimage the node; /var/log/waagent.log says why it failed",
    )
    STATUS_MISSING = (
        "status-missing",
        Verdict.FAILED,
        "the extension was installed and never started",
        f"look into /var/log/waagent.log and {_LOGS} on the node; restart walinuxagent or reimage the node",
    )
    EXTENSION_ERROR = (
        "extension-error",
        Verdict.FAILED,
        "not one of the messages whose cause is known",
        f"look into {_LOGS} on the node",
    )
    EXTENSION_WARNING = (
        "extension-warning",
        Verdict.FAILED,
        "the extension runs with a reservation, so that the certificate is there proves nothing for the next one",
        f"look into {_LOGS} on the node",
    )
    EXTENSION_STUCK = (
        "extension-stuck",
        Verdict.FAILED,
        "the extension keeps trying to get every certificate and does not succeed; 2.0 tries for ever",
        f"look into {_LOGS} on the node for the request that fails",
    )
    PINNED_VERSION = (
        "pinned-version",
        Verdict.STALE,
        "the pool's settings name one version of the secret, and a pinned certificate never rotates",
        "create the pool with the versionless secret id, https://VAULT/secrets/NAME",
    )
    WRONG_CERTIFICATE = (
        "wrong-certificate",
        Verdict.FAILED,
        "somebody replaced the file, or certificates of two vaults or pools share its place",
        "find out who writes there; remove the file and restart the service akvvm_service, which writes it anew",
    )
    STORE_MISSING = (
        "store-missing",
        Verdict.MISSING,
        "the extension writes to another folder, or has not written at all; success can be reported before it has",
        "compare certificateStoreLocation in the pool's settings with the certificate's folder; set requireInitialSync",
    )
    FILE_MISSING = (
        "certificate-file-missing",
        Verdict.MISSING,
        "the pool does not observe the certificate, or the file or its link was removed",
        "see that observedCertificates names it; restart the service akvvm_service, which writes missing files anew",
    )
    ROTATION_OVERDUE = (
        "rotation-overdue",
        Verdict.STALE,
        "the extension does not poll, or cannot reach Key Vault since the new version was issued",
        f"restart the service akvvm_service; {_LOGS} on the node says what it last tried",
    )
