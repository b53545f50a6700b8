"""A transcript cut into pieces, so that a page can mark quotations without touching the text."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from grader.text.markdown import Block, blocks_of, cut_at
from grader.text.markdown import Piece as Shown
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
    marks: tuple[str, ...] = ()
    """How Markdown shows it: 'strong', 'em', 'code', 'link'."""


@dataclass(frozen=True)
class MarkedBlock:
    """A block of Markdown, as `grader.text.markdown` gives it, in pieces."""

    block: Block
    cells: tuple[tuple[Piece, ...], ...]


@dataclass(frozen=True)
class MarkedTurn:
    """One turn of the deliverable: as it was written, or as Markdown shows it."""

    number: int
    pieces: tuple[Piece, ...] = ()
    blocks: tuple[MarkedBlock, ...] = ()


def marked(
    transcript: Transcript, side: Side, evidence: Sequence[Evidence], *, source: bool
) -> list[MarkedTurn]:
    """The deliverable in pieces; quotations are numbered from 1, as they are given.

    Args:
        transcript: the session.
        side: which of the two it is.
        evidence: the quotations.
        source: whether to give the text as it was written, instead of as Markdown shows it.
    """
    turns = []
    for turn in deliverable(transcript):
        spans = {
            number: (each.span.start, each.span.end)
            for number, each in enumerate(evidence, 1)
            if each.span is not None
            and (each.span.transcript, each.span.turn) == (side, turn.number)
        }
        turns.append(
            MarkedTurn(turn.number, pieces=_as_written(turn.text, spans))
            if source
            else MarkedTurn(turn.number, blocks=_as_read(turn.text, spans))
        )
    return turns


Spans = Mapping[int, tuple[int, int]]


def _as_written(text: str, spans: Spans) -> tuple[Piece, ...]:
    return tuple(
        Piece(
            text[start:end],
            numbers,
            tuple(number for number in numbers if spans[number][0] == start),
        )
        for start, end, numbers in cut(dict(spans), 0, len(text))
    )


def _as_read(text: str, spans: Spans) -> tuple[MarkedBlock, ...]:
    borders = sorted({border for span in spans.values() for border in span})
    begun: set[int] = set()

    def pieces(shown: Iterable[Shown]) -> Iterable[Piece]:
        for each in shown:
            over = tuple(
                number
                for number, (start, end) in spans.items()
                if start < each.end and each.start < end
            )
            first = tuple(number for number in over if number not in begun)
            begun.update(first)
            yield Piece(each.text, over, first, each.marks)

    return tuple(
        MarkedBlock(block, tuple(tuple(pieces(cut_at(cell, borders))) for cell in block.cells))
        for block in blocks_of(text)
    )
