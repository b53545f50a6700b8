"""What a kind of question is: everything that the rest of the program needs to know of it.

A kind says which prompt it uses, when and how often it is asked, where its answers are kept, what
a reviewer decides about them, and what later questions and the writeup take from them. All of it
has a default but the questions themselves, so that a new kind states only what it has.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from grader.comparison.items import ReviewItem
from grader.comparison.parts import Finding, OtherAnswer
from grader.judge.reply import Outcome
from grader.text.quotation import Evidence, Side

if TYPE_CHECKING:
    from grader.comparison.comparison import Comparison
    from grader.comparison.plan import Plan
    from grader.judge.asking import Asker
    from grader.questions.question import Question

T = TypeVar("T")


@dataclass(frozen=True)
class Task(Generic[T]):
    """One question that waits for its turn. It is composed only when its turn has come."""

    asker: Asker
    ask: Callable[[], Awaitable[T]]
    prefixes: Sequence[Hashable] = ()
    """Beginnings that it shares with other questions, for the provider's cache."""


@dataclass(frozen=True)
class GivenAnswer:
    """An answer of a draft, or a failure, as all walkers over a draft see it."""

    kind: str
    """As outcomes are counted: 'verdict', 'orientation'."""
    item: str
    """Where it stands: 'verdict:<criterion>:<side>', 'contrast:<criterion>', 'probe'."""
    judge: str
    outcome: Outcome | None
    """None: no judge was asked."""
    questions: tuple[str, ...]
    """Hashes of the questions asked, in order."""
    asked_again: Outcome | None = None
    detail: str | None = None
    side: Side | None = None
    criterion: str | None = None
    evidence: tuple[Evidence, ...] = ()


@dataclass(frozen=True)
class Mistake:
    """Something in a draft that is not what its answers give."""

    code: str
    message: str
    near: str | None = None
    """Words of comparison.json near which it stands."""


class Kind(ABC, Generic[T]):
    """A kind of question; `T` is the record of one answer."""

    id: str
    """Short and stable: 'verdict'."""
    prompts: tuple[str, ...]
    """Ids of its prompt files."""
    prompt_folder: Path | None = None
    """Where its prompt files lie; None: with the shipped ones."""
    wave: int = 1
    """A wave of questions is asked when the one before it is answered."""
    reply_tokens: int = 300
    """Assumed length of a reply, for estimates."""
    panel: bool = False
    """Whether every judge is asked, and as often as there are samples; else the first judge,
    once."""
    names_conditions: bool = False
    """Whether its questions name the conditions on purpose."""
    section: str | None = None
    """Title of a section of the writeup that lists its items one by one; None: it is shown in
    a section made for it, or not at all."""
    home: str | None = None
    """The section in which a finding about it is shown, for links."""

    # --- asking -----------------------------------------------------------------------------

    def asked(self, plan: Plan) -> bool:
        """Whether the plan asks it at all."""
        return plan.whole

    @abstractmethod
    def count(self, plan: Plan) -> int:
        """How many questions one sample of one judge takes."""

    @abstractmethod
    def questions(self, plan: Plan) -> Sequence[Question]:
        """These questions, for an estimate; what is known only later is assumed."""

    @abstractmethod
    def tasks(self, plan: Plan, draft: Comparison, askers: Sequence[Asker]) -> Sequence[Task[T]]:
        """The questions of the plan, in their order.

        Args:
            plan: what decides what is asked.
            draft: all that earlier waves gave.
            askers: one a judge, the first judge first.
        """

    def record(self, plan: Plan, draft: Comparison, answers: Sequence[T]) -> Mapping[str, Any]:
        """The fields of the comparison that these answers change; one answer a task."""
        return {"others": {**draft.others, self.id: tuple(answers)}}

    def offline(self, plan: Plan) -> Mapping[str, Any]:
        """The fields of the comparison where no judge is asked."""
        return {}

    # --- what stands in a draft -------------------------------------------------------------

    def answers(self, draft: Comparison) -> Iterator[GivenAnswer]:
        """All its answers in a draft."""
        for answer in draft.others.get(self.id, ()):
            yield other_answer(self.id, answer)

    def mistakes(self, draft: Comparison) -> Iterator[Mistake]:
        """What the draft states about its answers and they don't give."""
        yield from ()

    def findings(self, draft: Comparison) -> Sequence[Finding]:
        """What later questions may rest on, in blind words; each is about an item of review."""
        return ()

    def caveats(self, draft: Comparison) -> Sequence[str]:
        """What limits the comparison, as far as it can be told from its answers."""
        return ()

    # --- review and writeup -----------------------------------------------------------------

    def items(self, draft: Comparison) -> Sequence[ReviewItem]:
        """What a reviewer decides about its answers."""
        return ()

    def changed(self, item: ReviewItem, words: str) -> str:
        """What is said of a finding whose item a reviewer changed into these words."""
        return "was changed in review"


def other_answer(kind: str, answer: OtherAnswer) -> GivenAnswer:
    """The answer of a kind without a record of its own, as walkers see it."""
    parts = [kind, answer.about, answer.side]
    return GivenAnswer(
        kind=kind,
        item=":".join(part for part in parts if part),
        judge=answer.judge,
        outcome=answer.outcome,
        questions=answer.questions,
        asked_again=answer.asked_again,
        detail=answer.detail,
        side=answer.side,
        evidence=answer.evidence,
    )
