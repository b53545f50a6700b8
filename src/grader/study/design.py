"""What of a study is fixed before any level is read: `design.json` in its folder.

Made from the study file, its runs, rubrics, lock and split, and from the log of first readings.
Results are computed from it, the levels and people's levels alone, so that a folder can be
checked anywhere.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Literal

from pydantic import Field

from grader.comparison.first_reads import first_reading
from grader.errors import InputError, RecordError
from grader.files.text import read_text, write_atomically
from grader.records import Record, content_hash
from grader.rubric import Rubric
from grader.rubric.committed import commit_that_added
from grader.rubric.signing import check_signature
from grader.study.lock import (
    NAMESPACE,
    LockedRun,
    StudyLock,
    lock_text,
    read_study_lock,
    study_lock_path,
)
from grader.study.plan import Contrast, StudyPlan, read_plan
from grader.study.runs import Run, StudyRuns, draw_key, read_runs
from grader.study.split import SPLIT, read_split
from grader.transcripts import Transcript
from grader.version import __version__

STUDIES = "studies"
DESIGN = "design.json"
LOCK = "lock.json"


class LockState(Record):
    """What is known of the lock."""

    locked_at: str | None = None
    author: str | None = None
    hash: str | None = None
    commit: str | None = None
    committed_at: str | None = None
    signature: Literal["none", "valid", "invalid", "not_checked"] = "none"
    signer: str | None = None


class Design(Record):
    """A study before its levels."""

    schema_version: Literal[1] = 1
    grader_version: str
    study_file: str
    plan: StudyPlan
    rubrics: dict[str, Rubric]
    runs: tuple[Run, ...]
    notes: tuple[str, ...]
    seed: str
    lock: LockState
    afterwards: tuple[str, ...] = Field(
        description="Why results of the whole study are exploratory, as clauses."
    )
    added_contrasts: tuple[str, ...] = Field((), description="Contrasts that the lock lacks.")
    simulated: bool = Field(False, description="No model was asked: levels were drawn.")

    @property
    def counting(self) -> tuple[Run, ...]:
        """The runs that count, in drawn order."""
        return tuple(run for run in self.runs if run.counts)

    @property
    def seed_number(self) -> int:
        """The seed for draws of swaps."""
        return int(content_hash(self.seed)[:8], 16)

    def cells(self, contrast: Contrast) -> dict[tuple[str, str], tuple[list[Run], list[Run]]]:
        """By (task, model): the counting runs before and after, in drawn order."""
        return cells_of(self.counting, contrast)


@dataclass(frozen=True)
class OpenStudy:
    """A study with its files."""

    path: Path
    folder: Path
    design: Design
    transcripts: Mapping[str, Transcript]
    lock: StudyLock | None


def open_study(path: str | Path, outputs: str | Path) -> OpenStudy:
    """Read a study file with its runs, rubrics, lock and split.

    Raises:
        InputError: a file can't be used, or criteria were changed after the lock.
        RecordError: the lock or the split was changed.
    """
    path, outputs = Path(path), Path(outputs)
    plan = read_plan(path)
    folder = outputs / STUDIES / plan.id
    found = read_runs(plan, path.parent)
    lock_path = study_lock_path(path)
    lock = read_study_lock(lock_path) if lock_path.is_file() else None
    split = read_split(folder / SPLIT)
    seed = lock.seed if lock else split.seed if split else content_hash(plan.id)[:32]
    if lock:
        check_rubrics(lock, found.rubrics, lock_path)
    counted = _without_writing_half(found.runs, split.writing if split else ())
    runs = in_drawn_order(counted, seed, lock.runs if lock else ())
    design = Design(
        grader_version=__version__,
        study_file=path.name,
        plan=plan,
        rubrics=dict(sorted(found.rubrics.items())),
        runs=runs,
        notes=found.notes,
        seed=seed,
        lock=_lock_state(lock, lock_path),
        afterwards=tuple(_afterwards(plan, lock, runs, found, outputs)),
        added_contrasts=_added(plan, lock),
    )
    return OpenStudy(path, folder, design, found.transcripts, lock)


def write_design(folder: Path, design: Design) -> None:
    """Write the design of a study. Raises StorageError."""
    write_atomically(folder / DESIGN, design.model_dump_json(by_alias=True, indent=1) + "\n")


def read_design(folder: Path) -> Design:
    """The design in a study's folder.

    Raises:
        InputError: the folder has none.
        RecordError: it can't be read.
    """
    path = folder / DESIGN
    text = read_text(path)
    try:
        return Design.model_validate_json(text)
    except ValueError as error:
        raise RecordError(
            f"this design can't be read: {str(error).splitlines()[0]}",
            place=path,
            mend="Run `grader study run` again.",
        ) from None


def cells_of(
    runs: Sequence[Run], contrast: Contrast
) -> dict[tuple[str, str], tuple[list[Run], list[Run]]]:
    """By (task, model): the runs before and after, cells without one of them left out."""
    sides: defaultdict[tuple[str, str], tuple[list[Run], list[Run]]] = defaultdict(lambda: ([], []))
    for run in runs:
        if run.condition == contrast.before:
            sides[run.task, run.model][0].append(run)
        elif run.condition == contrast.after:
            sides[run.task, run.model][1].append(run)
    return {cell: both for cell, both in sorted(sides.items()) if all(both)}


def in_drawn_order(
    runs: Sequence[Run], seed: str, locked: Sequence[LockedRun] = ()
) -> tuple[Run, ...]:
    """Runs by task, model and condition, each group in an order that nobody chose.

    Runs of the lock come first, so that runs added later change no pair.
    """
    known = {run.transcript for run in locked}
    return tuple(
        sorted(
            runs,
            key=lambda run: (
                run.task,
                run.model,
                run.condition,
                run.transcript not in known and bool(known),
                draw_key(seed, run.transcript),
                run.file,
            ),
        )
    )


def drawn_pairs(runs: Sequence[Run], contrast: Contrast, seed: str) -> tuple[tuple[Run, Run], ...]:
    """All matched pairs of a contrast in the order in which people are given them.

    Tasks in turn, then models, then runs; within that by the seed. The first n of them are a
    draw of n that is as even over the cells as can be.
    """
    keyed = []
    for (task, model), (before, after) in cells_of(runs, contrast).items():
        models = sorted({run.model for run in runs if run.task == task})
        for number, (one, other) in enumerate(zip(before, after, strict=False)):
            place = (number, (models.index(model) + _turn(seed, task)) % len(models))
            keyed.append(((*place, draw_key(seed, task)), (one, other)))
    return tuple(pair for _, pair in sorted(keyed, key=lambda each: each[0]))


def check_rubrics(lock: StudyLock, rubrics: Mapping[str, Rubric], place: Path) -> None:
    """Refuse criteria that are not those that were locked. Raises InputError."""
    changed = [
        task
        for task, rubric in sorted(rubrics.items())
        if lock.rubrics.get(task) not in (None, rubric.hash)
    ]
    if changed:
        raise InputError(
            f"the criteria for {', '.join(changed)} were changed after the study was locked",
            place=place,
            mend="Restore them. Changed criteria are a new study: give it another file and id.",
        )


def _turn(seed: str, task: str) -> int:
    return int(draw_key(seed, f"models of {task}")[:8], 16)


def _without_writing_half(runs: Sequence[Run], writing: Sequence[str]) -> list[Run]:
    """Runs that the split gave for writing criteria don't count, whatever they say."""
    why = "it is of the half that criteria were written from"
    return [
        run.model_copy(update={"counts": False, "why_not": why})
        if run.file_sha256 in writing and run.counts
        else run
        for run in runs
    ]


def _lock_state(lock: StudyLock | None, path: Path) -> LockState:
    if lock is None:
        return LockState()
    commit = commit_that_added(path)
    anchored = commit if commit is not None and commit.unchanged else None
    signature = check_signature(path, namespace=NAMESPACE)
    return LockState(
        locked_at=lock.locked_at,
        author=lock.author,
        hash=content_hash(lock_text(lock)),
        commit=anchored.id if anchored else None,
        committed_at=anchored.at if anchored else None,
        signature=signature.state,
        signer=signature.signer,
    )


def _afterwards(
    plan: StudyPlan,
    lock: StudyLock | None,
    runs: Sequence[Run],
    found: StudyRuns,
    outputs: Path,
) -> list[str]:
    if lock is None:
        return ["the study was not locked"]
    reasons = []
    before = {contrast.id: contrast for contrast in lock.plan.contrasts}
    mine = plan.model_copy(update={"contrasts": tuple(c for c in plan.contrasts if c.id in before)})
    if mine.hash != lock.plan.hash:
        reasons.append("the study file was changed after the lock")
    locked_at = datetime.fromisoformat(lock.locked_at)
    treatments = {contrast.after for contrast in plan.contrasts}
    early = [
        run
        for run in runs
        if run.counts
        and run.condition in treatments
        and (read := first_reading(outputs, found.transcripts[run.transcript])) is not None
        and read < locked_at
    ]
    if early:
        runs_were = "1 run was" if len(early) == 1 else f"{len(early)} runs were"
        reasons.append(f"{runs_were} read by grader before the lock")
    return reasons


def _added(plan: StudyPlan, lock: StudyLock | None) -> tuple[str, ...]:
    if lock is None:
        return ()
    known = {contrast.id for contrast in lock.plan.contrasts}
    return tuple(contrast.id for contrast in plan.contrasts if contrast.id not in known)
