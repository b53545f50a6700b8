"""The contrast: which of the two transcripts shows more of a criterion, asked in both orders.

Where the two orders disagree it names no side.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, Literal

from pydantic import Field, model_validator

from grader.comparison import items
from grader.comparison.content import Content
from grader.comparison.items import Details, Option, ReviewItem, side_names, with_names
from grader.comparison.kinds.kind import GivenAnswer, Kind, Mistake, Task
from grader.comparison.parts import (
    AGAINST_SHIFT,
    ASKED_AGAIN,
    Attention,
    Finding,
    unlocated,
)
from grader.judge.reply import Outcome
from grader.questions.answers import Answer, PairQuotation
from grader.questions.compose import criterion_values, question, two_transcripts
from grader.questions.names import put_names_back
from grader.questions.question import Question
from grader.records import Record, difference
from grader.rubric.criteria import Criterion
from grader.rubric.scale import Level
from grader.text.quotation import Evidence, Side

if TYPE_CHECKING:
    from grader.comparison.comparison import Comparison
    from grader.comparison.pair import Pair
    from grader.comparison.plan import Plan
    from grader.judge.asking import Asker
    from grader.questions.blinding import BlindTranscript


class ContrastAnswer(Answer):
    """Which of two transcripts shows more of a criterion."""

    evidence: list[PairQuotation] = Field(
        description="The quotations that decide it, one or two a transcript, from both where "
        "both have any."
    )
    reason: str = Field(
        description="Why, in one to three sentences, calling them Transcript 1 and Transcript 2."
    )
    shows_more: Literal["transcript_1", "transcript_2", "neither"] = Field(
        description="The transcript that meets more of what the criterion asks; 'neither' if "
        "they do so equally or the difference does not bear on the criterion."
    )
    size: Literal["clear", "slight", "none"] = Field(
        description="clear: a part of the definition is fulfilled in one and not in the other; "
        "slight: one goes further or comes nearer; none: neither shows more."
    )

    @model_validator(mode="after")
    def _size_fits(self) -> ContrastAnswer:
        if (self.size == "none") != (self.shows_more == "neither"):
            raise ValueError("size is 'none' exactly where shows_more is 'neither'")
        return self


def contrast_question(
    first: BlindTranscript, second: BlindTranscript, criterion: Criterion, label: str
) -> Question:
    """Which of two transcripts shows more of a criterion, in this order."""
    return question(
        "contrast",
        ContrastAnswer,
        label=label,
        values={**two_transcripts(first, second), **criterion_values(criterion)},
    )


Size = Literal["clear", "slight", "none"]
SIZES: tuple[Size, ...] = ("clear", "slight", "none")
SIZE = "How large the difference is; None: not asked, in drafts of version 1 of the question."


def _is_none(value: object) -> bool:
    return value is None


class ContrastOrder(Record):
    """A contrast asked in one order."""

    judge: str
    first: Side = Field(description="The side that was Transcript 1 in this order.")
    outcome: Outcome
    shows_more: Literal["control", "treatment", "neither"] | None = None
    size: Size | None = Field(None, description=SIZE, exclude_if=_is_none)
    reason: str | None = Field(None, description="Blind words: 'Transcript 1' is `first`.")
    evidence: tuple[Evidence, ...] = ()
    detail: str | None = None
    questions: tuple[str, ...] = ()
    asked_again: Outcome | None = Field(None, description=ASKED_AGAIN)


class Contrast(Record):
    """Which transcript shows more of a criterion, over both orders."""

    criterion: str
    shows_more: Literal["control", "treatment", "neither"] | None = Field(
        None, description="None: the orders disagree, or one of them failed."
    )
    size: Size | None = Field(
        None, description="The smaller one of both orders' sizes.", exclude_if=_is_none
    )
    order_sensitive: bool = False
    orders: tuple[ContrastOrder, ...] = ()
    attention: tuple[Attention, ...] = ()

    @property
    def item(self) -> str:
        """Name of this contrast in review events."""
        return f"contrast:{self.criterion}"


class ContrastKind(Kind[ContrastOrder]):
    """Contrasts."""

    id = "contrast"
    prompts = ("contrast",)
    reply_tokens = 250
    home = "criteria"

    def count(self, plan: Plan) -> int:
        """Each criterion in both orders."""
        return len(plan.rubric.criteria) * 2

    def questions(self, plan: Plan) -> list[Question]:
        """Each criterion in both orders."""
        blind = plan.pair.blind
        return [
            contrast_question(blind[first], blind[plan.pair.other(first)], criterion, "")
            for criterion, first in _places(plan)
        ]

    def tasks(
        self, plan: Plan, draft: Comparison, askers: Sequence[Asker]
    ) -> list[Task[ContrastOrder]]:
        """Each criterion in both orders."""
        return [
            Task(
                askers[0],
                partial(ask_contrast, askers[0], plan.pair, criterion, first),
                plan.pair.prefixes("contrast", first),
            )
            for criterion, first in _places(plan)
        ]

    def record(
        self, plan: Plan, draft: Comparison, answers: Sequence[ContrastOrder]
    ) -> dict[str, Any]:
        """One contrast for each criterion, held against the verdicts."""
        rest = iter(answers)
        levels = draft.levels
        return {
            "contrasts": tuple(
                reconcile_contrast(
                    criterion,
                    (next(rest), next(rest)),
                    (levels[criterion.id, "control"], levels[criterion.id, "treatment"]),
                )
                for criterion in plan.rubric.criteria
            )
        }

    def answers(self, draft: Comparison) -> Iterator[GivenAnswer]:
        """Both orders of every contrast."""
        for contrast in draft.contrasts:
            for order in contrast.orders:
                yield GivenAnswer(
                    kind=self.id,
                    item=contrast.item,
                    judge=order.judge,
                    outcome=order.outcome,
                    questions=order.questions,
                    asked_again=order.asked_again,
                    detail=order.detail,
                    criterion=contrast.criterion,
                    evidence=order.evidence,
                )

    def mistakes(self, draft: Comparison) -> Iterator[Mistake]:
        """Contrasts that are not what their orders and the verdicts give."""
        levels = draft.levels
        for contrast in draft.contrasts:
            both = (
                levels.get((contrast.criterion, "control")),
                levels.get((contrast.criterion, "treatment")),
            )
            criterion = draft.rubric.criterion(contrast.criterion)
            again = reconcile_contrast(criterion, contrast.orders, both)
            if again != contrast:
                yield Mistake(
                    "contrast-differs",
                    f"the contrast on {contrast.criterion} is not what its two orders give: "
                    f"{difference(contrast, again)}",
                )

    def findings(self, draft: Comparison) -> list[Finding]:
        """One for each contrast that has an agreed or an order-sensitive answer."""
        texts = [(each, text) for each in draft.contrasts if (text := _finding(draft, each))]
        return [
            Finding(label=f"X{number}", text=text, about=contrast.item)
            for number, (contrast, text) in enumerate(texts, 1)
        ]

    def caveats(self, draft: Comparison) -> list[str]:
        """How many contrasts change with the order."""
        sensitive = sum(1 for contrast in draft.contrasts if contrast.order_sensitive)
        if not sensitive:
            return []
        verbs = ("changes", "names") if sensitive == 1 else ("change", "name")
        return [
            f"{sensitive} of {len(draft.contrasts)} contrasts {verbs[0]} with the order in "
            f"which the two transcripts are shown and so {verbs[1]} neither."
        ]

    def items(self, draft: Comparison) -> list[ReviewItem]:
        """One for each contrast."""
        found = {contrast.criterion: contrast for contrast in draft.contrasts}
        return [
            _item(draft, place, criterion, contrast)
            for place, criterion in enumerate(draft.rubric.criteria, 1)
            if (contrast := found.get(criterion.id))
        ]


# --- asking ---------------------------------------------------------------------------------


async def ask_contrast(
    asker: Asker, pair: Pair, criterion: Criterion, first: Side
) -> ContrastOrder:
    """Which of the two shows more of a criterion, with `first` as Transcript 1."""
    from grader.comparison.asking import ask_with_evidence, quoted_of_two

    shown = (first, pair.other(first))
    asked = await ask_with_evidence(
        asker,
        pair,
        contrast_question(
            pair.blind[shown[0]],
            pair.blind[shown[1]],
            criterion,
            f"contrast {criterion.id} with the {first} first",
        ),
        lambda answer: quoted_of_two(answer.evidence, shown),
        shown=shown,
    )
    value = asked.answered.value
    known = {"judge": asker.judge.spec, "first": first, **asked.record}
    if not isinstance(value, ContrastAnswer):
        return ContrastOrder(**known)
    meaning = {"transcript_1": shown[0], "transcript_2": shown[1], "neither": "neither"}
    return ContrastOrder.model_validate(
        {
            **known,
            "shows_more": meaning[value.shows_more],
            "size": value.size,
            "reason": value.reason,
            "evidence": asked.evidence,
        }
    )


def reconcile_contrast(
    criterion: Criterion, orders: Sequence[ContrastOrder], levels: tuple[Level | None, Level | None]
) -> Contrast:
    """One contrast from both orders.

    Args:
        criterion: what was asked.
        orders: the answers, one an order.
        levels: control and treatment level of the criterion, to hold the contrast against.
    """
    sides = [order.shows_more for order in orders]
    agreed = sides[0] if sides and None not in sides and len(set(sides)) == 1 else None
    sensitive = None not in sides and len(set(sides)) > 1
    attention = [a for order in orders for a in unlocated(order.evidence, order.asked_again)]
    if sensitive:
        attention.append(
            Attention(
                code="order_sensitive",
                message="the answer changes with the order in which the two are shown",
            )
        )
    moved = criterion.scale.shift(*levels)
    against = {"up": "control", "down": "treatment"}.get(moved or "")
    if agreed is not None and agreed == against:
        attention.append(
            Attention(
                code=AGAINST_SHIFT,
                message=f"the verdicts shift {moved}, yet side by side the {agreed} shows more",
            )
        )
    return Contrast(
        criterion=criterion.id,
        shows_more=agreed,
        size=_smaller(orders) if agreed is not None else None,
        order_sensitive=sensitive,
        orders=tuple(orders),
        attention=tuple(attention),
    )


def _smaller(orders: Sequence[ContrastOrder]) -> Size | None:
    sizes = [order.size for order in orders]
    return None if None in sizes else max((size for size in sizes if size), key=SIZES.index)


def _places(plan: Plan) -> list[tuple[Criterion, Side]]:
    return [(criterion, first) for criterion in plan.rubric.criteria for first in plan.pair.order]


# --- what stands in a draft -----------------------------------------------------------------


def _finding(draft: Comparison, contrast: Contrast) -> str | None:
    order = draft.blind_order
    title = draft.rubric.criterion(contrast.criterion).title
    if contrast.order_sensitive:
        return (
            f'"{title}", side by side: the answer changes with the order shown, so it names '
            "neither."
        )
    if contrast.shows_more is None:
        return None
    if contrast.shows_more == "neither":
        result = "neither shows more."
    else:
        number = order.index(contrast.shows_more) + 1
        result = f"Transcript {number} shows more{how_much(contrast.size)}."
    reasons = [each for each in contrast.orders if each.reason]
    reasons.sort(key=lambda each: each.first != order[0])
    if reasons and (words := reasons[0].reason):
        if reasons[0].first != order[0]:
            words = put_names_back(words, "Transcript 2", "Transcript 1")
        result += f" {words}"
    return f'"{title}", side by side: {result}'


def how_much(size: Size | None) -> str:
    """', clearly' or ', slightly'; nothing where the size is not known."""
    return {"clear": ", clearly", "slight": ", slightly"}.get(size or "", "")


def contrast_attention(draft: Comparison, contrast: Contrast) -> dict[str, tuple[str, ...]]:
    """Why to look at a contrast and its verdicts first, in words that name no side.

    Returns:
        For each reason the ids of the items of which it tells.
    """
    words = {
        "order_sensitive": "side by side, the answer changes with the order of the two",
        AGAINST_SHIFT: "side by side, the judge saw the two the other way round than these levels",
    }
    failed = "the two could not be compared side by side"
    return {
        words.get(each.code, failed): (
            (contrast.item, *verdicts_beside(draft, contrast.criterion))
            if each.code == AGAINST_SHIFT
            else (contrast.item,)
        )
        for each in contrast.attention
    }


def verdicts_beside(draft: Comparison, criterion: str) -> tuple[str, ...]:
    """The ids of the verdicts on a criterion."""
    return tuple(each.item for each in draft.verdicts if each.criterion == criterion)


# --- review ---------------------------------------------------------------------------------


def _item(draft: Comparison, place: int, criterion: Criterion, contrast: Contrast) -> ReviewItem:
    quoted = (each for order in contrast.orders for each in order.evidence)
    reasons = contrast_attention(draft, contrast)
    return ReviewItem(
        id=contrast.item,
        kind="contrast",
        title=criterion.title,
        suffix=", side by side",
        short=f"criterion {place}, side by side",
        card=f"criterion:{criterion.id}",
        fields=(
            items.Field(
                "shows_more",
                "Which shows more?",
                "side",
                options=_options(draft),
                empty_word="no side is named",
                empty_stands=True,
            ),
            items.Field("rationale", "Rationale", "rationale", settles=False, when_changed=True),
        ),
        drafted=Content(shows_more=contrast.shows_more, evidence=tuple(dict.fromkeys(quoted))),
        attention=tuple(reasons),
        attention_from=reasons,
        beside=verdicts_beside(draft, criterion.id),
        asked=criterion,
        details=partial(_details, draft, contrast),
    )


def _options(draft: Comparison) -> tuple[Option, ...]:
    return (
        *(
            Option(side, name, sentence=f"{name} shows more")
            for side, name in side_names(draft, blind=True).items()
        ),
        Option("neither", "neither", sentence="neither shows more"),
    )


def _details(draft: Comparison, contrast: Contrast, whole: bool) -> Details:
    names = side_names(draft, blind=True)
    return Details(
        reasons=tuple(
            (
                f"asked with {names[order.first]} first",
                f"{_answer(draft, order)}. "
                + with_names(draft, order.reason or "", blind=True, first=order.first),
            )
            for order in contrast.orders
        )
    )


def _answer(draft: Comparison, order: ContrastOrder) -> str:
    if order.outcome != "answered":
        return f"no answer ({order.outcome})"
    words = {option.value: option.sentence for option in _options(draft)}
    return words.get(order.shows_more or "", "no side is named")
