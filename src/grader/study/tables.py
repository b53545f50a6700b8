"""Tables of people's levels, as spreadsheets write them: for comparisons and for studies.

Read are commas, semicolons and tabs; UTF-8, and UTF-16 with a byte order mark; line ends of any
system, also inside quotation marks. What could be read in two ways is refused with its line.
"""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Iterator, Sequence
from pathlib import Path

from grader.errors import InputError
from grader.files.text import read_bytes
from grader.rubric import Criterion
from grader.rubric.scale import Level

MAX_BYTES = 20_000_000
_DELIMITERS = ",;\t"


def table_rows(
    path: Path, needed: Sequence[str], known: Sequence[str] = ()
) -> Iterator[tuple[str, dict[str, str]]]:
    """The rows of a table; those without any text are left out.

    Args:
        path: the table.
        needed: columns that it must have.
        known: columns that it may have; any others are not read.

    Yields:
        File and line where a row begins, and its cells by column, without white space around them;
        empty where the cell or the column is missing.

    Raises:
        InputError: it is no table or in another encoding, a column is missing or there twice, or a
            row has more cells than the head has columns.
    """
    text = _text(path)
    heads = [next(_records(text, each, path), (f"{path}:1", [])) for each in _DELIMITERS]
    # A cell of the head may hold another delimiter, so the columns tell which one parts them.
    named = [len(set(needed) & set(names)) for _, names in heads]
    best = named.index(max(named))
    head, names = heads[best]
    while names and not names[-1]:
        names.pop()
    for name in (*needed, *known):
        if name in needed and name not in names:
            raise InputError(
                f"the table lacks the column {name!r}",
                place=head,
                mend=f"Its head needs {', '.join(needed)}, parted by commas, semicolons or tabs.",
            )
        if names.count(name) > 1:
            raise InputError(
                f"the table has the column {name!r} twice", place=head, mend="Keep one of them."
            )
    for place, cells in _records(text, _DELIMITERS[best], path):
        if place == head:
            continue
        if any(cells[len(names) :]):
            raise InputError(
                f"this row has {len(cells)} cells, and the table has {len(names)} columns",
                place=place,
                mend="Put words that hold the separator between quotation marks.",
            )
        given = dict(zip(names, cells, strict=False))
        yield place, {name: given.get(name, "") for name in (*needed, *known)}


def given_level(
    cells: dict[str, str], criteria: Sequence[Criterion], place: str
) -> tuple[str, Level]:
    """The criterion and the level that a row names.

    Args:
        cells: of the row, with the columns criterion and level.
        criteria: that were asked.
        place: of the row, for people.

    Returns:
        The criterion's id, and the level as its scale has it: "Not met" is `not_met`.

    Raises:
        InputError: there is no such criterion, or it has no such level.
    """
    answers = {criterion.id: criterion.answers for criterion in criteria}
    criterion, level = cells["criterion"], cells["level"].lower().replace(" ", "_")
    what = "level" if criterion in answers else "criterion"
    known = answers.get(criterion, tuple(answers))
    if what == "criterion" or level not in known:
        raise InputError(
            f"{cells[what][:60]!r} is no {what} here",
            place=place,
            mend=f"One of: {', '.join(known)}.",
        )
    return criterion, level


def _text(path: Path) -> str:
    data = read_bytes(path, limit=MAX_BYTES)
    marked = data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    encoding = "utf-16" if marked else "utf-8-sig"
    try:
        text = data.decode(encoding)
        end = text.find("\0")
    except UnicodeDecodeError as error:
        text = data[: error.start].decode(encoding, "replace")
        end = len(text)
    if end >= 0:
        raise InputError(
            "this line can't be read as UTF-8 text",
            place=f"{path}:{1 + text.count(chr(10), 0, end)}",
            mend="Save the table as CSV in UTF-8.",
        )
    return text


def _records(text: str, delimiter: str, path: Path) -> Iterator[tuple[str, list[str]]]:
    """Each record with any text, and the line on which it begins."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    place = f"{path}:1"
    try:
        for cells in reader:
            stripped = [cell.strip() for cell in cells]
            if any(stripped):
                yield place, stripped
            place = f"{path}:{reader.line_num + 1}"
    except csv.Error as error:
        raise InputError(
            f"this is no table: {error}",
            place=place,
            mend="Look at the quotation marks from here on, or write it with a spreadsheet.",
        ) from None
