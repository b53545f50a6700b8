"""The pairs worth reading: those that differ most, in the direction of the whole."""

from __future__ import annotations

import math

from grader.records import Record
from grader.study.cells import differences
from grader.study.levels import ContrastTable
from grader.study.runs import Run


class Telling(Record):
    """A matched pair worth reading."""

    task: str
    model: str
    before: str
    after: str
    before_file: str
    after_file: str
    difference: float


def telling_pairs(table: ContrastTable) -> tuple[Telling, ...]:
    """The two pairs that differ most in the direction of the whole, of two cells if possible."""
    rows = []
    for number, cell in enumerate(table.cells):
        for at, value in enumerate(differences(cell)):
            if not math.isnan(value):
                rows.append((float(value), number, at))
    if not rows:
        return ()
    sign = 1 if sum(row[0] for row in rows) >= 0 else -1
    rows.sort(key=lambda row: (-sign * row[0], row[1], row[2]))
    first = rows[0]
    second = next((row for row in rows[1:] if row[1] != first[1]), rows[1] if rows[1:] else None)
    return tuple(
        _pair(table, number, at, value) for value, number, at in filter(None, (first, second))
    )


def _pair(table: ContrastTable, number: int, at: int, value: float) -> Telling:
    cell = table.cells[number]
    one: Run = table.before[number][at]
    other: Run = table.after[number][at]
    return Telling(
        task=cell.task,
        model=cell.model,
        before=one.id,
        after=other.id,
        before_file=one.file,
        after_file=other.file,
        difference=value,
    )
