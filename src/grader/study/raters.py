"""Levels that people gave elsewhere, read from a table and laid beside comparisons.

A CSV with the columns transcript, criterion, rater and level. A transcript is named by its id or
its file; it may stand in several comparisons. Nobody can know whether these levels were given
blind.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from pathlib import Path

from grader.errors import InputError
from grader.files.text import read_text
from grader.review.reviewed import Reviewed
from grader.review.reviewer import normalised_name
from grader.study.ratings import Rating, key_of
from grader.text.quotation import SIDES, Side

_BEYOND = "\0beyond"
"""Where the reader puts cells of a row that stand beyond the last column."""

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
    head = text.partition("\n")[0]
    # What a spreadsheet writes where a comma stands in numbers.
    delimiter = ";" if ";" in head and "," not in head else ","
    rows = csv.DictReader(
        io.StringIO(text, newline=""), delimiter=delimiter, restkey=_BEYOND, strict=True
    )
    try:
        missing = [name for name in COLUMNS if name not in (rows.fieldnames or ())]
        if missing:
            raise InputError(
                f"the table lacks the column {missing[0]!r}",
                place=path,
                mend=f"It needs {', '.join(COLUMNS)}.",
            )
        twice = [name for name in COLUMNS if (rows.fieldnames or []).count(name) > 1]
        if twice:
            raise InputError(
                f"the table has the column {twice[0]!r} twice", place=path, mend="Keep one of them."
            )
        found: dict[tuple[str, str, Side, str], Rating] = {}
        for row in rows:
            place = f"{path}:{rows.line_num}"
            if any(cell.strip() for cell in row.pop(_BEYOND, None) or ()):
                raise InputError(
                    "this row has more cells than the table has columns",
                    place=place,
                    mend="Put words that hold the separator between quotation marks.",
                )
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
    rater = normalised_name(given["rater"])
    found = []
    # The same transcript may stand in comparisons under other rubrics.
    asked = [
        (each, side)
        for each, side in sides
        if given["criterion"] in {criterion.id for criterion in each.draft.rubric.criteria}
    ]
    for each, side in asked or sides:
        criteria = {criterion.id: criterion for criterion in each.draft.rubric.criteria}
        criterion = criteria.get(given["criterion"])
        level = given["level"].lower().replace(" ", "_")
        if criterion is None or level not in criterion.answers:
            what = "criterion" if criterion is None else "level"
            known = ", ".join(criteria if criterion is None else criterion.answers)
            raise InputError(
                f"{given[what][:60]!r} is no {what} here", place=place, mend=f"One of: {known}."
            )
        if rater in each.reviewers:
            raise InputError(
                f"{rater} reviewed {key_of(each)} as well",
                place=place,
                mend="Take these rows out, or give another name: one person counts once.",
            )
        found.append(Rating(key_of(each), criterion.id, side, rater, level))
    return found


def _names(reviewed: Reviewed, side: Side) -> set[str]:
    transcript = reviewed.draft.transcript(side)
    source = Path(transcript.provenance.source)
    return {source.name, source.stem}
