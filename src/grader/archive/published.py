"""A published scorecard as a human reference: its verdicts beside the judge's on the same pair.

The page's `Criterion N` is the rubric's N-th criterion. Verdicts that the page itself gives in
two ways count as its scorecard has them; where that leaves it open, they don't count.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from grader.archive.checks.pages import Page, read_pages
from grader.archive.checks.scorecards import Judged, read_verdicts
from grader.comparison.folder import without_files_beside
from grader.errors import InputError
from grader.review.folder import read_reviewed
from grader.review.reviewed import Reviewed
from grader.rubric.scale import THREE_LEVELS, Level, level_name
from grader.study.agreement import Agreement, agreement
from grader.study.agreement_report import find_comparisons
from grader.study.ratings import JUDGE, Rating, Unit, key_of
from grader.text.quotation import SIDES, Side

PAGE = "the page"


@dataclass(frozen=True)
class PageReport:
    """How far a judge agrees with a published page."""

    page: str
    labels: list[Label]
    agreement: Agreement
    notes: list[str]


@dataclass(frozen=True)
class Label:
    """One verdict of the page beside the judge's."""

    comparison: str
    criterion: str
    side: Side
    page: Level
    word: str
    line: int
    judge: Level | None
    """None: the judge gave none."""


def page_report(paths: Iterable[str | Path], page: str | Path) -> PageReport:
    """Compare the judge's levels with those that a page gives to the same pair.

    Args:
        paths: comparison folders, or folders of them.
        page: an archive page or a writeup in Markdown.

    Raises:
        InputError: no comparison, no verdict on the page, more criteria on it than in the rubric,
            or no comparison of its session.
    """
    page = Path(page)
    read = read_pages([page], [])[0]
    verdicts, notes = _settled(read)
    if not verdicts:
        raise InputError(
            "the page gives no verdict on a numbered criterion",
            place=page,
            mend="Verdicts are read from 'Criterion 1: title. Not met.' and the like.",
        )
    labels: list[Label] = []
    for path in without_files_beside([Path(path) for path in paths]):
        for folder in find_comparisons(path):
            labels += _labels(read, verdicts, read_reviewed(folder))
    if not labels:
        raise InputError(
            "none of these comparisons is of the session that the page speaks of",
            place=page,
            mend="Compare the page's own transcript; conditions and session codes must match.",
        )
    units = [
        Unit(
            comparison=label.comparison,
            criterion=label.criterion,
            condition=label.side,
            side=label.side,
            levels={PAGE: label.page} | ({JUDGE: label.judge} if label.judge else {}),
        )
        for label in labels
    ]
    return PageReport(str(page), labels, agreement(units, "judge and page"), notes)


def page_ratings(comparisons: Iterable[Reviewed], page: str | Path) -> list[Rating]:
    """What a page says of these comparisons, as a rater's levels.

    Raises:
        InputError: the page gives no verdict, or none on these comparisons.
    """
    page = Path(page)
    read = read_pages([page], [])[0]
    verdicts, _ = _settled(read)
    found = (
        [
            Rating(
                key_of(each),
                label.criterion,
                label.side,
                page.name,
                label.page,
                f"{page}:{label.line}",
            )
            for each in comparisons
            for label in _labels(read, verdicts, each)
        ]
        if verdicts
        else []
    )
    if not found:
        raise InputError(
            "the page gives no verdict on these comparisons",
            place=page,
            mend="Give a CSV of levels, or a page of the sessions that were compared.",
        )
    return found


def _settled(page: Page) -> tuple[dict[tuple[int, str], Judged], list[str]]:
    """One verdict for each criterion and condition."""
    by_place: dict[tuple[int, str], list[Judged]] = {}
    for judged in read_verdicts(page):
        by_place.setdefault((judged.criterion, judged.condition), []).append(judged)
    settled: dict[tuple[int, str], Judged] = {}
    notes = []
    for place, all_given in by_place.items():
        given = [each for each in all_given if each.row] or all_given
        if len({each.level for each in given}) == 1:
            settled[place] = given[0]
        if len({each.level for each in all_given}) > 1:
            lines = ", ".join(str(each.sentence.line) for each in all_given)
            what = "the scorecard counts" if place in settled else "it doesn't count"
            notes.append(
                f"Criterion {place[0]} is judged in two ways on the page (lines {lines}); {what}."
            )
    return settled, notes


def _labels(
    page: Page, verdicts: dict[tuple[int, str], Judged], reviewed: Reviewed
) -> Iterable[Label]:
    draft = reviewed.draft
    sides = {side.capitalize(): side for side in SIDES}  # as a writeup without short names has it
    sides |= {name: side for side in SIDES if (name := draft.transcript(side).condition)}
    if page.own is not None:
        theirs = {" ".join(turn.text.split()) for turn in page.own.turns if turn.role == "model"}
        ours = {
            " ".join(turn.text.split())
            for side in SIDES
            for turn in draft.transcript(side).turns
            if turn.role == "model"
        }
        if not theirs <= ours:
            return
    criteria = draft.rubric.criteria
    highest = max(number for number, _ in verdicts)
    if highest > len(criteria):
        raise InputError(
            f"the page judges Criterion {highest}; the rubric {draft.rubric.id!r} has "
            f"{len(criteria)}",
            place=page.path,
            mend="Use the rubric of the page's own criteria, in their order.",
        )
    levels = {(verdict.criterion, verdict.side): verdict.level for verdict in draft.verdicts}
    for (number, condition), judged in sorted(verdicts.items()):
        side = sides.get(condition)
        if side is None:
            continue
        asked = criteria[number - 1]
        if not asked.scale.is_default:
            raise InputError(
                f"the criterion {asked.id!r} has the levels {', '.join(asked.scale.levels)}, which "
                "a published page doesn't give",
                place=page.path,
                mend=f"Published verdicts are {', '.join(map(level_name, THREE_LEVELS))}; judge by "
                "a rubric with these levels.",
            )
        criterion = asked.id
        yield Label(
            comparison=draft.slug,
            criterion=criterion,
            side=side,
            page=judged.level,
            word=judged.word,
            line=judged.sentence.line,
            judge=levels.get((criterion, side)),
        )
