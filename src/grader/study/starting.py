"""Starting a study: from folders of runs to a study file, its split, and its lock."""

from __future__ import annotations

import os
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from slugify import slugify

from grader.errors import InputError
from grader.files.text import write_atomically
from grader.study.design import (
    STUDIES,
    Design,
    OpenStudy,
    drawn_pairs,
    in_drawn_order,
    open_study,
)
from grader.study.lock import (
    StudyLock,
    author_of,
    make_study_lock,
    new_seed,
    write_study_lock,
)
from grader.study.plan import read_plan
from grader.study.runs import Run, read_runs
from grader.study.split import SPLIT, Split, read_split, split_runs, write_split
from grader.transcripts import read_transcript, transcript_files

_FILE = """\
id: {id}
title: {title}
# One line a condition: what it is, and the folder with its runs.
conditions:
{conditions}
# <task>.yaml a task, or one file for all.
rubrics: {rubrics}
# Which conditions are held against each other. One is primary; decide on it before you look.
contrasts:
{contrasts}
# A net shift (0 to 1) that would matter to you: needed to say "no more than this".
smallest: 0.1
# Runs a cell (model and task) and condition.
runs: {runs}
# Runs a cell at which results may be read. Each further look costs certainty.
looks: [{runs}]
# judges: [openai/gpt-5.4]
# repeats: 0.1                    # share of verdicts asked twice, for the judge's own noise
# gold: {{pairs: 12, shared: 4}}    # pairs that people give levels to, blind
"""


def start_study(
    folders: Sequence[Path],
    rubrics: Path,
    to: Path,
    *,
    id: str | None = None,
    title: str | None = None,
) -> Path:
    """Write a study file from folders of runs.

    Args:
        folders: one a condition, the plain one first.
        rubrics: a folder with <task>.yaml, or one file.
        to: the file to be written.
        id: of the study; None makes one of the file's name.
        title: None: names the conditions.

    Raises:
        InputError: fewer than two folders, a file that can't be used, or `to` is there already.
    """
    if len(folders) < 2:
        raise InputError(
            "a study holds two or more conditions against each other",
            mend="Give a folder a condition: grader study init C/ P/ -r rubrics/",
        )
    if to.exists():
        raise InputError("this file is there already", place=to, mend="Give another name with -o.")
    conditions = [condition_of(folder) for folder in folders]
    if len(set(conditions)) != len(conditions):
        raise InputError(
            f"two folders hold runs of one condition: {', '.join(conditions)}",
            mend="Give a folder a condition.",
        )
    base = to.parent
    plain = conditions[0]
    text = _FILE.format(
        id=id
        or slugify(
            to.stem if to.stem != "study" else "-against-".join(reversed(conditions[:2])),
            max_length=80,
        )
        or "study",
        title=_quoted(title or f"What {', '.join(conditions[1:])} changes against {plain}"),
        conditions="\n".join(
            f"  {_quoted(name)}: {{text: {_quoted(f'condition {name}')}, "
            f"runs: {_quoted(_from(folder, base))}}}"
            for name, folder in zip(conditions, folders, strict=True)
        ),
        rubrics=_quoted(_from(rubrics, base)),
        contrasts="\n".join(
            f"  - {{id: {slugify(f'{plain}-to-{name}')}, from: {_quoted(plain)}, "
            f"to: {_quoted(name)}{', primary: true' if number == 0 else ''}}}"
            for number, name in enumerate(conditions[1:])
        ),
        runs=_runs_a_cell(folders),
    )
    write_atomically(to, text)
    try:
        read_runs(read_plan(to), base)
    except InputError:
        to.unlink()
        raise
    return to


def condition_of(folder: Path) -> str:
    """The condition that the runs of a folder state; the folder's name where none does.

    Raises:
        InputError: they state more than one.
    """
    stated = {read_transcript(path).condition for path in transcript_files(folder)} - {None}
    if len(stated) > 1:
        raise InputError(
            f"the runs of this folder state several conditions: {', '.join(map(str, stated))}",
            place=folder,
            mend="Put the runs of each condition into a folder of its own.",
        )
    return next(iter(stated), None) or folder.resolve().name


def split_study(path: Path, outputs: Path, *, seed: str | None = None) -> tuple[Split, OpenStudy]:
    """Draw half of the runs of each cell for writing criteria; written once.

    Raises:
        InputError: a cell has one run, the study is split or locked already.
    """
    plan = read_plan(path)
    target = outputs / STUDIES / plan.id / SPLIT
    if read_split(target) is not None:
        raise InputError(
            "this study is split already, and a split is made once",
            place=target,
            mend="A second draw would let one choose. A new study has an id of its own.",
        )
    found = read_runs(plan, path.parent)
    at = datetime.now(UTC).isoformat(timespec="milliseconds")
    write_split(target, split := split_runs(found.runs, seed or new_seed(), at))
    return split, open_study(path, outputs)


def lock_study(
    path: Path,
    outputs: Path,
    *,
    author: str | None = None,
    note: str | None = None,
    key: Path | None = None,
    seed: str | None = None,
) -> tuple[StudyLock, Path]:
    """Lock a study as it stands; the lock lies beside its file.

    Raises:
        InputError: it can't be read, is locked already, nobody is named as its author, or the key
            can't sign.
    """
    opened = open_study(path, outputs)
    split = read_split(opened.folder / SPLIT)
    design = opened.design
    drawn = seed or (split.seed if split else new_seed())
    lock = make_study_lock(
        design.plan,
        design.runs,
        design.rubrics,
        [(one.transcript, other.transcript) for one, other in _pairs(design, drawn)],
        seed=drawn,
        author=author_of(path, author),
        at=datetime.now(UTC),
        note=note,
    )
    return lock, write_study_lock(path, lock, key)


def _pairs(design: Design, seed: str) -> tuple[tuple[Run, Run], ...]:
    """The pairs as they will be once the lock is read."""
    runs = in_drawn_order(design.counting, seed)
    return drawn_pairs(runs, design.plan.primary, seed)


def _runs_a_cell(folders: Sequence[Path]) -> int:
    """The least number of runs a task over the folders."""
    counts = []
    for folder in folders:
        tasks = [read_transcript(path).task for path in transcript_files(folder)]
        counts += [tasks.count(task) for task in set(tasks)]
    return min(counts, default=1)


def _from(path: Path, base: Path) -> str:
    return Path(os.path.relpath(path, base)).as_posix()


def _quoted(text: str) -> str:
    """A YAML scalar that is read as this text."""
    plain = text.replace(" ", "").replace("/", "").replace("-", "").replace(".", "").isalnum()
    if plain and not text.replace(".", "").isdigit() and text.lower() not in _WORDS:
        return text
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", " ") + '"'


_WORDS = ("yes", "no", "on", "off", "true", "false", "null", "y", "n")
