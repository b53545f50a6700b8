"""The terminal app's keys: what each does, and which of them are shown when."""

from __future__ import annotations

from collections.abc import Iterable

from rich.text import Text
from textual.binding import Binding

from grader.review.item_view import ItemView

BINDINGS = (
    Binding("a", "accept"),
    Binding("r", "reject"),
    Binding("e", "edit"),
    Binding("v", "reveal"),
    Binding("k", "keep"),
    Binding("n", "quotation(1)"),
    Binding("N", "quotation(-1)"),
    Binding("s", "select"),
    Binding("x", "unquote"),
    Binding("t", "other"),
    Binding("c", "comment"),
    Binding("d", "defer"),
    Binding("u", "undo"),
    Binding("l", "list"),
    Binding("left", "step(-1)"),
    Binding("right", "step(1)"),
    Binding("question_mark", "help"),
    Binding("escape", "leave", priority=True),
    Binding("ctrl+c", "interrupt", priority=True),
    Binding("q", "quit"),
    *(Binding(str(n), f"level({n})") for n in (1, 2, 3)),
)
"""Each names an action of `app.ReviewApp`. Widgets that take keys of their own name them."""

HELP = """\
Deciding                               Looking
  a      accept what the judge says      n N    next quotation, the one before
  r      reject; the reason may follow   t      the other transcript
  e      edit                            ← →    the item before, the next one
  1 2 3  your own level                  l      list of all items
  d      later: behind the others        Tab    go between the panels
  u      undo your last action           ↑ ↓    scroll; Page keys too
  c      comment
                                       Quoting
Blind-first                              s      select words to quote
  v      reveal the judge's              x      take the current quotation out
  k      keep your own level

While you type: Enter saves, Esc leaves, Ctrl-O opens your $EDITOR.
Everything decided is saved at once. q quits, and so does Ctrl-C.
"""

SELECTING = "← → ↑ ↓ move", "Space mark the start", "Enter quote", "Esc leave"
TYPING = "Enter save", "Esc leave"
DONE = "u undo", "← back", "l list", "q quit"


def keys_of(shown: ItemView) -> list[str]:
    """The keys that do something with an item now."""
    levels = shown.kind in ("verdict", "contrast")
    if shown.hidden:
        first = ["1-3 own level" if levels else "e your own"]
        first = ["v reveal", *first] if shown.own else first
    else:
        first = [] if shown.missing or shown.judge is None else ["a accept"]
        first += ["r reject", "e edit", *(["1-3 own level"] if levels else [])]
        first += ["k keep mine"] if shown.own else []
    quoting = ["s quote", "x unquote"] if shown.quotable else []
    return [*first, "n quotation", *quoting, "t other text", "c comment", "d later", "u undo",
            "l list", "? help", "q quit"]  # fmt: skip


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
