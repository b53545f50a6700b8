"""Whether everything a draft refers to is there: criteria, signatures, turns and places in them.

A draft is read from a file that anyone may have changed. Who works with it may rely on this.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pydantic import BaseModel

from grader.comparison.comparison import Comparison
from grader.text.quotation import SIDES, Span

_WITHOUT_SPANS = ("control", "treatment", "rubric", "registration", "study", "judges", "prompts")


def broken_reference(draft: Comparison) -> str | None:
    """What a draft refers to and doesn't contain, in a sentence; None: everything is there."""
    criteria = {criterion.id for criterion in draft.rubric.criteria}
    signatures = {signature.id for signature in draft.rubric.signatures}
    for where, named, known in (
        ("the verdicts", {verdict.criterion for verdict in draft.verdicts}, criteria),
        ("the contrasts", {contrast.criterion for contrast in draft.contrasts}, criteria),
        ("the signature notes", {note.signature for note in draft.signatures}, signatures),
        ("the scorecard", {row.criterion for row in draft.scorecard.rows}, criteria),
    ):
        if strangers := sorted(named - known):
            return f"{where} name {strangers[0]!r}, which is not in the rubric"
    if not draft.judges:
        return "no judge is named, not even 'offline'"
    if set(draft.blind_order) != set(SIDES):
        return f"the blind order names {' and '.join(draft.blind_order)}"
    if set(draft.measurements) != set(SIDES):
        return "the measurements are not those of both transcripts"
    if len(draft.scorecard.rows) != len(criteria):
        return f"the scorecard has {len(draft.scorecard.rows)} rows for {len(criteria)} criteria"
    for side in SIDES:
        numbers = [turn.number for turn in draft.transcript(side).turns]
        if numbers != sorted(set(numbers)):
            return f"the turns of the {side} are not numbered one by one"
    lengths = {
        (side, turn.number): len(turn.text)
        for side in SIDES
        for turn in draft.transcript(side).turns
    }
    for name in type(draft).model_fields:
        for span in () if name in _WITHOUT_SPANS else _spans(getattr(draft, name)):
            length = lengths.get((span.transcript, span.turn))
            if length is None:
                return (
                    f"a place in '{name}' is in turn {span.turn}, which the {span.transcript} lacks"
                )
            if not 0 <= span.start < span.end <= length:
                return (
                    f"a place in '{name}' is at {span.start}-{span.end} of turn {span.turn} of the "
                    f"{span.transcript}, which has {length} characters"
                )
    return None


def _spans(value: Any) -> Iterator[Span]:
    if isinstance(value, Span):
        yield value
    elif isinstance(value, BaseModel):
        for name in type(value).model_fields:
            yield from _spans(getattr(value, name))
    elif isinstance(value, dict):
        yield from _spans(tuple(value.values()))
    elif isinstance(value, (tuple, list)):
        for each in value:
            yield from _spans(each)
