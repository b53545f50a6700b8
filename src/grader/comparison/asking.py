"""One question with its evidence: asked, located, and asked again once for what was not found.

Between the judge, who knows nothing of transcripts, and the records of a comparison.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, TypeVar

from grader.comparison.kinds.kind import Task
from grader.comparison.pair import Pair
from grader.comparison.parts import OtherAnswer
from grader.judge.asking import Answered, Asker
from grader.judge.reply import Outcome
from grader.judge.throttle import Place
from grader.questions.answers import PairQuotation, RequoteAnswer
from grader.questions.question import Question
from grader.questions.reask import MissingQuotation, for_quotations
from grader.text.quotation import Evidence, Side, locate
from grader.transcripts.transcript import deliverable

T = TypeVar("T")


@dataclass(frozen=True)
class Quoted:
    """A quotation in an answer: its words and the side it is attributed to."""

    quote: str
    side: Side


QuotationsOf = Callable[[Any], Iterable[Quoted]]
"""From an answer to its quotations, in a fixed order."""


@dataclass(frozen=True)
class WithEvidence:
    """An answer, its evidence located, and the hashes of all questions it took."""

    answered: Answered
    evidence: tuple[Evidence, ...]
    """One for each quotation of the answer, in the order the answer has them."""
    questions: tuple[str, ...]
    asked_again: Outcome | None = None
    """How asking again for what was not found ended; None: all was found at once."""

    @property
    def record(self) -> dict[str, Any]:
        """How the question ended, by the field names of every kind's record."""
        return {
            "outcome": self.answered.outcome,
            "detail": self.answered.detail,
            "questions": self.questions,
            "asked_again": self.asked_again,
        }


async def ask_with_evidence(
    asker: Asker,
    pair: Pair,
    question: Question,
    quotations: QuotationsOf,
    *,
    shown: tuple[Side, ...],
    sample: int = 1,
) -> WithEvidence:
    """Ask, locate the answer's quotations, and ask once for those that were not found.

    Args:
        asker: the judge with its journal.
        pair: the transcripts in which quotations are looked for.
        question: what is asked.
        quotations: gives the answer's quotations in a fixed order.
        shown: the sides the question shows; two sides are called Transcript 1 and 2.
        sample: which repeat this is, from 1.
    """
    answered = await asker.ask(question, sample=sample)
    if answered.value is None:
        return WithEvidence(answered, (), answered.questions)
    evidence = [_locate(pair, each) for each in quotations(answered.value)]
    missing = [place for place, each in enumerate(evidence) if each.span is None]
    asked, asked_again = answered.questions, None
    if missing:
        again = for_quotations(
            question,
            answered.text or "",
            [_missing(evidence[place], shown) for place in missing],
        )
        reply = await asker.ask(again, sample=sample)
        asked, asked_again = asked + reply.questions, reply.outcome
        if isinstance(reply.value, RequoteAnswer):
            for entry in reply.value.quotations:
                place = missing[entry.number - 1]
                found = _locate(pair, Quoted(entry.quote, evidence[place].side))
                if found.span is not None:
                    evidence[place] = found
    return WithEvidence(answered, tuple(evidence), asked, asked_again)


async def ask_other(
    asker: Asker,
    pair: Pair,
    question: Question,
    quotations: QuotationsOf,
    *,
    shown: tuple[Side, ...],
    about: str = "",
) -> OtherAnswer:
    """Ask a question of a kind that has no record of its own. Arguments as `ask_with_evidence`.

    `about` is what the question is about, such as a criterion's id.
    """
    asked = await ask_with_evidence(asker, pair, question, quotations, shown=shown)
    value = asked.answered.value
    return OtherAnswer(
        about=about,
        side=shown[0] if len(shown) == 1 else None,
        judge=asker.judge.spec,
        values=value.model_dump(mode="json", by_alias=True) if value is not None else {},
        evidence=asked.evidence,
        **asked.record,
    )


def quoted_of_two(quotations: Iterable[PairQuotation], shown: tuple[Side, ...]) -> list[Quoted]:
    """Quotations of an answer about two transcripts; `shown` are Transcript 1 and 2."""
    return [Quoted(each.quote, shown[each.transcript - 1]) for each in quotations]


async def in_turn(task: Task[T], place: Place) -> T:
    """Ask when the question's turn has come. It is composed only then, so that a queue of
    thousands holds no prompts."""
    async with task.asker.turn(place, task.prefixes):
        return await task.ask()


def _locate(pair: Pair, quoted: Quoted) -> Evidence:
    return locate(quoted.quote, deliverable(pair.transcript(quoted.side)), quoted.side)


def _missing(evidence: Evidence, shown: tuple[Side, ...]) -> MissingQuotation:
    number = shown.index(evidence.side) + 1 if len(shown) == 2 else None
    return MissingQuotation(evidence.quote, number)  # type: ignore[arg-type]
