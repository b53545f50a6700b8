"""Levels by people that were given elsewhere: a CSV, for description and never for correction.

Nobody can know whether they were given blind, nor how the runs were chosen.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from pathlib import Path

from pydantic import ValidationError

from grader.errors import InputError, RecordError
from grader.files.json_lines import numbered_lines
from grader.files.problems import first_problem
from grader.files.text import read_text, write_atomically
from grader.records import Record, canonical_json
from grader.study.design import Design
from grader.study.runs import Run

ELSEWHERE = "elsewhere.jsonl"
COLUMNS = ("run", "criterion", "level")


class ElsewhereLine(Record):
    """One level that was given elsewhere."""

    transcript: str
    criterion: str
    level: str
    who: str


def read_table(path: Path, design: Design) -> list[ElsewhereLine]:
    """Levels from a CSV with the columns run, criterion, level and, if given, who.

    Args:
        path: the table.
        design: whose runs (by id or file name) and criteria it speaks of.

    Raises:
        InputError: a column is missing, or a row names no run, criterion or level of the study.
    """
    rows = list(csv.DictReader(read_text(path).splitlines()))
    missing = [name for name in COLUMNS if not rows or name not in rows[0]]
    if missing:
        raise InputError(
            f"the table lacks the column {missing[0]!r}",
            place=path,
            mend=f"It needs {', '.join(COLUMNS)}, and may have who.",
        )
    runs = {name: run for run in design.runs for name in (run.id, run.file, Path(run.file).name)}
    found = []
    for number, row in enumerate(rows, 2):
        run = runs.get((row["run"] or "").strip())
        if run is None:
            raise InputError(
                f"no run of the study is called {row['run']!r}",
                place=f"{path}:{number}",
                mend="Give its id or its file.",
            )
        found.append(_line(row, run, design, f"{path}:{number}"))
    return found


def write_elsewhere(folder: Path, lines: Sequence[ElsewhereLine]) -> None:
    """Write them into the study's folder. Raises StorageError."""
    text = "".join(
        canonical_json(line.model_dump(mode="json")) + "\n"
        for line in sorted(lines, key=lambda line: (line.transcript, line.criterion, line.who))
    )
    write_atomically(folder / ELSEWHERE, text)


def read_elsewhere(folder: Path) -> list[ElsewhereLine]:
    """The levels in a study's folder; none where there are none. Raises RecordError."""
    path = folder / ELSEWHERE
    if not path.is_file():
        return []
    found = []
    for number, text in numbered_lines(read_text(path)):
        try:
            found.append(ElsewhereLine.model_validate_json(text))
        except ValidationError as error:
            raise RecordError(
                f"this line is no level: {first_problem(error)}",
                place=f"{path}:{number}",
                mend="Read the table again: grader study gold STUDY --from TABLE.",
            ) from None
    return found


def by_run(lines: Sequence[ElsewhereLine]) -> dict[tuple[str, str], dict[str, str]]:
    """By run and criterion the level of each person."""
    found: dict[tuple[str, str], dict[str, str]] = {}
    for line in lines:
        found.setdefault((line.transcript, line.criterion), {})[line.who] = line.level
    return found


def _line(row: Mapping[str, str], run: Run, design: Design, place: str) -> ElsewhereLine:
    criteria = {criterion.id: criterion for criterion in design.rubrics[run.task].criteria}
    criterion = criteria.get((row["criterion"] or "").strip())
    level = (row["level"] or "").strip().replace(" ", "_")
    if criterion is None or level not in criterion.answers:
        known = ", ".join(criteria if criterion is None else criterion.answers)
        what = "criterion" if criterion is None else "level"
        raise InputError(
            f"{row['criterion' if criterion is None else 'level']!r} is no {what} here",
            place=place,
            mend=f"It is one of: {known}.",
        )
    return ElsewhereLine(
        transcript=run.transcript,
        criterion=criterion.id,
        level=level,
        who=(row.get("who") or "elsewhere").strip(),
    )
