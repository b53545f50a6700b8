"""Two folders of transcripts as many pairs: control and treatment of one task and replicate."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from grader.comparing.plan import Planned, PlanOptions, plan_comparison
from grader.errors import InputError
from grader.transcripts import ReadOptions, Transcript, transcript_files

Key = tuple[str, int]
"""Task and replicate; a transcript that states no replicate is the first."""


@dataclass(frozen=True)
class PlannedFolders:
    """The comparisons of two folders."""

    planned: tuple[Planned, ...]
    """By task and replicate."""
    unmatched: tuple[Path, ...]
    """Files whose task and replicate the other folder has not."""


def plan_all(
    control: str | Path,
    treatment: str | Path,
    rubric: str | Path,
    options: PlanOptions | None = None,
) -> PlannedFolders:
    """Plan one pair of files, or every pair of two folders.

    Args and raises: as `plan_comparison` for files, as `plan_folders` for folders.
    """
    if Path(control).is_dir() and Path(treatment).is_dir():
        return plan_folders(control, treatment, rubric, options)
    return PlannedFolders((plan_comparison(control, treatment, rubric, options),), ())


def plan_folders(
    control: str | Path,
    treatment: str | Path,
    rubric: str | Path,
    options: PlanOptions | None = None,
) -> PlannedFolders:
    """Plan a comparison for each control of one folder and its treatment in the other.

    Args:
        control: folder of the plain runs.
        treatment: folder of the treated runs.
        rubric: the file of the criteria, or a folder with one `<task>.yaml` a task.
        options: as `plan_comparison` takes them, without a name.

    Raises:
        InputError: two files of a folder are of the same task and replicate, a file states no
            task, nothing matches, a rubric is missing, a name is given, or a pair can't be
            compared.
    """
    options = options or PlanOptions()
    if options.name is not None:
        raise InputError(
            "many comparisons can't share a name",
            place="--name",
            mend="Give them a folder of their own with --outputs.",
        )
    controls = _by_key(Path(control), options.read_options("control"))
    treatments = _by_key(Path(treatment), options.read_options("treatment"))
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
            options,
        )
        for key in both
    ]
    _check_names(planned)
    alone = controls.keys() ^ treatments.keys()
    unmatched = [
        files[key] for key in sorted(alone) for files in (controls, treatments) if key in files
    ]
    return PlannedFolders(tuple(planned), tuple(unmatched))


def _by_key(folder: Path, reading: ReadOptions) -> dict[Key, Path]:
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
