"""The narrative: orientation, difference and change, each a question about both transcripts."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, Literal

from pydantic import ConfigDict, Field, ValidationInfo, model_validator

from grader.comparison.items import ReviewItem
from grader.comparison.kinds.kind import GivenAnswer, Kind, Task
from grader.comparison.kinds.statements import Statement, statement_item
from grader.comparison.parts import (
    ASKED_AGAIN,
    Absence,
    Finding,
    NarrativePoint,
    assumed_findings,
)
from grader.judge.reply import Outcome
from grader.questions.answers import Answer, PairQuotation, TranscriptNumber, check_findings
from grader.questions.compose import LabelledFindings, listed, question, two_transcripts
from grader.questions.question import Question
from grader.records import Record
from grader.text.quotation import Side, locate
from grader.transcripts.transcript import deliverable

if TYPE_CHECKING:
    from grader.comparison.comparison import Comparison
    from grader.comparison.pair import Pair
    from grader.comparison.plan import Plan
    from grader.judge.asking import Asker
    from grader.questions.blinding import BlindTranscript

Section = Literal["orientation", "difference", "change"]
SECTIONS: tuple[Section, ...] = ("orientation", "difference", "change")

QUOTED = re.compile(r"[\"“”„«»]([^\"“”„«»]{2,})[\"“”„«»]")

PARTS = {
    "problem_framing": "Problem framing",
    "stakeholders": "Stakeholders",
    "structural_commitments": "Structural commitments",
    "voice": "Voice",
    "account": "What the difference is",
    "kind_reason": "Why it is of this kind",
    "register": "Register",
    "structure": "Structure",
    "content": "Content",
    "meta_commentary": "Meta-commentary",
    "unchanged": "What did not change",
}
"""The parts of all sections by the names in a draft, in their order, as people read them."""


class MissingThing(Answer):
    """Something that is not in one of two transcripts."""

    transcript: TranscriptNumber = Field(description="1 or 2: where it is not.")
    what: str = Field(description="What is not there, in a few words.")


class Point(Answer):
    """One statement of the narrative and what it rests on."""

    quotations: list[PairQuotation] = Field(
        description="The quotations that the statement rests on, at most one from each "
        "transcript. Empty if it rests on none."
    )
    absences: list[MissingThing] = Field(
        description="What the statement says is not in a transcript. Empty if it says nothing "
        "of that kind."
    )
    findings: list[str] = Field(
        description="Labels of the given findings that the statement rests on, such as 'V3' "
        "or 'M2'. Empty if it rests on none."
    )
    text: str = Field(
        description="The statement, one or two full sentences that name Transcript 1 or "
        "Transcript 2 in each clause. It says no more than its grounds carry."
    )

    @model_validator(mode="after")
    def _labels_were_given(self, info: ValidationInfo) -> Point:
        check_findings(self.findings, info)
        return self


class OrientationAnswer(Answer):
    """How each transcript is oriented to its task."""

    problem_framing: list[Point] = Field(description="What each takes the problem to be.")
    stakeholders: list[Point] = Field(description="Whom each puts in the centre or leaves out.")
    structural_commitments: list[Point] = Field(
        description="What each puts first, and which parts it will not do without."
    )
    voice: list[Point] = Field(description="Who seems to speak, and to whom, in each.")


class DifferenceAnswer(Answer):
    """Where the two differ most, and how much and in which way they differ as a whole."""

    account: list[Point] = Field(
        description="The one dimension in which the two differ most, and how it shows. Empty if "
        "there is none worth naming."
    )
    dimension: str = Field(
        description="A name for that dimension, two to five words; empty if there is none."
    )
    size: Literal["none", "small", "marked"] = Field(
        description="How large the whole of what differs is."
    )
    kind_reason: list[Point] = Field(
        description="One point: why the whole difference is one of kind, or one of degree, or none."
    )
    kind: Literal["qualitative", "quantitative", "none"] = Field(
        description="Of the whole difference. qualitative: the two do something different; "
        "quantitative: the same with more or less of it; none: no difference worth naming."
    )

    @model_validator(mode="after")
    def _nothing_has_no_kind(self) -> DifferenceAnswer:
        if (self.size == "none") != (self.kind == "none"):
            raise ValueError("kind is 'none' exactly where size is 'none'")
        return self


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


_MODELS: dict[Section, type[Answer]] = {
    "orientation": OrientationAnswer,
    "difference": DifferenceAnswer,
    "change": ChangeAnswer,
}
KINDS_OF_DIFFERENCE = ("qualitative", "quantitative", "none")
SIZES_OF_DIFFERENCE = ("none", "small", "marked")


def narrative_question(
    section: Section, first: BlindTranscript, second: BlindTranscript, findings: LabelledFindings
) -> Question:
    """One of the three narrative questions."""
    return question(
        section,
        _MODELS[section],
        label=section,
        rules={"findings": frozenset(label for label, _ in findings)},
        values={**two_transcripts(first, second), "findings": listed(findings)},
    )


class NarrativeSection(Record):
    """The answer to one narrative question."""

    kind: Literal["orientation", "difference", "change"]
    judge: str
    outcome: Outcome
    parts: dict[str, tuple[NarrativePoint, ...]] = Field(
        default_factory=dict, description="By the answer's field names, such as 'voice'."
    )
    dimension: str | None = None
    difference_kind: Literal["qualitative", "quantitative", "none"] | None = None
    difference_size: Literal["none", "small", "marked"] | None = Field(
        None, exclude_if=lambda size: size is None
    )
    detail: str | None = None
    questions: tuple[str, ...] = ()
    asked_again: Outcome | None = Field(None, description=ASKED_AGAIN)


class NarrativeKind(Kind[NarrativeSection]):
    """The narrative."""

    id = "narrative"
    prompts = SECTIONS
    wave = 2
    reply_tokens = 900

    def count(self, plan: Plan) -> int:
        """One for each section."""
        return len(SECTIONS)

    def questions(self, plan: Plan) -> list[Question]:
        """One for each section."""
        first, second = (plan.pair.blind[side] for side in plan.pair.order)
        assumed = assumed_findings(len(plan.rubric.criteria) * 2 + 10)
        return [narrative_question(section, first, second, assumed) for section in SECTIONS]

    def tasks(
        self, plan: Plan, draft: Comparison, askers: Sequence[Asker]
    ) -> list[Task[NarrativeSection]]:
        """One for each section; they see what the first wave found, and measurements."""
        from grader.comparison.findings import findings_of

        seen = findings_of(draft)
        return [
            Task(askers[0], partial(ask_narrative, askers[0], plan.pair, section, seen))
            for section in SECTIONS
        ]

    def record(
        self, plan: Plan, draft: Comparison, answers: Sequence[NarrativeSection]
    ) -> dict[str, Any]:
        """The sections as they were given."""
        return {"narrative": tuple(answers)}

    def answers(self, draft: Comparison) -> Iterator[GivenAnswer]:
        """Every section."""
        for section in draft.narrative:
            yield GivenAnswer(
                kind=section.kind,
                item=section.kind,
                judge=section.judge,
                outcome=section.outcome,
                questions=section.questions,
                asked_again=section.asked_again,
                detail=section.detail,
                evidence=tuple(
                    each
                    for points in section.parts.values()
                    for point in points
                    for each in point.evidence
                ),
            )

    def findings(self, draft: Comparison) -> list[Finding]:
        """One for each point, and for the named dimension and kind."""
        found: list[tuple[str, str]] = []
        for section in draft.narrative:
            item = f"point:{section.kind}"
            if section.dimension:
                told = f"Dimension of most difference: {section.dimension}."
                found.append((told, f"{item}:dimension:1"))
            if section.difference_size:
                told = f"Size of the whole difference: {section.difference_size}."
                found.append((told, f"{item}:size:1"))
            if section.difference_kind:
                told = f"Kind of difference: {section.difference_kind}."
                found.append((told, f"{item}:kind:1"))
            for part, points in section.parts.items():
                found += [
                    (f"{part.replace('_', ' ')}: {point.text}", f"{item}:{part}:{number}")
                    for number, point in enumerate(points, 1)
                ]
        return [
            Finding(label=f"N{number}", text=text, about=about)
            for number, (text, about) in enumerate(found, 1)
        ]

    def items(self, draft: Comparison) -> list[ReviewItem]:
        """One for each statement, in the order of the writeup."""
        return [
            statement_item(draft, statement)
            for kind in SECTIONS
            if (section := answered(draft, kind))
            for statement in _statements(section)
        ]


def answered(draft: Comparison, kind: str) -> NarrativeSection | None:
    """The answer to one narrative question; None where it failed or wasn't asked."""
    return next((s for s in draft.narrative if s.kind == kind and s.outcome == "answered"), None)


def part_title(part: str) -> str:
    """A part as people read it; one that is not known by its own name."""
    return PARTS.get(part.rstrip("_"), part.replace("_", " ").capitalize())


def _statements(section: NarrativeSection) -> Iterator[Statement]:
    kind = section.kind
    if section.dimension:
        title = "Dimension of most difference"
        yield Statement(kind, "dimension", 1, title, section.dimension)
    if section.difference_size:
        yield Statement(
            kind,
            "size",
            1,
            "Size of the whole difference",
            section.difference_size,
            options=SIZES_OF_DIFFERENCE,
        )
    if section.difference_kind:
        yield Statement(
            kind,
            "kind",
            1,
            "Qualitative or quantitative",
            section.difference_kind,
            options=KINDS_OF_DIFFERENCE,
        )
    for part, points in section.parts.items():
        for number, point in enumerate(points, 1):
            title = f"{part_title(part)} {number}"
            yield Statement(
                kind,
                part,
                number,
                title,
                point.text,
                point.evidence,
                point.findings,
                point.absences,
                needs_basis=True,
            )


# --- asking ---------------------------------------------------------------------------------


async def ask_narrative(
    asker: Asker, pair: Pair, section: Section, findings: Sequence[Finding]
) -> NarrativeSection:
    """One narrative question, resting on the transcripts and on these findings."""
    from grader.comparison.asking import ask_with_evidence, quoted_of_two

    order = pair.order
    asked = await ask_with_evidence(
        asker,
        pair,
        narrative_question(
            section,
            pair.blind[order[0]],
            pair.blind[order[1]],
            [(finding.label, finding.text) for finding in findings],
        ),
        lambda answer: [
            quoted
            for points in _parts(answer).values()
            for point in points
            for quoted in quoted_of_two(point.quotations, order)
        ],
        shown=order,
    )
    value = asked.answered.value
    known: dict[str, Any] = {"kind": section, "judge": asker.judge.spec, **asked.record}
    if value is None:
        return NarrativeSection(**known)
    evidence = iter(asked.evidence)
    known["parts"] = {
        name: tuple(
            NarrativePoint(
                text=point.text,
                evidence=tuple(next(evidence) for _ in point.quotations),
                findings=tuple(point.findings),
                absences=tuple(
                    absence(pair, order[each.transcript - 1], each.what) for each in point.absences
                ),
            )
            for point in points
        )
        for name, points in _parts(value).items()
    }
    if isinstance(value, DifferenceAnswer):
        known |= {
            "dimension": value.dimension.strip() or None,
            "difference_kind": value.kind,
            "difference_size": value.size,
        }
    return NarrativeSection.model_validate(known)


def absence(pair: Pair, side: Side, what: str) -> Absence:
    """Something called missing from a side; `found` says where its very words stand after all.

    Words in quotation marks are looked for, each by itself; without any, the whole text is.
    """
    quoted = [each for each in QUOTED.findall(what) if each.strip()] or [what]
    turns = deliverable(pair.transcript(side))
    spans = (locate(each, turns, side).span for each in quoted)
    return Absence(side=side, what=what, found=next((span for span in spans if span), None))


def _parts(answer: Answer) -> dict[str, list[Point]]:
    """The lists of points of a narrative answer, by the names the judge saw."""
    return {
        field.alias or name: getattr(answer, name)
        for name, field in type(answer).model_fields.items()
        if (field.alias or name) in PARTS
    }
