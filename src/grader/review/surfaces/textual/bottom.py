"""The lines at the bottom of the terminal app: what is told, lines to type in, the keys.

Asks for one field and hands over what was typed, here or in the reviewer's editor. What becomes
of it is the asker's business.
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
from grader.review.fields import Field
from grader.review.surfaces.plain.editing import told
from grader.review.surfaces.textual.editor import editor, write_in_editor
from grader.review.surfaces.textual.keys import TYPING, keys_text
from grader.text.visible import visible_in_place as visible


class Typing(TextArea):
    """A few lines to type in; Enter hands them over."""

    class Submitted(Message):
        """Enter was pressed."""

    async def _on_key(self, event: events.Key) -> None:
        if event.key == "enter":
            event.stop()
            event.prevent_default()
            self.post_message(self.Submitted())


class Bottom(Vertical):
    """What is told, what is typed, the keys.

    Args:
        back_to: what has the focus once nothing is typed any more.
    """

    BINDINGS: ClassVar = [Binding("ctrl+o", "editor", priority=True)]

    def __init__(self, back_to: Widget) -> None:
        super().__init__(id="bottom")
        self._back_to = back_to
        self._told = Static(id="told", markup=False)
        self._typing = Typing(id="ask", compact=True, highlight_cursor_line=False)
        self._typing.cursor_blink = False
        self._line = Static(id="keys", markup=False)
        self._keys: tuple[str, ...] = ()
        """The keys that do something while nothing is typed."""
        self._field: Field | None = None
        self._then: Callable[[str], object] = lambda words: None

    def compose(self) -> ComposeResult:
        """One below the other."""
        yield from (self._told, self._typing, self._line)

    @property
    def asking(self) -> bool:
        """Whether something is being typed."""
        return self._field is not None

    def tell(self, words: str) -> None:
        """Say what came of the last key."""
        self._told.update(Text(visible(words)))

    def show_keys(self, keys: Iterable[str]) -> None:
        """Show which keys do something now."""
        self._keys = tuple(keys)
        self._draw_keys(self._keys)

    def ask(self, field: Field, then: Callable[[str], object]) -> None:
        """Ask for a field.

        Args:
            field: what is asked for.
            then: is given what was typed; not called where the reviewer leaves.
        """
        self._field, self._then = field, then
        self.tell(f"{field.prompt}:")
        command = editor()
        self._draw_keys((*TYPING, f"^O {Path(command[0]).name}") if command else TYPING)
        self._typing.load_text(field.now)
        self._typing.display = True
        self._typing.move_cursor(self._typing.document.end)
        self._typing.focus()

    def close(self) -> None:
        """Ask no more."""
        self._field = None
        self._typing.display = False
        self._draw_keys(self._keys)
        self._back_to.focus()

    def on_typing_submitted(self) -> None:
        """Take what was typed."""
        self._answer(self._typing.text)

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
            self.tell(told(failed))
        else:
            self._answer(written)

    def _answer(self, words: str) -> None:
        words = words.strip()
        if self._field is None:
            return
        if self._field.required and not words:
            self.tell(f"{self._field.prompt}: this is needed. Esc leaves it.")
            return
        self.close()
        self._then(words)

    def _draw_keys(self, keys: Iterable[str]) -> None:
        self._line.update(keys_text(keys, self.app.size.width - 2))
