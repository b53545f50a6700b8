"""The rubric: pre-specified criteria with their levels, and signatures with their markers.

Read from YAML written by hand, so every mistake is told with file, line and field. `why` and
`derived_from` are for people; the judge never sees them.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints, ValidationError, model_validator

from grader.errors import InputError
from grader.levels import Level
from grader.records import Record, content_hash
from grader.yaml_file import YamlDocument, read_yaml

Id = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=80)]
Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]


class Levels(Record):
    """What each level of a criterion means."""

    met: Text
    partially_met: Text
    not_met: Text

    def definition(self, level: Level) -> str:
        """The definition of one level."""
        return {
            "met": self.met,
            "partially_met": self.partially_met,
            "not_met": self.not_met,
        }[level]


class Criterion(Record):
    """One question asked of each transcript alone, with its ordered answers."""

    id: Id
    title: Text
    question: Text
    why: Text | None = Field(None, description="For people; never shown to the judge.")
    levels: Levels
    look_for: tuple[Text, ...] = ()


class Signature(Record):
    """A habitual posture of a model and its textual signs."""

    id: Id
    title: Text
    description: Text
    markers: Annotated[tuple[Text, ...], Field(min_length=1)]


class Rubric(Record):
    """All criteria and signatures for one task."""

    schema_version: Literal[1] = 1
    id: Id
    version: int = Field(ge=1)
    title: Text
    task: Text | None = Field(None, description="The task in short, for people.")
    derived_from: tuple[str, ...] = ()
    registered: str | None = Field(None, description="The date the author states.")
    criteria: Annotated[tuple[Criterion, ...], Field(min_length=1)]
    signatures: tuple[Signature, ...] = ()

    @model_validator(mode="before")
    @classmethod
    def _date_as_text(cls, data: Any) -> Any:
        if isinstance(data, dict) and data.get("registered") is not None:
            data = {**data, "registered": str(data["registered"])}
        return data

    @property
    def hash(self) -> str:
        """sha256 over everything the rubric says, whatever its layout in the file."""
        return content_hash(self)

    def criterion(self, id: str) -> Criterion:
        """The criterion with this id. Raises KeyError when there is none."""
        return {criterion.id: criterion for criterion in self.criteria}[id]

    def signature(self, id: str) -> Signature:
        """The signature with this id. Raises KeyError when there is none."""
        return {signature.id: signature for signature in self.signatures}[id]


def read_rubric(path: str | Path) -> Rubric:
    """Read a rubric from a YAML file.

    Raises:
        InputError: the file is missing, is not YAML, or breaks a rule; one line for each
            mistake, with file, line and field.
    """
    document = read_yaml(Path(path))
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
