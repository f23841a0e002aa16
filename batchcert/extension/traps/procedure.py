"""Traps that no body shows: they lie in the procedure around it, and batchcert has an answer to each."""

from __future__ import annotations

from batchcert.extension.traps.trap import Severity, Trap

_ROTATION = "Enable automatic certificate rotation in a Batch pool"

PROCEDURE: tuple[Trap, ...] = (
    Trap(
        "success-is-not-rotation",
        Severity.BREAKS,
        cause="success in a status file says that the service started once, not which certificate lies on the node",
        cure="compare the leaf on every node with Key Vault's current version",
        answer="compares the SHA-256 of the leaf on each node with Key Vault's current version",
        source="Key Vault virtual machine extension for Linux, extension dependency ordering",
    ),
    Trap(
        "status-code-always-zero",
        Severity.BREAKS,
        cause="code is 0 in a status file that reports an error, too",
        cure="judge on status.status alone",
        answer="judges on status.status, and never reads code",
        source=_ROTATION + ", validate the certificate",
    ),
    Trap(
        "first-status-only",
        Severity.BREAKS,
        cause="1.status belongs to the first settings a handler got, and several handler versions can lie side by side",
        cure="read the newest sequence number of the newest enabled handler",
        answer="reads the newest sequence number of the newest enabled handler",
        source="Azure Linux guest agent, handler environment",
    ),
    Trap(
        "vault-defaults-to-rbac",
        Severity.BREAKS,
        cause="a vault made by ARM API version 2026-02-01 or later goes by roles; an access policy has no effect there",
        cure="look at the vault's enableRbacAuthorization first: true means a role, false or null an access policy",
        answer="reads the vault, then grants Key Vault Secrets User or an access policy, whichever counts",
        source="Key Vault management REST 2026-02-01; " + _ROTATION + ", add an access policy",
    ),
    Trap(
        "grant-takes-time",
        Severity.BREAKS,
        cause="a new grant takes minutes to reach Key Vault, and an extension that starts before fails or waits",
        cure="grant access before the pool is created, and try a 403 again for a bounded time",
        answer="grants access before the pool exists, and retries the 403 codes that can pass, for a bounded time",
        source="Azure RBAC, troubleshooting",
    ),
    Trap(
        "extensions-fixed-with-nodes",
        Severity.BREAKS,
        cause="a pool with nodes answers PropertyCannotBeUpdated to another list of extensions",
        cure="shrink the pool to zero nodes first, or make a new pool beside the old one",
        answer="leaves an equal pool alone, and accounts for a different one field by field",
        source=_ROTATION + "; Use extensions with Batch pools",
    ),
    Trap(
        "put-replaces-pool",
        Severity.BREAKS,
        cause="PUT on a pool that exists replaces all of it, and what the body leaves out is gone",
        cure="send If-None-Match: * to create, PATCH to change",
        answer="creates with If-None-Match: *",
        source="Batch management REST 2025-06-01, Pool - Create",
    ),
    Trap(
        "preview-regions",
        Severity.NOTES,
        cause="the document of 2021 names five regions of a preview: West US 2, South Central US, East US, "
        "US Gov Arizona, US Gov Virginia",
        cure="use the region of your Batch account",
        answer="works in any region, and has a deployment for each of the five, sovereign clouds included",
        source=_ROTATION + ", 2021",
    ),
)
