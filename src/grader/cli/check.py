"""`grader check`: what is wrong with comparison folders, rubrics and published pages."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from grader.cli.findings import AsForm, print_findings
from grader.cli.options import (
    AsJson,
    BaseUrl,
    Budget,
    Concurrency,
    Insecure,
    Outputs,
    Prices,
)


def check(
    paths: Annotated[
        list[Path],
        typer.Argument(
            metavar="PATH...",
            help="Folders of comparisons, rubrics (YAML), archive pages or Markdown writeups.",
        ),
    ],
    source: Annotated[
        list[Path] | None,
        typer.Option(
            "--source",
            "-s",
            help="A transcript or page that the others speak of, or were made from. Repeatable.",
        ),
    ] = None,
    judge: Annotated[
        str | None,
        typer.Option(
            "--judge",
            "-j",
            help="Ask this judge about pairs of statements that rules can't decide.",
        ),
    ] = None,
    base_url: BaseUrl = None,
    concurrency: Concurrency = 8,
    budget: Budget = None,
    prices: Prices = None,
    insecure: Insecure = False,
    outputs: Outputs = Path("outputs"),
    notes: Annotated[
        bool, typer.Option("--notes/--no-notes", help="Show what fails nothing, too.")
    ] = True,
    form: AsForm = "text",
    as_json: AsJson = False,
) -> None:
    """Look for what is wrong. Exit code 1 where there is an error or a warning.

    A folder: every file as it was written, every quotation, level, tally and count found again,
    questions blind, review chain whole. A rubric: as `grader rubric check`. A page: quotations,
    scorecards, counts and statements against the transcripts at hand.
    """
    from grader.check.paths import check_paths, things_of
    from grader.judge.options import JudgeOptions

    found = check_paths(
        paths,
        sources=source or (),
        judge=judge,
        options=JudgeOptions(
            base_url=base_url,
            concurrency=concurrency,
            budget_usd=budget,
            prices=prices,
            insecure=insecure,
        ),
        outputs=outputs,
    )
    if not notes:
        found = [finding for finding in found if finding.severity != "note"]
    print_findings(found, [str(path) for path in things_of(paths)], form, as_json)
