"""Levels that people gave elsewhere, read from a table and laid beside comparisons.

A CSV with the columns transcript, criterion, rater and level. A transcript is named by its id or
its file; it may stand in several comparisons. Nobody can know whether these levels were given
blind.
"""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path

from grader.errors import InputError
from grader.files.text import read_text
from grader.review.reviewed import Reviewed
from grader.review.reviewer import normalised_name
from grader.study.ratings import Rating, key_of
from grader.text.quotation import SIDES, Side

COLUMNS = ("transcript", "criterion", "rater", "level")
MAX_BYTES = 20_000_000


def read_raters(path: Path, comparisons: Sequence[Reviewed]) -> list[Rating]:
    """The ratings of a table that speak of these comparisons.

    Args:
        path: the CSV, in UTF-8, with or without a byte order mark.
        comparisons: whose transcripts and criteria it names.

    Raises:
        InputError: a column is missing; a row names no transcript, criterion or level of these
            comparisons, or has no rater; two rows give one person's level twice.
    """
    text = read_text(path, limit=MAX_BYTES).removeprefix("\ufeff")
    rows = csv.DictReader(text.splitlines(), strict=True)
    try:
        missing = [name for name in COLUMNS if name not in (rows.fieldnames or ())]
        if missing:
            raise InputError(
                f"the table lacks the column {missing[0]!r}",
                place=path,
                mend=f"It needs {', '.join(COLUMNS)}.",
            )
        found: dict[tuple[str, str, Side, str], Rating] = {}
        for row in rows:
            place = f"{path}:{rows.line_num}"
            for rating in _ratings(row, comparisons, place):
                key = rating.comparison, rating.criterion, rating.side, rating.rater
                if key in found:
                    raise InputError(
                        f"{rating.rater} gives this criterion of this transcript a level twice",
                        place=place,
                        mend="Keep one of the two rows.",
                    )
                found[key] = rating
    except csv.Error as error:
        raise InputError(
            f"this is no table: {error}", place=f"{path}:{rows.line_num}", mend="Give a CSV."
        ) from None
    return list(found.values())


def _ratings(
    row: dict[str, str | None], comparisons: Sequence[Reviewed], place: str
) -> list[Rating]:
    """What a row says, for each comparison that holds its transcript."""
    given = {name: (row.get(name) or "").strip() for name in COLUMNS}
    if not given["rater"]:
        raise InputError("this row has no rater", place=place, mend="Name who gave the level.")
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
    found = []
    for each, side in sides:
        criteria = {criterion.id: criterion for criterion in each.draft.rubric.criteria}
        criterion = criteria.get(given["criterion"])
        level = given["level"].lower().replace(" ", "_")
        if criterion is None or level not in criterion.answers:
            what = "criterion" if criterion is None else "level"
            known = ", ".join(criteria if criterion is None else criterion.answers)
            raise InputError(
                f"{given[what][:60]!r} is no {what} here", place=place, mend=f"One of: {known}."
            )
        rater = normalised_name(given["rater"])
        found.append(Rating(key_of(each), criterion.id, side, rater, level))
    return found


def _names(reviewed: Reviewed, side: Side) -> set[str]:
    transcript = reviewed.draft.transcript(side)
    source = Path(transcript.provenance.source)
    return {source.name, source.stem}
