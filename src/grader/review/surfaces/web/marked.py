"""A transcript cut into pieces, so that a page can mark quotations without touching the text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from grader.text.quotation import Evidence, Side
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
    spans = [
        (number, each.span)
        for number, each in enumerate(evidence, 1)
        if each.span is not None and each.span.transcript == side
    ]
    turns = []
    for turn in deliverable(transcript):
        here = [(n, s.start, s.end) for n, s in spans if s.turn == turn.number]
        cuts = sorted({0, len(turn.text), *(c for _, a, b in here for c in (a, b))})
        turns.append(
            MarkedTurn(
                turn.number,
                tuple(
                    Piece(
                        turn.text[start:end],
                        tuple(n for n, a, b in here if a <= start and end <= b),
                        tuple(n for n, a, _ in here if a == start),
                    )
                    for start, end in pairwise(cuts)
                ),
            )
        )
    return turns
