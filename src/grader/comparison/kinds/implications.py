"""The implications: what the findings mean for the study. The only question that names conditions.

It sees findings and the study's description, and no transcript.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any, Literal

from pydantic import Field, ValidationInfo, model_validator

from grader.comparison.items import ReviewItem
from grader.comparison.kinds.kind import GivenAnswer, Kind, Task
from grader.comparison.kinds.statements import Statement, statement_item
from grader.comparison.parts import (
    FINDING_CHARACTERS,
    NarrativePoint,
    assumed_findings,
)
from grader.judge.reply import Outcome
from grader.questions.answers import Answer, check_findings, rule
from grader.questions.compose import LabelledFindings, listed, question
from grader.questions.names import put_names_back
from grader.questions.question import Question
from grader.records import Record
from grader.rubric.criteria import Criterion

if TYPE_CHECKING:
    from grader.comparison.comparison import Comparison, Study
    from grader.comparison.plan import Plan
    from grader.judge.asking import Asker


class Implication(Answer):
    """One statement about the study and the findings it rests on."""

    findings: list[str] = Field(
        description="Labels of the findings, criteria and caveats it rests on; empty only where "
        "it says that something was not tested."
    )
    text: str = Field(description="The statement, one to three sentences.")

    @model_validator(mode="after")
    def _labels_were_given(self, info: ValidationInfo) -> Implication:
        check_findings(self.findings, info)
        return self


class FurtherCondition(Answer):
    """What a further condition would have to show, tied to a criterion."""

    criterion: str = Field(description="The criterion's label, such as 'K2'.")
    text: str = Field(description="What would have to be seen, in one or two sentences.")

    @model_validator(mode="after")
    def _criterion_was_given(self, info: ValidationInfo) -> FurtherCondition:
        labels = rule(info, "criteria")
        if labels is not None and self.criterion not in labels:
            raise ValueError(f"criterion must be one of {sorted(labels)}, got {self.criterion!r}")
        return self


Bearing = Literal["consistent", "inconsistent", "mixed", "not_tested_here"]


class HypothesisBearing(Answer):
    """What the findings mean for one hypothesis of the study."""

    hypothesis: str = Field(description="The hypothesis' label, such as 'H1'.")
    reason: Implication = Field(description="Why, with the findings it rests on.")
    bearing: Bearing = Field(
        description="consistent: the findings are as it says; inconsistent: they are not; mixed: "
        "some are and some are not; not_tested_here: this pair can't show it."
    )

    @model_validator(mode="after")
    def _hypothesis_was_given(self, info: ValidationInfo) -> HypothesisBearing:
        labels = rule(info, "hypotheses")
        if labels is not None and self.hypothesis not in labels:
            raise ValueError(f"hypothesis must be one of {sorted(labels)}, got {self.hypothesis!r}")
        return self


class ImplicationsAnswer(Answer):
    """What the comparison means for the study. The only answer that names conditions."""

    summary: list[Implication] = Field(
        description="The answer to the comparison, in one to three statements."
    )
    hypotheses: list[HypothesisBearing] = Field(
        description="One entry for each hypothesis given; empty if none was given."
    )
    further_conditions: list[FurtherCondition] = Field(
        description="What a further condition would need to show, at most one entry for each "
        "criterion that leaves room."
    )
    caveats: list[str] = Field(
        description="What limits these findings beyond the caveats that were given."
    )
    headline: str = Field(
        description="A title for the comparison: the result and how sure it is, in 4 to 14 words."
    )

    @model_validator(mode="after")
    def _every_hypothesis_once(self, info: ValidationInfo) -> ImplicationsAnswer:
        labels = rule(info, "hypotheses")
        if labels is not None:
            given = [entry.hypothesis for entry in self.hypotheses]
            if sorted(given) != sorted(labels):
                raise ValueError(f"hypotheses must hold each of {sorted(labels)} once")
        return self


def implications_question(
    study: Study,
    *,
    control: str,
    treatment: str,
    rubric: str,
    criteria: Sequence[Criterion],
    findings: LabelledFindings,
    caveats: Sequence[str],
) -> Question:
    """What the findings mean for the study. Sees conditions and findings, no transcripts."""
    from grader.comparison.study_file import study_text

    criterion_labels = {f"K{n}": each for n, each in enumerate(criteria, 1)}
    limits = {f"L{n}": each for n, each in enumerate(caveats, 1)}
    label_of = {each.id: label for label, each in criterion_labels.items()}
    return question(
        "implications",
        ImplicationsAnswer,
        label="implications",
        rules={
            "findings": frozenset((*(label for label, _ in findings), *criterion_labels, *limits)),
            "criteria": frozenset(criterion_labels),
            "hypotheses": frozenset(f"H{n}" for n in range(1, len(study.hypotheses) + 1)),
        },
        values={
            "study": study_text(study),
            "control": control,
            "treatment": treatment,
            "criteria": [
                {
                    "label": label,
                    "title": each.title,
                    "question": each.question,
                    "top_definition": each.definition(each.scale.highest),
                }
                for label, each in criterion_labels.items()
            ],
            "hypotheses": [
                {
                    "label": f"H{n}",
                    "text": each.text,
                    "criteria": [
                        label_of[id] for id in each.criteria.get(rubric, ()) if id in label_of
                    ],
                }
                for n, each in enumerate(study.hypotheses, 1)
            ],
            "findings": listed(findings),
            "caveats": [{"label": label, "text": text} for label, text in limits.items()],
        },
    )


class HypothesisNote(Record):
    """What the findings mean for one hypothesis, in the judge's opinion."""

    hypothesis: str = Field(description="The study's own id of the hypothesis.")
    bearing: Bearing | Literal["for", "against", "neither"] = Field(
        description="'for', 'against' and 'neither' stand in drafts of version 1 of the question."
    )
    text: str
    findings: tuple[str, ...] = ()


class Implications(Record):
    """The answer to the last question, the only one that knew the conditions."""

    judge: str
    outcome: Outcome
    headline: str | None = None
    summary: tuple[NarrativePoint, ...] = ()
    hypotheses: tuple[HypothesisNote, ...] = ()
    further_conditions: dict[str, tuple[str, ...]] = Field(
        default_factory=dict, description="By criterion id."
    )
    caveats: tuple[str, ...] = ()
    detail: str | None = None
    questions: tuple[str, ...] = ()


class ImplicationsKind(Kind[Implications]):
    """The implications."""

    id = "implications"
    prompts = ("implications",)
    wave = 3
    reply_tokens = 1000
    names_conditions = True

    def asked(self, plan: Plan) -> bool:
        """Not about two runs of one condition: they show chance and no treatment."""
        return plan.whole and not plan.pair.same_condition

    def count(self, plan: Plan) -> int:
        """One."""
        return 1

    def questions(self, plan: Plan) -> list[Question]:
        """One, with findings and caveats of an assumed number and length."""
        from grader.comparison.study_file import UNDESCRIBED

        rows = len(plan.rubric.criteria) * 3 + len(plan.rubric.signatures) * 2 + 40
        return [
            implications_question(
                plan.study or UNDESCRIBED,
                control="the control",
                treatment="the treatment",
                rubric=plan.rubric.id,
                criteria=plan.rubric.criteria,
                findings=assumed_findings(rows),
                caveats=["x" * FINDING_CHARACTERS] * 6,
            )
        ]

    def tasks(
        self, plan: Plan, draft: Comparison, askers: Sequence[Asker]
    ) -> list[Task[Implications]]:
        """One; it sees all findings."""
        return [Task(askers[0], partial(ask_implications, askers[0], draft))]

    def record(
        self, plan: Plan, draft: Comparison, answers: Sequence[Implications]
    ) -> dict[str, Any]:
        """The answer as it was given."""
        return {"implications": answers[0]}

    def answers(self, draft: Comparison) -> Iterator[GivenAnswer]:
        """The answer, where it was asked."""
        if (given := draft.implications) is not None:
            yield GivenAnswer(
                kind=self.id,
                item=self.id,
                judge=given.judge,
                outcome=given.outcome,
                questions=given.questions,
                detail=given.detail,
            )

    def items(self, draft: Comparison) -> list[ReviewItem]:
        """One for each statement; the title comes last."""
        given = draft.implications
        if given is None or given.outcome != "answered":
            return []
        found = [statement_item(draft, each) for each in _statements(draft, given)]
        if given.headline:
            title = Statement(
                self.id,
                "headline",
                1,
                "Title of the writeup",
                given.headline,
                card=ANSWER,
                card_title=ANSWER_TITLE,
            )
            item = statement_item(draft, title)
            # It sums up the summary, so it rests on what the summary rests on.
            labels = dict.fromkeys(label for each in given.summary for label in each.findings)
            found.append(
                replace(
                    item,
                    id="title",
                    key="title",
                    kind="title",
                    attention=(),
                    findings=tuple(labels),
                )
            )
        return found


ANSWER = "answer"
ANSWER_TITLE = "The answer: title, summary, hypotheses"
"""The card of what stands at the top of the writeup."""

BEARINGS = {
    "consistent": "the findings are consistent with it",
    "inconsistent": "the findings are not consistent with it",
    "mixed": "the findings are mixed",
    "not_tested_here": "not tested here",
    "for": "the findings speak for it",
    "against": "the findings speak against it",
    "neither": "the findings speak neither for nor against it",
}
"""How findings bear on a hypothesis, in words."""


def _statements(draft: Comparison, given: Implications) -> Iterator[Statement]:
    def statement(part: str, place: int | str, title: str, text: str, **more: Any) -> Statement:
        return Statement("implications", part, place, f"{title} {place}", text, **more)

    for number, point in enumerate(given.summary, 1):
        yield statement(
            "summary",
            number,
            "Summary",
            point.text,
            evidence=point.evidence,
            findings=point.findings,
            card=ANSWER,
            card_title=ANSWER_TITLE,
        )
    hypotheses = {each.id: each.text for each in (draft.study.hypotheses if draft.study else ())}
    for note in given.hypotheses:
        text = hypotheses.get(note.hypothesis, "")
        yield statement(
            "hypothesis",
            note.hypothesis,
            "Hypothesis",
            note.text,
            findings=note.findings,
            card=ANSWER,
            card_title=ANSWER_TITLE,
            introduction=f"{note.hypothesis}: {text} The judge says: {BEARINGS[note.bearing]}.",
        )
    numbers = {each.id: n for n, each in enumerate(draft.rubric.criteria, 1)}
    for criterion, texts in given.further_conditions.items():
        for number, text in enumerate(texts, 1):
            title = f"What further conditions would need to show on criterion {numbers[criterion]}"
            place = f"{criterion}:{number}"
            yield Statement("implications", "further", place, title, text)
    for number, text in enumerate(given.caveats, 1):
        yield statement("caveat", number, "The judge's caveat", text)


# --- asking ---------------------------------------------------------------------------------


async def ask_implications(asker: Asker, draft: Comparison) -> Implications:
    """Ask what the draft's findings mean. The question shows findings, no transcripts."""
    from grader.comparison.caveats import caveats
    from grader.comparison.study_file import UNDESCRIBED

    names = {
        "control": draft.control.condition or "the control",
        "treatment": draft.treatment.condition or "the treatment",
    }
    first, second = (names[side] for side in draft.blind_order)
    study = draft.study or UNDESCRIBED
    answered = await asker.ask(
        implications_question(
            study,
            control=names["control"],
            treatment=names["treatment"],
            rubric=draft.rubric.id,
            criteria=draft.rubric.criteria,
            findings=[
                (finding.label, put_names_back(finding.text, first, second))
                for finding in draft.findings
            ],
            caveats=caveats(draft),
        )
    )
    known: dict[str, Any] = {
        "judge": asker.judge.spec,
        "outcome": answered.outcome,
        "detail": answered.detail,
        "questions": answered.questions,
    }
    if not isinstance(answered.value, ImplicationsAnswer):
        return Implications(**known)
    return Implications(**known, **_record(answered.value, draft.rubric.criteria, study))


def _record(
    value: ImplicationsAnswer, criteria: Sequence[Criterion], study: Study
) -> dict[str, Any]:
    """The answer's fields as the comparison has them: ids in the place of labels."""
    further: dict[str, tuple[str, ...]] = {}
    for entry in value.further_conditions:
        criterion = criteria[int(entry.criterion[1:]) - 1].id
        further[criterion] = (*further.get(criterion, ()), entry.text)
    return {
        "headline": value.headline,
        "summary": tuple(
            NarrativePoint(text=point.text, findings=tuple(point.findings))
            for point in value.summary
        ),
        "hypotheses": tuple(
            HypothesisNote(
                hypothesis=study.hypotheses[int(entry.hypothesis[1:]) - 1].id,
                bearing=entry.bearing,
                text=entry.reason.text,
                findings=tuple(entry.reason.findings),
            )
            for entry in sorted(value.hypotheses, key=lambda entry: int(entry.hypothesis[1:]))
        ),
        "further_conditions": further,
        "caveats": tuple(value.caveats),
    }
