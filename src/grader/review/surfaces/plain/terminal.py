"""The plain review in a terminal: one item after the other, one line of input each time.

It needs no more than lines of text, so it works over any connection, with a screen reader, and
with a file for its input. What the actions do is in `actions`; how items look is in `showing`.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from rich.console import Console

from grader.errors import InputError, Interrupted
from grader.review import actions
from grader.review.adjudicate import adjudicate, look
from grader.review.events import Clock, utc_now
from grader.review.folder import ReviewFolder
from grader.review.item_view import ItemView, Order, Queue, queue, view
from grader.review.items import ReviewItem
from grader.review.reviewer import command_as
from grader.review.surfaces.plain.editing import CANCEL, Cancelled, ask, edited, say, told
from grader.review.surfaces.plain.view import item_view, keys, opening, side_by_side, whole_text

KEYS = {
    "a": "accept",
    "e": "edit",
    "r": "reject",
    "o": "own",
    "v": "reveal",
    "c": "comment",
    "s": "skip",
    "b": "back",
    "u": "undo",
    "t": "text",
    "q": "quit",
    "?": "help",
}
MEANINGS = {
    "a": "accept what the judge says",
    "e": "edit: level and rationale, presences and note, or words",
    "r": "reject: nothing of it will hold; the reason may follow",
    "o": "your own, before the judge's is shown (blind-first)",
    "v": "reveal the judge's, after your own (blind-first)",
    "c": "comment, without deciding",
    "s": "skip for now",
    "b": "back to the item before",
    "u": "undo your last action",
    "t": "show the whole text of this transcript",
    "q": "quit; everything decided is saved",
}
_KEY_LINE = "[a]ccept [e]dit [r]eject [c]omment [s]kip [b]ack [u]ndo [t]ext [q]uit [?]help >"
_OWN_LINE = "[o]wn level [c]omment [s]kip [b]ack [u]ndo [t]ext [q]uit [?]help >"
_REVEAL_LINE = "re[v]eal [o]wn again [c]omment [s]kip [b]ack [u]ndo [t]ext [q]uit [?]help >"


_Step = Literal["next", "first", "back", "quit"]
_Stay = Literal["stay", "again"]


@dataclass(frozen=True)
class ReviewProgress:
    """How far a review has come when its reviewer left."""

    decided: int
    total: int
    interrupted: bool
    """Left with Ctrl-C; everything decided is saved all the same."""


def review_in_terminal(
    folder: Path,
    reviewer: str,
    console: Console | None = None,
    *,
    order: Order = "attention",
    clock: Clock = utc_now,
) -> ReviewProgress:
    """Take a reviewer through the undecided items of a draft, in their order.

    Reads lines from standard input; its end is the same as quitting. Each action is on disk
    before the next item is shown.

    Args:
        folder: the comparison's folder.
        reviewer: whose decisions these are.
        console: where to show; standard output where none is given.
        order: as in `desk.queue`.
        clock: gives the time of the events.

    Raises:
        InputError: there is no draft, the review has ended with a signature, or the reviewer has
            no name.
        RecordError: draft or events cannot be used.
        StorageError: an action could not be saved; those before it are.
    """
    at, reviewer = ReviewFolder(folder), actions.named(reviewer)
    console = console or _standard_console()
    reviewed = at.reviewed()
    actions.refuse_if_signed(reviewed)
    console.print(opening(reviewed, reviewer, queue(reviewed, reviewer, order)))
    interrupted = False
    try:
        _Walk(at, reviewer, console, order, clock).go()
    except EOFError:
        console.print()
    except KeyboardInterrupt:
        interrupted = True
        console.print()
    return tell_next_step(at, reviewer, console, interrupted=interrupted)


def tell_next_step(
    folder: ReviewFolder,
    reviewer: str,
    console: Console | None = None,
    *,
    interrupted: bool,
) -> ReviewProgress:
    """Say how far a review has come and which command goes on, whichever surface was left.

    Args:
        folder: the comparison's folder.
        reviewer: who reviewed.
        console: where to say it; standard output where none is given.
        interrupted: whether it was left with Ctrl-C.
    """
    console = console or _standard_console()
    reviewed = folder.reviewed()
    mine = queue(reviewed, reviewer)
    say(console, f"\n{mine.progress} Everything decided is saved.")
    settle = ["--adjudicate"] if not mine.waiting and reviewed.disputed else []
    verb = "review" if reviewed.undecided else "sign"
    if reviewed.sign_off is None:
        command = command_as(reviewer, verb, folder.path, *settle)
        console.print(f"Next: {command}", markup=False, soft_wrap=True)
    return ReviewProgress(mine.decided, mine.total + mine.locked, interrupted)


@dataclass
class _Walk:
    """One reviewer's way through the items."""

    folder: ReviewFolder
    reviewer: str
    console: Console
    order: Order
    clock: Clock

    def go(self) -> None:
        """Item by item until the reviewer leaves."""
        place = self._undecided_from(0)
        while True:
            items = self._queue().items
            step = self._item(items[place]) if place < len(items) else self._end()
            if step == "quit":
                return
            if step == "back":
                place = max(0, place - 1)
            else:
                place = self._undecided_from(0 if step == "first" else place + 1)

    def _queue(self) -> Queue:
        reviewed = self.folder.reviewed()  # others may be at work too
        return queue(reviewed, self.reviewer, self.order, self.folder.items)

    def _undecided_from(self, place: int) -> int:
        """The next item that waits for a decision; past the last when there is none."""
        at = self._queue()
        waiting = {item.id for item in at.waiting}
        following = range(place, len(at.items))
        return next((n for n in following if at.items[n].id in waiting), len(at.items))

    def _show(self, item: ReviewItem) -> ItemView:
        at = self._queue()
        shown = view(self.folder.reviewed(), self.reviewer, item, at.position(item.id))
        self.console.print()
        self.console.print(item_view(self.folder.reviewed(), shown, at))
        return shown

    def _item(self, item: ReviewItem) -> _Step:
        actions.open_item(self.folder, self.reviewer, item.id, clock=self.clock)
        shown = self._show(item)
        while True:
            line = _KEY_LINE
            if shown.hidden:
                line = _OWN_LINE if shown.own is None else _REVEAL_LINE
            said_ = ask(self.console, line).lower()
            key = next((k for k, word in KEYS.items() if said_ in (k, word)), None)
            if key == "q":
                return "quit"
            if key == "b":
                return "back"
            if key == "?":
                self.console.print(keys(MEANINGS))
            elif key == "t":
                self.console.print(whole_text(self.folder.reviewed().draft, shown))
            elif key is None:
                if said_:
                    say(self.console, f"There is no key {said_[:20]!r}. ? shows the keys.")
            else:
                done = self._done(key, item, shown)
                if done == "again":
                    shown = self._show(item)
                elif done != "stay":
                    return done

    def _done(self, key: str, item: ReviewItem, shown: ItemView) -> _Step | _Stay:
        """Do one action; where to go after it."""
        at, who, clock = self.folder, self.reviewer, self.clock
        try:
            if key == "a":
                actions.accept(at, who, item.id, clock=clock)
            elif key == "e":
                if not self._edit(item, shown):
                    return "stay"
            elif key == "r":
                reason = ask(self.console, "Reason (Enter: give it later; x breaks off):")
                if reason == CANCEL:
                    say(self.console, "Nothing was changed.")
                    return "stay"
                actions.reject(at, who, item.id, reason, clock=clock)
            elif key == "o":
                content = edited(self.console, at.reviewed().draft, shown, None)
                actions.give_own(at, who, item.id, content, clock=clock)
                return "again"
            elif key == "v":
                actions.reveal(at, who, item.id, clock=clock)
                return "again"
            elif key == "s":
                actions.defer(at, who, item.id, clock=clock)
                return "next"
            elif key == "u":
                actions.undo(at, who, clock=clock)
                say(self.console, f"Undone. {self._queue().progress}")
                return "first"
            else:
                text = ask(self.console, "Comment (Enter alone breaks off):")
                if text:
                    actions.comment(at, who, item.id, text, clock=clock)
                    say(self.console, "Saved: comment.")
                return "stay"
        except Cancelled:
            say(self.console, "Nothing was changed.")
            return "stay"
        except InputError as error:
            actions.refuse_if_signed(at.reviewed())  # signed meanwhile
            say(self.console, told(error))
            return "stay"
        review = at.reviewed().reviewer(who).item(item.id)
        state = review.decision.state if review.decision.state != "undecided" else "answered"
        say(self.console, f"Saved: {state}. {self._queue().progress}")
        return "next"

    def _edit(self, item: ReviewItem, shown: ItemView) -> bool:
        if shown.hidden:
            raise InputError(
                "your own level comes first in a blind-first review", mend="Use the key o."
            )
        judge = shown.judge.content if shown.judge else None
        now = shown.decision.content or shown.own or judge
        content = edited(self.console, self.folder.reviewed().draft, shown, now)
        if content == judge:
            say(self.console, "That is what the judge says; a accepts it.")
            return False
        reason = None
        if shown.judge is not None and not shown.missing:
            reason = ask(self.console, "Reason for the change (may stay empty):")
        actions.edit(self.folder, self.reviewer, item.id, content, reason, clock=self.clock)
        return True

    def _end(self) -> _Step:
        waiting = len(self._queue().waiting)
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


def adjudicate_in_terminal(
    folder: Path,
    person: str,
    console: Console | None = None,
    *,
    clock: Clock = utc_now,
) -> int:
    """Take a person through the items that reviewers decided differently.

    Args:
        folder: the comparison's folder.
        person: who settles them.
        console: where to show; standard output where none is given.
        clock: gives the time of the events.

    Returns:
        How many are still to be settled.

    Raises:
        InputError: there is no draft, or the review has ended with a signature.
        RecordError: draft or events cannot be used.
        Interrupted: left with Ctrl-C; everything settled is saved.
    """
    at, person = ReviewFolder(folder), actions.named(person)
    console = console or _standard_console()
    actions.refuse_if_signed(at.reviewed())
    try:
        for item in at.reviewed().disputed:
            if not _settled(at, person, at.items[item], console, clock):
                break
    except EOFError:
        console.print()
    except KeyboardInterrupt:
        console.print()
        left = len(at.reviewed().disputed)
        raise Interrupted(
            f"stopped by Ctrl-C; what was settled is saved, {left} left",
            mend=f"Next: {command_as(person, 'review', at.path, '--adjudicate')}",
        ) from None
    left = len(at.reviewed().disputed)
    say(console, f"{left} left to settle." if left else "Nothing is left to settle.")
    return left


def _settled(
    at: ReviewFolder, person: str, item: ReviewItem, console: Console, clock: Clock
) -> bool:
    """Show one disputed item and take a decision. False: the person leaves."""
    console.print()
    say(console, item.label)
    try:
        reviews = look(at, person, item.id, clock=clock)
    except InputError as error:
        say(console, told(error))
        return True
    reviewed = at.reviewed()
    shown = view(reviewed, reviews[0].decision.reviewer or "", item)
    console.print(side_by_side(reviewed, shown, reviews))
    while True:
        said_ = ask(console, f"[1-{len(reviews)}] whose holds, [e]dit [r]eject [s]kip [q]uit >")
        try:
            if said_ == "q":
                return False
            if said_ == "s":
                return True
            reason: str | None = None
            if said_.isdecimal() and 1 <= int(said_) <= len(reviews):
                decision = reviews[int(said_) - 1].decision
                content, reason = decision.content, decision.reason
            elif said_ == "e":
                content = edited(console, reviewed.draft, shown, None)
            elif said_ == "r":
                content = None
            else:
                continue
            reason = ask(console, "Reason:") or reason
            adjudicate(at, person, item.id, content, reason, clock=clock)
        except Cancelled:
            continue
        except InputError as error:
            say(console, told(error))
            continue
        say(console, "Saved: settled.")
        return True


def _standard_console() -> Console:
    """Standard output and input; what a terminal cannot show or send becomes '?'."""
    for stream in (sys.stdout, sys.stdin):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors="replace")
    return Console(highlight=False)
