"""`batchcert explain`: the traps in a pool's request body, and the parameters to use instead."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from batchcert.extension.document import LONGEST
from batchcert.extension.explanation import Explanation, explain_document
from batchcert.problems import Problem
from cli.exit_codes import ExitCode
from cli.explain_text import tell
from cli.files import STDIN, read_text, write_atomically
from cli.formats import Format, FormatOption


def explain(
    file: Annotated[str, typer.Argument(metavar="FILE.json", help="The body of a pool's PUT request; - reads stdin.")],
    form: FormatOption = Format.TEXT,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", metavar="PARAMETERS.json", help="Write the parameters there.")
    ] = None,
) -> None:
    """Explain *file*, and end with findings unless there is nothing to change in it."""
    if output and file != STDIN and output.resolve() == Path(file).resolve():
        raise typer.BadParameter(f"{output} is the document itself", param_hint="--output")
    name = "standard input" if file == STDIN else file
    explanation = _explained(file, name)
    parameters = json.dumps(explanation.correction.parameters, indent=2)
    if output:
        write_atomically(output, f"{parameters}\n")
    if form is Format.JSON:
        typer.echo(json.dumps({"document": name, **explanation.as_json()}, indent=2))
    else:
        tell(explanation, name, output)
    raise typer.Exit(ExitCode.FINE if explanation.clean else ExitCode.FINDINGS)


def _explained(file: str, name: str) -> Explanation:
    text = read_text(file, LONGEST)
    try:
        return explain_document(text)
    except Problem as problem:
        what = f"{name}: {problem.what}"
        raise Problem(problem.code, what=what, cause=problem.cause, cure=problem.cure) from None
