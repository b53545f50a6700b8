"""Half of the runs for writing criteria, half sealed: explore on one, confirm on the other.

People see what matters when they read. `split.json` names the half of each cell and condition
that may be read and judged before the lock; only the other half counts.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

from pydantic import ValidationError

from grader.errors import InputError, RecordError
from grader.files.problems import first_problem
from grader.files.text import read_text, write_atomically
from grader.records import Record
from grader.study.runs import Run, draw_key

SPLIT = "split.json"


class Split(Record):
    """Which runs are for writing, by the hash of their files."""

    schema_version: Literal[1] = 1
    split_at: str
    seed: str
    writing: tuple[str, ...]
    sealed: tuple[str, ...]


def split_runs(runs: Sequence[Run], seed: str, at: str) -> Split:
    """Draw half of each cell and condition for writing; of an odd number the larger half counts.

    Raises:
        InputError: a cell has too few runs to be halved.
    """
    groups: defaultdict[tuple[str, str, str], list[Run]] = defaultdict(list)
    for run in runs:
        if run.counts:
            groups[run.task, run.model, run.condition].append(run)
    if not groups:
        raise InputError("no run counts, so there is nothing to split")
    writing, sealed = [], []
    for (task, model, condition), members in sorted(groups.items()):
        if len(members) < 2:
            raise InputError(
                f"{condition} has one run of {model} on {task}, which can't be halved",
                mend="Make more runs; three in each half say how much two runs differ.",
            )
        drawn = sorted(members, key=lambda run: draw_key(f"split {seed}", run.transcript))
        half = len(drawn) // 2
        writing += [run.file_sha256 for run in drawn[:half]]
        sealed += [run.file_sha256 for run in drawn[half:]]
    return Split(split_at=at, seed=seed, writing=tuple(writing), sealed=tuple(sealed))


def write_split(path: Path, split: Split) -> None:
    """Write a split once. Raises InputError where there is one."""
    if path.exists():
        raise InputError(
            "this study is split already, and a split is made once",
            place=path,
            mend="A second draw would let one choose. A new study has an id of its own.",
        )
    write_atomically(path, split.model_dump_json(indent=2) + "\n")


def read_split(path: Path) -> Split | None:
    """The split of a study; None where it has none. Raises RecordError."""
    if not path.is_file():
        return None
    try:
        return Split.model_validate_json(read_text(path))
    except ValidationError as error:
        raise RecordError(
            f"this split can't be read: {first_problem(error)}",
            place=path,
            mend="Restore it; which runs count rests on it.",
        ) from None
