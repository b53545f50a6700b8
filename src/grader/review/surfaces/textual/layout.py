"""Where everything stands on the terminal app's screen, and how it looks there.

Draws what a `Sitting` has in view; the words come from `panels`, the transcript from `quoting`,
what is told and typed from `bottom`. What a key does is the app's business.
"""

from __future__ import annotations

from rich.text import Text
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.widgets import Static

from grader.review.items import ReviewItem, side_names
from grader.review.quoting import TranscriptText
from grader.review.session import Sitting
from grader.review.surfaces.textual.bottom import Bottom
from grader.review.surfaces.textual.keys import DONE, SELECTING, keys_of
from grader.review.surfaces.textual.view import answer_text, asked_text, lines_of
from grader.text.visible import visible_in_place as visible
from grader.transcripts.transcript import deliverable

CSS = """
* { scrollbar-size-vertical: 1; }
#head, #listhead { height: 1; background: $panel; padding: 0 1; }
#panels { height: 1fr; }
#left { width: 5fr; border-right: solid $panel-lighten-2; }
#item, #judge, #text { border-top: solid $panel-lighten-2; border-title-color: $foreground; }
#asked, #answer, #said { padding: 0 1; }
#item:focus, #judge:focus, #text:focus, #text.selecting {
    border-top: heavy $primary; border-title-style: bold;
}
#judge { height: 1fr; }
#text { width: 7fr; }
#bottom { height: auto; }
#told { height: auto; min-height: 1; max-height: 3; padding: 0 1; text-style: bold; }
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
        sitting: what is drawn.
    """

    def __init__(self, sitting: Sitting) -> None:
        super().__init__()
        self.sitting = sitting
        self.selecting = False
        """Whether words of the transcript are being selected."""
        self.said = TranscriptText(id="said")
        self._head = Static(id="head", markup=False)
        self._asked = Static(id="asked", markup=False)
        self._answer = Static(id="answer", markup=False)
        self._item = VerticalScroll(self._asked, id="item")
        self._judge = VerticalScroll(self._answer, id="judge")
        self._left = Vertical(self._item, self._judge, id="left")
        self._text = VerticalScroll(self.said, id="text")
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
        sitting, at = self.sitting, self.sitting.queue()
        reviewed = sitting.reviewed
        who = f"{at.progress} · {sitting.reviewer}, {reviewed.reviewer(sitting.reviewer).mode}"
        if sitting.item is None:
            self._draw_head(who)
            self._draw_left(Text("Everything is decided.\nq leaves and says what comes next."))
            for panel in (self._item, self._judge, self._text):
                panel.border_title = ""
            self.said.lay((), (), 0)
            self.bottom.show_keys(DONE)
            return
        shown = sitting.view(sitting.item)
        evidence = sitting.evidence(shown)
        self._draw_head(f"Item {shown.position} of {at.total} · {who}")
        unsaved = shown.id in sitting.chosen
        self._draw_left(asked_text(shown), answer_text(reviewed, shown, evidence, unsaved))
        self._item.border_title = "The item"
        self._judge.border_title = "The judge" if shown.judge and not shown.own else "The answer"
        mine = [each for each in evidence if each.span and each.span.transcript == sitting.side]
        turns = deliverable(reviewed.draft.transcript(sitting.side))
        self.said.lay(turns, mine, sitting.place)
        self._text.border_title = self._text_title(sitting.item)
        self.bottom.show_keys(keys_of(shown))
        self.call_after_refresh(self._scroll_to_quotation)

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
        if not self.said.begin(self.said.text_selection):
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
        name = side_names(self.sitting.reviewed.draft, blind=not item.named)[self.sitting.side]
        count = len(self.said.quotations)
        quoted = f" · quotation {self.sitting.place % count + 1} of {count}" if count else ""
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
        if self.sitting.item is not None and not self.selecting:
            self._bring_in_view(self.said.line)

    def _bring_in_view(self, line: int) -> None:
        y = max(0, line - self._text.size.height // 3)
        self._text.scroll_to(y=y, animate=False)
