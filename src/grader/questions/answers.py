"""The shapes in which a judge answers, one model per question.

Every field has a description: it is part of the JSON schema that the judge reads. Evidence and
reasoning come before the level, so that the level follows from them. Every field is required and
unknown keys are refused, as OpenAI's strict mode demands.

Some rules depend on the question (there are as many marker findings as markers). They are checked
on parsing against the question's `rules`, given as pydantic validation context.
"""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationInfo, model_validator

from grader.rubric.scale import Level, Presence

TranscriptNumber = Literal[1, 2]


class Answer(BaseModel):
    """Base of all answers."""

    model_config = ConfigDict(frozen=True, extra="forbid")


def _rule(info: ValidationInfo, name: str) -> Any:
    return info.context.get(name) if info.context else None


def _check_findings(labels: list[str], info: ValidationInfo) -> None:
    given = _rule(info, "findings")
    unknown = [label for label in labels if given is not None and label not in given]
    if unknown:
        raise ValueError(f"findings names labels that were not given: {unknown}")


# --- asked about one transcript ------------------------------------------------------------


class VerdictAnswer(Answer):
    """One criterion on one transcript."""

    evidence: list[str] = Field(
        description="Quotations from the transcript that decide the level, each copied character "
        "for character, one unbroken passage each, without added quotation marks or dots for "
        "left-out words. Empty if nothing in the transcript bears on the criterion."
    )
    looked_for_in_vain: list[str] = Field(
        description="What the criterion asks for and the transcript does not contain, one thing "
        "an entry, in a few words."
    )
    rationale: str = Field(
        description="How the quotations and the missing things lead to the level, in two to five "
        "sentences that name the conditions of the level definitions."
    )
    level: Level = Field(
        description="The one level whose definition holds. Reached last, from the above."
    )


class MarkerFinding(Answer):
    """One textual sign of a signature."""

    marker: int = Field(ge=1, description="The marker's number in the list of the question.")
    evidence: list[str] = Field(
        description="Quotations that show the marker, each copied character for character. "
        "Empty if it is absent."
    )
    note: str = Field(description="What was seen, in one sentence.")
    presence: Presence = Field(
        description="absent: not there; trace: once, or weakly; present: clearly there; "
        "pervasive: it shapes the text."
    )


class SignatureAnswer(Answer):
    """One signature on one transcript, marker by marker."""

    markers: list[MarkerFinding] = Field(
        description="One finding for each marker of the question, in its order."
    )
    note: str = Field(
        description="How the posture shows in this transcript as a whole, or that it does not, "
        "in one to four sentences."
    )

    @model_validator(mode="after")
    def _every_marker_once(self, info: ValidationInfo) -> SignatureAnswer:
        expected = _rule(info, "markers")
        if expected is not None:
            given = [finding.marker for finding in self.markers]
            if sorted(given) != list(range(1, expected + 1)):
                raise ValueError(
                    f"markers must hold one finding for each marker 1 to {expected}, got {given}"
                )
        return self


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
        expected = _rule(info, "quotations")
        if expected is not None:
            given = sorted(entry.number for entry in self.quotations)
            if given != list(range(1, expected + 1)):
                raise ValueError(f"quotations must hold each number 1 to {expected} once")
        return self


# --- asked about both transcripts ----------------------------------------------------------


class PairQuotation(Answer):
    """A quotation from one of two transcripts."""

    transcript: TranscriptNumber = Field(description="1 or 2: where the words stand.")
    quote: str = Field(
        description="One unbroken passage, copied character for character, without added "
        "quotation marks or dots for left-out words."
    )


class ContrastAnswer(Answer):
    """Which of two transcripts shows more of a criterion."""

    evidence: list[PairQuotation] = Field(
        description="The quotations that decide it, from both transcripts where both have any."
    )
    reason: str = Field(
        description="Why, in one to four sentences, calling them Transcript 1 and Transcript 2."
    )
    shows_more: Literal["transcript_1", "transcript_2", "neither"] = Field(
        description="The transcript that meets more of what the criterion asks; 'neither' if "
        "they do so equally or the difference does not bear on the criterion."
    )


class ProbeAnswer(Answer):
    """Whether a judge can tell which run was the plain one."""

    evidence: list[PairQuotation] = Field(
        description="The quotations that give it away. Empty if nothing does."
    )
    reason: str = Field(
        description="Why, in one to three sentences, calling them Transcript 1 and Transcript 2."
    )
    plain_run: Literal["transcript_1", "transcript_2", "cannot_tell"] = Field(
        description="The run that got the task alone, or cannot_tell."
    )


class Point(Answer):
    """One statement of the narrative and what it rests on."""

    quotations: list[PairQuotation] = Field(
        description="Quotations that the statement rests on. Empty if it rests on none."
    )
    findings: list[str] = Field(
        description="Labels of the given findings that the statement rests on, such as 'V3' "
        "or 'M2'. Empty if it rests on none."
    )
    text: str = Field(
        description="The statement, one to three sentences, calling the two Transcript 1 and "
        "Transcript 2. It says no more than its quotations and findings carry."
    )

    @model_validator(mode="after")
    def _labels_were_given(self, info: ValidationInfo) -> Point:
        _check_findings(self.findings, info)
        return self


class OrientationAnswer(Answer):
    """How each transcript is oriented to its task."""

    problem_framing: list[Point] = Field(description="What each takes the problem to be.")
    stakeholders: list[Point] = Field(description="Whom each puts in the centre or leaves out.")
    structural_commitments: list[Point] = Field(
        description="The parts, order and form each commits itself to."
    )
    voice: list[Point] = Field(description="Who seems to speak, and to whom, in each.")


class DifferenceAnswer(Answer):
    """Where the two differ most, and of which kind the difference is."""

    account: list[Point] = Field(description="Where the two differ most, and how it shows.")
    dimension: str = Field(description="A name for that dimension, two to five words.")
    kind_reason: list[Point] = Field(
        description="Why the difference is one of kind, or one of degree, or none."
    )
    kind: Literal["qualitative", "quantitative", "none"] = Field(
        description="qualitative: the two do something different; quantitative: the same with "
        "more or less of it; none: no difference worth naming."
    )


class ChangeAnswer(Answer):
    """What differs between the two, by layer, and what does not."""

    register_: list[Point] = Field(alias="register", description="Tone and distance: what differs.")
    structure: list[Point] = Field(description="Sections, order and form: what differs.")
    content: list[Point] = Field(description="What is said in one and not in the other.")
    meta_commentary: list[Point] = Field(
        description="What each says about itself, its task or its sender: what differs."
    )
    unchanged: list[Point] = Field(description="What is the same in both, where it matters.")

    model_config = ConfigDict(frozen=True, extra="forbid", validate_by_name=True)


# --- asked last, about the findings ---------------------------------------------------------


class Implication(Answer):
    """One statement about the study and the findings it rests on."""

    findings: list[str] = Field(description="Labels of the findings it rests on, at least one.")
    text: str = Field(description="The statement, one to three sentences.")

    @model_validator(mode="after")
    def _labels_were_given(self, info: ValidationInfo) -> Implication:
        _check_findings(self.findings, info)
        return self


class FurtherCondition(Answer):
    """What a further condition would have to show, tied to a criterion."""

    criterion: str = Field(description="The criterion's label, such as 'K2'.")
    text: str = Field(description="What would have to be seen, in one or two sentences.")

    @model_validator(mode="after")
    def _criterion_was_given(self, info: ValidationInfo) -> FurtherCondition:
        labels = _rule(info, "criteria")
        if labels is not None and self.criterion not in labels:
            raise ValueError(f"criterion must be one of {sorted(labels)}, got {self.criterion!r}")
        return self


class HypothesisBearing(Answer):
    """What the findings mean for one hypothesis of the study."""

    hypothesis: str = Field(description="The hypothesis' label, such as 'H1'.")
    reason: Implication = Field(description="Why, with the findings it rests on.")
    bearing: Literal["for", "against", "neither"] = Field(
        description="for: the findings speak for it; against: they speak against it; neither: "
        "they do not bear on it or are mixed."
    )

    @model_validator(mode="after")
    def _hypothesis_was_given(self, info: ValidationInfo) -> HypothesisBearing:
        labels = _rule(info, "hypotheses")
        if labels is not None and self.hypothesis not in labels:
            raise ValueError(f"hypothesis must be one of {sorted(labels)}, got {self.hypothesis!r}")
        return self


class ImplicationsAnswer(Answer):
    """What the comparison means for the study. The only answer that names conditions."""

    summary: list[Implication] = Field(description="The answer to the comparison, in short.")
    hypotheses: list[HypothesisBearing] = Field(
        description="One entry for each hypothesis given; empty if none was given."
    )
    further_conditions: list[FurtherCondition] = Field(
        description="What a further condition would need to show, criterion by criterion."
    )
    caveats: list[str] = Field(
        description="What limits these findings beyond the caveats that were given."
    )
    headline: str = Field(description="A title for the comparison: the result in 4 to 12 words.")

    @model_validator(mode="after")
    def _every_hypothesis_once(self, info: ValidationInfo) -> ImplicationsAnswer:
        labels = _rule(info, "hypotheses")
        if labels is not None:
            given = [entry.hypothesis for entry in self.hypotheses]
            if sorted(given) != sorted(labels):
                raise ValueError(f"hypotheses must hold each of {sorted(labels)} once")
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
