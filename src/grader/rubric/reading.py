"""Reading a rubric from YAML written by hand: every mistake is told with file, line and field."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pydantic import ValidationError

from grader.errors import InputError
from grader.rubric.criteria import Rubric
from grader.yaml_file import YamlDocument, parse_yaml, read_yaml


def read_rubric(path: str | Path) -> Rubric:
    """Read a rubric from a YAML file.

    Raises:
        InputError: the file is missing, is not YAML, or breaks a rule; one line for each
            mistake, with file, line and field.
    """
    return rubric_of(read_yaml(Path(path)))


def parse_rubric(text: str, path: Path) -> Rubric:
    """As `read_rubric`, for text already read; `path` is named in errors."""
    return rubric_of(parse_yaml(text, path))


def rubric_of(document: YamlDocument) -> Rubric:
    """As `read_rubric`, for a YAML document already read."""
    try:
        rubric = Rubric.model_validate(document.data)
    except ValidationError as error:
        raise _mistakes(document, [(e["loc"], _in_words(e)) for e in error.errors()]) from None
    repeated = _repeated_ids(rubric)
    if repeated:
        raise _mistakes(document, repeated)
    return rubric


def _mistakes(
    document: YamlDocument, mistakes: list[tuple[tuple[int | str, ...], str]]
) -> InputError:
    lines = [
        f"{document.path}:{document.line(location)}: "
        f"{document.field(location) or 'the whole file'}: {message}"
        for location, message in mistakes
    ]
    count = f"{len(lines)} mistakes" if len(lines) > 1 else "one mistake"
    return InputError(
        f"the rubric has {count}:\n  " + "\n  ".join(lines),
        mend="Mend these lines; docs/rubrics.md shows the form.",
    )


def _in_words(error: Any) -> str:
    kind, message = error["type"], error["msg"]
    if kind == "missing":
        return "this field is missing"
    if kind == "extra_forbidden":
        return "no such field; is it misspelt?"
    if kind == "string_pattern_mismatch":
        return "an id is small letters, digits and single hyphens, such as 'harm-and-repair'"
    if kind in ("string_type", "int_type", "int_parsing"):
        wanted = "a text" if kind == "string_type" else "a whole number"
        return f"{wanted} was expected, found {error['input']!r:.60}"
    if kind in ("tuple_type", "list_type"):
        return f"a list was expected, found {error['input']!r:.60}"
    if kind in ("model_type", "model_attributes_type", "dict_type"):
        return f"a group of fields was expected, found {error['input']!r:.60}"
    if kind in ("too_short", "string_too_short"):
        return "this may not be empty"
    return str(message)


def _repeated_ids(rubric: Rubric) -> list[tuple[tuple[int | str, ...], str]]:
    found: list[tuple[tuple[int | str, ...], str]] = []
    groups = {
        "criteria": [criterion.id for criterion in rubric.criteria],
        "signatures": [signature.id for signature in rubric.signatures],
    }
    for group, ids in groups.items():
        for position, id in enumerate(ids):
            if id in ids[:position]:
                found.append(((group, position, "id"), f"the id {id!r} is used twice"))
    return found
