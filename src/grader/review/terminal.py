"""The plain review in a terminal: one item after the other, one line of input each time.

It needs no more than lines of text, so it works over any connection, with a screen reader, and
with a file for its input. What the actions do is in `actions`; how items look is in `showing`.
"""

from __future__ import annotations

import shlex
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from rich.console import Console

from grader.comparison.comparison import Verdict
from grader.errors import InputError
from grader.review import actions
from grader.review.editing import Cancelled, ask, edited_note, edited_verdict, say
from grader.review.events import Clock, utc_now
from grader.review.items import ReviewItem, attention_first, review_items
from grader.review.reviewed import Reviewed
from grader.review.showing import item_view, keys, opening, progress, whole_text

KEYS = {
    "a": "accept",
    "e": "edit",
    "r": "reject",
    "c": "comment",
    "s": "skip",
    "b": "back",
    "t": "text",
    "q": "quit",
    "?": "help",
}
_KEY_LINE = "[a]ccept [e]dit [r]eject [c]omment [s]kip [b]ack [t]ext [q]uit [?]help >"


_Step = Literal["next", "first", "back", "quit"]


@dataclass(frozen=True)
class ReviewProgress:
    """How far a review has come when its reviewer left."""

    decided: int
    total: int
    interrupted: bool
    """Left with Ctrl-C; everything decided is saved all the same."""


def review_in_terminal(
    folder: Path, reviewer: str, console: Console | None = None, *, clock: Clock = utc_now
) -> ReviewProgress:
    """Take a reviewer through the undecided items of a draft, those with attention first.

    Reads lines from standard input; its end is the same as quitting. Each action is on disk
    before the next item is shown.

    Args:
        folder: the comparison's folder.
        reviewer: whose decisions these are.
        console: where to show; standard output where none is given.
        clock: gives the time of the events.

    Raises:
        InputError: there is no draft, the review has ended with a signature, or the reviewer has
            no name.
        RecordError: draft or events cannot be used.
        StorageError: an action could not be saved; those before it are.
    """
    folder, reviewer = Path(folder), actions.named(reviewer)
    console = console or _standard_console()
    reviewed = actions.read_reviewed(folder)
    actions.refuse_if_signed(reviewed)
    console.print(opening(reviewed, reviewer))
    interrupted = False
    try:
        _Walk(folder, reviewer, console, clock, reviewed).go()
    except EOFError:
        console.print()
    except KeyboardInterrupt:
        interrupted = True
        console.print()
    reviewed = actions.read_reviewed(folder)
    say(console, f"\n{progress(reviewed)} Everything decided is saved.")
    verb = "review" if reviewed.undecided else "sign"
    _next_step(console, f"grader {verb} {shlex.quote(str(folder))}")
    decided = len(reviewed.decisions) - len(reviewed.undecided)
    return ReviewProgress(decided, len(reviewed.decisions), interrupted)


@dataclass
class _Walk:
    """One reviewer's way through the items."""

    folder: Path
    reviewer: str
    console: Console
    clock: Clock
    reviewed: Reviewed

    def __post_init__(self) -> None:
        self.items = attention_first(review_items(self.reviewed.draft))

    def go(self) -> None:
        """Item by item until the reviewer leaves."""
        place = self._undecided_from(0)
        while True:
            self.reviewed = actions.read_reviewed(self.folder)  # others may be at work too
            step = self._item(place) if place < len(self.items) else self._end()
            if step == "quit":
                return
            if step == "back":
                place = max(0, place - 1)
            else:
                place = self._undecided_from(0 if step == "first" else place + 1)

    def _undecided_from(self, place: int) -> int:
        """The next item that waits for a decision; past the last when there is none."""
        waiting = self.reviewed.undecided
        following = range(place, len(self.items))
        return next((at for at in following if self.items[at].id in waiting), len(self.items))

    def _item(self, place: int) -> _Step:
        item = self.items[place]
        self.console.print()
        self.console.print(item_view(self.reviewed, item, place + 1))
        while True:
            said_ = ask(self.console, _KEY_LINE).lower()
            key = next((k for k, word in KEYS.items() if said_ in (k, word)), None)
            if key == "q":
                return "quit"
            if key == "b":
                return "back"
            if key == "s":
                return "next"
            if key == "?":
                self.console.print(keys())
            elif key == "t":
                self.console.print(whole_text(self.reviewed.draft, item))
            elif key is None:
                if said_:
                    say(self.console, f"There is no key {said_[:20]!r}. ? shows the keys.")
            elif self._decided(key, item):
                return "next"

    def _decided(self, key: str, item: ReviewItem) -> bool:
        """Do one action; whether the item is decided by it."""
        try:
            if key == "a":
                self.reviewed = actions.accept(
                    self.folder, self.reviewer, item.id, clock=self.clock
                )
            elif key == "e":
                if not self._edit(item):
                    return False
            elif key == "r":
                reason = ask(self.console, "Reason (needed; Enter alone breaks off):")
                if not reason:
                    say(self.console, "Nothing was changed.")
                    return False
                self.reviewed = actions.reject(
                    self.folder, self.reviewer, item.id, reason, clock=self.clock
                )
            else:
                text = ask(self.console, "Comment (Enter alone breaks off):")
                if text:
                    self.reviewed = actions.comment(
                        self.folder, self.reviewer, item.id, text, clock=self.clock
                    )
                    say(self.console, "Saved: comment.")
                return False
        except InputError as error:
            actions.refuse_if_signed(actions.read_reviewed(self.folder))  # signed meanwhile
            say(self.console, f"{error.problem[:1].upper()}{error.problem[1:]}. {error.mend}")
            return False
        decision = self.reviewed.decisions[item.id]
        say(self.console, f"Saved: {decision.state}. {progress(self.reviewed)}")
        return True

    def _edit(self, item: ReviewItem) -> bool:
        now = actions.held(item, self.reviewed.decisions[item.id]) or item.drafted
        source = item.source
        try:
            if isinstance(source, Verdict):
                content = edited_verdict(self.console, self.reviewed.draft, item, source, now)
            else:
                content = edited_note(self.console, source, now)
        except Cancelled:
            say(self.console, "Nothing was changed.")
            return False
        if content == item.drafted:
            say(self.console, "That is what the judge says; a accepts it.")
            return False
        reason = None
        if not actions.missing_in(item, item.drafted):
            reason = ask(self.console, "Reason for the change (may stay empty):")
        self.reviewed = actions.edit(
            self.folder, self.reviewer, item.id, content, reason, clock=self.clock
        )
        return True

    def _end(self) -> _Step:
        waiting = len(self.reviewed.undecided)
        self.console.print()
        if waiting:
            say(self.console, f"End of the list. {waiting} skipped and still undecided.")
        else:
            say(self.console, "Everything is decided.")
        undecided = "[u]ndecided " if waiting else ""
        while True:
            said_ = ask(self.console, f"{undecided}[b]ack [q]uit >").lower()
            if said_ in ("q", "quit"):
                return "quit"
            if said_ in ("b", "back"):
                return "back"
            if waiting and said_ in ("u", "undecided"):
                return "first"


def _standard_console() -> Console:
    """Standard output and input; what a terminal cannot show or send becomes '?'."""
    for stream in (sys.stdout, sys.stdin):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors="replace")
    return Console(highlight=False)


def _next_step(console: Console, command: str) -> None:
    console.print(f"Next: {command}", markup=False, soft_wrap=True)
