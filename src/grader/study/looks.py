"""Looks at results: each report is one, and only those that were planned are free.

Alpha is shared equally over the planned looks (Bonferroni). A look that was not planned makes
every sentence exploratory. Each line of `looks.jsonl` carries the hash of the one before it.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from pathlib import Path

from pydantic import ValidationError

from grader.errors import RecordError
from grader.files.json_lines import append_lines, numbered_lines
from grader.files.problems import first_problem
from grader.files.text import read_text
from grader.files.writers import one_writer
from grader.records import Record, canonical_json, content_hash

LOOKS = "looks.jsonl"
START = "0" * 64


class Look(Record):
    """One report."""

    at: str
    seen: str
    """Hash of the levels and of people's levels that the report rests on."""
    runs: int
    """The least number of matched pairs over the cells."""
    partial: bool = False
    planned: bool
    previous: str
    """Hash of the line before."""


def alpha_of(alpha: float, looks: Sequence[int]) -> float:
    """The error each planned look may spend."""
    return alpha / max(1, len(looks))


def is_planned(
    seen: str, runs: int, *, partial: bool, planned: Sequence[int], before: Iterable[Look]
) -> bool:
    """Whether a look at these levels is one of those planned, and the first at its place."""
    if partial or runs not in planned:
        return False
    return all(look.runs != runs or look.seen == seen for look in before)


def read_looks(folder: Path) -> list[Look]:
    """The looks of a study, in order.

    Raises:
        RecordError: a line is no look, or was changed or taken out.
    """
    path = folder / LOOKS
    if not path.is_file():
        return []
    looks: list[Look] = []
    previous = START
    for number, line in numbered_lines(read_text(path)):
        try:
            look = Look.model_validate_json(line)
        except ValidationError as error:
            raise RecordError(
                f"this line is no look: {first_problem(error)}",
                place=f"{path}:{number}",
                mend="Restore the file; how often results were looked at rests on it.",
            ) from None
        if look.previous != previous:
            raise RecordError(
                "the line before this one was changed or taken out",
                place=f"{path}:{number}",
                mend="Restore the file; how often results were looked at rests on it.",
            )
        previous = content_hash(json.loads(line))
        looks.append(look)
    return looks


def note_look(
    folder: Path, *, at: str, seen: str, runs: int, partial: bool, planned: Sequence[int]
) -> list[Look]:
    """Note a look, unless the last one saw the same; all looks are returned.

    Raises:
        RecordError: as `read_looks`.
        StorageError: the file can't be written.
    """
    with one_writer(folder / LOOKS):
        looks = read_looks(folder)
        if any(look.seen == seen and look.partial == partial for look in looks):
            return looks
        look = Look(
            at=at,
            seen=seen,
            runs=runs,
            partial=partial,
            planned=is_planned(seen, runs, partial=partial, planned=planned, before=looks),
            previous=content_hash(looks[-1]) if looks else START,
        )
        append_lines(folder / LOOKS, [canonical_json(look.model_dump(mode="json"))])
    return [*looks, look]
