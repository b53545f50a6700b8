"""Levels by people that were given elsewhere: a table, for description and never for correction.

Nobody can know whether they were given blind, nor how the runs were chosen.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from pydantic import ValidationError

from grader.errors import InputError, RecordError
from grader.files.json_lines import numbered_lines
from grader.files.problems import first_problem
from grader.files.text import read_text, write_atomically
from grader.records import Record, canonical_json
from grader.study.design import Design
from grader.study.runs import Run
from grader.study.tables import given_level, table_rows

ELSEWHERE = "elsewhere.jsonl"
COLUMNS = ("run", "criterion", "level")


class ElsewhereLine(Record):
    """One level that was given elsewhere."""

    transcript: str
    criterion: str
    level: str
    who: str


def read_table(path: Path, design: Design) -> list[ElsewhereLine]:
    """Levels from a table with the columns run, criterion, level and, if given, who.

    Args:
        path: the table, as `tables.table_rows` reads it.
        design: whose runs (by id, file or file name) and criteria it speaks of.

    Raises:
        InputError: it is no table or lacks a column; a row names no run, criterion or level of the
            study; a name fits several runs; a person gives a level twice.
    """
    found: dict[tuple[str, str, str], ElsewhereLine] = {}
    for place, cells in table_rows(path, COLUMNS, known=("who",)):
        run = _run(cells["run"], design.runs, place)
        criterion, level = given_level(cells, design.rubrics[run.task].criteria, place)
        line = ElsewhereLine(
            transcript=run.transcript,
            criterion=criterion,
            level=level,
            who=cells["who"] or "elsewhere",
        )
        if found.setdefault((line.transcript, line.criterion, line.who), line) is not line:
            raise InputError(
                f"{line.who} gives this criterion of this run a level twice",
                place=place,
                mend="Keep one of the two rows, or say in the column 'who' who gave each.",
            )
    return list(found.values())


def _run(given: str, runs: Sequence[Run], place: str) -> Run:
    """The run of this id, else of this file, else of this file's name."""
    named = (
        [run for run in runs if given == run.id]
        or [run for run in runs if given == run.file]
        or [run for run in runs if given == Path(run.file).name]
    )
    if not named:
        raise InputError(
            f"no run of the study is called {given[:60]!r}",
            place=place,
            mend="Give its id or its file.",
        )
    if len(named) > 1:
        files = ", ".join(run.file for run in named)
        raise InputError(
            f"several runs are called {given[:60]!r}",
            place=place,
            mend=f"Give the file of the one that is meant: {files}.",
        )
    return named[0]


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
