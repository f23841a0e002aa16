"""What can go wrong, said so that a person can act on it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # everything imports this module, and pydantic takes a third of a second
    from pydantic import ValidationError


class Problem(Exception):  # noqa: N818 - "Problem" is the word the whole product uses
    """One thing that went wrong, with its cause and its cure.

    Attributes:
        code: stable kebab-case name, also the name of its page in docs/problems.
        what: what happened, naming the resource or the field; never holds a secret.
        cause: why it happened, or "" where that is not known.
        cure: what to do about it, or "".
        passes: True where waiting can help, so that a step may be tried again.
        retry_after: seconds the service asked us to wait, or None.
    """

    def __init__(
        self,
        code: str,
        *,
        what: str,
        cause: str = "",
        cure: str = "",
        passes: bool = False,
        retry_after: float | None = None,
    ) -> None:
        super().__init__(code, what)
        self.code = code
        self.what = what
        self.cause = cause
        self.cure = cure
        self.passes = passes
        self.retry_after = retry_after

    def __str__(self) -> str:
        """The problem as lines of text: what, then cause and cure where known."""
        lines = [f"{self.what} [{self.code}]"]
        lines += [f"  cause: {self.cause}"] if self.cause else []
        lines += [f"  cure:  {self.cure}"] if self.cure else []
        return "\n".join(lines)

    def __reduce__(self) -> tuple[object, ...]:
        """Pickle by keyword, since a Prefect result or a spawned process may carry one."""
        return (_rebuild, (self.code, self.what, self.cause, self.cure, self.passes, self.retry_after))


class Problems(Problem):
    """Several problems found in one look: all of them are told, none is hidden behind the first."""

    def __init__(self, found: Iterable[Problem]) -> None:
        self.found: Sequence[Problem] = tuple(found)
        super().__init__(
            self.found[0].code if len(self.found) == 1 else "several-problems",
            what=f"{len(self.found)} problem{'s' if len(self.found) != 1 else ''} found",
            passes=all(problem.passes for problem in self.found),
        )

    def __str__(self) -> str:
        """Each problem after the other."""
        return "\n".join(str(problem) for problem in self.found)

    def __reduce__(self) -> tuple[object, ...]:
        """Pickle by the problems held."""
        return (Problems, (self.found,))


def raise_all(found: Sequence[Problem]) -> None:
    """Raise what was found: nothing for none, the one itself, or all in a `Problems`."""
    if len(found) == 1:
        raise found[0]
    if found:
        raise Problems(found)


def invalid_parameters(error: ValidationError, where: str = "") -> list[Problem]:
    """A `Problem` for each fault that pydantic found, naming the field and what it accepts.

    *where* goes in front of each field's path: a file's name, say.
    """
    return [
        Problem(
            "invalid-parameter",
            what=f"{where}{'.'.join(str(part) for part in fault['loc']) or 'parameters'}: {fault['msg']}",
        )
        for fault in error.errors(include_url=False, include_input=False, include_context=False)
    ]


def _rebuild(  # noqa: PLR0917 - pickle passes positionally
    code: str, what: str, cause: str, cure: str, passes: bool, retry_after: float | None
) -> Problem:
    return Problem(code, what=what, cause=cause, cure=cure, passes=passes, retry_after=retry_after)
