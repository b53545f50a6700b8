"""The terminal app's keys, made from the table of commands, and the line that shows them."""

from __future__ import annotations

from collections.abc import Iterable

from rich.text import Text
from textual.binding import Binding

from grader.review.commands import commands_on, fitting, help_lines, key_words, label_of
from grader.review.item_view import ItemView

_NAMES = {"?": "question_mark"}
"""Keys that Textual calls otherwise."""

BINDINGS = (
    *(
        Binding(_NAMES.get(key, key), f"press({key!r})")
        for key in dict.fromkeys(each.key for each in commands_on("terminal"))
        if not key.isdecimal()
    ),
    *(Binding(str(number), f"choose({number})") for number in range(1, 10)),
    Binding("left", "press('b')"),
    Binding("right", "press('f')"),
    Binding("escape", "leave", priority=True),
    Binding("ctrl+c", "interrupt", priority=True),
)
"""Each names an action of `app.ReviewApp`. Widgets that take keys of their own name them."""

SELECTING = "← → ↑ ↓ move", "Space mark the start", "Enter quote", "Esc leave"
TYPING = "Enter save", "Esc leave"
DONE = "u undo", "b back", "l list", "q quit"
SETTLING = (
    "e another",
    "r reject",
    "d later",
    "u undo",
    "n next quotation",
    "t other text",
    "p task",
    "l list",
    "q quit",
    "? help",
)

_FOOT = """
← → also go back and forward, Tab goes between the panels, ↑ ↓ and Page keys scroll.
While you type: Enter saves, Esc leaves, Ctrl-O opens your $EDITOR.
While you settle: 1-9 choose whose decision counts, e gives another, r rejects.
Everything decided is saved at once. Ctrl-C quits too."""


def help_text() -> str:
    """What each key does."""
    lines = []
    for title, commands in help_lines("terminal"):
        lines += [title, *(f"  {key:<4} {meaning}" for key, meaning in commands)]
    return "\n".join(lines) + "\n" + _FOOT


def keys_of(shown: ItemView) -> list[str]:
    """The keys that do something with an item now."""
    return [
        f"{key_words(each, shown)} {label_of(each, shown)}"
        for each in fitting("terminal", shown)
        if each.in_footer
    ]


def keys_text(keys: Iterable[str], width: int) -> Text:
    """Keys in lines of a width, never broken between a key and its meaning."""
    lines = [""]
    for key in keys:
        longer = f"{lines[-1]}  {key}" if lines[-1] else key
        if len(longer) <= width or not lines[-1]:
            lines[-1] = longer
        else:
            lines.append(key)
    return Text("\n".join(lines))
