"""The request body of a pool, read from what a document publishes or a person pastes."""

from __future__ import annotations

import json

from batchcert.extension.lenient_json import Note, to_strict
from batchcert.problems import Problem

LONGEST = 1 << 20
_ONLY = "give the request body of one pool alone"


def read_document(text: str) -> tuple[dict[str, object], tuple[Note, ...]]:
    """The pool's request body in *text*, and what was forgiven in it.

    Forgiven are comments, a comma before a closing bracket, a member given twice (the last one counts), and
    placeholders outside quotes (`<name>`, `{{name}}`, `${name}`), which are read as text.

    Raises: Problem `document-too-large` above 1 MiB or 64 levels, `document-unreadable` with line and column,
    `not-a-pool-body` for an object that is something else.
    """
    if len(text) > LONGEST:
        what = f"the document has {len(text)} characters; at most {LONGEST} are read"
        raise Problem("document-too-large", what=what, cure=_ONLY)
    strict = to_strict(text.removeprefix("\ufeff"))
    try:
        body = json.loads(str(strict))
    except json.JSONDecodeError as error:
        why = "a value is missing" if error.msg == "Expecting value" else error.msg[0].lower() + error.msg[1:]
        raise strict.places.unreadable(strict.origin(error.pos), why) from None
    if not isinstance(body, dict):
        raise strict.places.unreadable(0, "a request body is an object, in braces")
    if not {str(member).lower() for member in body} & {"properties", "virtualmachineconfiguration", "vmsize"}:
        raise Problem(
            "not-a-pool-body",
            what="the document has neither properties nor virtualMachineConfiguration",
            cause="the body of a pool's PUT request has properties and identity",
            cure=_ONLY,
        )
    return body, tuple(strict.notes)
