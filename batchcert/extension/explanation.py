"""All there is to say of a pool's request body: what was forgiven, its traps, and the parameters to use instead."""

from __future__ import annotations

from dataclasses import asdict, dataclass

from batchcert.extension.correction import Correction, correct
from batchcert.extension.document import read_document
from batchcert.extension.lenient_json import Note
from batchcert.extension.traps import PROCEDURE, Finding, Severity, find_traps


@dataclass(frozen=True)
class Explanation:
    """What was read of a document, and what is to be done about it.

    Attributes:
        forgiven: what JSON does not allow and was read all the same.
        findings: the traps the body falls into, worst first.
        correction: parameters for `provision` that fall into none.
    """

    forgiven: tuple[Note, ...]
    findings: tuple[Finding, ...]
    correction: Correction

    @property
    def clean(self) -> bool:
        """Whether nothing needs to change; what is only worth knowing does not count."""
        return all(finding.severity is Severity.NOTES for finding in self.findings)

    def count(self, severity: Severity) -> int:
        """How many findings are of *severity*."""
        return sum(finding.severity is severity for finding in self.findings)

    def as_json(self) -> dict[str, object]:
        """All of it as plain values, with the traps of the procedure that no body shows."""
        return {
            "forgiven": [asdict(note) for note in self.forgiven],
            "findings": [asdict(finding) for finding in self.findings],
            "procedure": [{"code": trap.code, "cause": trap.cause, "answer": trap.answer} for trap in PROCEDURE],
            "to_fill_in": [remark._asdict() for remark in self.correction.to_fill_in],
            "left_out": [remark._asdict() for remark in self.correction.left_out],
            "parameters": self.correction.parameters,
        }


def explain_document(text: str) -> Explanation:
    """Read *text* and judge it.

    Raises: Problem `document-unreadable`, `document-too-large`, `not-a-pool-body`.
    """
    body, forgiven = read_document(text)
    return Explanation(forgiven, tuple(find_traps(body)), correct(body))
