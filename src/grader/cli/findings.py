"""How commands print findings, and the exit code they leave."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Literal, get_args

import typer

from grader.cli.choices import one_of
from grader.cli.output import json_text
from grader.text.visible import visible

if TYPE_CHECKING:
    from grader.check.findings import Finding


Form = Literal["text", "json", "sarif", "junit"]

AsForm = Annotated[
    str,
    typer.Option(
        "--format", metavar="FORM", help="text, json, sarif (code hosts) or junit (CI servers)."
    ),
]


def print_findings(
    findings: Sequence[Finding], checked: Sequence[str], form: str, as_json: bool
) -> None:
    """Print the report; leave with exit code 1 where there is an error or a warning."""
    from grader.check.findings import failing
    from grader.check.report import report
    from grader.errors import EXIT_FINDINGS

    chosen = one_of("json" if as_json else form, get_args(Form), "--format")
    assert chosen is not None
    document = report(findings, checked, chosen)
    typer.echo(json_text(document) if chosen in ("json", "sarif") else visible(document))
    if failing(findings):
        raise typer.Exit(EXIT_FINDINGS)
