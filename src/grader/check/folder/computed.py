"""What a draft computes, computed again: spans, levels, tallies, outcomes, counts, confounds."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from grader.check.findings import Finding
from grader.check.folder.loaded import Opened
from grader.comparison.comparison import Comparison, Passage
from grader.comparison.folder import DRAFT
from grader.comparison.outcomes import count_outcomes
from grader.comparison.pair import Pair
from grader.comparison.reconcile import reconcile_contrast, reconcile_verdict
from grader.comparison.scorecard import scorecard
from grader.errors import InputError
from grader.questions.prompts import read_prompt
from grader.rubric.scale import level_name
from grader.text.quotation import SIDES, Evidence, Side, locate
from grader.transcripts.measurements import measure
from grader.transcripts.named_measures import measure_named
from grader.transcripts.pair import check_pair
from grader.transcripts.transcript import deliverable

_RESTORE = "The draft was changed by hand, or another version made it. Restore it."


def check_computed(opened: Opened) -> Iterator[Finding]:
    """Every figure of the draft that can be computed from the rest of it."""
    draft = opened.draft
    pair = Pair(draft.control, draft.treatment)
    yield from _quotations(opened)
    yield from _levels(opened)
    texts = {side: [t.text for t in deliverable(draft.transcript(side))] for side in SIDES}
    levels = {(verdict.criterion, verdict.side): verdict.level for verdict in draft.verdicts}
    figures: tuple[tuple[str, str, str, Any, Any], ...] = (
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
            scorecard([criterion.id for criterion in draft.rubric.criteria], levels),
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
    for code, what, near, stated, computed in figures:
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
    yield from _disclosed(draft, opened)


def difference(stated: Any, computed: Any) -> str:
    """The first place in which two values differ."""
    for name, ours, theirs in _pairs("", stated, computed):
        return f"{name.lstrip('.') or 'it'} is {ours!r:.80}, computed {theirs!r:.80}"
    return "they differ"


def _pairs(name: str, stated: Any, computed: Any) -> Iterator[tuple[str, Any, Any]]:
    if hasattr(stated, "model_dump") and hasattr(computed, "model_dump"):
        stated, computed = stated.model_dump(mode="json"), computed.model_dump(mode="json")
    if isinstance(stated, dict) and isinstance(computed, dict):
        for key in dict.fromkeys([*stated, *computed]):
            yield from _pairs(f"{name}.{key}", stated.get(key), computed.get(key))
    elif (
        isinstance(stated, list | tuple)
        and isinstance(computed, list | tuple)
        and len(stated) == len(computed)
    ):
        for place, (ours, theirs) in enumerate(zip(stated, computed, strict=True)):
            yield from _pairs(f"{name}[{place + 1}]", ours, theirs)
    elif stated != computed:
        yield name, stated, computed


# --- quotations -----------------------------------------------------------------------------


def quotations(draft: Comparison) -> Iterator[tuple[str, Evidence]]:
    """Every quotation of the draft, with where it is given."""
    for verdict in draft.verdicts:
        yield from ((verdict.item, each) for each in verdict.evidence)
        for sample in verdict.samples:
            yield from ((verdict.item, each) for each in sample.evidence)
    for note in draft.signatures:
        for marker in note.markers:
            yield from ((note.item, each) for each in marker.evidence)
    for contrast in draft.contrasts:
        for order in contrast.orders:
            yield from ((f"contrast:{contrast.criterion}", each) for each in order.evidence)
    for section in draft.narrative:
        for points in section.parts.values():
            for point in points:
                yield from ((section.kind, each) for each in point.evidence)
    for probe in draft.probe:
        yield from (("probe", each) for each in probe.evidence)


def _quotations(opened: Opened) -> Iterator[Finding]:
    draft = opened.draft
    turns = {side: deliverable(draft.transcript(side)) for side in SIDES}
    for item, evidence in dict.fromkeys(quotations(draft)):
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
    for verdict in draft.verdicts:
        yield from ((verdict.item, each) for each in verdict.candidates)
    for note in draft.signatures:
        yield from ((note.item, each) for each in note.candidates)


# --- levels ---------------------------------------------------------------------------------


def _levels(opened: Opened) -> Iterator[Finding]:
    draft = opened.draft
    expected = {(criterion.id, side) for criterion in draft.rubric.criteria for side in SIDES}
    given = [(verdict.criterion, verdict.side) for verdict in draft.verdicts]
    if sorted(given) != sorted(expected):
        yield opened.finding(
            DRAFT,
            "verdicts-incomplete",
            "error",
            "there is not one verdict for each criterion on each side",
            _RESTORE,
            near='"verdicts"',
        )
        return
    for verdict in draft.verdicts:
        if not verdict.samples:
            if verdict.level is not None:
                yield opened.finding(
                    DRAFT,
                    "level-without-answer",
                    "error",
                    f"{verdict.item} has the level {level_name(verdict.level)!r}, and no judge "
                    "gave it",
                    _RESTORE,
                )
            continue
        again = reconcile_verdict(verdict.criterion, verdict.side, verdict.samples)
        if again.level != verdict.level:
            yield opened.finding(
                DRAFT,
                "level-differs",
                "error",
                f"{verdict.item} has the level {level_name(verdict.level)!r}; its answers give "
                f"{level_name(again.level)!r}",
                _RESTORE,
            )
        elif again.model_copy(update={"candidates": verdict.candidates}) != verdict:
            yield opened.finding(
                DRAFT,
                "verdict-differs",
                "error",
                f"{verdict.item} is not what its answers give: {difference(verdict, again)}",
                _RESTORE,
            )
    levels: dict[tuple[str, Side], Any] = {(v.criterion, v.side): v.level for v in draft.verdicts}
    for contrast in draft.contrasts:
        both = (levels[contrast.criterion, "control"], levels[contrast.criterion, "treatment"])
        again_contrast = reconcile_contrast(contrast.criterion, contrast.orders, both)
        if again_contrast != contrast:
            yield opened.finding(
                DRAFT,
                "contrast-differs",
                "error",
                f"the contrast on {contrast.criterion} is not what its two orders give: "
                f"{difference(contrast, again_contrast)}",
                _RESTORE,
            )


# --- what is disclosed ----------------------------------------------------------------------


def _prompts(opened: Opened) -> Iterator[Finding]:
    for kind, stated in opened.draft.prompts.items():
        try:
            now = read_prompt(kind).hash
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
