"""What can be wrong with a visit's answer and with the files it shows: a code, a cause and a cure each."""

from __future__ import annotations

from enum import StrEnum
from typing import Self

from batchcert.problems import Problem


class Explained(StrEnum):
    """A set of stable codes, each with its *cause* and *cure*; each is also a page in docs/problems."""

    def __new__(cls, code: str, *_: object) -> Self:
        """A member is its code."""
        member = str.__new__(cls, code)
        member._value_ = code
        return member

    def __init__(self, _code: str, cause: str, cure: str) -> None:
        self.cause = cause
        self.cure = cure

    def problem(self, what: str) -> Problem:
        """A `Problem` of this code that says *what* happened."""
        return Problem(self.value, what=what, cause=self.cause, cure=self.cure)


_CUT_CAUSE = "the script ended early or the connection was dropped"
_FOREIGN_CAUSE = "the node's sudo, shell or one of its tools is not the usual one, or the node does not tell the truth"
_LOOK_BY_HAND = "log in, run the visit's script by hand and compare; reimage the node if somebody tampered with it"


class Fault(Explained):
    """The faults of an answer (`visit-`), of a status file (`status-`) and of a certificate file (`store-`)."""

    ANSWER_EMPTY = (
        "visit-answer-empty",
        "the script did not start: sudo asks for a password, or the user is no administrator of the node",
        "see that the node's image lets Batch's administrators use sudo without a password",
    )
    ANSWER_UNMARKED = ("visit-answer-unmarked", _FOREIGN_CAUSE, _LOOK_BY_HAND)
    ANSWER_CUT = (
        "visit-answer-cut",
        _CUT_CAUSE,
        "validate again; if it stays, log in and see whether the node is out of memory, processes or disk",
    )
    ANSWER_TOO_LARGE = (
        "visit-answer-too-large",
        "the stores hold more than a visit carries, or the node does not tell the truth",
        "give the certificates a folder of their own, and remove old files from it",
    )
    ANSWER_TOO_MANY = (
        "visit-answer-too-many-parts",
        "the node shows more than the script ever prints: it does not tell the truth",
        _LOOK_BY_HAND,
    )
    ANSWER_MALFORMED = ("visit-answer-malformed", _FOREIGN_CAUSE, _LOOK_BY_HAND)

    STATUS_TOO_LARGE = (
        "status-too-large",
        "something other than the extension wrote the file; the guest agent takes at most 128 KiB",
        "look at the file on the node, remove it, and restart the service akvvm_service",
    )
    STATUS_HALF_WRITTEN = (
        "status-half-written",
        "the extension was writing the file, or the disk is full",
        "validate again; if it stays, free the node's disk and restart the service akvvm_service",
    )
    STATUS_GARBAGE = (
        "status-garbage",
        "something other than the extension wrote the file, or the disk is damaged",
        "look at the file on the node, remove it, and restart the service akvvm_service, or reimage the node",
    )

    FILE_DANGLING = (
        "store-link-dangling",
        "the file that the link leads to was removed or renamed",
        "restart the service akvvm_service, which writes the file again; see what cleans the folder up",
    )
    FILE_NOT_REGULAR = (
        "store-not-a-file",
        "a folder or a device has the certificate's name",
        "remove it and restart the service akvvm_service",
    )
    FILE_UNREADABLE = (
        "store-file-unreadable",
        "not even root may read it: the file system refuses",
        "look at the file's mount and attributes on the node",
    )
    FILE_TOO_LARGE = (
        "store-file-too-large",
        "it has more than 256 KiB, which no certificate and key have: something else wrote it",
        "look at the file on the node, remove it, and restart the service akvvm_service",
    )
    FILE_BROKEN = (
        "store-file-broken",
        "the file was being written, or was cut or edited",
        "validate again; if it stays, remove the file and restart the service akvvm_service, which writes it anew",
    )
    FILE_WITHOUT_CERTIFICATE = (
        "store-file-without-certificate",
        "the file was emptied, or holds a key or something else alone",
        "remove the file and restart the service akvvm_service, which writes it anew",
    )
    FILE_NOT_X509 = (
        "store-file-not-x509",
        "what stands between the certificate's markers is not an X.509 certificate",
        "remove the file and restart the service akvvm_service, which writes it anew",
    )
    FILE_WITH_MORE = (
        "store-file-with-more",
        "it is a bundle of certificates, not one certificate with its chain",
        "give the extension a folder of its own",
    )
