"""`batchcert check`: what is wrong in prefect.yaml and in the regions' files."""

from __future__ import annotations

import json
import os
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from cli.exit_codes import ExitCode
from cli.formats import Format, FormatOption
from deployments.check import Report
from deployments.check import check as check_folder


def check(
    folder: Annotated[Path, typer.Argument(metavar="[FOLDER]", help="The project's folder.")] = Path(),
    form: FormatOption = Format.TEXT,
) -> None:
    """Check the deployments of *folder*, and end with findings unless there are none."""
    report = check_folder(folder, os.environ)
    if form is Format.JSON:
        typer.echo(json.dumps(asdict(report), indent=2))
    else:
        typer.echo(_told(report))
    raise typer.Exit(ExitCode.FINDINGS if report.faults else ExitCode.FINE)


def _told(report: Report) -> str:
    """Each fault, each note, and a line that sums up."""
    count = len(report.faults)
    verdict = f"{count} fault{'s' if count != 1 else ''}" if count else "nothing wrong"
    lines = [str(fault) for fault in report.faults]
    lines += [f"note: {note}" for note in report.notes]
    lines.append(f"{report.regions} regions, {report.deployments} deployments: {verdict}")
    return "\n".join(lines)
