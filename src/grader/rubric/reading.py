"""Reading a rubric from YAML written by hand: every mistake is named with file, line and field."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from grader.errors import InputError
from grader.files.problems import in_words
from grader.files.yaml import Location, YamlDocument, read_yaml
from grader.rubric.criteria import Rubric
from grader.rubric.scale import FEWEST_LEVELS, MOST_LEVELS, Scale


def read_rubric(path: str | Path) -> Rubric:
    """Read a rubric from a YAML file.

    Raises:
        InputError: the file is missing, is not YAML, or breaks a rule; one line for each
            mistake, with file, line and field.
    """
    return rubric_of(read_rubric_file(Path(path)))


def rubric_path(rubrics: Path, task: str) -> Path:
    """The rubric file of a task.

    Args:
        rubrics: one rubric file for all tasks, or a folder with a `<task>.yaml` for each.
        task: the task's name, as file names state it. It can't lead out of the folder.

    Raises:
        InputError: the folder has no rubric for the task.
    """
    if not rubrics.is_dir():
        return rubrics
    path = rubrics / f"{task}.yaml"
    if path.parent != rubrics or not path.is_file():
        raise InputError(
            f"there is no rubric for the task '{task}'",
            place=rubrics,
            mend=f"Put it there as {task}.yaml, or leave out the runs of this task.",
        )
    return path


def read_rubric_file(path: Path) -> YamlDocument:
    """The file that should hold a rubric, whatever mistakes are in it.

    Raises:
        InputError: a folder, a transcript, missing, or not YAML.
    """
    if path.is_dir():
        inside = sorted(each for each in path.iterdir() if each.suffix in (".yaml", ".yml"))
        raise InputError(
            "this is a folder; a rubric is a YAML file",
            place=path,
            mend=f"Give one: {', '.join(map(str, inside))}" if inside else "It holds none.",
        )
    try:
        document = read_yaml(path)
    except InputError:
        if path.suffix not in (".yaml", ".yml"):
            _refuse_transcript(path)
        raise
    if not (isinstance(document.data, dict) and "criteria" in document.data):
        _refuse_transcript(path)
    return document


def _refuse_transcript(path: Path) -> None:
    from grader.transcripts import read_transcript

    try:
        read_transcript(path)
    except InputError:
        return
    raise InputError(
        "this is a transcript, not a rubric",
        place=path,
        mend="Give the YAML file with the criteria; `grader rubric new` writes one.",
    )


def rubric_of(document: YamlDocument) -> Rubric:
    """As `read_rubric`, for a YAML document already read."""
    rubric, mistakes = read_with_mistakes(document)
    if rubric is None or mistakes:
        raise _refused(document, mistakes)
    return rubric


@dataclass(frozen=True)
class Mistake:
    """One thing that keeps a file from being a rubric."""

    location: Location
    kind: str
    """pydantic's name of it, or 'id_repeated'."""
    message: str


def read_with_mistakes(document: YamlDocument) -> tuple[Rubric | None, list[Mistake]]:
    """The rubric as far as there is one, and every mistake. Ids used twice still give a rubric."""
    data, mistakes = _with_shared_levels(document.data)
    try:
        rubric = Rubric.model_validate(data)
    except ValidationError as error:
        return None, mistakes + [_mistake(e) for e in error.errors() if not _follows(e, data)]
    return (None, mistakes) if mistakes else (rubric, _repeated_ids(rubric))


def _with_shared_levels(data: Any) -> tuple[Any, list[Mistake]]:
    """The rubric's own `levels` given to each criterion that has none, and what is wrong there."""
    if not (isinstance(data, dict) and "levels" in data):
        return data, []
    data = dict(data)
    shared = data.pop("levels")
    mistakes: list[Mistake] = []
    try:
        Scale.model_validate(shared)
    except ValidationError as error:
        mistakes = [_mistake(e, ("levels",)) for e in error.errors()]
        # The criteria are read on with a scale that has no mistakes of its own.
        shared = {"yes": "-", "no": "-"}
    if isinstance(data.get("criteria"), list):
        data["criteria"] = [
            {"levels": shared, **each} if isinstance(each, dict) else each
            for each in data["criteria"]
        ]
    return data, mistakes


def _mistake(error: ErrorDetails, base: Location = ()) -> Mistake:
    location: Location = (*base, *error["loc"])
    if location and location[-1] == "[key]":
        location = location[:-1]
    return Mistake(location, error["type"], _in_words(error, location))


def _follows(error: ErrorDetails, data: Any) -> bool:
    """Whether a list counts as empty only because its entries have mistakes of their own."""
    if error["type"] != "too_short":
        return False
    for step in error["loc"]:
        data = data[step]
    return bool(data)


def _refused(document: YamlDocument, mistakes: list[Mistake]) -> InputError:
    lines = [
        f"{document.path}:{document.line(mistake.location)}: "
        f"{document.field(mistake.location) or 'the whole file'}: {mistake.message}"
        for mistake in mistakes
    ]
    count = f"{len(lines)} mistakes" if len(lines) > 1 else "one mistake"
    return InputError(
        f"the rubric has {count}:\n  " + "\n  ".join(lines),
        mend="Mend these lines; docs/rubrics.md shows the form.",
    )


UNORDERED = (
    "a scale is ordered, from the highest level to the lowest: shift, median and bounds need the "
    "order. Of kinds without an order, make each a criterion of its own with the levels yes and no"
)
_LEVELS = (
    f"levels map {FEWEST_LEVELS} to {MOST_LEVELS} names to their definitions, from the highest to "
    "the lowest; found {found:.60}"
)


def _in_words(error: ErrorDetails, location: Location) -> str:
    kind = error["type"]
    if location and location[-1] == "ordered":
        return UNORDERED if error["input"] is not True else "leave this out: a scale is ordered"
    if "levels" in location[-2:]:
        if kind in ("dict_type", "model_type") and location[-1] == "levels":
            return _LEVELS.format(found=repr(error["input"]))
        if kind in ("string_pattern_mismatch", "string_too_long"):
            return "a level's name is small letters, digits and single underscores, to 40 of them"
    if kind == "missing" and location[-1] == "levels":
        return "this field is missing; the rubric has no `levels` for all its criteria either"
    if kind == "string_pattern_mismatch":
        return "an id is small letters, digits and single hyphens, such as 'harm-and-repair'"
    return in_words(error)


def _repeated_ids(rubric: Rubric) -> list[Mistake]:
    found: list[Mistake] = []
    groups = {
        "criteria": [criterion.id for criterion in rubric.criteria],
        "signatures": [signature.id for signature in rubric.signatures],
    }
    for group, ids in groups.items():
        for position, id in enumerate(ids):
            if id in ids[:position]:
                found.append(
                    Mistake((group, position, "id"), "id_repeated", f"the id {id!r} is used twice")
                )
    return found
