"""The places of everything on the terminal app's screen, and how it looks there.

Draws what a `ReviewSession` has in view; the words come from `view`, the transcript from `quoting`,
messages and typing from `bottom`. What a key does is decided in `app`.
"""

from __future__ import annotations

from rich.text import Text
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.widgets import Static

from grader.review.item_view import ItemView
from grader.review.items import ReviewItem, side_names
from grader.review.surfaces.textual.bottom import Bottom
from grader.review.surfaces.textual.keys import DONE, SELECTING, SETTLING, keys_of
from grader.review.surfaces.textual.quoting import TranscriptText
from grader.review.surfaces.textual.session import ReviewSession, SettlingSession
from grader.review.surfaces.textual.view import (
    answer_text,
    asked_text,
    cell_text,
    decisions_text,
    grid_text,
    lines_of,
)
from grader.text.visible import visible_in_place as visible
from grader.transcripts.transcript import deliverable

CSS = """
* { scrollbar-size-vertical: 1; }
#head, #listhead { height: 1; background: $panel; padding: 0 1; }
#panels { height: 1fr; }
#left { width: 5fr; border-right: solid $panel-lighten-2; }
#item, #judge, #text { border-top: solid $panel-lighten-2; border-title-color: $foreground; }
#asked, #answer, #transcript { padding: 0 1; }
#item:focus, #judge:focus, #text:focus, #text.selecting {
    border-top: heavy $primary; border-title-style: bold;
}
#judge { height: 1fr; }
#text { width: 7fr; }
#bottom { height: auto; }
#message { height: auto; min-height: 1; max-height: 3; padding: 0 1; text-style: bold; }
#ask { display: none; height: auto; max-height: 6; border: none; padding: 0 1; }
#keys, #listkeys { height: auto; background: $panel; padding: 0 1; }
#page { background: $panel; padding: 0 1; }
OptionList { height: 1fr; border: none; text-wrap: nowrap; text-overflow: ellipsis; }
OptionList > .option-list--option-highlighted {
    background: $foreground; color: $background; text-style: bold;
}
"""
"""For the whole app, its other screens too."""


class Layout(Vertical):
    """The item and the judge on the left, the transcript on the right, lines above and below.

    Args:
        session: what is drawn.
    """

    def __init__(self, session: ReviewSession) -> None:
        super().__init__()
        self.session = session
        self.shown: ItemView | None = None
        """The item as it was drawn last."""
        self.selecting = False
        """Whether words of the transcript are being selected."""
        self.text = TranscriptText(id="transcript")
        self._head = Static(id="head", markup=False)
        self._asked = Static(id="asked", markup=False)
        self._answer = Static(id="answer", markup=False)
        self._item = VerticalScroll(self._asked, id="item")
        self._judge = VerticalScroll(self._answer, id="judge")
        self._left = Vertical(self._item, self._judge, id="left")
        self._text = VerticalScroll(self.text, id="text")
        self.bottom = Bottom(back_to=self._text)
        self._words = Text(), Text()
        """What is asked, and the answer."""

    def compose(self) -> ComposeResult:
        """Head, the panels, the lines at the bottom."""
        yield self._head
        yield Horizontal(self._left, self._text, id="panels")
        yield self.bottom

    def draw(self) -> None:
        """Draw the item in view, or that there is none left."""
        session, at = self.session, self.session.queue()
        reviewed = session.reviewed
        mode = reviewed.reviewer(session.reviewer).mode
        who = f"{session.reviewer}{'' if session.settling else f', {mode}'}"
        if session.item is None:
            self.shown = None
            self._draw_head(who if session.settling else f"{at.progress} · {who}")
            end = "Nothing is left to settle." if session.settling else "Everything is decided."
            self._draw_left(Text(f"{end}\nq leaves and says what comes next."))
            for panel in (self._item, self._judge, self._text):
                panel.border_title = ""
            self.text.lay((), (), 0)
            self.bottom.show_keys(DONE)
            return
        shown = self.shown = session.view(session.item)
        evidence = session.evidence(shown)
        place = f"{len(at.items)} to settle" if session.settling else at.where(shown)
        self._draw_head(f"{place} · {who}")
        self._item.border_title = "The item"
        if isinstance(session, SettlingSession):
            reviews = session.reviews()
            self._draw_left(asked_text(shown), decisions_text(shown, reviews))
            self._judge.border_title = "The decisions"
            self.bottom.show_keys((f"1-{len(reviews)} whose counts", *SETTLING))
        elif grid := session.grid():
            cell = grid.cells[session.cell]
            words, row = grid_text(grid, session.cell)
            self._draw_left(cell_text(cell), words)
            self.call_after_refresh(self._bring_row_in_view, words[:row])
            self._judge.border_title = "The grid"
            number = len(cell.field.options)
            self.bottom.show_keys((f"1-{number} set", "← → cell", *keys_of(shown)))
        else:
            unsaved = shown.id in session.chosen
            self._draw_left(
                asked_text(shown), answer_text(shown, evidence, unsaved, session.card())
            )
            judged = shown.judge and not shown.own
            self._judge.border_title = "The judge" if judged else "The answer"
            self.bottom.show_keys(keys_of(shown))
        mine = [each for each in evidence if each.span and each.span.transcript == session.side]
        turns = deliverable(reviewed.draft.transcript(session.side))
        self.text.lay(turns, mine, session.place, read=not session.source)
        self._text.border_title = self._text_title(session.item)
        self.call_after_refresh(self._scroll_to_quotation)

    def _bring_row_in_view(self, before: Text) -> None:
        """Scroll the grid so that the current row is seen."""
        rows = lines_of(before, max(10, self._left.size.width - 2))
        self._judge.scroll_to(y=max(0, rows - self._judge.size.height // 2), animate=False)

    def to_the_top(self) -> None:
        """Scroll a new item to its beginning."""
        for panel in (self._item, self._judge):
            panel.scroll_home(animate=False)

    def focus_text(self) -> None:
        """Let the arrow keys scroll the transcript."""
        self._text.focus()

    def select(self) -> bool:
        """Begin to select words: at what the mouse has marked, else at the current quotation.

        Returns:
            False where there is no text.
        """
        if not self.text.begin(self.text.text_selection):
            return False
        self.selecting = True
        self._text.add_class("selecting")
        self.bottom.show_keys(SELECTING)
        return True

    def left_selecting(self) -> None:
        """Selecting is over."""
        self.selecting = False
        self._text.remove_class("selecting")
        self.focus_text()

    def on_transcript_text_moved(self, event: TranscriptText.Moved) -> None:
        """Keep the selection in view."""
        self._bring_in_view(event.line)

    def _text_title(self, item: ReviewItem) -> str:
        name = side_names(self.session.reviewed.draft, blind=not item.named)[self.session.side]
        count = len(self.text.quotations)
        quoted = f" · quotation {self.session.place % count + 1} of {count}" if count else ""
        return f"{name[:1].upper()}{name[1:]}{quoted}"

    def _draw_head(self, words: str) -> None:
        self._head.update(Text(visible(words), no_wrap=True, overflow="ellipsis"))

    def _draw_left(self, asked: Text, answer: Text | None = None) -> None:
        self._words = asked, answer or Text()
        self._asked.update(self._words[0])
        self._answer.update(self._words[1])
        self.call_after_refresh(self._fit)

    def _fit(self) -> None:
        """Give what is asked the lines that the answer leaves, but half of them at least."""
        width = max(10, self._left.size.width - 2)
        asked, answer = (lines_of(words, width) for words in self._words)
        lines = self._left.size.height - 2
        self._item.styles.height = 1 + min(asked, max(lines - answer, lines // 2))

    def _scroll_to_quotation(self) -> None:
        """Bring the quotation in view, however the lines are broken."""
        if self.session.item is not None and not self.selecting:
            self._bring_in_view(self.text.line)

    def _bring_in_view(self, line: int) -> None:
        y = max(0, line - self._text.size.height // 3)
        self._text.scroll_to(y=y, animate=False)
