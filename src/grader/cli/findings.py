"""How commands print findings, and the exit code they leave."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from grader.cli.choices import words_of

if TYPE_CHECKING:
    from grader.check.findings import Finding


class Form(StrEnum):
    """Forms of a report."""

    text = "text"
    json = "json"
    sarif = "sarif"
    junit = "junit"


AsForm = Annotated[
    Form,
    typer.Option(
        "--format",
        parser=words_of(Form, "--format"),
        metavar="FORM",
        help="text, json, sarif (code hosts) or junit (CI servers).",
    ),
]


def print_findings(
    findings: Sequence[Finding], checked: Sequence[str], form: Form, as_json: bool
) -> None:
    """Print the report; leave with exit code 1 where there is an error or a warning."""
    from grader.check.findings import failing
    from grader.check.report import report
    from grader.errors import EXIT_FINDINGS

    typer.echo(report(findings, checked, "json" if as_json else form.value))
    if failing(findings):
        raise typer.Exit(EXIT_FINDINGS)
