"""The short text of the writeup: asked on findings and their located quotations, and nothing else.

The judge sees no transcript and no condition. Each sentence rests on labels of findings. What it
quotes is located; what a reader could be misled by is left out and counted.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

from pydantic import Field, ValidationInfo, model_validator

from grader.comparison.content import Content
from grader.comparison.items import Details, ReviewItem, with_names
from grader.comparison.items import Field as ItemField
from grader.comparison.kinds.kind import GivenAnswer, Kind, Task
from grader.comparison.parts import FINDING_CHARACTERS, LeftOut, WrittenSentence, assumed_findings
from grader.judge.reply import Outcome
from grader.questions.answers import Answer, check_findings, rule
from grader.questions.compose import question
from grader.questions.question import Question
from grader.records import Record
from grader.rubric.criteria import Criterion
from grader.text.quotation import Evidence

if TYPE_CHECKING:
    from grader.comparison.comparison import Comparison
    from grader.comparison.plan import Plan
    from grader.judge.asking import Asker


class SupportedSentence(Answer):
    """A sentence and the findings it rests on."""

    findings: list[str] = Field(
        description="Labels of the findings it rests on, such as 'V3'; empty if it rests on none."
    )
    text: str = Field(description="One sentence, without labels.")

    @model_validator(mode="after")
    def _labels_were_given(self, info: ValidationInfo) -> SupportedSentence:
        check_findings(self.findings, info)
        return self


class CriterionReason(SupportedSentence):
    """What sets the two apart on one criterion, or makes them level."""

    criterion: str = Field(description="The criterion's label, such as 'K2'.")


class TextParagraph(Answer):
    """A paragraph."""

    sentences: list[SupportedSentence] = Field(description="Its sentences in their order.")


class TextAnswer(Answer):
    """The short text of a comparison."""

    reasons: list[CriterionReason] = Field(
        description="One entry for each criterion, its text of at most 16 words."
    )
    paragraphs: list[TextParagraph] = Field(
        description="Five to seven paragraphs, 600 to 680 words in all."
    )

    @model_validator(mode="after")
    def _every_criterion_once(self, info: ValidationInfo) -> TextAnswer:
        labels = rule(info, "criteria")
        if labels is not None:
            given = [entry.criterion for entry in self.reasons]
            if sorted(given) != sorted(labels):
                raise ValueError(f"reasons must hold each of {sorted(labels)} once")
        if not any(paragraph.sentences for paragraph in self.paragraphs):
            raise ValueError("paragraphs may not be empty")
        return self


class WrittenText(Record):
    """The short text, in blind words, as far as it can stand before a reader."""

    judge: str
    outcome: Outcome
    reasons: dict[str, WrittenSentence] = Field(
        default_factory=dict, description="What decides, by criterion id."
    )
    paragraphs: tuple[tuple[WrittenSentence, ...], ...] = ()
    left_out: tuple[LeftOut, ...] = Field((), description="Sentences that can't stand, with why.")
    detail: str | None = None
    questions: tuple[str, ...] = ()


def text_question(
    criteria: Sequence[Criterion],
    findings: Sequence[tuple[str, str]],
    passages: Mapping[str, Sequence[tuple[int, str]]],
) -> Question:
    """The question for the short text.

    Args:
        criteria: of the rubric.
        findings: label and text of each.
        passages: by label the quotations it was found by, with 1 or 2 for their transcript.
    """
    labels = {f"K{n}": each for n, each in enumerate(criteria, 1)}
    return question(
        "text",
        TextAnswer,
        label="text",
        rules={
            "findings": frozenset(label for label, _ in findings),
            "criteria": frozenset(labels),
        },
        values={
            "criteria": [
                {
                    "label": label,
                    "title": each.title,
                    "question": each.question,
                    "top_definition": each.definition(each.scale.highest),
                }
                for label, each in labels.items()
            ],
            "findings": "\n".join(_lines(findings, passages)),
        },
    )


def _lines(
    findings: Sequence[tuple[str, str]], passages: Mapping[str, Sequence[tuple[int, str]]]
) -> Iterator[str]:
    """Each finding and each passage on a line of its own: there it can't pass for anything else."""
    for label, text in findings:
        yield f"{label}: {' '.join(text.split())}"
        for number, words in passages.get(label, ()):
            yield f"    Transcript {number}: {' '.join(words.split())}"


class TextKind(Kind[WrittenText]):
    """The short text."""

    id = "text"
    prompts = ("text",)
    wave = 3
    reply_tokens = 2500

    def count(self, plan: Plan) -> int:
        """One."""
        return 1

    def questions(self, plan: Plan) -> list[Question]:
        """One, with findings and passages of an assumed number and length."""
        criteria, signatures = plan.rubric.criteria, plan.rubric.signatures
        findings = assumed_findings(len(criteria) * 3 + len(signatures) * 2 + 30)
        passages = {label: [(1, "x" * FINDING_CHARACTERS)] * 2 for label, _ in findings}
        return [text_question(criteria, findings, passages)]

    def tasks(
        self, plan: Plan, draft: Comparison, askers: Sequence[Asker]
    ) -> list[Task[WrittenText]]:
        """One; it sees all findings."""
        return [Task(askers[0], partial(ask_text, askers[0], draft))]

    def record(
        self, plan: Plan, draft: Comparison, answers: Sequence[WrittenText]
    ) -> dict[str, Any]:
        """The text as far as it can stand."""
        return {"text": answers[0]}

    def answers(self, draft: Comparison) -> Iterator[GivenAnswer]:
        """The answer, where it was asked."""
        if (given := draft.text) is not None:
            yield GivenAnswer(
                kind=self.id,
                item=self.id,
                judge=given.judge,
                outcome=given.outcome,
                questions=given.questions,
                detail=given.detail,
            )

    def items(self, draft: Comparison) -> list[ReviewItem]:
        """The scorecard's reasons and the paragraphs: one decision, each open to its own."""
        given = draft.text
        if given is None or given.outcome != "answered":
            return []
        numbers = {each.id: n for n, each in enumerate(draft.rubric.criteria, 1)}
        reasons = [
            _item(
                draft, f"reason:{criterion}", f"Reason at criterion {numbers[criterion]}", (each,)
            )
            for criterion, each in given.reasons.items()
        ]
        paragraphs = [
            _item(draft, f"paragraph:{number}", f"Paragraph {number}", sentences)
            for number, sentences in enumerate(given.paragraphs, 1)
        ]
        items = [*paragraphs, *reasons]
        if items and given.left_out:
            items[0] = _with_left_out(items[0], given.left_out)
        return items


CARD = "text"
CARD_TITLE = "The text: paragraphs, and a reason for each criterion"


def paragraph_text(sentences: Sequence[WrittenSentence]) -> str:
    """The sentences of a paragraph as one text."""
    return " ".join(each.text for each in sentences)


def _item(
    draft: Comparison, id: str, title: str, sentences: Sequence[WrittenSentence]
) -> ReviewItem:
    evidence = tuple(dict.fromkeys(each for one in sentences for each in one.evidence))
    labels = tuple(dict.fromkeys(label for one in sentences for label in one.findings))
    text = paragraph_text(sentences)
    return ReviewItem(
        id=id,
        kind="text",
        title=title,
        fields=(ItemField("text", "Words", "text"),),
        drafted=Content(text=text, evidence=evidence),
        attention=_attention(sentences),
        named=True,
        card=CARD,
        card_title=CARD_TITLE,
        quotable=False,
        findings=labels,
        details=partial(_details, draft, text, labels),
    )


def _attention(sentences: Sequence[WrittenSentence]) -> tuple[str, ...]:
    return tuple(
        f"{doubt}: “{_beginning(each.text)}”" for each in sentences for doubt in each.doubts
    )


def _with_left_out(item: ReviewItem, left_out: Sequence[LeftOut]) -> ReviewItem:
    told = tuple(f"left out of the text, since it {each.why}: {each.text}" for each in left_out)
    return replace(item, attention=(*item.attention, *told))


def _beginning(text: str) -> str:
    words = text.split()
    return f"{' '.join(words[:8])}{' …' if len(words) > 8 else ''}"


def _details(draft: Comparison, text: str, labels: Sequence[str], whole: bool) -> Details:
    known = {finding.label: finding.text for finding in draft.findings}
    rests_on = tuple(
        with_names(draft, known[each], blind=False) for each in labels if each in known
    )
    return Details(findings=rests_on, text=with_names(draft, text, blind=False))


# --- asking ---------------------------------------------------------------------------------


async def ask_text(asker: Asker, draft: Comparison) -> WrittenText:
    """Ask for the text on the draft's findings and keep of it what can stand."""
    from grader.comparison.sentence_checks import passages_of

    asked = await asker.ask(
        text_question(
            draft.rubric.criteria,
            [(finding.label, finding.text) for finding in draft.findings],
            {
                label: [(draft.blind_order.index(each.side) + 1, each.quote) for each in evidence]
                for label, evidence in shown_once(passages_of(draft)).items()
            },
        )
    )
    known: dict[str, Any] = {
        "judge": asker.judge.spec,
        "outcome": asked.outcome,
        "detail": asked.detail,
        "questions": asked.questions,
    }
    if not isinstance(asked.value, TextAnswer):
        return WrittenText(**known)
    return WrittenText(**known, **_record(draft, asked.value))


def _record(draft: Comparison, value: TextAnswer) -> dict[str, Any]:
    """The answer's fields as the comparison has them: what can stand, and what was left out."""
    from grader.comparison.sentence_checks import Checked

    checked = Checked(draft)
    criteria = draft.rubric.criteria
    reasons = {
        criteria[int(entry.criterion[1:]) - 1].id: sentence
        for entry in sorted(value.reasons, key=lambda entry: int(entry.criterion[1:]))
        if (sentence := checked.kept(entry.text, entry.findings, counts=False))
    }
    paragraphs = [
        [
            sentence
            for each in paragraph.sentences
            if (sentence := checked.kept(each.text, each.findings))
        ]
        for paragraph in value.paragraphs
    ]
    return {
        "reasons": reasons,
        "paragraphs": tuple(tuple(each) for each in paragraphs if each),
        "left_out": tuple(checked.left_out),
    }


def shown_once(passages: Mapping[str, Sequence[Evidence]]) -> dict[str, list[Evidence]]:
    """The passages by label, each place only under the first label that has it."""
    seen = set()
    found: dict[str, list[Evidence]] = {}
    for label, evidence in passages.items():
        for each in evidence:
            if each.span is not None and each.span not in seen:
                seen.add(each.span)
                found.setdefault(label, []).append(each)
    return found
