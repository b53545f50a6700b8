"""The plain review in a terminal: one item after the other, one line of input each time.

It needs no more than lines of text, so it works over any connection, with a screen reader, and
with a file for its input. Keys and what they do are in `commands`, what they ask for in `forms`;
how items look is in `view`.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from rich.console import Console

from grader.errors import InputError, Interrupted
from grader.review import actions
from grader.review.adjudicate import (
    adjudicate,
    begin_settling,
    look,
    settling_view,
    unfinished,
)
from grader.review.commands import (
    COMMANDS,
    Answers,
    Command,
    command_of,
    fitting,
    goes_on,
    help_lines,
    key_words,
    label_of,
    perform,
)
from grader.review.events import Clock, Content, utc_now
from grader.review.folder import ReviewFolder
from grader.review.forms import choice, content_of, inputs, number_of
from grader.review.item_view import ItemView, Order, Queue, card_views, queue, view
from grader.review.items import ReviewItem, decisions_of
from grader.review.pace import pace_of
from grader.review.reasons import due_words, reasons_due, told_due
from grader.review.reviewer import command_as, normalised_name
from grader.review.rules import has_decided_all, is_hidden, refuse_if_signed, sees_all
from grader.review.sign import FIRST_FEW, blockers, open_lines
from grader.review.surfaces.plain.asking import (
    Cancelled,
    answers_to,
    ask,
    ask_reason,
    confirmed,
    message,
    quotations,
    say,
)
from grader.review.surfaces.plain.view import (
    decisions_view,
    item_view,
    keys,
    list_of_items,
    opening,
    task_view,
    whole_text,
)
from grader.text.quotation import Evidence

_Step = Literal["next", "first", "back", "forward", "quit"]
_Stay = Literal["stay", "again"]
_Settling = Literal["next", "later", "undo", "quit"]


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
        order: as in `item_view.queue`.
        clock: gives the time of the events.

    Raises:
        InputError: there is no draft, the review has ended with a signature, or the reviewer has
            no name.
        RecordError: draft or events cannot be used.
        StorageError: an action could not be saved; those before it are.
    """
    at, reviewer = ReviewFolder(folder), normalised_name(reviewer)
    console = console or _standard_console()
    reviewed = at.reviewed()
    refuse_if_signed(reviewed)
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
    if reviewed.sign_off is None:
        # Before they settle, nothing here may follow from others' decisions.
        record = reviewed.reviewer(reviewer)
        done = has_decided_all(record, reviewed)
        sees = sees_all(record, reviewed)
        told = told_due(reasons_due(record, reviewed, folder.items)) if done else ""
        if told:
            say(console, told)
        verb = "sign" if sees and not (reviewed.undecided or told) else "review"
        settle = ["--adjudicate"] if (reviewed.disputed if sees else done and not told) else []
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
    seen: int = 0
    """How many events there were when the item was shown."""

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
            elif step == "forward":
                place = min(place + 1, len(items))
            else:
                place = self._undecided_from(0 if step == "first" else place + 1)

    def _queue(self) -> Queue:
        reviewed = self.folder.reviewed()  # others may be at work too
        return queue(reviewed, self.reviewer, self.order, self.folder.items)

    def _undecided_from(self, place: int) -> int:
        """The next item that waits for a decision; past the last when there is none."""
        at = self._queue()
        waiting = {item.id for item in at.waiting}
        following = [n for n in range(place, len(at.items)) if at.items[n].id in waiting]
        record = self.folder.reviewed().reviewer(self.reviewer)
        # What only waits for the rest of its card is not asked again before that.
        bare = [n for n in following if record.item(at.items[n].id).own is None]
        bare += [n for n in following if not is_hidden(record, at.items[n])]
        return min(bare or following, default=len(at.items))

    def _view(self, item: ReviewItem) -> ItemView:
        position = self._queue().position(item.id)
        reviewed = self.folder.reviewed()
        self.seen = reviewed.events
        return view(reviewed, self.reviewer, item, position)

    def _show(self, item: ReviewItem, *, again: bool = False) -> ItemView:
        shown = self._view(item)
        self.console.print()
        reviewed = self.folder.reviewed()
        card = card_views(reviewed, self.reviewer, self.folder.items, item)
        self.console.print(item_view(reviewed, shown, self._queue(), card, again=again))
        return shown

    def _item(self, item: ReviewItem) -> _Step:
        actions.open_item(self.folder, self.reviewer, item.id, clock=self.clock)
        shown = self._show(item)
        while True:
            line = ask(self.console, _key_line(shown))
            chosen = _chosen(shown, line)
            command = command_of("plain", line, shown) or command_of("plain", line.lower(), shown)
            try:
                if chosen is not None:
                    answers = Answers(dict([chosen]), shown.evidence)
                    done = self._save(COMMANDS["choose"], shown, answers)
                elif command is None or (command.id == "choose" and choice(shown) is None):
                    if line:
                        say(self.console, _no_key(shown, line))
                    continue
                elif command.run is not None:
                    done = self._perform(command, shown)
                else:
                    done = self._look(command, shown)
            except Cancelled:
                say(self.console, "Nothing was changed.")
                continue
            except InputError as error:
                refuse_if_signed(self.folder.reviewed())  # signed meanwhile
                say(self.console, message(error))
                continue
            if done == "again":
                shown = self._show(item, again=True)
            elif done == "stay":
                shown = self._view(item)
            else:
                return done

    def _look(self, command: Command, shown: ItemView) -> _Step | _Stay:
        """A command that records nothing."""
        draft = self.folder.reviewed().draft
        if command.id == "help":
            self.console.print(keys(help_lines("plain")))
        elif command.id == "task":
            self.console.print(task_view(draft))
        elif command.id == "list":
            self._list()
        elif command.id in ("whole", "other"):
            self.console.print(whole_text(draft, shown, other=command.id == "other"))
        elif command.id == "reasons":
            self._ask_reasons()
        elif command.id == "settle":
            _settle_all(self.folder, self.reviewer, self.console, self.clock)
            return "again"
        elif command.id == "back":
            return "back"
        elif command.id == "forward":
            return "forward"
        elif command.id == "quit":
            return "quit"
        return "stay"

    def _list(self) -> None:
        """All items with their state."""
        self.console.print(list_of_items(self._view(each) for each in self._queue().items))

    def _perform(self, command: Command, shown: ItemView) -> _Step | _Stay:
        """A command that records something; where to go after it."""
        if not command.needs(shown):
            return self._save(command, shown, Answers())  # the rules say why it is refused
        if command.confirm and not confirmed(self.console, command.confirm):
            raise Cancelled
        asked = inputs(command.asks, shown)
        values = answers_to(self.console, [each for each in asked if not each.aside])
        return self._complete(command, shown, values)

    def _complete(self, command: Command, shown: ItemView, values: dict[str, str]) -> _Step | _Stay:
        """Ask for quotations and for the reason of a change, where they belong to it, and save."""
        evidence: tuple[Evidence, ...] = ()
        if "content" in command.asks:
            evidence = shown.evidence
            if shown.side and choice(shown) and not any(each.span for each in evidence):
                draft = self.folder.reviewed().draft
                evidence = (*evidence, *quotations(self.console, draft, shown, shown.side))
            judge = shown.judge.content if shown.judge else None
            if content_of(shown, values, evidence) == judge:
                say(self.console, "That is what the judge says; a accepts it.")
                return "stay"
        values |= answers_to(self.console, [i for i in inputs(command.asks, shown) if i.aside])
        return self._save(command, shown, Answers(values, evidence))

    def _save(self, command: Command, shown: ItemView, answers: Answers) -> _Step | _Stay:
        perform(
            command, self.folder, self.reviewer, shown, answers, last=self.seen, clock=self.clock
        )
        if command.id in ("own", "choose"):
            return self._tell_choice(command, shown)
        if command.id == "undo":
            say(self.console, f"Undone. {self._queue().progress}")
            return "first"
        if not goes_on(command, self._view(self.folder.items[shown.id])):
            say(self.console, command.done)
            return "stay" if command.id == "comment" else "again"
        say(self.console, f"{command.done} {self._queue().progress}")
        return "next"

    def _tell_choice(self, command: Command, shown: ItemView) -> _Step | _Stay:
        """Say what was chosen, and whether it was one's own or the decision."""
        now = self._view(self.folder.items[shown.id])
        if now.decision.state == "undecided" and now.own is not None:
            say(self.console, f"Saved: {now.words(now.own)}. Your own stays as it is.")
        else:
            decided = f"Saved: {now.words(now.decision.content)}."
            say(self.console, f"{decided} {self._queue().progress}")
        return "next" if goes_on(command, now) else "again"

    def _ask_reasons(self) -> None:
        """Ask why, for all that was decided otherwise than the judge without a word."""
        due = self._reasons_due()
        if not due:
            say(self.console, "No reason is due.")
            return
        say(self.console, "Why did you decide otherwise than the judge?")
        saved = 0
        for item in due:
            reviewed = self.folder.reviewed()
            words = due_words(reviewed.reviewer(self.reviewer), item)
            try:
                why = ask_reason(self.console, f"{item.label}: {words}, because")
                if why:
                    actions.give_reasons(
                        self.folder,
                        self.reviewer,
                        {item.id: why},
                        last=reviewed.events,
                        clock=self.clock,
                    )
                    saved += 1
            except Cancelled:
                break
            except actions.ItemChanged as error:
                say(self.console, message(error))
                break
        say(self.console, f"Saved: {saved} of {len(due)}." if saved else "Nothing was changed.")

    def _reasons_due(self) -> list[ReviewItem]:
        reviewed = self.folder.reviewed()
        return reasons_due(reviewed.reviewer(self.reviewer), reviewed, self.folder.items)

    def _end(self) -> _Step:
        waiting = len(self._queue().waiting)
        self.seen = self.folder.reviewed().events
        self.console.print()
        if not waiting and self._reasons_due():
            self._ask_reasons()
            self.seen = self.folder.reviewed().events
        if waiting:
            at = self._queue()
            say(self.console, f"End of the list. {at.decided} of {at.total} decisions are made.")
        else:
            say(self.console, "Everything is decided.")
            record = self.folder.reviewed().reviewer(self.reviewer)
            if (pace := pace_of(record, self.folder.items)) is not None:
                say(self.console, f"Your pace: {pace.words}")
        first = "[f]irst undecided " if waiting else ""
        while True:
            why = "[y] reasons " if self._reasons_due() else ""
            line = ask(self.console, f"{first}{why}[b]ack [u]ndo [l]ist [q]uit >").lower()
            if line in ("y", "reasons"):
                self._ask_reasons()
                self.seen = self.folder.reviewed().events
            if line in ("q", "quit"):
                return "quit"
            if line in ("b", "back"):
                return "back"
            if line in ("l", "list"):
                self._list()
            if waiting and line in ("f", "first undecided"):
                return "first"
            if line in ("u", "undo"):
                try:
                    actions.undo(self.folder, self.reviewer, last=self.seen, clock=self.clock)
                    return "first"
                except InputError as error:
                    say(self.console, message(error))


def _key_line(shown: ItemView) -> str:
    parts = []
    for each in fitting("plain", shown):
        if each.in_footer:
            key, label = key_words(each, shown), label_of(each, shown)
            gap = " " if each.id == "choose" else ""
            parts.append(f"[{key}]{gap}{label[len(key) :] if label.startswith(key) else label}")
    return f"{' '.join(parts)} >"


def _no_key(shown: ItemView, line: str) -> str:
    """What is said of a line that means nothing here."""
    if not line.isdecimal():
        return f"There is no key {line[:20]!r}. ? shows the keys."
    if (asked := choice(shown)) is not None:
        return f"Nothing was changed. The numbers here go from 1 to {len(asked.options)}."
    return "Nothing was changed. Here nothing has a number; e gives your own, part by part."


def _chosen(shown: ItemView, line: str) -> tuple[str, str] | None:
    """The input and the number that a typed number chooses."""
    asked = choice(shown)
    if asked is None or not line.isdecimal() or not COMMANDS["choose"].needs(shown):
        return None
    number = number_of(asked.options, line)
    return (asked.name, number) if number else None


# --- settling -------------------------------------------------------------------------------


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
        InputError: there is no draft, the review has ended with a signature, or this person
            reviews the comparison and has items to decide.
        RecordError: draft or events cannot be used.
        Interrupted: left with Ctrl-C; everything settled is saved.
    """
    at, person = ReviewFolder(folder), normalised_name(person)
    console = console or _standard_console()
    refuse_if_signed(at.reviewed())
    try:
        _settle_all(at, person, console, clock)
    except EOFError:
        console.print()
    except KeyboardInterrupt:
        console.print()
        left = len(at.reviewed().disputed)
        raise Interrupted(
            f"stopped by Ctrl-C; what was settled is saved, {left} left",
            mend=f"Next: {command_as(person, 'review', at.path, '--adjudicate')}",
        ) from None
    reviewed = at.reviewed()
    left = len(reviewed.disputed)
    say(console, f"{left} left to settle." if left else "Nothing is left to settle.")
    if waiting := blockers(at, reviewed, person):
        total = len(decisions_of(at.items.values()))
        say(console, "\n".join(open_lines(waiting, total, FIRST_FEW)))
    else:
        console.print(f"Next: {command_as(person, 'sign', at.path)}", markup=False, soft_wrap=True)
    return left


def _settle_all(at: ReviewFolder, person: str, console: Console, clock: Clock) -> None:
    """Each disputed item in turn, then those put off, until the person leaves."""
    if told := unfinished(begin_settling(at, person, clock=clock)):
        say(console, told)
    put_off: set[str] = set()
    undone: str | None = None
    while True:
        disputed = at.reviewed().disputed
        left = [undone] if undone in disputed else [id for id in disputed if id not in put_off]
        undone = None
        if left:
            step = _settled(at, person, at.items[left[0]], console, clock)
            if step == "later":
                put_off.add(left[0])
        else:
            step = _all_settled(at, person, len(disputed), console)
            put_off.clear()
        if step == "quit":
            return
        if step == "undo":
            undone = _undo_settled(at, person, console, clock)


def _all_settled(at: ReviewFolder, person: str, put_off: int, console: Console) -> _Settling:
    """Where to go once nothing new is left; at once away where there is nothing to go to."""
    undo = actions.last_undoable(at.events, person) is not None
    if not (put_off or undo):
        return "quit"
    first = "[f]irst of them " if put_off else ""
    keys = f"{first}{'[u]ndo ' if undo else ''}[q]uit"
    told = f"{put_off} put off." if put_off else "All is settled."
    while True:
        line = ask(console, f"{told} {keys} >").lower()
        if line in ("q", "quit"):
            return "quit"
        if line in ("u", "undo") and undo:
            return "undo"
        if line in ("f", "first") and put_off:
            return "next"


def _undo_settled(at: ReviewFolder, person: str, console: Console, clock: Clock) -> str | None:
    """Take back what this person settled last; the item, which is to be settled again."""
    target = actions.last_undoable(at.events, person)
    try:
        actions.undo(at, person, last=at.reviewed().events, clock=clock)
    except InputError as error:
        say(console, message(error))
        return None
    say(console, f"Undone: {at.items[target.item].label if target and target.item else ''}.")
    return target.item if target else None


def _settled(
    at: ReviewFolder, person: str, item: ReviewItem, console: Console, clock: Clock
) -> _Settling:
    """Show one disputed item and take a decision; where to go then."""
    console.print()
    reviews = look(at, person, item.id, clock=clock)
    reviewed = at.reviewed()
    shown = settling_view(reviewed, item)
    console.print(decisions_view(reviewed, shown, reviews))
    keys = "[e]dit [r]eject [d]later [u]ndo [w]hole text [t]other text [p]task [q]uit"
    while True:
        line = ask(console, f"[1-{len(reviews)}] whose counts {keys} >").lower()
        try:
            reason: str | None = None
            content: Content | None = None
            if line in ("q", "quit"):
                return "quit"
            if line in ("d", "later"):
                return "later"
            if line in ("u", "undo"):
                return "undo"
            if line.isdecimal() and 1 <= int(line[:9]) <= len(reviews):
                decision = reviews[int(line) - 1].decision
                content, reason = decision.content, decision.reason
            elif line in ("e", "edit"):
                values = answers_to(console, inputs(("content",), shown))
                quoted: list[Evidence] = []
                if shown.side and choice(shown):
                    quoted = quotations(console, reviewed.draft, shown, shown.side)
                content = content_of(shown, values, tuple(quoted))
            elif line not in ("r", "reject"):
                if line in ("p", "task"):
                    console.print(task_view(reviewed.draft))
                elif line in ("w", "t"):
                    console.print(whole_text(reviewed.draft, shown, other=line == "t"))
                elif line:
                    say(console, f"There is no key {line[:20]!r} here.")
                continue
            given = ask_reason(console, "Reason", needed=content is None and not reason)
            reason = given or reason
            adjudicate(at, person, item.id, content, reason, last=reviewed.events, clock=clock)
        except Cancelled:
            continue
        except actions.ItemChanged as error:
            say(console, message(error))
            return "next"
        except InputError as error:
            say(console, message(error))
            continue
        say(console, "Saved: settled.")
        return "next"


def _standard_console() -> Console:
    """Standard output and input; what a terminal cannot show or send becomes '?'."""
    for stream in (sys.stdout, sys.stdin):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors="replace")
    return Console(highlight=False)
