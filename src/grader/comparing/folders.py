"""Two folders of transcripts as many pairs: control and treatment of one task and replicate."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from grader.comparing.plan import Planned, PlanOptions, plan_comparison
from grader.errors import InputError
from grader.rubric.reading import rubric_path
from grader.transcripts import ReadOptions, Transcript, transcript_files

Key = tuple[str, int]
"""Task and replicate; a transcript that states no replicate is the first."""

UNNAMED = "the rubric's task"
"""The task of transcripts that state none, where one rubric is given for all."""

_Read = tuple[Path, Transcript]


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

    Args and raises: as `plan_comparison` for files, as `plan_folders` for folders. A file and a
    folder are an InputError as well.
    """
    folders = [path for path in (control, treatment) if Path(path).is_dir()]
    if len(folders) == 2:
        return plan_folders(control, treatment, rubric, options)
    if folders:
        raise InputError(
            "this is a folder, and the other side is not",
            place=folders[0],
            mend="Give two files, or two folders of runs.",
        )
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
            task while the rubrics are of several, nothing matches, a rubric is missing, a name is
            given, or a pair can't be compared.
    """
    options = options or PlanOptions()
    if options.name is not None:
        raise InputError(
            "many comparisons can't share a name",
            place="--name",
            mend="Give them a folder of their own with --outputs.",
        )
    ours = _read(Path(control), options.read_options("control"))
    theirs = _read(Path(treatment), options.read_options("treatment"))
    one_task = None if Path(rubric).is_dir() else _one_task([*ours, *theirs])
    controls = _by_key(Path(control), ours, one_task)
    treatments = _by_key(Path(treatment), theirs, one_task)
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
            rubric_path(Path(rubric), key[0]),
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


def _read(folder: Path, reading: ReadOptions) -> list[_Read]:
    return [(path, reading.read(path)) for path in transcript_files(folder)]


def _one_task(read: Sequence[_Read]) -> str | None:
    """The name of the one task that all of them are of, where at most one is stated.

    One rubric is for one task, so that transcripts needn't state it. None: several are stated.
    """
    stated = {transcript.task for _, transcript in read if transcript.task}
    return None if len(stated) > 1 else next(iter(stated), UNNAMED)


def _by_key(folder: Path, read: Sequence[_Read], one_task: str | None) -> dict[Key, Path]:
    found: defaultdict[Key, list[Path]] = defaultdict(list)
    # Where no transcript of the folder states its replicate, the order of the names counts.
    numbered = one_task is not None and all(each.replicate is None for _, each in read)
    for number, (path, transcript) in enumerate(read, start=1):
        replicate = number if numbered else transcript.replicate or 1
        found[_task(transcript, path, one_task), replicate].append(path)
    for (task, replicate), paths in found.items():
        if len(paths) > 1:
            raise InputError(
                f"task '{task}', replicate {replicate} is there {len(paths)} times: "
                + ", ".join(path.name for path in paths),
                place=folder,
                mend="State the replicate of each in its metadata, or move one away.",
            )
    return {key: paths[0] for key, paths in found.items()}


def _task(transcript: Transcript, path: Path, one_task: str | None) -> str:
    task = transcript.task or one_task
    if not task:
        raise InputError(
            "the transcript doesn't state its task, so its counterpart can't be found",
            place=path,
            mend="State `task` in its metadata, or compare this pair by itself.",
        )
    return task


def _named(files: Mapping[Key, Path]) -> str:
    return ", ".join(f"{task} {replicate}" for task, replicate in sorted(files)[:5])


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
