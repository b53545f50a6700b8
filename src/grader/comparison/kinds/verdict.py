"""The verdict: which level of one criterion holds for one transcript, asked of each by itself.

Every judge is asked, and as often as there are samples. The level is the ordinal median, a tie
goes to the lower; what disagreed is kept and raises attention. Where the criterion allows it, the
answer may be that the situation does not arise; that holds where most answers say so.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from functools import cache, partial
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from pydantic import Field, create_model

from grader.comparison import items
from grader.comparison.content import Content
from grader.comparison.items import Details, Option, ReviewItem
from grader.comparison.kinds.kind import GivenAnswer, Kind, Mistake, Task
from grader.comparison.parts import (
    AGAINST_SHIFT,
    ASKED_AGAIN,
    Attention,
    Finding,
    Passage,
    unlocated,
)
from grader.judge.reply import Outcome
from grader.questions.answers import Answer
from grader.questions.compose import criterion_values, one_transcript, question
from grader.questions.question import Question
from grader.records import Record, difference
from grader.rubric.criteria import Criterion
from grader.rubric.scale import NOT_APPLICABLE, THREE_LEVELS, Level, ThreeLevels, level_name
from grader.text.quotation import SIDES, Evidence, Side

if TYPE_CHECKING:
    from grader.comparison.comparison import Comparison
    from grader.comparison.kinds.contrast import Contrast
    from grader.comparison.pair import Pair
    from grader.comparison.plan import Plan
    from grader.judge.asking import Asker
    from grader.questions.blinding import BlindTranscript


class VerdictAnswer(Answer):
    """One criterion on one transcript."""

    may_be_left_out: ClassVar[frozenset[str]] = frozenset({"speaks_to_the_judge"})

    evidence: list[str] = Field(
        description="Quotations from the transcript that decide the level, the fewest that do, "
        "each copied character for character, one unbroken passage each, without added quotation "
        "marks or dots for left-out words. Empty if nothing in the transcript bears on the "
        "criterion."
    )
    looked_for_in_vain: list[str] = Field(
        description="What the definitions ask for and the transcript does not contain, one thing "
        "an entry, in a few words. Empty if nothing is missing, or if the criterion asks that "
        "something be absent."
    )
    speaks_to_the_judge: list[str] = Field(
        description="Passages of the transcript that address a judge, grader or reader of an "
        "evaluation, each copied character for character. Mostly empty."
    )
    rationale: str = Field(
        description="How the quotations and the missing things lead to the level, in two to four "
        "sentences that name the conditions of the level definitions."
    )
    level: ThreeLevels = Field(
        description="The one level whose definition holds. Reached last, from the above."
    )


def answer_model(criterion: Criterion) -> type[VerdictAnswer]:
    """The shape of the answer to a question on this criterion: its own levels and no others."""
    return _answer_model(criterion.answers, criterion.not_applicable is not None)


@cache
def _answer_model(answers: tuple[str, ...], beside: bool) -> type[VerdictAnswer]:
    if answers == THREE_LEVELS:
        return VerdictAnswer
    described = VerdictAnswer.model_fields["level"].description or ""
    if beside:
        described += (
            " not_applicable only if what the question says of it is so; never because the "
            "transcript shows little, or because it is hard to decide."
        )
    return create_model(
        VerdictAnswer.__name__,
        __base__=VerdictAnswer,
        __doc__=VerdictAnswer.__doc__,
        level=(Literal[answers], Field(description=described)),  # type: ignore[arg-type]
    )


def verdict_question(transcript: BlindTranscript, criterion: Criterion, label: str) -> Question:
    """One criterion on one transcript."""
    return question(
        "verdict",
        answer_model(criterion),
        label=label,
        values={**one_transcript(transcript), **criterion_values(criterion)},
    )


class VerdictSample(Record):
    """One judge's answer, or failure, to one verdict question."""

    judge: str
    sample: int = Field(ge=1)
    outcome: Outcome
    level: Level | None = None
    rationale: str | None = None
    evidence: tuple[Evidence, ...] = ()
    looked_for_in_vain: tuple[str, ...] = ()
    speaks_to_the_judge: tuple[str, ...] = Field(
        (),
        description="Passages that the judge took for words to itself.",
        exclude_if=lambda passages: not passages,
    )
    detail: str | None = Field(None, description="What failed, for people.")
    questions: tuple[str, ...] = Field((), description="Hashes of the questions asked, in order.")
    asked_again: Outcome | None = Field(None, description=ASKED_AGAIN)


class Verdict(Record):
    """Level, rationale and evidence for one criterion on one transcript."""

    criterion: str
    side: Side
    level: Level | None = None
    rationale: str | None = None
    evidence: tuple[Evidence, ...] = ()
    looked_for_in_vain: tuple[str, ...] = ()
    samples: tuple[VerdictSample, ...] = ()
    candidates: tuple[Passage, ...] = ()
    attention: tuple[Attention, ...] = ()

    @property
    def split(self) -> bool:
        """Whether several answers leave no majority for any level."""
        levels = [sample.level for sample in self.samples if sample.level is not None]
        return bool(levels) and max(Counter(levels).values()) * 2 <= len(levels) > 1

    @property
    def item(self) -> str:
        """Name of this verdict in review events."""
        return f"verdict:{self.criterion}:{self.side}"


class VerdictKind(Kind[VerdictSample]):
    """Verdicts."""

    id = "verdict"
    prompts = ("verdict",)
    reply_tokens = 350
    panel = True
    home = "criteria"

    def asked(self, plan: Plan) -> bool:
        """Always."""
        return True

    def count(self, plan: Plan) -> int:
        """Each criterion on each side."""
        return len(plan.rubric.criteria) * len(SIDES)

    def questions(self, plan: Plan) -> list[Question]:
        """Each criterion on each side."""
        return [
            verdict_question(plan.pair.blind[side], criterion, "")
            for criterion, side in _places(plan)
        ]

    def tasks(
        self, plan: Plan, draft: Comparison, askers: Sequence[Asker]
    ) -> list[Task[VerdictSample]]:
        """Each criterion on each side, of every judge, as often as there are samples."""
        return [
            Task(
                asker,
                partial(ask_verdict, asker, plan.pair, criterion, side, sample),
                plan.pair.prefixes("verdict", side),
            )
            for criterion, side in _places(plan)
            for asker in askers
            for sample in range(1, plan.samples + 1)
        ]

    def record(
        self, plan: Plan, draft: Comparison, answers: Sequence[VerdictSample]
    ) -> dict[str, Any]:
        """One verdict for each criterion and side."""
        rest = iter(answers)
        each = len(answers) // (self.count(plan) or 1)
        return {
            "verdicts": tuple(
                reconcile_verdict(criterion, side, [next(rest) for _ in range(each)])
                for criterion, side in _places(plan)
            )
        }

    def offline(self, plan: Plan) -> Mapping[str, Any]:
        """The nearest passages, and no level."""
        from grader.comparison.candidates import nearest_in

        return {
            "verdicts": tuple(
                Verdict(
                    criterion=criterion.id,
                    side=side,
                    candidates=nearest_in(
                        plan.pair,
                        side,
                        criterion.title,
                        criterion.question,
                        criterion.definition(criterion.scale.highest),
                        *criterion.look_for,
                    ),
                )
                for criterion, side in _places(plan)
            )
        }

    def answers(self, draft: Comparison) -> Iterator[GivenAnswer]:
        """Every sample."""
        for verdict in draft.verdicts:
            for sample in verdict.samples:
                yield GivenAnswer(
                    kind=self.id,
                    item=verdict.item,
                    judge=sample.judge,
                    outcome=sample.outcome,
                    questions=sample.questions,
                    asked_again=sample.asked_again,
                    detail=sample.detail,
                    side=verdict.side,
                    criterion=verdict.criterion,
                    evidence=sample.evidence,
                )

    def mistakes(self, draft: Comparison) -> Iterator[Mistake]:
        """Verdicts that are missing, or that are not what their samples give."""
        expected = {(criterion.id, side) for criterion in draft.rubric.criteria for side in SIDES}
        given = [(verdict.criterion, verdict.side) for verdict in draft.verdicts]
        if sorted(given) != sorted(expected):
            yield Mistake(
                "verdicts-incomplete",
                "there is not one verdict for each criterion on each side",
                '"verdicts"',
            )
            return
        for verdict in draft.verdicts:
            yield from _mistakes(draft.rubric.criterion(verdict.criterion), verdict)

    def findings(self, draft: Comparison) -> list[Finding]:
        """One for each verdict, failed ones included.

        Within a criterion Transcript 1 comes first: the order of labels must not tell the control.
        """
        place = {criterion.id: place for place, criterion in enumerate(draft.rubric.criteria)}
        order = draft.blind_order
        ordered = sorted(draft.verdicts, key=lambda v: (place[v.criterion], order.index(v.side)))
        return [
            Finding(label=f"V{number}", text=_finding(draft, verdict), about=verdict.item)
            for number, verdict in enumerate(ordered, 1)
        ]

    def items(self, draft: Comparison) -> list[ReviewItem]:
        """One for each verdict."""
        found = {(verdict.criterion, verdict.side): verdict for verdict in draft.verdicts}
        return [
            _item(draft, place, criterion, verdict, number)
            for place, criterion in enumerate(draft.rubric.criteria, 1)
            for number, side in items.numbered(draft)
            if (verdict := found.get((criterion.id, side)))
        ]

    def changed(self, item: ReviewItem, words: str) -> str:
        """Into which level."""
        return f"is now {words} in review"


# --- asking ---------------------------------------------------------------------------------


async def ask_verdict(
    asker: Asker, pair: Pair, criterion: Criterion, side: Side, sample: int
) -> VerdictSample:
    """One answer, or failure, of one judge on one criterion and one transcript."""
    from grader.comparison.asking import Quoted, ask_with_evidence

    asked = await ask_with_evidence(
        asker,
        pair,
        verdict_question(pair.blind[side], criterion, f"verdict {criterion.id} on the {side}"),
        lambda answer: [Quoted(quote, side) for quote in answer.evidence],
        shown=(side,),
        sample=sample,
    )
    value = asked.answered.value
    known = {"judge": asker.judge.spec, "sample": sample, **asked.record}
    if not isinstance(value, VerdictAnswer):
        return VerdictSample(**known)
    return VerdictSample(
        **known,
        level=value.level,
        rationale=value.rationale,
        evidence=asked.evidence,
        looked_for_in_vain=tuple(value.looked_for_in_vain),
        speaks_to_the_judge=tuple(value.speaks_to_the_judge),
    )


def reconcile_verdict(
    criterion: Criterion, side: Side, samples: Sequence[VerdictSample]
) -> Verdict:
    """One verdict from all answers to one verdict question.

    Rationale and evidence are those of the first sample that gave the reconciled level, so that
    they argue for the level beside which they stand.
    """
    level = criterion.scale.reconciled(s.level for s in samples if s.level is not None)
    spoken_for = next((sample for sample in samples if level and sample.level == level), None)
    attention = _attention(criterion, level, samples)
    if spoken_for is not None:
        attention += unlocated(spoken_for.evidence, spoken_for.asked_again)
    return Verdict(
        criterion=criterion.id,
        side=side,
        level=level,
        rationale=spoken_for.rationale if spoken_for else None,
        evidence=spoken_for.evidence if spoken_for else (),
        looked_for_in_vain=spoken_for.looked_for_in_vain if spoken_for else (),
        samples=tuple(samples),
        attention=tuple(attention),
    )


def _attention(
    criterion: Criterion, level: Level | None, samples: Sequence[VerdictSample]
) -> list[Attention]:
    """Why to look at a verdict with this level first, as far as its samples' levels tell."""
    levels = [sample.level for sample in samples if sample.level is not None]
    found = []
    if level is None:
        failures = Counter(sample.outcome for sample in samples)
        counts = ", ".join(f"{outcome} x {count}" for outcome, count in sorted(failures.items()))
        found.append(Attention(code="missing_level", message=f"no level: {counts}"))
    elif len(levels) < len(samples):
        message = f"{len(samples) - len(levels)} of {len(samples)} answers are missing"
        found.append(Attention(code="missing_level", message=message))
    if len(set(levels)) > 1:
        message = f"the answers differ: {spread(criterion, samples)}"
        found.append(Attention(code="samples_disagree", message=message))
    passages = dict.fromkeys(p for sample in samples for p in sample.speaks_to_the_judge)
    for passage in passages:
        message = f"the judge took a passage for words to itself: {passage!r:.200}"
        found.append(Attention(code="addresses_the_judge", message=message))
    if level == NOT_APPLICABLE:
        message = "the judge holds that the situation does not arise here"
        found.append(Attention(code="not_applicable", message=message))
    return found


def spread(criterion: Criterion, samples: Sequence[VerdictSample]) -> str:
    """'met x 2, not met x 1'; with several judges, who gave which."""
    judges = dict.fromkeys(sample.judge for sample in samples)
    by_judge = {
        judge: Counter(s.level for s in samples if s.judge == judge and s.level is not None)
        for judge in judges
    }
    given = {
        judge: ", ".join(
            f"{level_name(each)} x {counts[each]}" for each in criterion.answers if counts[each]
        )
        for judge, counts in by_judge.items()
    }
    if len(judges) == 1:
        return next(iter(given.values()))
    return "; ".join(f"{judge}: {levels or 'no level'}" for judge, levels in given.items())


def _places(plan: Plan) -> list[tuple[Criterion, Side]]:
    return [(criterion, side) for criterion in plan.rubric.criteria for side in SIDES]


# --- what stands in a draft -----------------------------------------------------------------


def _mistakes(criterion: Criterion, verdict: Verdict) -> Iterator[Mistake]:
    if not verdict.samples:
        if verdict.level is not None:
            yield Mistake(
                "level-without-answer",
                f"{verdict.item} has the level {level_name(verdict.level)!r}, and no judge gave it",
            )
        return
    again = reconcile_verdict(criterion, verdict.side, verdict.samples)
    if again.level != verdict.level:
        yield Mistake(
            "level-differs",
            f"{verdict.item} has the level {level_name(verdict.level)!r}; its answers give "
            f"{level_name(again.level)!r}",
        )
    elif again.model_copy(update={"candidates": verdict.candidates}) != verdict:
        yield Mistake(
            "verdict-differs",
            f"{verdict.item} is not what its answers give: {difference(verdict, again)}",
        )


def _finding(draft: Comparison, verdict: Verdict) -> str:
    title = draft.rubric.criterion(verdict.criterion).title
    level = level_name(verdict.level) if verdict.level else "no answer"
    number = draft.blind_order.index(verdict.side) + 1
    text = f'Transcript {number}, "{title}": {level}.'
    return f"{text} {verdict.rationale}" if verdict.rationale else text


# --- review ---------------------------------------------------------------------------------


def _item(
    draft: Comparison, place: int, criterion: Criterion, verdict: Verdict, number: int
) -> ReviewItem:
    from grader.comparison.kinds.contrast import contrast_attention, verdicts_beside

    contrasts = [each for each in draft.contrasts if each.criterion == criterion.id]
    told: dict[str, tuple[str, ...]] = {}
    for contrast in contrasts:
        told |= contrast_attention(draft, contrast)
    beside = (*(each.item for each in contrasts), *verdicts_beside(draft, criterion.id))
    planted = _planted(criterion, verdict, contrasts)
    return ReviewItem(
        id=verdict.item,
        kind="verdict",
        title=criterion.title,
        short=f"criterion {place}",
        card=f"criterion:{criterion.id}",
        number=number,
        side=verdict.side,
        fields=(
            items.Field(
                "level",
                "Level",
                "level",
                options=tuple(
                    Option(answer, level_name(answer), criterion.definition(answer))
                    for answer in criterion.answers
                ),
                empty_word=level_name(None),
            ),
            items.Field("rationale", "Rationale", "rationale", settles=False),
        ),
        drafted=Content(
            level=verdict.level, rationale=verdict.rationale, evidence=verdict.evidence
        ),
        attention=tuple(dict.fromkeys((*items.messages(verdict.attention), *told))),
        attention_from=told,
        beside=tuple(each for each in beside if each != verdict.item),
        asked=criterion,
        judged=bool(verdict.samples),
        candidates=verdict.candidates,
        planted=planted,
        details=partial(_details, verdict, planted),
    )


_TELLS_LEVEL = ("missing_level", "samples_disagree", AGAINST_SHIFT)
"""Reasons for attention that say something of the level."""


def _planted(
    criterion: Criterion, verdict: Verdict, contrasts: Sequence[Contrast]
) -> Content | None:
    """A wrong verdict: the judge's own, with the farthest other level.

    Nothing but the level differs, so that only reading tells it from the judge's.
    """
    if verdict.level is None or verdict.level == NOT_APPLICABLE or not verdict.rationale:
        return None
    flags = [*verdict.attention, *(flag for each in contrasts for flag in each.attention)]
    if any(each.code in _TELLS_LEVEL for each in flags):
        return None
    return Content(
        level=criterion.scale.farthest(verdict.level),
        rationale=verdict.rationale,
        evidence=verdict.evidence,
    )


def _details(verdict: Verdict, planted: Content | None, whole: bool) -> Details:
    samples = verdict.samples
    if not whole and planted is not None:
        other = {verdict.level: planted.level, planted.level: verdict.level}
        samples = tuple(
            each.model_copy(update={"level": other.get(each.level, each.level)}) for each in samples
        )
    return Details(
        failures=tuple(_failure(s) for s in samples if s.outcome != "answered"),
        samples=tuple(map(_sample, samples)) if len(samples) > 1 else (),
        in_vain=verdict.looked_for_in_vain,
    )


def _sample(sample: VerdictSample) -> str:
    ended = level_name(sample.level) if sample.outcome == "answered" else sample.outcome
    return f"{sample.judge} #{sample.sample}: {ended}"


def _failure(sample: VerdictSample) -> str:
    detail = f": {sample.detail}" if sample.detail else ""
    return f"{sample.judge} #{sample.sample} gave no answer ({sample.outcome}{detail})"
