"""What a draft computes, computed again: spans, levels, tallies, outcomes, counts, confounds."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from grader.check.findings import Finding
from grader.check.folder.loaded import Opened
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

_RESTORE = "The draft was changed by hand, or another version made it. Restore it."


def check_computed(opened: Opened) -> Iterator[Finding]:
    """Every figure of the draft that can be computed from the rest of it."""
    yield from _quotations(opened)
    yield from _mistakes(opened)
    for code, what, near, stated, computed in _figures(opened.draft):
        if stated != computed:
            yield opened.finding(
                DRAFT,
                f"{code}-differs",
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
        ("rubric-hash", "the rubric's hash", '"rubric_hash"', draft.rubric_hash, draft.rubric.hash),
        (
            "registration-state",
            "the word on whether the rubric was registered",
            '"rubric_registered"',
            draft.rubric_registered,
            draft.registration.state == "before",
        ),
        ("blind-order", "the blind order", '"blind_order"', draft.blind_order, pair.order),
        (
            "scorecard",
            "the scorecard",
            '"scorecard"',
            draft.scorecard,
            scorecard(draft.rubric.criteria, draft.levels),
        ),
        (
            "outcome-counts",
            "the count of outcomes",
            '"outcomes"',
            draft.outcomes,
            count_outcomes(draft),
        ),
        (
            "measurements",
            "the measurements",
            '"measurements"',
            draft.measurements,
            {side: measure(texts[side]) for side in SIDES},
        ),
        (
            "named-measures",
            "the rubric's own counts",
            '"named_measures"',
            draft.named_measures,
            {side: measure_named(texts[side], draft.rubric.measures) for side in SIDES},
        ),
        (
            "pair-notes",
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
