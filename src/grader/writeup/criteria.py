"""The criteria one by one: both verdicts, the shift, the contrast, and what they rest on."""

from __future__ import annotations

import re
from dataclasses import dataclass

from grader.comparison.kinds.contrast import Contrast, ContrastOrder, how_much
from grader.comparison.kinds.verdict import Verdict
from grader.comparison.parts import Attention
from grader.comparison.quoted_words import mark_unlocated
from grader.review.reviewed import Comment, Decision, Reviewed
from grader.rubric import Criterion
from grader.rubric.scale import NOT_APPLICABLE, Scale, level_name
from grader.text.quotation import SIDES, Side
from grader.writeup.numbers import disagreements
from grader.writeup.points import Point, Support
from grader.writeup.quotations import Quotation, located, passages
from grader.writeup.reviewed_value import ReviewedValue
from grader.writeup.scorecard import Card, Row
from grader.writeup.sides import Sides
from grader.writeup.words import capital, counted, joined


@dataclass(frozen=True)
class SideVerdict:
    """One criterion on one side."""

    side: Side
    who: str
    level: ReviewedValue
    by: str
    """Who stands behind the level: 'the judge's draft', 'accepted by Ada'."""
    rationale: str | None
    flags: tuple[str, ...]
    """What was measured, where the rationale says otherwise."""
    judge_rationale: str | None
    """The judge's own words, where a reviewer put others in their place."""
    reason: str | None
    """Why the reviewer edited or rejected it."""
    quotations: tuple[Quotation, ...]
    left_out: int
    """Quotations of the judge that were not found."""
    in_vain: tuple[str, ...]
    samples: str | None
    """All answers in one line, where there is more than one."""
    failures: tuple[str, ...]
    """Why there is no level, for each answer that failed."""
    candidates: tuple[Quotation, ...]
    attention: tuple[str, ...]
    comments: tuple[Comment, ...]


@dataclass(frozen=True)
class OrderOfContrast:
    """A contrast asked in one order."""

    order: str
    """'P shown first'; 'the same in both orders' where they agree."""
    result: str
    reason: Point | None


@dataclass(frozen=True)
class SideBySide:
    """Which side shows more of a criterion, over both orders."""

    result: str
    """One sentence: what holds."""
    judge_result: str | None
    """What the judge had said, where a reviewer decided otherwise."""
    by: str
    reason: str | None
    """Why the reviewer edited or rejected it."""
    quotations: tuple[Quotation, ...]
    """What a reviewer quoted beside the judge's quotations."""
    sensitive: bool
    orders: tuple[OrderOfContrast, ...]
    attention: tuple[str, ...]


@dataclass(frozen=True)
class Assessed:
    """One criterion."""

    number: int
    id: str
    title: str
    question: str
    why: str | None
    definitions: tuple[tuple[str, str], ...]
    """Each answer and its meaning: the levels, highest first, then what stands beside them."""
    look_for: tuple[str, ...]
    expected: str | None
    """What its author expected beforehand, and whether it came."""
    row: Row
    counted: str | None
    """What was counted of a thing that its levels speak of and may exempt in part."""
    verdicts: tuple[SideVerdict, ...]
    contrast: SideBySide | None


def assess(reviewed: Reviewed, card: Card, support: Support) -> tuple[Assessed, ...]:
    """All criteria in the rubric's order."""
    draft = reviewed.draft
    verdicts = {(v.criterion, v.side): v for v in draft.verdicts}
    contrasts = {c.criterion: c for c in draft.contrasts}
    assessed = []
    for row, criterion in zip(card.rows, draft.rubric.criteria, strict=True):
        contrast = contrasts.get(criterion.id)
        assessed.append(
            Assessed(
                number=row.number,
                id=criterion.id,
                title=criterion.title,
                question=criterion.question,
                why=criterion.why,
                definitions=tuple(
                    (level_name(answer), meaning)
                    for answer, meaning in criterion.definitions.items()
                ),
                look_for=criterion.look_for,
                expected=_expected(criterion, row),
                counted=_counted(criterion, support),
                row=row,
                verdicts=tuple(
                    _side_verdict(
                        verdicts.get((criterion.id, side))
                        or Verdict(criterion=criterion.id, side=side),
                        reviewed,
                        row.levels[side],
                        support,
                    )
                    for side in SIDES
                ),
                contrast=_contrast(contrast, support) if contrast else None,
            )
        )
    return tuple(assessed)


def _expected(criterion: Criterion, row: Row) -> str | None:
    tests = f"it tests {criterion.hypothesis}" if criterion.hypothesis else ""
    if criterion.direction is None:
        return f"{capital(tests)}." if tests else None
    if row.shift is None:
        seen = "no shift can be given"
    elif row.shift == NOT_APPLICABLE:
        seen = "there is no shift, since the situation does not arise on a side"
    elif row.shift == criterion.direction:
        seen = f"the shift is {row.shift_word}, as expected"
    else:
        seen = f"the shift is {row.shift_word}, other than expected"
    which = f" ({tests})" if tests else ""
    return f"Expected beforehand: {criterion.direction}{which}; {seen}."


_SLOTS = re.compile(r"\b(?:slots?|bracket\w*|placeholders?)\b", re.IGNORECASE)


def _counted(criterion: Criterion, support: Support) -> str | None:
    """How many slots each side has in all, where a criterion asks about slots."""
    count = {side: support.counts.of("placeholders", side) for side in SIDES}
    if not any(count.values()) or not _SLOTS.search(f"{criterion.title} {criterion.question}"):
        return None
    told = joined(f"{count[side]} in {support.sides.short[side]}" for side in SIDES)
    return f"Bracketed slots, counted by rule with those that these levels exempt: {told}."


def decided_by(decided: Decision, *, judged: bool) -> str:
    """Who stands behind what is shown."""
    who = f" by {decided.reviewer}" if decided.reviewer else ""
    if decided.state == "undecided":
        return "the judge's draft, not yet reviewed" if judged else "not yet reviewed"
    return f"{decided.state}{who}"


def messages(attention: tuple[Attention, ...]) -> tuple[str, ...]:
    """The messages, each once."""
    return tuple(dict.fromkeys(each.message for each in attention))


def _side_verdict(
    verdict: Verdict, reviewed: Reviewed, level: ReviewedValue, support: Support
) -> SideVerdict:
    draft, sides = support.draft, support.sides
    decided = reviewed.decision(verdict.item)
    theirs = decided.state in ("edited", "accepted")
    rationale = decided.rationale if theirs else verdict.rationale
    evidence = decided.evidence if theirs else verdict.evidence
    if decided.state == "rejected":
        rationale, evidence = None, ()
    sources = support.sources[verdict.side]
    scale = draft.rubric.criterion(verdict.criterion).scale
    return SideVerdict(
        side=verdict.side,
        who=sides.short[verdict.side],
        level=level,
        by=decided_by(decided, judged=bool(verdict.samples)),
        rationale=mark_unlocated(_in_words(rationale, scale), sources) if rationale else rationale,
        flags=disagreements(rationale or "", support.counts, verdict.side),
        judge_rationale=verdict.rationale if rationale != verdict.rationale else None,
        reason=decided.reason,
        quotations=located(evidence, draft, sides),
        left_out=sum(1 for each in verdict.evidence if each.span is None),
        in_vain=verdict.looked_for_in_vain if decided.state != "rejected" else (),
        samples=_samples(verdict),
        failures=tuple(
            f"{sample.outcome.replace('_', ' ')}: {sample.detail or 'no detail was given'}"
            for sample in verdict.samples
            if sample.outcome != "answered"
        ),
        candidates=passages(verdict.candidates, draft, sides),
        attention=messages(verdict.attention),
        comments=decided.comments,
    )


def _in_words(text: str, scale: Scale) -> str:
    """The text with levels as people call them, such as 'partially met' for 'partially_met'."""
    for level in scale.levels:
        if "_" in level:
            text = re.sub(rf"\b{re.escape(level)}\b", level_name(level), text)
    return text


def _samples(verdict: Verdict) -> str | None:
    """Which levels were given how often, by judge where there are several; None for one answer."""
    if len(verdict.samples) < 2:
        return None
    judges = dict.fromkeys(sample.judge for sample in verdict.samples)
    by_judge = []
    for judge in judges:
        levels = [sample.level for sample in verdict.samples if sample.judge == judge]
        given = joined(f"{level_name(e)} ({levels.count(e)})" for e in dict.fromkeys(levels))
        by_judge.append(f"{judge}: {given}" if len(judges) > 1 else given)
    return "; ".join(by_judge)


def _contrast(contrast: Contrast, support: Support) -> SideBySide:
    sides = support.sides
    answered = [order for order in contrast.orders if order.outcome == "answered"]
    # What the other order says then is the same in other words; the draft keeps it.
    agreed = len({(order.shows_more, order.size) for order in answered}) == 1 < len(answered)
    each = "; ".join(
        f"{sides.short[order.first]} shown first: {_in_order(order, sides)}"
        for order in contrast.orders
    )
    if contrast.order_sensitive:
        result = f"The answer changes with the order, so it names no side ({each})."
    elif contrast.shows_more is None:
        result = "There is no answer from both orders, so no side is named."
    elif len(answered) == 2 and not agreed:
        result = f"{capital(_more(contrast.shows_more, sides))} in both orders ({each})."
    else:
        size = how_much(contrast.size)
        result = f"{capital(_more(contrast.shows_more, sides))}{size}, in {_orders(len(answered))}."
    decision = support.reviewed.decision(f"contrast:{contrast.criterion}")
    if decision.state == "rejected":
        final = f"No side is named: rejected in review by {decision.reviewer or 'a reviewer'}."
    elif decision.state == "edited" and decision.shows_more != contrast.shows_more:
        final = (
            f"{capital(_more(decision.shows_more, sides))} ({decided_by(decision, judged=True)})."
        )
    else:
        final = None
    return SideBySide(
        result=final or result,
        judge_result=result if final else None,
        by=decided_by(decision, judged=True),
        reason=decision.reason,
        quotations=_added(contrast, decision, support),
        sensitive=contrast.order_sensitive,
        orders=tuple(
            OrderOfContrast(
                order=(
                    "the same in both orders"
                    if agreed
                    else f"{sides.short[order.first]} shown first"
                ),
                result=capital(_in_order(order, sides)),
                reason=(
                    support.statement(sides.named(order.reason, order.first), order.evidence)
                    if order.reason
                    else None
                ),
            )
            for order in (contrast.orders[:1] if agreed else contrast.orders)
        ),
        attention=messages(contrast.attention),
    )


def _added(contrast: Contrast, decision: Decision, support: Support) -> tuple[Quotation, ...]:
    if decision.state != "edited":
        return ()
    theirs = {each for order in contrast.orders for each in order.evidence}
    added = [each for each in decision.evidence if each not in theirs]
    return located(added, support.draft, support.sides)


def _in_order(order: ContrastOrder, sides: Sides) -> str:
    """What was answered in one order."""
    if order.shows_more is None:
        return order.outcome.replace("_", " ")
    return f"{_more(order.shows_more, sides)}{how_much(order.size)}"


def _more(shows_more: str | None, sides: Sides) -> str:
    """'P shows more', for the inside of a sentence."""
    for side in SIDES:
        if side == shows_more:
            return f"{sides.short[side]} shows more"
    return "neither shows more" if shows_more else "no side is named"


def _orders(count: int) -> str:
    return "both orders" if count == 2 else counted(count, "order")
