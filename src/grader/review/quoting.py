"""A transcript's panel in the terminal app: its quotations marked, and words selected to quote.

Selecting goes word by word, for a quotation may not begin or end inside one. What becomes of the
words is the app's business; whether they count, `actions`'.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import ClassVar

from rich.cells import cell_len
from rich.console import Console
from rich.text import Text
from textual.binding import Binding
from textual.message import Message
from textual.selection import Selection
from textual.widgets import Static

from grader.evidence import Evidence, in_word
from grader.review.showing import CLOSE, OPEN, visible
from grader.transcripts.transcript import Turn

_CURRENT = "bold reverse"
_OTHER = "bold underline"


@dataclass(frozen=True)
class Word:
    """One word of a turn, or one run of signs between words."""

    turn: int
    start: int
    end: int


def words_of(turn: Turn) -> list[Word]:
    """The words and signs of a turn, none cut where a quotation may not begin or end."""
    found: list[Word] = []
    text, start = turn.text, 0
    for place in range(1, len(text) + 1):
        ends = place == len(text)
        if not ends and not text[place].isspace() and not text[place - 1].isspace():
            signs = not text[place].isalnum() and not text[place - 1].isalnum()
            if signs or in_word(text, place):
                continue
        if not text[start:place].isspace():
            found.append(Word(turn.number, start, place))
        start = place
    return found


@dataclass
class _Laid:
    """A transcript as it stands in the panel."""

    text: Text = field(default_factory=Text)
    quoted: list[Evidence] = field(default_factory=list)
    """The quotations in the order of the text."""
    begins: int = 0
    """Where the current one begins."""
    pieces: list[tuple[int, int, int, int]] = field(default_factory=list)
    """Parts of turns: place in the panel, turn, place in the turn, length."""

    def place(self, turn: int, at: int) -> int:
        """Where a character of a turn stands in the panel."""
        for begins, number, start, length in self.pieces:
            if number == turn and start <= at <= start + length:
                return begins + at - start
        return 0

    def source(self, place: int) -> tuple[int, int]:
        """Which turn's character stands at a place in the panel, or before it."""
        found = (0, 0)
        for begins, number, start, length in self.pieces:
            if begins <= place:
                found = number, start + min(place - begins, length)
        return found


def _place(evidence: Evidence) -> tuple[int, int, int]:
    span = evidence.span
    return (span.turn, span.start, span.end) if span else (0, 0, 0)


def _apart(marks: Sequence[tuple[int, int, bool]]) -> list[tuple[int, int, bool]]:
    """Marks that don't run into one another: the current one whole, of others what is left."""
    found = [mark for mark in marks if mark[2]]
    for start, end, _ in sorted(mark for mark in marks if not mark[2]):
        for first, last, _ in sorted(found):
            if start < last and first < end:
                if start < first:
                    found.append((start, first, False))
                start = last
        if start < end:
            found.append((start, end, False))
    return sorted(found)


@lru_cache(maxsize=10_000)  # most lines are as they were when the selection moves
def _broken(line: str, width: int) -> tuple[str, ...]:
    """A line as it is broken to a width; an empty one is one line too."""
    return tuple(part.plain for part in Text(line).wrap(Console(width=width), width)) or ("",)


class TranscriptText(Static, can_focus=False):
    """The text of one side. Focused only while words are selected."""

    BINDINGS: ClassVar = [
        *(Binding(k, f"move({k!r})") for k in ("left", "right", "up", "down", "home", "end")),
        *(
            Binding(f"shift+{k}", f"extend({k!r})")
            for k in ("left", "right", "up", "down", "home", "end")
        ),
        Binding("space", "mark"),
        Binding("enter", "quote"),
    ]

    class Quoted(Message):
        """Words were selected to be quoted."""

        def __init__(self, quote: str, at: Word) -> None:
            super().__init__()
            self.quote = quote
            self.at = at

    class Moved(Message):
        """The panel should bring this line in view."""

        def __init__(self, line: int) -> None:
            super().__init__()
            self.line = line

    def __init__(self, id: str) -> None:
        super().__init__(id=id, markup=False)
        self.turns: tuple[Turn, ...] = ()
        self.evidence: tuple[Evidence, ...] = ()
        self.current = 0
        self.words: list[Word] = []
        self.at = 0
        self.mark: int | None = None
        self._laid = _Laid()
        self._heights: tuple[int, list[int], list[int]] | None = None

    # --- laid out ---------------------------------------------------------------------------

    def lay(self, turns: Sequence[Turn], evidence: Sequence[Evidence], current: int) -> None:
        """Show these turns with these quotations of them; one is the current one."""
        self.turns, self.evidence, self.current = tuple(turns), tuple(evidence), current
        self._lay()

    @property
    def quotations(self) -> list[Evidence]:
        """The quotations that are marked, in the order of the text."""
        return self._laid.quoted

    @property
    def line(self) -> int:
        """The line of the current quotation, as the panel breaks lines; 0 where there is none."""
        return self._line(self._laid.begins)[0]

    def _lay(self) -> None:
        laid = _Laid()
        self._laid, self._heights = laid, None
        laid.quoted = sorted((e for e in self.evidence if e.span), key=_place)
        marks = [(*_place(each), n == self.current) for n, each in enumerate(laid.quoted)]
        if self.words:
            first, last = self._selected()
            marks = [(first.turn, first.start, last.end, True)]
        for turn in self.turns:
            laid.text.append(f"turn {turn.number}\n", "dim")
            at = 0
            for start, end, current in _apart([m[1:] for m in marks if m[0] == turn.number]):
                self._piece(turn, at, start)
                style = _CURRENT if current else _OTHER
                if current:
                    laid.begins = len(laid.text)
                self._piece(turn, start, end, style, (OPEN, CLOSE))
                at = end
            self._piece(turn, at, len(turn.text))
            laid.text.append("\n\n")
        self.update(laid.text)

    def _piece(
        self, turn: Turn, start: int, end: int, style: str = "", signs: tuple[str, str] = ("", "")
    ) -> None:
        laid, (before, after) = self._laid, signs
        laid.pieces.append((len(laid.text) + len(before), turn.number, start, end - start))
        laid.text.append(f"{before}{visible(turn.text[start:end])}{after}", style)

    def _line(self, place: int) -> tuple[int, int]:
        """Line and column of a place in the panel, as it breaks lines."""
        width = max(10, self.content_size.width)
        if self._heights is None or self._heights[0] != width:
            begins, tops, top = [0], [0], 0
            for line in self._laid.text.plain.split("\n"):
                top += len(_broken(line, width))
                begins.append(begins[-1] + len(line) + 1)
                tops.append(top)
            self._heights = width, begins, tops
        _, begins, tops = self._heights
        number = bisect_right(begins, place) - 1
        line = self._laid.text.plain[begins[number] :].partition("\n")[0]
        at = place - begins[number]
        word = line[at:].partition(" ")[0]
        if cell_len(line[:at].rpartition(" ")[2] + word) > width:
            word = line[at : at + 1]  # too long for a line, so it is broken anywhere
        broken = _broken(line[:at] + word, width)
        return tops[number] + len(broken) - 1, cell_len(broken[-1]) - cell_len(word)

    # --- selecting --------------------------------------------------------------------------

    def begin(self, by_mouse: Selection | None = None) -> bool:
        """Begin to select: at what the mouse has marked, else at the current quotation.

        Returns:
            False where there is no text.
        """
        words = [word for turn in self.turns for word in words_of(turn)]
        if not words:
            return False
        first: tuple[int, int] | None = None
        last = None
        if by_mouse is not None:
            lines = self._laid.text.plain.split("\n")
            begins = [0]
            for line in lines:
                begins.append(begins[-1] + len(line) + 1)

            def place(offset: tuple[int, int] | None, otherwise: int) -> int:
                if offset is None:
                    return otherwise
                return begins[min(offset[1], len(lines) - 1)] + offset[0]

            first = self._laid.source(place(by_mouse.start, 0))
            last = self._laid.source(place(by_mouse.end, begins[-1]))
        elif self._laid.quoted:
            span = self._laid.quoted[self.current % len(self._laid.quoted)].span
            first = (span.turn, span.start) if span else None
        self.words, self.mark, self.at = words, None, 0
        if first is not None:
            ends = [(word.turn, word.end) for word in words]
            self.at = min(bisect_left(ends, (first[0], first[1] + 1)), len(words) - 1)
        if last is not None:
            self.mark = self.at
            starts = [(word.turn, word.start) for word in words]
            self.at = max(self.mark, bisect_left(starts, last) - 1)
        self.screen.clear_selection()  # our own marks stand there now
        self.can_focus = True
        self.focus()
        self._moved()
        return True

    def end(self) -> None:
        """Leave selecting."""
        self.words, self.mark = [], None
        self.can_focus = False
        self._lay()

    def _selected(self) -> tuple[Word, Word]:
        mark = self.at if self.mark is None else self.mark
        return self.words[min(mark, self.at)], self.words[max(mark, self.at)]

    def _moved(self) -> None:
        self._lay()
        self.post_message(self.Moved(self._where(self.at)[0]))

    def _where(self, number: int) -> tuple[int, int]:
        word = self.words[number]
        return self._line(self._laid.place(word.turn, word.start))

    def action_move(self, to: str) -> None:
        """Go to another word, or as far as the selection may go once its start is marked."""
        at = self._target(to)
        if self.mark is not None:  # a quotation stands within one turn
            turn = self.words[self.mark].turn
            while self.words[at].turn != turn:
                at += 1 if self.words[at].turn < turn else -1
        self.at = at
        self._moved()

    def action_extend(self, to: str) -> None:
        """Move with the start marked here."""
        self.mark = self.at if self.mark is None else self.mark
        self.action_move(to)

    def action_mark(self) -> None:
        """Mark the start here, or take the mark away."""
        self.mark = self.at if self.mark is None else None
        self._moved()

    def action_quote(self) -> None:
        """Hand over what is selected."""
        first, last = self._selected()
        text = next(turn.text for turn in self.turns if turn.number == first.turn)
        quote = text[first.start : last.end]
        self.end()
        self.post_message(self.Quoted(quote, first))

    def _target(self, to: str) -> int:
        last = len(self.words) - 1
        if to in ("left", "right"):
            return min(max(0, self.at + (1 if to == "right" else -1)), last)
        line, column = self._where(self.at)
        if to in ("up", "down"):
            step = 1 if to == "down" else -1
            found = self.at
            while 0 <= found + step <= last and self._where(found)[0] == line:
                found += step
            wanted = self._where(found)[0]
            while (
                0 <= found + step <= last
                and self._where(found + step)[0] == wanted
                and abs(self._where(found + step)[1] - column)
                <= abs(self._where(found)[1] - column)
            ):
                found += step
            return found
        step = 1 if to == "end" else -1
        found = self.at
        while 0 <= found + step <= last and self._where(found + step)[0] == line:
            found += step
        return found
