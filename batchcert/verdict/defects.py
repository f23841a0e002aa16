"""What can be wrong where the leaf is the current version, and with the node that holds it."""

from __future__ import annotations

from batchcert.verdict.finding import Judged, Verdict

_WRITTEN_ANEW = "remove the file and restart the service akvvm_service, which writes it anew"


class Defect(Judged):
    """A reason why a certificate cannot be relied on though it is, or may be, the current one."""

    CLOCK_OFF = (
        "node-clock-off",
        Verdict.FAILED,
        "the node's clock is not kept by a time service: chrony or systemd-timesyncd is stopped, or has no source",
        "start it and let it step the clock (sudo chronyc makestep); tokens and certificates are judged by the clock",
    )
    CHAIN_OUT_OF_ORDER = (
        "chain-out-of-order",
        Verdict.FAILED,
        "the file was put together by hand, or imported into Key Vault in another order: leaf first is what TLS wants",
        f"import the certificate with its chain in order; {_WRITTEN_ANEW}",
    )
    CHAIN_INCOMPLETE = (
        "chain-incomplete",
        Verdict.FAILED,
        "extensions from 2.0 on write the whole chain: the secret in Key Vault lacks it, or 1.0 wrote this file",
        f"merge or import the certificate together with its issuers; after an upgrade, {_WRITTEN_ANEW}",
    )
    KEY_MISSING = (
        "key-missing",
        Verdict.FAILED,
        "the certificate's policy says that its key is not exportable, so the secret has none; or the file was edited",
        f"set the policy's key to exportable and create a new version; if it is exportable, {_WRITTEN_ANEW}",
    )
    KEY_UNREADABLE = (
        "key-unreadable",
        Verdict.FAILED,
        "the key was cut or damaged, or has a passphrase, which a service cannot type",
        _WRITTEN_ANEW,
    )
    KEY_OF_ANOTHER = (
        "key-of-another",
        Verdict.FAILED,
        "the file was put together by hand from two versions, or its writing was interrupted",
        _WRITTEN_ANEW,
    )
    LINK_ASTRAY = (
        "link-astray",
        Verdict.FAILED,
        "somebody set the link by hand: what it leads to is not a file that the extension keeps for this certificate",
        "remove the link and restart the service akvvm_service, which sets it anew",
    )
    READER_UNKNOWN = (
        "reader-unknown",
        Verdict.FAILED,
        "acls names a user whom nobody has made on the node; users of Batch tasks are made too late",
        "make the user in the image or the start task, or name one that exists, and create the pool anew",
    )
    READER_REFUSED = (
        "reader-refused",
        Verdict.FAILED,
        "the file's access list does not name the user, or a folder above it is closed to the user",
        "see that aclEnabled is true and acls names the user; on the node, namei -l FILE shows which folder is closed",
    )
    KEY_OPEN = (
        "key-open-to-others",
        Verdict.FAILED,
        "somebody changed owner, mode or access list, or moved the file; the extension lets in those in acls alone",
        f"{_WRITTEN_ANEW}; create a new version of the certificate if others may have read its key",
    )
    VERSIONS_DIFFER = (
        "versions-differ",
        Verdict.FAILED,
        "the certificate's policy, or its issuer's, was changed before the last renewal",
        "restore the policy and create a new version; a change that is meant is taken as such from the next version on",
    )
