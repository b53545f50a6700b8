"""The rubric: pre-specified criteria with their levels, and signatures with their markers.

Pure values. `why`, `hypothesis`, `direction` and `derived_from` are for people; the judge never
sees them. Reading them from YAML is in `reading`, locking them in `lock`.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints, model_validator

from grader.records import Record, content_hash
from grader.rubric.scale import Level, Shift
from grader.transcripts.named_measures import NamedMeasure

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
    hypothesis: Text | None = Field(
        None, description="What the criterion tests, such as 'H2'; never shown to the judge."
    )
    direction: Shift | None = Field(
        None,
        description="The shift expected under the treatment: 'up', 'down' or 'same'; never shown "
        "to the judge.",
    )
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
    measures: tuple[NamedMeasure, ...] = Field(
        (), description="Counts of the study's own; made by the program, never asked."
    )

    @model_validator(mode="before")
    @classmethod
    def _date_as_text(cls, data: Any) -> Any:
        if isinstance(data, dict) and data.get("registered") is not None:
            data = {**data, "registered": str(data["registered"])}
        return data

    @property
    def hash(self) -> str:
        """sha256 over everything the rubric says, whatever its layout in the file.

        Fields left at their default are left out, so that a field added to this record later
        does not change the hash of a rubric that doesn't use it, nor break its lock.
        """
        return content_hash(self.model_dump(mode="json", exclude_defaults=True))

    def criterion(self, id: str) -> Criterion:
        """The criterion with this id. Raises KeyError when there is none."""
        return {criterion.id: criterion for criterion in self.criteria}[id]

    def signature(self, id: str) -> Signature:
        """The signature with this id. Raises KeyError when there is none."""
        return {signature.id: signature for signature in self.signatures}[id]
