"""What the terminal app shows besides an item: a page of text, and the list of all items."""

from __future__ import annotations

from typing import ClassVar

from rich.text import Text
from textual import events
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import VerticalScroll
from textual.screen import ModalScreen
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from grader.text.visible import visible_in_place as visible


class Page(ModalScreen[None]):
    """A text over the whole screen, such as the help or the task, until the next key.

    Args:
        words: the text.
    """

    def __init__(self, words: str) -> None:
        super().__init__()
        self.words = words

    def compose(self) -> ComposeResult:
        """The text, and how to leave it."""
        text = Text(f"{visible(self.words)}\n\nAny other key than ↑ ↓ and Page keys goes back.")
        yield VerticalScroll(Static(text, markup=False), id="page")

    def on_key(self, event: events.Key) -> None:
        """Any key but those that scroll goes back."""
        if event.key in ("up", "down", "pageup", "pagedown"):
            return
        event.stop()
        self.dismiss()


class Items(ModalScreen[str | None]):
    """All items with their state; Enter opens one."""

    BINDINGS: ClassVar = [Binding("escape,l,q", "leave")]

    def __init__(self, head: str, lines: list[tuple[str, Text]], here: int) -> None:
        super().__init__()
        self.head, self.lines, self.here = head, lines, here

    def compose(self) -> ComposeResult:
        """How far the review is, the items, the keys."""
        yield Static(Text(visible(self.head)), id="listhead", markup=False)
        listed = OptionList(*(Option(line, id=item) for item, line in self.lines), compact=True)
        listed.highlighted = self.here
        yield listed
        keys = "↑ ↓ move  Enter open  Esc back  ·  ! look here first  ·  T1 Transcript 1"
        yield Static(keys, id="listkeys", markup=False)

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Open this one."""
        self.dismiss(event.option_id)

    def action_leave(self) -> None:
        """Go back."""
        self.dismiss(None)
