"""What limits a comparison: the caveats its last question was shown, more facts, the judge's own.

`comparison.caveats` has those that hold for any draft. Added here are those that depend on the
review, on how a transcript was read, or on the texts as a whole. The judge's own are marked.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from grader.comparison.caveats import SAME_CONDITION, caveats, weightiest
from grader.comparison.comparison import Comparison
from grader.review.reviewed import Reviewed
from grader.text.quotation import SIDES
from grader.text.sentences import sentences
from grader.writeup.facts import Quoted, quotations_sentence
from grader.writeup.points import Support
from grader.writeup.sides import Sides
from grader.writeup.status import alarm
from grader.writeup.studies import StudyNote
from grader.writeup.words import capital, counted, joined, sentence

_MUCH_LONGER = 1.25
"""Deliverables whose lengths differ by more than this factor are said to differ in length."""


@dataclass(frozen=True)
class Caveat:
    """One limit of the comparison."""

    text: str
    by: str | None = None
    """Who raised it: 'the judge' or a reviewer; None where it follows from the facts."""


def caveats_of(
    support: Support,
    quoted: Quoted,
    decisions: tuple[int, int],
    studies: Sequence[StudyNote] = (),
) -> tuple[Caveat, ...]:
    """All caveats: those that the last question was shown, more facts, then the judge's own.

    Args:
        support: the comparison and what its points rest on.
        quoted: its quotations.
        decisions: how many are made, of how many.
        studies: what studies under its rubric say of chance.
    """
    reviewed, draft, sides = support.reviewed, support.draft, support.sides
    found: list[str | None] = [
        # First and in their order: findings name them by number.
        *map(sentence, caveats(draft, chance_sentence(studies))),
        _not_signed(reviewed, *decisions),
        *(text for judge in draft.judges if judge.kind != "offline" and (text := alarm(judge))),
        _read_together(draft),
        _preamble_with_task(draft, sides),
        _lengths(draft, sides),
        *_addresses_the_judge(draft),
        _samples_disagree(draft, sides),
        quotations_sentence(quoted, sides) if quoted.all_missing else None,
        left_out_sentence(draft),
    ]
    theirs = draft.implications.caveats if draft.implications else ()
    points = [
        support.decided(f"point:implications:caveat:{number}", sentence(text))
        for number, text in enumerate(theirs, 1)
    ]
    return (
        *(Caveat(text) for text in dict.fromkeys(filter(None, found))),
        *(Caveat(point.text, by=point.by or "the judge") for point in points if point),
    )


def chance_of(draft: Comparison, studies: Sequence[StudyNote] = ()) -> str:
    """What is known of chance, in a line."""
    if draft.same_condition:
        return SAME_CONDITION
    return chance_sentence(studies) or "This is one pair: a difference may be chance."


def main_caveats(draft: Comparison) -> tuple[str, ...]:
    """What takes most from the result and isn't said at the top, in a sentence each.

    That it is one pair, a draft, replayed or not locked stands at the top; the rest is evidence.
    """
    return tuple(
        sentence(_first_sentence(text))
        for text in (
            *(note.message for note in draft.pair_notes if note.kind == "confound"),
            *weightiest(draft),
            *filter(None, [left_out_sentence(draft)]),
        )
    )


def left_out_sentence(draft: Comparison) -> str | None:
    """How many of the judge's sentences can't stand before a reader, and why; None: all stand."""
    left_out = draft.text.left_out if draft.text else ()
    if not left_out:
        return None
    # What is in brackets is the word that gave it away, and would give it away again.
    reasons = Counter(re.sub(r"\s*\([^)]*\)$", "", each.why) for each in left_out)
    if len(left_out) == 1:
        return f"One sentence of the judge's was left out of the text: it {joined(reasons)}."
    told = joined((f"{why} ({count})" for why, count in reasons.items()), "or")
    return (
        f"{len(left_out)} sentences of the judge's were left out of the text: each of them {told}."
    )


def _first_sentence(text: str) -> str:
    start, end = next(sentences(text), (0, len(text)))
    return text[start:end]


def chance_sentence(studies: Sequence[StudyNote]) -> str | None:
    """How much two runs differ, where a study knows it; None where none does."""
    known = [each for each in studies if each.floor is not None]
    if not known:
        return None
    floors = joined(
        f"two {each.condition} runs differ in {round(100 * (each.floor or 0))}% of levels in the "
        f"study “{each.title}”"
        for each in known
    )
    return f"This is one pair: one run on each side. Much of a difference may be chance: {floors}."


def _not_signed(reviewed: Reviewed, made: int, total: int) -> str | None:
    if reviewed.sign_off is not None:
        return None
    waiting = total - made
    if not waiting:
        return "This is a draft: everything that must be is decided, but nobody has signed it."
    verb = "waits" if waiting == 1 else "wait"
    return (
        f"This is a draft: {waiting} of {counted(total, 'decision')} still {verb} for a reviewer."
    )


def _read_together(draft: Comparison) -> str | None:
    """Whoever answers a file of questions may see several of them at once."""
    if not any(judge.kind == "files" or judge.server == "files" for judge in draft.judges):
        return None
    return (
        "The answers came as files. Where one reader answered several of them together, an answer "
        "may lean on another: that both orders of a contrast agree, or that a verdict stands "
        "alone, then shows less."
    )


def _preamble_with_task(draft: Comparison, sides: Sides) -> str | None:
    treated = draft.treatment
    if treated.preamble and treated.task_turn == 1 and not draft.control.preamble:
        return (
            f"In {sides.short['treatment']} the preamble came in the same turn as the task. The "
            "model had no turn in which to answer it first."
        )
    return None


def _lengths(draft: Comparison, sides: Sides) -> str | None:
    words = {side: draft.measurements[side].words for side in SIDES}
    short, long = sorted(SIDES, key=lambda side: words[side])
    if not words[short] or words[long] < words[short] * _MUCH_LONGER:
        return None
    return (
        f"{capital(sides.short[long])} is longer ({words[long]:,} words against "
        f"{words[short]:,}). A longer text has more room to meet a criterion."
    )


def _samples_disagree(draft: Comparison, sides: Sides) -> str | None:
    numbers = {criterion.id: n for n, criterion in enumerate(draft.rubric.criteria, 1)}
    at = [
        f"{numbers[verdict.criterion]} ({sides.short[verdict.side]})"
        for verdict in draft.verdicts
        if any(a.code == "samples_disagree" for a in verdict.attention)
    ]
    if not at:
        return None
    return (
        f"The judge's answers disagree among themselves on criteria {joined(at)}. The middle "
        "level is shown, a tie going to the lower."
    )


def _addresses_the_judge(draft: Comparison) -> list[str]:
    found = (*draft.attention, *(a for v in draft.verdicts for a in v.attention))
    return [
        f"Text in a transcript may have moved the judge: {sentence(a.message)}"
        for a in found
        if a.code == "addresses_the_judge"
    ]
