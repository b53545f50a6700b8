"""The runs of a study: read from the folders of its conditions, and which of them count.

Left out, with the reason: a run that criteria were drawn from, a copy of another run, and a run
of a cell that has no run of the other conditions. Refused: what would make every figure doubtful.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from pydantic import Field

from grader.errors import InputError
from grader.records import Record, content_hash
from grader.rubric import Rubric, read_rubric
from grader.rubric.lock import lock_path, read_lock
from grader.rubric.reading import rubric_path
from grader.study.plan import StudyPlan
from grader.transcripts import Transcript, deliverable, read_transcript, transcript_files
from grader.transcripts.judged_turns import with_task_prompt
from grader.transcripts.measurements import count_words

NOT_STATED = "model not stated"
SETTINGS = ("version", "provider", "temperature", "top_p", "max_tokens")


class Run(Record):
    """One transcript of a study."""

    transcript: str = Field(description="Hash of the record in `transcripts/`.")
    id: str
    file: str = Field(description="From the study file's own folder.")
    file_sha256: str
    condition: str
    model: str
    task: str
    replicate: int | None = None
    words: int = Field(description="Of the deliverable.")
    date: str | None = None
    counts: bool = True
    why_not: str | None = None

    @property
    def cell(self) -> tuple[str, str]:
        """Model and task."""
        return self.model, self.task


@dataclass(frozen=True)
class StudyRuns:
    """All runs of a study with what they were read from."""

    runs: tuple[Run, ...]
    transcripts: Mapping[str, Transcript]
    rubrics: Mapping[str, Rubric]
    """By task."""
    notes: tuple[str, ...]
    """What a reader of the results should know, one sentence each."""


def read_runs(plan: StudyPlan, base: Path) -> StudyRuns:
    """Read the runs and rubrics of a study.

    Args:
        plan: the study.
        base: the study file's folder.

    Raises:
        InputError: a file can't be read, states no task, states another condition than its
            folder, stands in two conditions, has no rubric, or differs in its model's settings
            from other runs of its cell; a rubric was drawn from a treatment.
    """
    found: list[tuple[str, Path, Transcript]] = []
    folders = [planned.runs for planned in plan.conditions.values()]
    for condition, planned in plan.conditions.items():
        shared = folders.count(planned.runs) > 1
        for path in transcript_files(base / planned.runs):
            transcript = _read(path)
            # In a folder of several conditions each run says whose it is.
            if not (shared and transcript.condition != condition):
                _check_condition(transcript, condition, path)
                found.append((condition, path, transcript))
    _check_conditions(found)
    _check_settings(found, plan.allow)
    tasks = sorted({transcript.task or "" for _, _, transcript in found})
    rubrics = {task: read_rubric(rubric_path(base / plan.rubrics, task)) for task in tasks}
    derived = {task: derived_sources(base / plan.rubrics, task, rubrics[task]) for task in tasks}
    runs, transcripts = [], {}
    for condition, path, transcript in _with_one_prompt(found, plan.primary.before):
        run = _run(condition, path, transcript, base)
        if _named(derived[run.task], run):
            run = _left_out(plan, run)
        runs.append(run)
        transcripts[run.transcript] = transcript
    runs = _without_copies(runs, transcripts)
    return StudyRuns(
        tuple(_without_lone_cells(runs, plan)), transcripts, rubrics, tuple(_notes(runs, found))
    )


def derived_sources(rubrics: Path, task: str, rubric: Rubric) -> frozenset[str]:
    """Ids, file names and hashes of what the criteria were drawn from."""
    names = set(rubric.derived_from)
    lock = lock_path(rubric_path(rubrics, task))
    if lock.is_file():
        for source in read_lock(lock).derived_from:
            names |= {source.id, source.sha256}
    return frozenset(names)


def said(transcript: Transcript) -> str:
    """What tells copies: a hash of what was said and judged, whatever stands beside it."""
    return content_hash([transcript.task_prompt, [turn.text for turn in deliverable(transcript)]])


def _read(path: Path) -> Transcript:
    transcript = read_transcript(path)
    if not transcript.task:
        raise InputError(
            "the transcript doesn't state its task, so its cell isn't known",
            place=path,
            mend="State `task` in its metadata.",
        )
    if not any(turn.text.strip() for turn in deliverable(transcript)):
        raise InputError(
            "nothing in it was said by the model from the task prompt on",
            place=path,
            mend="`grader show` on this file tells what was read.",
        )
    return transcript


def _check_condition(transcript: Transcript, condition: str, path: Path) -> None:
    if transcript.condition is not None and transcript.condition != condition:
        raise InputError(
            f"this transcript says its condition is {transcript.condition}, and lies among the "
            f"runs of {condition}",
            place=path,
            mend="Move it to the folder of its condition.",
        )


def _check_conditions(found: Sequence[tuple[str, Path, Transcript]]) -> None:
    seen: dict[str, tuple[str, Path]] = {}
    for condition, path, transcript in found:
        text = said(transcript)
        other = seen.setdefault(text, (condition, path))
        if other[0] != condition:
            raise InputError(
                f"the same text is a run of {other[0]} ({other[1].name}) and of {condition}",
                place=path,
                mend="A run has one condition. Take the wrong copy away.",
            )


def _check_settings(found: Sequence[tuple[str, Path, Transcript]], allow: Sequence[str]) -> None:
    stated: dict[tuple[str, str, str], tuple[object, Path]] = {}
    for _, path, transcript in found:
        for name in SETTINGS:
            value = getattr(transcript.model, name)
            if value is None or name in allow:
                continue
            cell = (_model(transcript), transcript.task or "", name)
            other, first = stated.setdefault(cell, (value, path))
            if other != value:
                raise InputError(
                    f"the model's {name} is {value!r} here and {other!r} in {first.name}, a run "
                    "of the same model on the same task",
                    place=path,
                    mend=f"Take one of them out, or say `allow: [{name}]` in the study file.",
                )


def _with_one_prompt(
    found: Sequence[tuple[str, Path, Transcript]], plain: str
) -> Iterable[tuple[str, Path, Transcript]]:
    """Every run of a cell with the task prompt of its first plain run, where it holds that.

    An export doesn't say where a preamble ends; what came with it would be shown to the judge.
    """
    prompts: dict[str, str] = {}
    for condition, _, transcript in found:
        if condition == plain and transcript.task_prompt:
            prompts.setdefault(transcript.task or "", transcript.task_prompt)
    for condition, path, transcript in found:
        prompt = prompts.get(transcript.task or "")
        if prompt and " ".join(prompt.split()) != " ".join((transcript.task_prompt or "").split()):
            transcript = with_task_prompt(transcript, prompt)
        yield condition, path, transcript


def _run(condition: str, path: Path, transcript: Transcript, base: Path) -> Run:
    return Run(
        transcript=content_hash(transcript),
        id=transcript.id,
        file=_relative(path, base),
        file_sha256=transcript.provenance.sha256,
        condition=condition,
        model=_model(transcript),
        task=transcript.task or "",
        replicate=transcript.replicate,
        words=sum(count_words(turn.text) for turn in deliverable(transcript)),
        date=transcript.date,
    )


def _relative(path: Path, base: Path) -> str:
    try:
        return path.relative_to(base).as_posix()
    except ValueError:
        return path.as_posix()


def _model(transcript: Transcript) -> str:
    return transcript.model.name or NOT_STATED


def _named(sources: frozenset[str], run: Run) -> bool:
    return bool(sources & {run.id, run.file_sha256, Path(run.file).stem, Path(run.file).name})


def _left_out(plan: StudyPlan, run: Run) -> Run:
    treatments = {contrast.after for contrast in plan.contrasts}
    plain = {contrast.before for contrast in plan.contrasts}
    if run.condition in treatments - plain:
        raise InputError(
            f"the criteria for '{run.task}' were drawn from {run.id}, a run of {run.condition}: "
            "they could only find what they came from",
            place=run.file,
            mend="Write criteria from controls alone, and lock them before treatments are read.",
        )
    return run.model_copy(update={"counts": False, "why_not": "criteria were drawn from this run"})


def _without_copies(runs: Sequence[Run], transcripts: Mapping[str, Transcript]) -> list[Run]:
    first: dict[tuple[str, tuple[str, str]], Run] = {}
    kept = []
    for run in runs:
        text = said(transcripts[run.transcript])
        other = first.setdefault((text, run.cell), run)
        if other is not run and run.counts:
            run = run.model_copy(
                update={"counts": False, "why_not": f"the same text as {other.id}"}
            )
        kept.append(run)
    return kept


def _without_lone_cells(runs: Sequence[Run], plan: StudyPlan) -> list[Run]:
    """Runs of a cell in which no contrast has both its conditions don't count."""
    here: defaultdict[tuple[str, str], set[str]] = defaultdict(set)
    for run in runs:
        if run.counts:
            here[run.cell].add(run.condition)
    used = {
        (cell, condition)
        for cell, conditions in here.items()
        for contrast in plan.contrasts
        if {contrast.before, contrast.after} <= conditions
        for condition in (contrast.before, contrast.after)
    }
    return [
        run
        if not run.counts or (run.cell, run.condition) in used
        else run.model_copy(
            update={
                "counts": False,
                "why_not": "its cell has no counting run of another condition",
            }
        )
        for run in runs
    ]


def _notes(runs: Sequence[Run], found: Sequence[tuple[str, Path, Transcript]]) -> Iterable[str]:
    if any(run.model == NOT_STATED for run in runs):
        yield "Some runs don't state their model; they count as one model."
    unstated = [
        name
        for name in ("version", "temperature")
        if any(getattr(t.model, name) is None for _, _, t in found)
    ]
    if unstated:
        yield (
            f"Not every run states its model's {' and '.join(unstated)}, so that they were the "
            "same in a cell rests on whoever made the runs."
        )


def transcript_name(sha: str) -> str:
    """File name of a transcript in `transcripts/`."""
    return f"{sha}.json"


def draw_key(seed: str, name: str) -> str:
    """What runs and pairs are sorted by: nobody chooses, and enlarging keeps what was drawn."""
    return hashlib.sha256(f"{seed} {name}".encode()).hexdigest()
