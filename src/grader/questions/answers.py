"""The shapes in which a judge answers: their base, and those that belong to no kind of question.

Each kind of question has its own answer model, beside its prompt and record. Every field has a
description: it is part of the JSON schema that the judge reads. Evidence and reasoning come before
the level, so that the level follows from them. Every field is required in the schema and unknown
keys are refused, as OpenAI's strict mode demands.

Some rules depend on the question (there are as many marker findings as markers). They are checked
on parsing against the question's `rules`, given as pydantic validation context.
"""

from __future__ import annotations

from typing import Any, ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationInfo, model_validator

TranscriptNumber = Literal[1, 2]


class Answer(BaseModel):
    """Base of all answers."""

    # Built when a judge is asked; whoever only reads comparisons need not wait for it.
    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    may_be_left_out: ClassVar[frozenset[str]] = frozenset()
    """Lists that are mostly empty. Judges that no schema holds to the shape leave them out; that
    says the same."""

    @model_validator(mode="before")
    @classmethod
    def _with_empty_lists(cls, value: Any) -> Any:
        if not isinstance(value, dict):
            return value
        return {**{name: [] for name in cls.may_be_left_out}, **value}


def rule(info: ValidationInfo, name: str) -> Any:
    """A rule of the question that is being answered; None where it has none of this name."""
    return info.context.get(name) if info.context else None


def check_findings(labels: list[str], info: ValidationInfo) -> None:
    """Raise ValueError where labels of findings are named that the question didn't give."""
    given = rule(info, "findings")
    unknown = [label for label in labels if given is not None and label not in given]
    if unknown:
        raise ValueError(f"findings names labels that were not given: {unknown}")


class PairQuotation(Answer):
    """A quotation from one of two transcripts."""

    transcript: TranscriptNumber = Field(description="1 or 2: where the words stand.")
    quote: str = Field(
        description="One unbroken passage, copied character for character, without added "
        "quotation marks or dots for left-out words."
    )


# --- asked again ----------------------------------------------------------------------------


class Requoted(Answer):
    """A quotation given again."""

    number: int = Field(ge=1, description="The quotation's number in the list.")
    quote: str = Field(
        description="The passage exactly as it stands in the transcript, or an empty text if "
        "there is none."
    )


class RequoteAnswer(Answer):
    """Quotations that could not be found, given again. It changes no level and no reasoning."""

    quotations: list[Requoted] = Field(description="One entry for each listed quotation.")

    @model_validator(mode="after")
    def _every_quotation_once(self, info: ValidationInfo) -> RequoteAnswer:
        expected = rule(info, "quotations")
        if expected is not None:
            given = sorted(entry.number for entry in self.quotations)
            if given != list(range(1, expected + 1)):
                raise ValueError(f"quotations must hold each number 1 to {expected} once")
        return self


# --- asked before any comparison ------------------------------------------------------------


class ProposedCriterion(Answer):
    """A criterion for a person to edit."""

    evidence: list[str] = Field(
        description="One to three passages that the criterion grew from, each copied character "
        "for character."
    )
    why: str = Field(description="What the text does here, and what it leaves out, for people.")
    title: str = Field(description="A title of three to eight words.")
    question: str = Field(
        description="One question that can be answered from one text alone, with yes, partly or no."
    )
    met: str = Field(description="What must stand in a text for 'met'; conditions as (a), (b).")
    partially_met: str = Field(description="What must stand in it for 'partially met'.")
    not_met: str = Field(description="When it is 'not met'. The three leave no gap, no overlap.")
    does_not_count: str = Field(
        description="What a generous reader might take for a condition and what does not count; "
        "empty if there is nothing of that kind."
    )
    level_here: Literal["not_met", "partially_met", "met"] = Field(
        description="The level of the text above, or of the first of them."
    )
    if_nothing_changes: str = Field(
        description="What the criterion would show if the treatment changed nothing at all, in "
        "one sentence."
    )
    look_for: list[str] = Field(description="Two to four signs to look for in a text.")


class CriteriaAnswer(Answer):
    """Criteria proposed from plain runs of a task."""

    criteria: list[ProposedCriterion] = Field(description="Four to six criteria.")

    @model_validator(mode="after")
    def _some(self) -> CriteriaAnswer:
        if not self.criteria:
            raise ValueError("criteria may not be empty")
        return self


# --- asked about a published page -----------------------------------------------------------


class StatementsAnswer(Answer):
    """Whether two statements about the same pair of texts can both be true."""

    reason: str = Field(
        description="What each statement claims and whether one rules the other out, in one to "
        "three sentences."
    )
    verdict: Literal["compatible", "contradictory", "unclear"] = Field(
        description="contradictory: they speak of the same thing and can't both be true; "
        "compatible: they can; unclear: the words leave it open."
    )
