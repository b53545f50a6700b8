"""The agreement of all comparisons under some folders, in one record."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from grader.comparison.folder import has_draft, without_files_beside
from grader.errors import InputError
from grader.review.folder import read_reviewed
from grader.review.reviewed import Reviewed
from grader.rubric.scale import NOT_APPLICABLE
from grader.study.agreement import Agreement, agreement, by_group
from grader.study.pull import Pull, pulls
from grader.study.ratings import (
    Rating,
    Unit,
    beside_judge,
    contrast_ratings,
    grid_ratings,
    in_pairs,
    judge_ratings,
    panel_ratings,
    refuse_doubles,
    reviewer_ratings,
    with_raters,
)


@dataclass(frozen=True)
class AgreementReport:
    """All groups, the whole first, then by criterion and by condition."""

    comparisons: int
    reviewers: list[Agreement]
    judge: list[Agreement]
    panel: list[Agreement]
    """Between the judges of a panel, with a group for each two; empty where each was alone."""
    others: list[Agreement]
    """Markers of signatures and contrasts: between reviewers, then beside the judge."""
    pulls: list[Pull]
    """How far the judge's level moves who sees it; empty without mixed reviews."""
    traps_shown: int
    traps_accepted: int
    notes: list[str]


def comparisons_of(paths: Iterable[str | Path]) -> list[Reviewed]:
    """The comparisons under these folders.

    Raises:
        InputError: there is none.
        RecordError: a draft or its events cannot be used.
    """
    given = without_files_beside([Path(path) for path in paths])
    folders = sorted({folder for path in given for folder in find_comparisons(path)})
    return [read_reviewed(folder) for folder in folders]


def agreement_report(paths: Iterable[str | Path]) -> AgreementReport:
    """Read the comparisons under these folders and say how far their raters agree.

    Raises:
        InputError: there is no comparison, or the statistics libraries are not installed.
        RecordError: a draft or its events cannot be used.
    """
    return report_of(comparisons_of(paths))


def report_of(comparisons: Sequence[Reviewed], ratings: Sequence[Rating] = ()) -> AgreementReport:
    """How far the raters of these comparisons agree.

    Args:
        comparisons: with what reviewers decided.
        ratings: what people gave elsewhere: from `raters.read_raters` or a published page.

    Raises:
        InputError: the statistics libraries are not installed, or a rating would take the place of
            another level.
    """
    refuse_doubles(comparisons, ratings)
    between = with_raters(reviewer_ratings(comparisons), ratings)
    judged = [*judge_ratings(comparisons), *beside_judge(comparisons, ratings)]
    panel = panel_ratings(comparisons)
    reviews = [
        review
        for each in comparisons
        for record in each.reviewers.values()
        for review in record.items.values()
    ]
    planted = [review.fell_for for review in reviews if review.fell_for is not None]
    assisted = sum(
        record.mode == "assisted" and bool(record.decided)
        for each in comparisons
        for record in each.reviewers.values()
    )
    notes = []
    if assisted:
        notes.append(
            f"{assisted} reviews were assisted: their levels were given with the judge's in sight, "
            "which makes reviewers more alike. They don't count beside the judge."
        )
    beside = {
        (unit.comparison, unit.criterion, unit.side)
        for unit in (*between, *panel)
        if NOT_APPLICABLE in unit.levels.values()
    }
    if beside:
        notes.append(
            f"On {len(beside)} units somebody says that the situation does not arise (not "
            "applicable); weighted kappa and alpha leave these ratings out."
        )
    if ratings:
        people = len({rating.rater for rating in ratings})
        notes.append(
            f"{len(ratings)} levels by {people} people come from elsewhere; whether they were "
            "given blind is not known."
        )
    if planted:
        notes.append(f"Of {len(planted)} planted verdicts, {sum(planted)} were accepted.")
    return AgreementReport(
        comparisons=len(comparisons),
        reviewers=_groups(between),
        judge=_groups(judged),
        panel=_panel_groups(panel) if panel else [],
        others=_others(comparisons),
        pulls=pulls(comparisons),
        traps_shown=len(planted),
        traps_accepted=sum(planted),
        notes=notes,
    )


def find_comparisons(path: Path) -> list[Path]:
    """The comparison folders at or directly under a path. Raises InputError for none."""
    if has_draft(path):
        return [path]
    found = [each for each in sorted(path.iterdir()) if has_draft(each)] if path.is_dir() else []
    if not found:
        raise InputError(
            "there is no comparison here",
            place=path,
            mend="Give a folder that `grader compare` made, or the folder of all of them.",
        )
    return found


def _others(comparisons: Sequence[Reviewed]) -> list[Agreement]:
    """Markers and contrasts as wholes; those that nobody rated twice are left out."""
    given = [
        (grid_ratings(comparisons, with_judge=False), "markers, between reviewers"),
        (grid_ratings(comparisons, with_judge=True), "markers, judge and reviewers"),
        (contrast_ratings(comparisons, with_judge=False), "contrasts, between reviewers"),
        (contrast_ratings(comparisons, with_judge=True), "contrasts, judge and reviewers"),
    ]
    found = [group for units, name in given for group in by_group(units, lambda _, n=name: n)]  # type: ignore[misc]
    return [group for group in found if group.n]


def _groups(units: list[Unit]) -> list[Agreement]:
    return [*_whole(units), *_parts(units)]


def _panel_groups(units: list[Unit]) -> list[Agreement]:
    pairs = [group for two, rated in in_pairs(units).items() for group in _whole(rated, two)]
    return [*_whole(units), *pairs, *_parts(units)]


def _whole(units: list[Unit], name: str = "all") -> list[Agreement]:
    return by_group(units, lambda _: name) or [agreement([], name)]


def _parts(units: list[Unit]) -> list[Agreement]:
    return [
        *by_group(units, lambda unit: unit.criterion),
        *by_group(units, lambda unit: f"condition {unit.condition}"),
    ]
