"""The rubric: pre-specified criteria with their levels, and signatures with their markers.

Pure values. `why`, `hypothesis`, `direction` and `derived_from` are for people; the judge never
sees them. Reading them from YAML is in `reading`, locking them in `lock`.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field, StringConstraints, model_validator

from grader.records import Record, content_hash
from grader.rubric.scale import NOT_APPLICABLE, Level, Scale, Shift
from grader.transcripts.named_measures import NamedMeasure

Id = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=80)]
Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]


class Criterion(Record):
    """One question asked of each transcript alone, with its ordered answers."""

    model_config = ConfigDict(serialize_by_alias=True)

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
    scale: Scale = Field(
        alias="levels", description="Each level's definition, from the highest to the lowest."
    )
    not_applicable: Text | None = Field(
        None,
        description="When the situation that is asked about does not arise; without it every "
        "transcript has a level.",
        exclude_if=lambda value: value is None,
    )
    look_for: tuple[Text, ...] = ()

    @property
    def answers(self) -> tuple[Level, ...]:
        """What a verdict can say: the levels, lowest first, then `not_applicable` if allowed."""
        beside = () if self.not_applicable is None else (NOT_APPLICABLE,)
        return (*self.scale.levels, *beside)

    @property
    def definitions(self) -> dict[Level, str]:
        """What each answer means: the levels, highest first, then `not_applicable` if allowed."""
        beside = {} if self.not_applicable is None else {NOT_APPLICABLE: self.not_applicable}
        return self.scale.root | beside

    def definition(self, answer: Level) -> str:
        """What a level, or `not_applicable`, means. Raises KeyError for any other name."""
        return self.definitions[answer]

    def possible(self, level: Level | None) -> frozenset[Level]:
        """What a level can be: itself, or any answer where it is missing."""
        return frozenset(self.answers if level is None else (level,))


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
        data = self.model_dump(mode="json", exclude_defaults=True)
        for dumped, criterion in zip(data["criteria"], self.criteria, strict=True):
            if not criterion.scale.is_default:
                # The order of a mapping doesn't count in a hash, but it is the scale.
                dumped["levels"] = list(map(list, criterion.scale.root.items()))
        return content_hash(data)

    def criterion(self, id: str) -> Criterion:
        """The criterion with this id. Raises KeyError when there is none."""
        return {criterion.id: criterion for criterion in self.criteria}[id]

    def signature(self, id: str) -> Signature:
        """The signature with this id. Raises KeyError when there is none."""
        return {signature.id: signature for signature in self.signatures}[id]
