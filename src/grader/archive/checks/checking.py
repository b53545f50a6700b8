"""All checks of published pages."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from grader.archive.checks.about_page import check_about_page
from grader.archive.checks.contradictions import check_contradictions
from grader.archive.checks.counts import check_counts
from grader.archive.checks.pages import Page, read_pages
from grader.archive.checks.quotations import check_quotations
from grader.archive.checks.scorecards import check_scorecards
from grader.check.findings import Finding, Place, in_order

if TYPE_CHECKING:
    from grader.judge.options import JudgeOptions
from grader.archive.checks import (
    about_page,
    contradictions,
    counts,
    opinions,
    quotations,
    scorecards,
)
from grader.check.registry import Check, Checker

CHECKS = (
    *about_page.CHECKS,
    *quotations.CHECKS,
    *scorecards.CHECKS,
    *counts.CHECKS,
    *contradictions.CHECKS,
    *opinions.CHECKS,
    Check("nothing-published", "note", "The page contains no analysis."),
)
"""What is looked for here, one entry a check: a new module of checks is named here too."""


def check_pages(
    pages: Sequence[str | Path],
    *,
    sources: Sequence[str | Path] = (),
    judge: str | None = None,
    options: JudgeOptions | None = None,
    outputs: str | Path = "outputs",
) -> list[Finding]:
    """What is wrong with published pages.

    Args:
        pages: archive pages, or writeups in Markdown.
        sources: transcripts and pages they speak of. The pages serve one another as well.
        judge: who is asked about pairs of statements; None: nobody.
        options: how the judge is asked; None: the usual way.
        outputs: the folder with the journal.

    Raises:
        InputError: a file can't be read.
        JudgeError: the judge can't be used.
    """
    read = read_pages([Path(page) for page in pages], [Path(source) for source in sources])
    found = [finding for page in read for finding in check_page(page)]
    if judge is not None:
        from grader.archive.checks.opinions import ask_opinions

        found += ask_opinions(read, judge, told=found, options=options, outputs=outputs)
    return in_order(found)


def check_page(page: Page) -> list[Finding]:
    """What rules find on one page."""
    if not (page.sentences or page.passages):
        return [
            Finding(
                code="nothing-published",
                severity="note",
                message="the page holds no analysis, so there is nothing to check",
                place=Place(file=str(page.path)),
            ),
            *check_about_page(page),
        ]
    return [
        *check_about_page(page),
        *check_quotations(page),
        *check_scorecards(page),
        *check_counts(page),
        *check_contradictions(page),
    ]


CHECKER = Checker(about="A published page", checks=CHECKS, run=check_pages)
"""Named by the entry point `grader.checks`."""
