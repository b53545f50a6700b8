"""Two folders of transcripts as many pairs: control and treatment of one task and replicate."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from grader.comparing.make import Planned, Reading, plan_comparison
from grader.errors import InputError
from grader.text.quotation import Side
from grader.transcripts import Transcript, transcript_files

Key = tuple[str, int]
"""Task and replicate; a transcript that states no replicate is the first."""


@dataclass(frozen=True)
class PlannedFolders:
    """The comparisons of two folders."""

    planned: tuple[Planned, ...]
    """By task and replicate."""
    unmatched: tuple[Path, ...]
    """Files whose task and replicate the other folder has not."""


def plan_folders(
    control: str | Path,
    treatment: str | Path,
    rubric: str | Path,
    *,
    reading: Mapping[Side, Reading] | None = None,
    **options: Any,
) -> PlannedFolders:
    """Plan a comparison for each control of one folder and its treatment in the other.

    Args:
        control: folder of the plain runs.
        treatment: folder of the treated runs.
        rubric: the file of the criteria, or a folder with one `<task>.yaml` a task.
        reading: how the files of a side are to be read.
        options: as `plan_comparison` takes them.

    Raises:
        InputError: two files of a folder are of the same task and replicate, a file states no
            task, nothing matches, a rubric is missing, or a pair can't be compared.
    """
    reading = reading or {}
    controls = _by_key(Path(control), reading.get("control", Reading()))
    treatments = _by_key(Path(treatment), reading.get("treatment", Reading()))
    both = sorted(controls.keys() & treatments.keys())
    if not both:
        raise InputError(
            f"no task and replicate is in both folders; here are {_named(controls)}, there "
            f"{_named(treatments)}",
            place=treatment,
            mend="Transcripts are matched by their task and replicate; `grader show` tells them.",
        )
    planned = [
        plan_comparison(
            controls[key],
            treatments[key],
            _rubric_for(Path(rubric), key[0]),
            reading=reading,
            **options,
        )
        for key in both
    ]
    _check_names(planned)
    alone = controls.keys() ^ treatments.keys()
    unmatched = [
        files[key] for key in sorted(alone) for files in (controls, treatments) if key in files
    ]
    return PlannedFolders(tuple(planned), tuple(unmatched))


def _by_key(folder: Path, reading: Reading) -> dict[Key, Path]:
    found: defaultdict[Key, list[Path]] = defaultdict(list)
    for path in transcript_files(folder):
        found[_key(reading.read(path), path)].append(path)
    for (task, replicate), paths in found.items():
        if len(paths) > 1:
            raise InputError(
                f"task '{task}', replicate {replicate} is there {len(paths)} times: "
                + ", ".join(path.name for path in paths),
                place=folder,
                mend="State the replicate of each in its metadata, or move one away.",
            )
    return {key: paths[0] for key, paths in found.items()}


def _key(transcript: Transcript, path: Path) -> Key:
    if not transcript.task:
        raise InputError(
            "the transcript doesn't state its task, so its counterpart can't be found",
            place=path,
            mend="State `task` in its metadata, or compare this pair by itself.",
        )
    return transcript.task, transcript.replicate or 1


def _named(files: Mapping[Key, Path]) -> str:
    return ", ".join(f"{task} {replicate}" for task, replicate in sorted(files)[:5])


def _rubric_for(rubric: Path, task: str) -> Path:
    if not rubric.is_dir():
        return rubric
    path = rubric / f"{task}.yaml"
    if path.parent != rubric or not path.is_file():
        raise InputError(
            f"there is no rubric for the task '{task}'",
            place=rubric,
            mend=f"Put it there as {task}.yaml, or give one rubric file for all.",
        )
    return path


def _check_names(planned: Sequence[Planned]) -> None:
    names = defaultdict[Path, int](int)
    for each in planned:
        names[each.folder] += 1
    for folder, count in names.items():
        if count > 1:
            raise InputError(
                f"{count} of these pairs would be written to {folder}",
                mend="Give the transcripts ids of their own.",
            )
