"""A transcript's panel in the terminal app: its quotations marked, words selected to quote.

Selecting goes word by word, for a quotation may not begin or end inside one. What becomes of the
words is the app's business; whether they count, `actions`'.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual.binding import Binding
from textual.content import Content
from textual.geometry import Offset, Size
from textual.message import Message
from textual.selection import Selection
from textual.strip import Strip
from textual.style import Style
from textual.visual import Visual
from textual.widget import Widget

from grader.review.surfaces.textual.text_layout import LaidOutText, Mark
from grader.text.borders import in_word
from grader.text.quotation import Evidence
from grader.transcripts.transcript import Turn


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


def _place(evidence: Evidence) -> tuple[int, int, int]:
    span = evidence.span
    return (span.turn, span.start, span.end) if span else (0, 0, 0)


class TranscriptText(Widget, can_focus=False):
    """The text of one side. Focused only while words are selected.

    Renders line by line what is in view: a long text rendered as a whole takes half a second,
    and is rendered anew with every move of the selection.
    """

    DEFAULT_CSS = "TranscriptText { height: auto; }"
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
        super().__init__(id=id)
        self.turns: tuple[Turn, ...] = ()
        self.evidence: tuple[Evidence, ...] = ()
        self.current = 0
        self.read = False
        self.words: list[Word] = []
        self.at = 0
        self.mark: int | None = None
        self._laid = LaidOutText()
        self._quoted: list[Evidence] = []
        self._rows: dict[int, tuple[object, list[Strip]]] = {}
        """Lines as they were rendered, and what for."""

    # --- shown ------------------------------------------------------------------------------

    def lay(
        self,
        turns: Sequence[Turn],
        evidence: Sequence[Evidence],
        current: int,
        *,
        read: bool = False,
    ) -> None:
        """Show these turns with these quotations of them; one is the current one.

        Args:
            turns: the text.
            evidence: the quotations.
            current: the number of the current one.
            read: whether words look as Markdown shows them, and its signs stand back.
        """
        self.read = read
        self.turns, self.evidence, self.current = tuple(turns), tuple(evidence), current
        self._lay()

    @property
    def quotations(self) -> list[Evidence]:
        """The quotations that are marked, in the order of the text."""
        return self._quoted

    @property
    def line(self) -> int:
        """The row of the current quotation, as the panel breaks lines; 0 where there is none."""
        return self._laid.where(self._laid.current, self._width)[0]

    @property
    def _width(self) -> int:
        return max(10, self.content_size.width)

    def _lay(self) -> None:
        self._quoted = sorted((e for e in self.evidence if e.span), key=_place)
        marks = [Mark(*_place(each), n == self.current) for n, each in enumerate(self._quoted)]
        if self.words:
            first, last = self._selected()
            marks = [Mark(first.turn, first.start, last.end, True)]
        self._laid = LaidOutText(self.turns, marks, read=self.read)
        self._rows.clear()
        self.refresh(layout=True)

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """How many rows the text takes."""
        return self._laid.height(width) if width else 0

    def get_selection(self, selection: Selection) -> tuple[str, str]:
        """The words that the mouse marked, and what ends them."""
        return selection.extract(self._laid.plain), "\n"

    def render_line(self, y: int) -> Strip:
        """One row of the text."""
        width, style = self.size.width, self.visual_style
        if not width or y >= self._laid.height(width):
            return Strip.blank(width, style.rich_style)
        number, row = self._laid.line_at(y, width)
        marked = self.text_selection
        span = marked.get_span(number) if marked is not None else None
        if self._rows.get(number, (None,))[0] != (width, style, span):
            self._rows[number] = (width, style, span), self._rendered(number, span)
        return self._rows[number][1][row]

    def _rendered(self, number: int, span: tuple[int, int] | None) -> list[Strip]:
        """The rows of a line, with what the mouse marked in it."""
        content = Content.from_rich_text(self._laid.line(number))
        if span is not None:
            start, end = span
            marking = Style.from_styles(self.screen.get_component_styles("screen--selection"))
            content = content.stylize(marking, start, len(content) if end == -1 else end)
        strips = Visual.to_strips(
            self, content, self.size.width, None, self.visual_style, apply_selection=False
        )
        # Each character carries its place for the mouse, but the line was rendered as if it stood
        # alone.
        return [
            strip.apply_offsets(first.style.meta["offset"][0], number)
            if (first := next(iter(strip), None)) and first.style
            else strip
            for strip in strips
        ]

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

            def source(offset: Offset | None, otherwise: int) -> tuple[int, int]:
                place = otherwise if offset is None else self._laid.begins(offset.y) + offset.x
                return self._laid.source(place)

            first = source(by_mouse.start, 0)
            last = source(by_mouse.end, len(self._laid.plain) + 1)
        elif self._quoted:
            span = self._quoted[self.current % len(self._quoted)].span
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
        return self._laid.where(self._laid.place(word.turn, word.start), self._width)

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
