"""What a draft computes, computed again: spans, levels, tallies, outcomes, counts, confounds."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from grader.check.findings import Finding
from grader.check.folder.loaded import Opened
from grader.check.registry import Check
from grader.comparison.answers import count_outcomes, quotations
from grader.comparison.comparison import Comparison
from grader.comparison.folder import DRAFT
from grader.comparison.kinds.registry import kinds, prompt_of
from grader.comparison.pair import Pair
from grader.comparison.parts import Passage
from grader.comparison.scorecard import scorecard
from grader.errors import InputError
from grader.records import difference
from grader.review.items import review_items
from grader.text.quotation import SIDES, locate
from grader.transcripts.measurements import measure
from grader.transcripts.named_measures import measure_named
from grader.transcripts.pair import check_pair
from grader.transcripts.transcript import deliverable

CHECKS = (
    Check("quotation-span", "error", "A quotation does not stand where its span says."),
    Check("passage-span", "error", "A retrieved passage does not stand where its span says."),
    Check("rubric-hash-differs", "error", "The rubric's hash is not that of the rubric."),
    Check(
        "registration-state-differs",
        "error",
        "The word on registration is not what the registration gives.",
    ),
    Check("blind-order-differs", "error", "The blind order is not what the transcripts give."),
    Check("scorecard-differs", "error", "The scorecard is not what the verdicts give."),
    Check("outcome-counts-differs", "error", "The count of outcomes is not what the answers give."),
    Check("measurements-differs", "error", "The measurements are not those of the transcripts."),
    Check(
        "named-measures-differs",
        "error",
        "The rubric's own counts are not those of the transcripts.",
    ),
    Check("pair-notes-differs", "error", "What differs between the two is not what they give."),
    Check(
        "verdicts-incomplete", "error", "There is not one verdict for each criterion on each side."
    ),
    Check("level-differs", "error", "A level is not the one that its answers give."),
    Check("level-without-answer", "error", "A verdict has a level that no judge gave."),
    Check("verdict-differs", "error", "A verdict is not what its answers give."),
    Check("contrast-differs", "error", "A contrast is not what its two orders give."),
    Check("prompt-changed", "note", "A prompt is another one than the draft was made with."),
    Check("confound", "note", "The two transcripts differ in more than the treatment."),
    Check(
        "not-registered",
        "note",
        "The rubric was not shown to be locked before the treatment was read.",
    ),
)
"""What is looked for here."""


_RESTORE = "The draft was changed by hand, or another version made it. Restore it."


def check_computed(opened: Opened) -> Iterator[Finding]:
    """Every figure of the draft that can be computed from the rest of it."""
    yield from _quotations(opened)
    yield from _mistakes(opened)
    for code, what, near, stated, computed in _figures(opened.draft):
        if stated != computed:
            yield opened.finding(
                DRAFT,
                code,
                "error",
                f"{what} is not what the rest of the draft gives: {difference(stated, computed)}",
                _RESTORE,
                near=near,
            )
    yield from _prompts(opened)
    yield from _disclosed(opened.draft, opened)


def _figures(draft: Comparison) -> Iterator[tuple[str, str, str, Any, Any]]:
    """Code, name, key in the draft, what is stated there and what is computed."""
    texts = {side: [t.text for t in deliverable(draft.transcript(side))] for side in SIDES}
    pair = Pair(draft.control, draft.treatment)
    yield from (
        (
            "rubric-hash-differs",
            "the rubric's hash",
            '"rubric_hash"',
            draft.rubric_hash,
            draft.rubric.hash,
        ),
        (
            "registration-state-differs",
            "the word on whether the rubric was registered",
            '"rubric_registered"',
            draft.rubric_registered,
            draft.registration.state == "before",
        ),
        ("blind-order-differs", "the blind order", '"blind_order"', draft.blind_order, pair.order),
        (
            "scorecard-differs",
            "the scorecard",
            '"scorecard"',
            draft.scorecard,
            scorecard(draft.rubric.criteria, draft.levels),
        ),
        (
            "outcome-counts-differs",
            "the count of outcomes",
            '"outcomes"',
            draft.outcomes,
            count_outcomes(draft),
        ),
        (
            "measurements-differs",
            "the measurements",
            '"measurements"',
            draft.measurements,
            {side: measure(texts[side]) for side in SIDES},
        ),
        (
            "named-measures-differs",
            "the rubric's own counts",
            '"named_measures"',
            draft.named_measures,
            {side: measure_named(texts[side], draft.rubric.measures) for side in SIDES},
        ),
        (
            "pair-notes-differs",
            "what differs between the two",
            '"pair_notes"',
            draft.pair_notes,
            check_pair(draft.control, draft.treatment),
        ),
    )


# --- quotations -----------------------------------------------------------------------------


def _quotations(opened: Opened) -> Iterator[Finding]:
    draft = opened.draft
    turns = {side: deliverable(draft.transcript(side)) for side in SIDES}
    given = ((answer.item, evidence) for answer, evidence in quotations(draft))
    # What stands in a verdict is a copy of what one of its samples gave.
    copied = ((verdict.item, each) for verdict in draft.verdicts for each in verdict.evidence)
    for item, evidence in dict.fromkeys((*copied, *given)):
        again = locate(evidence.quote, turns[evidence.side], evidence.side)
        if (again.span, again.match) == (evidence.span, evidence.match):
            continue
        told = (
            "is marked as not found and does stand there"
            if evidence.span is None
            else "does not stand in the transcript"
            if again.span is None
            else "stands at another place than its span says"
        )
        yield opened.finding(
            DRAFT,
            "quotation-span",
            "error",
            f"a quotation of {item} {told}",
            _RESTORE,
            quote=evidence.quote,
        )
    for item, passage in _passages(draft):
        span = passage.span
        try:
            there = draft.transcript(span.transcript).turn(span.turn).text[span.start : span.end]
        except KeyError:
            there = ""
        if there != passage.text:
            yield opened.finding(
                DRAFT,
                "passage-span",
                "error",
                f"a retrieved passage of {item} does not stand at its span",
                _RESTORE,
                quote=passage.text,
            )


def _passages(draft: Comparison) -> Iterator[tuple[str, Passage]]:
    for item in review_items(draft).values():
        yield from ((item.id, each) for each in item.candidates)


def _mistakes(opened: Opened) -> Iterator[Finding]:
    for kind in kinds():
        for mistake in kind.mistakes(opened.draft):
            yield opened.finding(
                DRAFT, mistake.code, "error", mistake.message, _RESTORE, near=mistake.near
            )


# --- what is disclosed ----------------------------------------------------------------------


def _prompts(opened: Opened) -> Iterator[Finding]:
    for kind, stated in opened.draft.prompts.items():
        try:
            now = prompt_of(kind).hash
        except InputError:
            now = "none"
        if now != stated:
            yield opened.finding(
                DRAFT,
                "prompt-changed",
                "note",
                f"the prompt {kind!r} is not the one this draft was made with, so its questions "
                "can't be made again to be looked at",
                "Check the folder with the version of grader that made it.",
                near='"prompts"',
            )


def _disclosed(draft: Comparison, opened: Opened) -> Iterator[Finding]:
    for note in draft.pair_notes:
        if note.kind == "confound":
            yield opened.finding(
                DRAFT,
                "confound",
                "note",
                f"the two differ in more than the treatment: {note.message}",
                "The writeup says so among its caveats; a better pair would not need to.",
                near='"pair_notes"',
            )
    if draft.registration.state != "before":
        yield opened.finding(
            DRAFT,
            "not-registered",
            "note",
            "the rubric was not shown to be locked before the treatment was read "
            f"(state: {draft.registration.state})",
            "`grader rubric lock` before the next treatment is run.",
            near='"registration"',
        )
