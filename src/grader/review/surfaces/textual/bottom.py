"""The lines at the bottom of the terminal app: messages, lines to type in, the keys.

Asks for one input and returns what was typed, here or in the reviewer's editor, to the caller.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import ClassVar

from rich.text import Text
from textual import events
from textual.app import ComposeResult, SuspendNotSupported
from textual.binding import Binding
from textual.containers import Vertical
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Static, TextArea

from grader.errors import InputError
from grader.review.editor import editor, write_in_editor
from grader.review.forms import Input, number_of
from grader.review.surfaces.plain.asking import message
from grader.review.surfaces.textual.keys import TYPING, keys_text
from grader.text.visible import visible_in_place as visible


class Typing(TextArea):
    """A few lines to type in; Enter or Tab submits them."""

    class Submitted(Message):
        """Enter or Tab was pressed."""

        def __init__(self, more: bool) -> None:
            super().__init__()
            self.more = more

    async def _on_key(self, event: events.Key) -> None:
        if event.key in ("enter", "tab"):
            event.stop()
            event.prevent_default()
            self.post_message(self.Submitted(event.key == "tab"))


class Bottom(Vertical):
    """The message, what is typed, the keys.

    Args:
        back_to: what has the focus once nothing is typed any more.
    """

    BINDINGS: ClassVar = [Binding("ctrl+o", "editor", priority=True)]

    def __init__(self, back_to: Widget) -> None:
        super().__init__(id="bottom")
        self._back_to = back_to
        self._message = Static(id="message", markup=False)
        self._typing = Typing(id="ask", compact=True, highlight_cursor_line=False)
        self._typing.cursor_blink = False
        self._line = Static(id="keys", markup=False)
        self._keys: tuple[str, ...] = ()
        """The keys that do something while nothing is typed."""
        self._asked: Input | None = None
        self._then: Callable[[str, bool], object] = lambda words, more: None

    def compose(self) -> ComposeResult:
        """One below the other."""
        yield from (self._message, self._typing, self._line)

    @property
    def asking(self) -> bool:
        """Whether something is being typed."""
        return self._asked is not None

    def tell(self, words: str) -> None:
        """Show a message, such as the result of the last key."""
        self._message.update(Text(visible(words)))

    def show_keys(self, keys: Iterable[str]) -> None:
        """Show which keys do something now."""
        self._keys = tuple(keys)
        self._draw_keys(self._keys)

    def ask(self, asked: Input, then: Callable[[str, bool], object], more: str = "") -> None:
        """Ask for one input.

        Args:
            asked: what is asked for.
            then: is given the number of an option or the words, and whether `more` is wanted;
                not called where the reviewer leaves.
            more: what Tab goes on to; empty: nothing.
        """
        self._asked, self._then = asked, then
        kept = asked.options[int(asked.now) - 1].word if asked.options and asked.now else ""
        self.tell(f"{asked.prompt}{f'; Enter keeps {kept}' if kept else ''}:")
        command = editor()
        keys = [*TYPING, *([f"Tab {more.lower()}"] if more else [])]
        self._draw_keys([*keys, f"^O {Path(command[0]).name}"] if command else keys)
        self._typing.load_text("" if asked.options else asked.now)
        self._typing.display = True
        self._typing.move_cursor(self._typing.document.end)
        self._typing.focus()

    def close(self) -> None:
        """Ask no more."""
        self._asked = None
        self._typing.display = False
        self._draw_keys(self._keys)
        self._back_to.focus()

    def on_typing_submitted(self, event: Typing.Submitted) -> None:
        """Take what was typed."""
        self._answer(self._typing.text, more=event.more)

    def action_editor(self) -> None:
        """Write the text in $VISUAL or $EDITOR; what is saved there is the answer."""
        command = editor()
        if command is None:
            self.tell("No editor is named: set VISUAL or EDITOR.")
            return
        written, failed = "", None
        try:
            with self.app.suspend():
                try:
                    written = write_in_editor(command, self._typing.text)
                except InputError as error:
                    failed = error
        except SuspendNotSupported:
            self.tell("This terminal can't be handed to an editor. Type the text here.")
            return
        self.app.refresh(layout=True)
        if failed is not None:
            self.tell(message(failed))
        else:
            self._answer(written)

    def _answer(self, words: str, *, more: bool = False) -> None:
        asked, words = self._asked, words.strip()
        if asked is None:
            return
        if asked.options:
            words = words or asked.now
            number = number_of(asked.options, words)
            if number is None:
                self._typing.load_text("")
                self.tell(f"Type a number: {asked.prompt}")
                return
            words = number
        if asked.required and not words:
            self.tell(f"{asked.prompt}: this is needed. Esc leaves it.")
            return
        if len(words) == 1 and words.isascii() and asked.name != "yes" and not asked.options:
            self.tell("That is a single sign. Write a word or a sentence, or Esc leaves it.")
            return
        self.close()
        self._then(words, more)

    def _draw_keys(self, keys: Iterable[str]) -> None:
        self._line.update(keys_text(keys, self.app.size.width - 2))
