"""A transcript cut into pieces, so that a page can mark quotations without touching the text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from grader.text.quotation import Evidence, Side
from grader.text.spans import cut
from grader.transcripts.transcript import Transcript, deliverable


@dataclass(frozen=True)
class Piece:
    """A stretch of text with the numbers of the quotations it belongs to."""

    text: str
    quotations: tuple[int, ...]
    begins: tuple[int, ...]
    """Quotations whose first piece this is."""


@dataclass(frozen=True)
class MarkedTurn:
    """One turn of the deliverable."""

    number: int
    pieces: tuple[Piece, ...]


def marked(transcript: Transcript, side: Side, evidence: Sequence[Evidence]) -> list[MarkedTurn]:
    """The deliverable in pieces; quotations are numbered from 1, as they are given."""
    turns = []
    for turn in deliverable(transcript):
        spans = {
            number: (each.span.start, each.span.end)
            for number, each in enumerate(evidence, 1)
            if each.span is not None
            and (each.span.transcript, each.span.turn) == (side, turn.number)
        }
        pieces = tuple(
            Piece(
                turn.text[start:end],
                numbers,
                tuple(number for number in numbers if spans[number][0] == start),
            )
            for start, end, numbers in cut(spans, 0, len(turn.text))
        )
        turns.append(MarkedTurn(turn.number, pieces))
    return turns
