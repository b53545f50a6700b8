"""A transcript laid out as one text: its marks, and where each character stands.

Knows how lines break at a width, so that a place in a turn can be found on the screen, and the
other way round. Which words are marked and how lines are shown is left to `quoting`.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple

from rich.cells import cell_len
from rich.text import Span, Text
from textual.content import Content

from grader.review.surfaces.plain.view import CLOSE, OPEN
from grader.text.markdown import blocks_of
from grader.text.spans import apart
from grader.text.visible import visible_in_place as visible
from grader.transcripts.transcript import Turn

_LOOKS = {"strong": "bold", "em": "italic", "link": "underline"}
"""How the terminal shows what Markdown marks."""

_CURRENT = "bold reverse"
_OTHER = "bold underline"


class Mark(NamedTuple):
    """Words of a turn that stand out; the current ones more than others."""

    turn: int
    start: int
    end: int
    current: bool


class _Part(NamedTuple):
    """A part of a turn: its place in the text, the turn, the place in the turn, its length."""

    begins: int
    turn: int
    start: int
    length: int


class LaidOutText:
    """Turns with their marks, laid out as one text.

    Args:
        turns: what is laid out.
        marks: the words that stand out; where two overlap, the current one stays whole.
        read: whether words look as Markdown shows them, and its signs stand back.
    """

    def __init__(
        self, turns: Sequence[Turn] = (), marks: Sequence[Mark] = (), *, read: bool = False
    ) -> None:
        self.current = 0
        """Where the current mark begins."""
        self._pieces: list[_Part] = []
        self._spans: list[Span] = []
        self._broken: tuple[int, list[int]] | None = None
        parts: list[str] = []
        end = 0

        def add(words: str, style: str = "") -> None:
            nonlocal end
            parts.append(words)
            if style:
                self._spans.append(Span(end, end + len(words), style))
            end += len(words)

        def add_piece(turn: Turn, start: int, stop: int) -> None:
            self._pieces.append(_Part(end, turn.number, start, stop - start))
            add(visible(turn.text[start:stop]))

        for turn in turns:
            add(f"turn {turn.number}\n", "dim")
            at = 0
            for mark in _apart([mark for mark in marks if mark.turn == turn.number]):
                add_piece(turn, at, mark.start)
                begins = end
                add(OPEN)
                add_piece(turn, mark.start, mark.end)
                add(CLOSE)
                if mark.current:
                    self.current = begins
                self._spans.append(Span(begins, end, _CURRENT if mark.current else _OTHER))
                at = mark.end
            add_piece(turn, at, len(turn.text))
            add("\n\n")
        if read:
            looks = [span for turn in turns for span in self._looks(turn)]
            self._spans = [*looks, *self._spans]
        self.plain = "".join(parts)
        self._lines = self.plain.split("\n")
        self._begins = [0]
        """Where each line begins, and after the last one the end."""
        for line in self._lines:
            self._begins.append(self._begins[-1] + len(line) + 1)

    def _looks(self, turn: Turn) -> Iterator[Span]:
        """How Markdown shows the words of a turn; what it doesn't show is dim."""
        done = 0
        for block in blocks_of(turn.text):
            heading = ("strong",) if block.kind.startswith("h") else ()
            for piece in (piece for cell in block.cells for piece in cell):
                yield from self._styled(turn.number, done, piece.start, "dim")
                styles = [_LOOKS[mark] for mark in (*piece.marks, *heading) if mark in _LOOKS]
                if styles:
                    yield from self._styled(turn.number, piece.start, piece.end, " ".join(styles))
                done = piece.end
        yield from self._styled(turn.number, done, len(turn.text), "dim")

    def _styled(self, turn: int, start: int, end: int, style: str) -> Iterator[Span]:
        for piece in self._pieces:
            first, last = max(start, piece.start), min(end, piece.start + piece.length)
            if piece.turn == turn and first < last:
                moved = piece.begins - piece.start
                yield Span(first + moved, last + moved, style)

    def place(self, turn: int, at: int) -> int:
        """Where a character of a turn stands in the text; 0 where it doesn't."""
        for piece in self._pieces:
            if piece.turn == turn and piece.start <= at <= piece.start + piece.length:
                return piece.begins + at - piece.start
        return 0

    def source(self, place: int) -> tuple[int, int]:
        """Which turn's character stands at a place in the text, or before it."""
        found = (0, 0)
        for piece in self._pieces:
            if piece.begins <= place:
                found = piece.turn, piece.start + min(place - piece.begins, piece.length)
        return found

    def begins(self, number: int) -> int:
        """Where a line begins, from 0; of a line after the last one, the end of the text."""
        return self._begins[min(number, len(self._lines))]

    def line(self, number: int) -> Text:
        """One line with its marks, before it is broken."""
        first, line = self._begins[number], self._lines[number]
        spans = [
            Span(max(0, span.start - first), min(len(line), span.end - first), span.style)
            for span in self._spans
            if span.start < first + len(line) and span.end > first
        ]
        return Text(line, spans=spans)

    def height(self, width: int) -> int:
        """How many rows the text takes at a width."""
        return self._tops(width)[-1]

    def line_at(self, row: int, width: int) -> tuple[int, int]:
        """Which line stands in a row at a width, and in which of its own rows."""
        tops = self._tops(width)
        number = bisect_right(tops, row) - 1
        return number, row - tops[number]

    def where(self, place: int, width: int) -> tuple[int, int]:
        """Row and column of a place in the text at a width."""
        number = min(bisect_right(self._begins, place), len(self._lines)) - 1
        line = self._lines[number]
        at = place - self._begins[number]
        word = line[at:].partition(" ")[0]
        if cell_len(line[:at].rpartition(" ")[2] + word) > width:
            word = line[at : at + 1]  # too long for a line, so it is broken anywhere
        broken = _broken(line[:at] + word, width)
        row = self._tops(width)[number] + len(broken) - 1
        return row, cell_len(broken[-1]) - cell_len(word)

    def _tops(self, width: int) -> list[int]:
        """The first row of each line, and after the last one the number of rows."""
        if self._broken is None or self._broken[0] != width:
            tops = [0]
            for number, line in enumerate(self._lines):
                if "\t" in line:  # how wide a tab is shown depends on the marks around it
                    rows = len(Content.from_rich_text(self.line(number)).wrap(width))
                else:
                    rows = len(_broken(line, width))
                tops.append(tops[-1] + rows)
            self._broken = width, tops
        return self._broken[1]


def _apart(marks: Sequence[Mark]) -> list[Mark]:
    """Marks that don't run into one another: the current one whole, of others what is left."""
    ranked = sorted(marks, key=lambda mark: (not mark.current, mark))
    spans = {mark: (mark.start, mark.end) for mark in ranked}
    return [mark._replace(start=start, end=end) for mark, start, end in apart(spans)]


@lru_cache(maxsize=10_000)  # most lines are as they were when the selection moves
def _broken(line: str, width: int) -> tuple[str, ...]:
    """A line as it is broken to a width; an empty one is one line too."""
    return tuple(part.plain for part in Content(line).wrap(width))
