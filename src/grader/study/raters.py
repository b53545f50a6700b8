"""Levels that people gave elsewhere, read from a table and laid beside comparisons.

A table with the columns transcript, criterion, rater and level. A transcript is named by its id or
its file; it may stand in several comparisons. Nobody can know whether these levels were given
blind.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from grader.errors import InputError
from grader.review.reviewed import Reviewed
from grader.review.reviewer import normalised_name
from grader.study.ratings import Rating, key_of
from grader.study.tables import given_level, table_rows
from grader.text.quotation import SIDES, Side

COLUMNS = ("transcript", "criterion", "rater", "level")


def read_raters(path: Path, comparisons: Sequence[Reviewed]) -> list[Rating]:
    """The ratings of a table that speak of these comparisons.

    Args:
        path: the table, as `tables.table_rows` reads it.
        comparisons: whose transcripts and criteria it names. Those that don't ask a criterion get
            no level of it.

    Raises:
        InputError: it is no table or lacks a column; a row names no transcript, criterion or level
            of these comparisons, or has no rater.
    """
    # Two copies of one comparison are the same to a row, which counts once.
    return list(
        dict.fromkeys(
            rating
            for place, cells in table_rows(path, COLUMNS)
            for rating in _ratings(cells, comparisons, place)
        )
    )


def _ratings(given: dict[str, str], comparisons: Sequence[Reviewed], place: str) -> list[Rating]:
    """What a row says, for each comparison that holds its transcript and asks its criterion."""
    try:
        rater = normalised_name(given["rater"])
    except InputError:
        raise InputError(
            "this row has no rater", place=place, mend="Name who gave the level."
        ) from None
    sides = [
        (each, side)
        for each in comparisons
        for side in SIDES
        if given["transcript"] == each.draft.transcript(side).id
    ]
    # A file's name may be that of several transcripts; an id is looked for first.
    sides = sides or [
        (each, side)
        for each in comparisons
        for side in SIDES
        if given["transcript"] in _names(each, side)
    ]
    ids = sorted({each.draft.transcript(side).id for each, side in sides})
    if len(ids) > 1:
        raise InputError(
            f"several transcripts are called {given['transcript'][:60]!r}",
            place=place,
            mend=f"Give the id of the one that is meant: {', '.join(ids)}.",
        )
    if not sides:
        raise InputError(
            f"no transcript of these comparisons is called {given['transcript'][:60]!r}",
            place=place,
            mend="Give its id or its file's name.",
        )
    # The same transcript may stand in comparisons under other rubrics.
    asked = [
        (each, side)
        for each, side in sides
        if given["criterion"] in {criterion.id for criterion in each.draft.rubric.criteria}
    ]
    return [
        Rating(key_of(each), criterion, side, rater, level, place)
        for each, side in asked or sides
        for criterion, level in [given_level(given, each.draft.rubric.criteria, place)]
    ]


def _names(reviewed: Reviewed, side: Side) -> set[str]:
    transcript = reviewed.draft.transcript(side)
    source = Path(transcript.provenance.source)
    return {source.name, source.stem}
