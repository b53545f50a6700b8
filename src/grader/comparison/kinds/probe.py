"""The blindness probe: can the judge tell which of the two was the plain run? Asked on request."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, Literal

from pydantic import Field

from grader.comparison.kinds.kind import GivenAnswer, Kind, Task
from grader.comparison.parts import ASKED_AGAIN
from grader.judge.reply import Outcome
from grader.questions.answers import Answer, PairQuotation
from grader.questions.compose import question, two_transcripts
from grader.questions.question import Question
from grader.records import Record
from grader.text.quotation import Evidence, Side

if TYPE_CHECKING:
    from grader.comparison.comparison import Comparison
    from grader.comparison.pair import Pair
    from grader.comparison.plan import Plan
    from grader.judge.asking import Asker
    from grader.questions.blinding import BlindTranscript


class ProbeAnswer(Answer):
    """Whether a judge can tell which run was the plain one."""

    evidence: list[PairQuotation] = Field(
        description="One or two quotations that give it away. Empty if nothing does."
    )
    reason: str = Field(
        description="Why, in one to three sentences, calling them Transcript 1 and Transcript 2."
    )
    plain_run: Literal["transcript_1", "transcript_2", "cannot_tell"] = Field(
        description="The run that got the task alone, or cannot_tell."
    )


def probe_question(first: BlindTranscript, second: BlindTranscript, label: str) -> Question:
    """Which of the two was the plain run? Asked to learn how blind the judge was."""
    return question("probe", ProbeAnswer, label=label, values=two_transcripts(first, second))


class ProbeOrder(Record):
    """The judge's guess at which transcript was the control, in one order."""

    first: Side = Field(description="The side that was Transcript 1 in this order.")
    outcome: Outcome
    guess: Literal["control", "treatment", "cannot_tell"] | None = Field(
        None, description="The side taken for the control."
    )
    reason: str | None = Field(None, description="Blind words: 'Transcript 1' is `first`.")
    evidence: tuple[Evidence, ...] = ()
    detail: str | None = None
    questions: tuple[str, ...] = ()
    asked_again: Outcome | None = Field(None, description=ASKED_AGAIN)


class ProbeKind(Kind[ProbeOrder]):
    """The blindness probe."""

    id = "probe"
    prompts = ("probe",)
    wave = 1
    reply_tokens = 200

    def asked(self, plan: Plan) -> bool:
        """On request; never about two runs of one condition, of which neither is the plain one."""
        return plan.probe and not plan.pair.same_condition

    def count(self, plan: Plan) -> int:
        """Both orders."""
        return 2

    def questions(self, plan: Plan) -> list[Question]:
        """Both orders."""
        blind = plan.pair.blind
        return [
            probe_question(blind[first], blind[plan.pair.other(first)], "")
            for first in plan.pair.order
        ]

    def tasks(
        self, plan: Plan, draft: Comparison, askers: Sequence[Asker]
    ) -> list[Task[ProbeOrder]]:
        """Both orders."""
        return [
            Task(askers[0], partial(ask_probe, askers[0], plan.pair, first))
            for first in plan.pair.order
        ]

    def record(
        self, plan: Plan, draft: Comparison, answers: Sequence[ProbeOrder]
    ) -> dict[str, Any]:
        """Both orders."""
        return {"probe": tuple(answers)}

    def answers(self, draft: Comparison) -> Iterator[GivenAnswer]:
        """Both orders, by the first judge."""
        for order in draft.probe:
            yield GivenAnswer(
                kind=self.id,
                item=self.id,
                judge=draft.judges[0].spec,
                outcome=order.outcome,
                questions=order.questions,
                asked_again=order.asked_again,
                detail=order.detail,
                evidence=order.evidence,
            )

    def caveats(self, draft: Comparison) -> list[str]:
        """How blind the judge was."""
        found = []
        if any(each.code == "speaks_of_preamble" for each in draft.attention):
            found.append(
                "A transcript speaks of its own framing, so the judge may have guessed its "
                "condition."
            )
        if draft.probe:
            found.append(_result(draft.probe))
        return found


async def ask_probe(asker: Asker, pair: Pair, first: Side) -> ProbeOrder:
    """Which of the two was the control, with `first` as Transcript 1."""
    from grader.comparison.asking import ask_with_evidence, quoted_of_two

    shown = (first, pair.other(first))
    asked = await ask_with_evidence(
        asker,
        pair,
        probe_question(
            pair.blind[shown[0]], pair.blind[shown[1]], f"blindness probe with the {first} first"
        ),
        lambda answer: quoted_of_two(answer.evidence, shown),
        shown=shown,
    )
    value = asked.answered.value
    if not isinstance(value, ProbeAnswer):
        return ProbeOrder(first=first, **asked.record)
    meaning = {"transcript_1": shown[0], "transcript_2": shown[1], "cannot_tell": "cannot_tell"}
    return ProbeOrder.model_validate(
        {
            **asked.record,
            "first": first,
            "guess": meaning[value.plain_run],
            "reason": value.reason,
            "evidence": asked.evidence,
        }
    )


def _result(orders: Sequence[ProbeOrder]) -> str:
    """How often the judge could tell the control."""
    guesses = [order.guess for order in orders]
    asked = len(guesses)
    right, wrong = guesses.count("control"), guesses.count("treatment")
    open_ = guesses.count("cannot_tell")
    parts = [
        f"{count} of {asked} times it {what}"
        for count, what in (
            (right, "named the control rightly"),
            (wrong, "took the treatment for it"),
            (open_, "could not tell"),
            (asked - right - wrong - open_, "gave no answer"),
        )
        if count
    ]
    return (
        "Asked in both orders which run was the control, the judge answered so: "
        f"{', '.join(parts)}. Right answers in both orders mean that it may not have been blind."
    )
