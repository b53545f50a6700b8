"""The terminal app: the item on the left, its transcript on the right, one key for each action.

Needs no colour and fits 80 by 24. Keys and what they do are in `commands`, what they ask for in
`forms`; the places on the screen in `layout`, typing in `bottom`, what the reviewer has in view in
`session`. The plain review for dumb terminals is in `surfaces.plain`.
"""

from __future__ import annotations

import os
import select
import sys
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any, ClassVar

from textual import events
from textual.app import App, ComposeResult

from grader.errors import EXIT_INTERRUPTED, GraderError, InputError, RecordError
from grader.review import actions
from grader.review.adjudicate import adjudicate, unfinished
from grader.review.commands import COMMANDS, Answers, Command, command_of, goes_on, perform
from grader.review.events import Content
from grader.review.folder import ReviewFolder
from grader.review.forms import Input, choice, content_of, inputs
from grader.review.grid import Grid
from grader.review.item_view import ItemView, Order
from grader.review.items import ReviewItem
from grader.review.reasons import due_words, reasons_due, told_due
from grader.review.rules import refuse_if_signed
from grader.review.surfaces.plain.asking import message
from grader.review.surfaces.plain.view import item_line
from grader.review.surfaces.textual.keys import BINDINGS, help_text
from grader.review.surfaces.textual.layout import CSS, Layout
from grader.review.surfaces.textual.quoting import TranscriptText
from grader.review.surfaces.textual.screens import Items, Page
from grader.review.surfaces.textual.session import ReviewSession, SettlingSession
from grader.text.quotation import Evidence


def terminal_is_gone(fileno: int) -> bool:
    """Whether the other end of a terminal was closed.

    A signal tells that to the leader of a session alone; whoever else reads from there must look.
    """
    poll = select.poll()
    poll.register(fileno, 0)
    gone = select.POLLHUP | select.POLLERR | select.POLLNVAL
    return any(event & gone for _, event in poll.poll(0))


class ReviewApp(App[None]):
    """One reviewer's review of one comparison. Its return code is 130 where Ctrl-C ended it.

    Args:
        folder: the comparison's folder.
        reviewer: whose decisions these are.
        order: as in `item_view.queue`.
        settling: whether to settle what reviewers decided differently.
    """

    TITLE = "grader review"
    ENABLE_COMMAND_PALETTE = False
    CSS = CSS
    BINDINGS: ClassVar = [*BINDINGS]

    def __init__(
        self,
        folder: str | Path,
        reviewer: str,
        order: Order = "attention",
        *,
        settling: bool = False,
    ) -> None:
        super().__init__()
        self.folder = ReviewFolder(folder)
        self.session = (SettlingSession if settling else ReviewSession)(
            self.folder, reviewer, order
        )
        self.panels = Layout(self.session)
        self.reviewer = self.session.reviewer
        self.bottom = self.panels.bottom
        self.failed: GraderError | None = None
        """What ended the review, such as a file that was changed or signed meanwhile."""
        self._warned: dict[str, tuple[Evidence, ...]] = {}
        """Unsaved quotations the reviewer was already warned about, by item."""

    def compose(self) -> ComposeResult:
        """One layout for every item."""
        yield self.panels

    def on_mount(self) -> None:
        """Begin with the first item that waits."""
        refuse_if_signed(self.session.reviewed)
        if sys.__stdin__ is not None and sys.__stdin__.isatty() and hasattr(select, "poll"):
            self.set_interval(1.0, partial(self._leave_without_terminal, sys.__stdin__.fileno()))
        self.panels.focus_text()
        if self.session.settling:
            self.bottom.tell(unfinished(self.session.reviewed))
        self._go(self.session.queue().after(None))

    async def run_action(self, *args: Any, **kwargs: Any) -> bool:
        """Do what a key means. Any look at the folder may fail, since others can write to it."""
        try:
            return await super().run_action(*args, **kwargs)
        except GraderError as error:
            self._end_with(error)
            return True

    @staticmethod
    def _leave_without_terminal(fileno: int) -> None:
        """End where the terminal is gone: nobody can type any more, and all decided is saved."""
        if terminal_is_gone(fileno):
            # The library's own way out puts the terminal in order first, and would wait for it.
            os._exit(EXIT_INTERRUPTED)

    def _end_with(self, error: GraderError) -> None:
        """End the review; the error is printed once the terminal is back."""
        self.failed = error
        self.exit(return_code=error.exit_code)

    def on_resize(self) -> None:
        """Lay everything out for the new size."""
        if self.is_running and not self.bottom.asking and not self.panels.selecting:
            self.call_after_refresh(self.panels.draw)

    def _here(self) -> ItemView | None:
        """The item as it is in view; a message where there is none."""
        if self.panels.shown is None:
            self.bottom.tell("Everything is decided. u undoes, b goes back, q leaves.")
        return self.panels.shown

    def _go(self, item: ReviewItem | None) -> None:
        self.session.open(item)
        self.panels.draw()
        self.panels.to_the_top()
        if item is None and not self.session.settling:
            reviewed = self.session.reviewed
            record = reviewed.reviewer(self.reviewer)
            if told := told_due(reasons_due(record, reviewed, self.folder.items)):
                self.bottom.tell(told)

    # --- keys -------------------------------------------------------------------------------

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """While a line is typed or words are selected, keys are not actions on the item."""
        if action in ("interrupt", "leave"):
            return True
        return not self.bottom.asking and not self.panels.selecting

    def on_key(self, event: events.Key) -> None:
        """Answer a key that means nothing here."""
        if self.bottom.asking or event.key in self.active_bindings or len(self.screen_stack) > 1:
            return
        if event.is_printable:
            hint = "Esc leaves selecting." if self.panels.selecting else "? shows the keys."
            self.bottom.tell(f"There is no key {event.character!r} here. {hint}")

    def action_press(self, key: str) -> None:
        """Do what a key means for the item in view."""
        shown = self.panels.shown
        command = command_of("terminal", key, shown)
        if command is None or (command.on_item and self._here() is None):
            return
        if command.run is None:
            getattr(self, f"_show_{command.id.replace('-', '_')}")()
        elif command.id == "undo":
            self._undo()
        elif isinstance(self.session, SettlingSession):
            self._settle(self.session, command)
        elif not command.on_item:
            self._ask_to_confirm(command)
        elif shown is not None:
            self._begin(command, shown)

    def action_choose(self, number: int) -> None:
        """The reviewer's own level: where the judge's is hidden it is shown then, else decided."""
        if (shown := self._here()) is None:
            return
        if isinstance(self.session, SettlingSession):
            self._settle_as(self.session, number)
            return
        if (grid := self.session.grid()) is not None:
            self._set_cell(grid, number)
            return
        asked = choice(shown)
        if asked is None:
            self.bottom.tell("There is no single level here. e edits this.")
        elif number > len(asked.options):
            self.bottom.tell(f"Type a number: {asked.prompt}")
        else:
            self._save(COMMANDS["choose"], shown, {asked.name: str(number)})

    def _set_cell(self, grid: Grid, number: int) -> None:
        """Set the current cell of the grid and go on to the next."""
        options = grid.cells[self.session.cell].field.options
        if number > len(options):
            self.bottom.tell(f"Type a number from 1 to {len(options)}.")
            return
        if not self._act(partial(self.session.set_cell, options[number - 1].value)):
            return
        after = self.session.grid()
        self.bottom.tell("")
        if grid.hidden and after and not after.hidden:
            self.bottom.tell("All is given. The judge's are beside yours now.")
        elif after and not after.undecided:
            self._go(self.session.queue().after(None))
            return
        self.panels.draw()

    def _begin(self, command: Command, shown: ItemView) -> None:
        """Ask for what a command needs, then save it."""
        chosen = shown.id in self.session.chosen
        if command.id == "accept" and chosen and command.needs(shown) and shown.judge:
            content = shown.judge.content.model_copy(
                update={"evidence": self.session.evidence(shown)}
            )
            act = partial(
                actions.edit, self.folder, self.reviewer, shown.id, content, last=shown.last
            )
            if self._do(act, "Saved: the judge's, with your quotations."):
                self.session.chosen.pop(shown.id, None)
            return
        if not command.needs(shown):
            self._save(command, shown, {})  # the rules say why it is refused
        else:
            self._collect(command, shown, inputs(command.asks, shown), {})

    def _collect(
        self, command: Command, shown: ItemView, asked: Sequence[Input], values: dict[str, str]
    ) -> None:
        """Ask for one input after the other, then save what they make."""
        if not asked:
            self._save(command, shown, values)
            return
        first, *rest = asked
        more = rest[0].label if rest and rest[0].aside else ""

        def take(words: str, wants_more: bool) -> None:
            left = [] if more and not wants_more else rest
            self._collect(command, shown, left, values | {first.name: words})

        self.bottom.ask(first, take, more)

    def _save(self, command: Command, shown: ItemView, values: dict[str, str]) -> bool:
        """Record a command. False: it was refused."""
        evidence: tuple[Evidence, ...] = ()
        gives = {"content", "choice"} & {*command.asks}
        if gives or shown.id in self.session.chosen:
            evidence = self.session.evidence(shown)
        answers = Answers(values, evidence)
        act = partial(perform, command, self.folder, self.reviewer, shown, answers, last=shown.last)
        saved = self._do(act, command.done, command)
        if saved and gives:
            self.session.chosen.pop(shown.id, None)
        return saved

    def _do(self, act: Callable[[], object], words: str, command: Command | None = None) -> bool:
        """Do one action, show its result, and go on, as its command says. False: it was refused."""
        here = self.session.item
        if not self._act(act):
            return False
        self.bottom.tell(words)
        try:
            if command and here and not goes_on(command, self.session.view(here)):
                self.panels.draw()
            else:
                following = self.session.queue().after(here.id if here else None)
                done = following is here and not self.session.waits(here)
                self._go(None if done else following)
        except GraderError as error:
            self._end_with(error)
            return False
        return True

    def _act(self, act: Callable[[], object]) -> bool:
        """Do one action. False: it was refused, and why is told."""
        try:
            act()
        except actions.ItemChanged as error:
            self.panels.draw()
            self.bottom.tell(message(error))
            return False
        except RecordError as error:
            self._end_with(error)
            return False
        except GraderError as error:
            self.bottom.tell(message(error))
            return False
        self.session.seen = self.session.reviewed.events  # what was done here is known here
        return True

    def _undo(self) -> None:
        """Undo the last action and show its item."""
        target = actions.last_undoable(self.folder.events, self.reviewer)
        try:
            actions.undo(self.folder, self.reviewer, last=self.session.seen)
        except GraderError as error:
            self.bottom.tell(message(error))
            return
        item = self.folder.items[target.item] if target and target.item else None
        self.bottom.tell(f"Undone: {item.label}." if item else "Undone.")
        if item and self.session.settling and item.id not in self.session.reviewed.disputed:
            self._go(self.session.queue().after(None))  # another has changed it meanwhile
        elif item:
            self._go(item)

    def _ask_to_confirm(self, command: Command) -> None:
        """Record a command that is about more than one item, once the reviewer says yes."""
        assert command.run is not None
        act = partial(command.run, self.folder, self.reviewer, last=self.session.seen)

        def take(words: str, more: bool) -> None:
            if words.lower() in ("y", "yes"):
                self._do(act, command.done)
            else:
                self.bottom.tell("Nothing was changed.")

        self.bottom.ask(Input("yes", f"{command.confirm} (y, n)", required=True), take)

    # --- looking ----------------------------------------------------------------------------

    def _step(self, by: int) -> None:
        here, queue = self.session.item, self.session.queue()
        items = queue.items
        if self.session.grid() and self.session.to_cell(self.session.cell + by):
            self.bottom.tell("")
            self.panels.draw()
            return
        at = queue.position(here.id) - 1 if here else len(items)
        if here and here.kind == "signature":
            grid = [n for n, item in enumerate(items) if item.decision == here.decision]
            at = grid[-1] if by > 0 else grid[0]
        to = min(max(0, at + by), len(items) - 1)
        if to < 0:
            return
        self.bottom.tell(
            "" if to != at else "This is the first item." if by < 0 else "The last item."
        )
        self._go(items[to])

    def _show_back(self) -> None:
        self._step(-1)

    def _show_forward(self) -> None:
        self._step(1)

    def _quotation(self, by: int) -> None:
        count = len(self.panels.text.quotations)
        if count:
            self.session.place = (self.session.place + by) % count
            self.panels.draw()
        self.bottom.tell("" if count else "Nothing is quoted from this transcript.")

    def _show_quotation(self) -> None:
        self._quotation(1)

    def _show_quotation_before(self) -> None:
        self._quotation(-1)

    def _show_other(self) -> None:
        if self._here() is not None:
            self.session.turn_over()
            self.bottom.tell("")
            self.panels.draw()

    def _show_source(self) -> None:
        """Show the texts as they were written, or again with the look of Markdown."""
        self.session.source = not self.session.source
        how = "as they were written" if self.session.source else "with the look of Markdown"
        self.bottom.tell(f"The texts are shown {how}.")
        self.panels.draw()

    def _show_task(self) -> None:
        task = self.session.reviewed.draft.control.task_prompt
        self.push_screen(Page(f"The task\n\n{task or 'It is not known.'}"))

    def _show_help(self) -> None:
        self.push_screen(Page(help_text()))

    def _show_list(self) -> None:
        at = self.session.queue()
        lines = [(item.id, item_line(self.session.view(item))) for item in at.items]
        here = at.position(self.session.item.id) - 1 if self.session.item else 0

        def open_one(id: str | None) -> None:
            if id is not None:
                self.bottom.tell("")
                self._go(self.folder.items[id])

        self.push_screen(Items(at.progress, lines, here), open_one)

    def _show_reasons(self) -> None:
        """Ask why, one after the other, for all that was decided otherwise without a word."""
        reviewed = self.session.reviewed
        record = reviewed.reviewer(self.reviewer)
        due = reasons_due(record, reviewed, self.folder.items)
        if not due:
            self.bottom.tell("No reason is due.")
            return

        def ask(left: Sequence[ReviewItem]) -> None:
            if not left:
                self.bottom.tell("Saved.")
                return
            item, *rest = left
            reviewed = self.session.reviewed

            def take(words: str, more: bool) -> None:
                give = partial(actions.give_reasons, self.folder, self.reviewer, {item.id: words})
                if self._act(partial(give, last=reviewed.events)):
                    ask(rest)

            record = reviewed.reviewer(self.reviewer)
            label = f"{item.label}: {due_words(record, item)}, because (Enter alone: later)"
            self.bottom.ask(Input("reason", label), take)

        ask(due)

    def _show_quit(self) -> None:
        """Leave; with a warning, once, where a choice of quotations would be lost."""
        if self.session.chosen and self.session.chosen != self._warned:
            labels = [self.folder.items[id].label for id in self.session.chosen]
            self._warned = dict(self.session.chosen)
            self.bottom.tell(
                f"Quotations not saved: decide {', '.join(labels)}, or q again leaves."
            )
            return
        self.exit()

    def action_interrupt(self) -> None:
        """Ctrl-C stops at once; everything decided is saved."""
        self.exit(return_code=EXIT_INTERRUPTED)

    # --- settling ---------------------------------------------------------------------------

    def _show_settle(self) -> None:
        """Go from deciding to settling what reviewers decided differently."""
        if isinstance(self.session, SettlingSession):
            return
        try:
            session = SettlingSession(self.folder, self.reviewer, self.session.order)
        except InputError as error:
            self.bottom.tell(message(error))
            return
        self.session = self.panels.session = session
        self.bottom.tell(unfinished(session.reviewed))
        self._go(session.queue().after(None))

    def _settle(self, session: SettlingSession, command: Command) -> None:
        shown = self.panels.shown
        if shown is None or session.item is None:
            return
        if command.id == "defer":
            session.put_off(session.item)
            self._go(session.queue().items[0])
        elif command.id == "reject":
            self._ask_why(None, required=True)
        elif command.id == "edit":
            values: dict[str, str] = {}

            def ask(left: Sequence[Input]) -> None:
                if not left:
                    self._ask_why(content_of(shown, values, session.evidence(shown)))
                    return
                first, *rest = left

                def take(words: str, more: bool) -> None:
                    values[first.name] = words
                    ask(rest)

                self.bottom.ask(first, take)

            ask(inputs(("content",), shown))
        else:
            self.bottom.tell("While you settle: 1-9 whose counts, e another, r reject, d later.")

    def _settle_as(self, session: SettlingSession, number: int) -> None:
        """Let the decision of one reviewer count."""
        reviews = session.reviews()
        if number > len(reviews):
            self.bottom.tell(f"Type a number from 1 to {len(reviews)}.")
            return
        decision = reviews[number - 1].decision
        self._ask_why(
            decision.content, now=decision.reason or "", required=decision.content is None
        )

    def _ask_why(self, content: Content | None, now: str = "", *, required: bool = False) -> None:
        """Ask for the reason of a settlement and record it."""
        shown = self.panels.shown
        assert shown is not None
        last = self.session.seen

        def take(words: str, more: bool) -> None:
            settle = partial(adjudicate, self.folder, self.reviewer, shown.id, content, words)
            self._do(partial(settle, last=last), "Saved: settled.")

        self.bottom.ask(Input("reason", "Reason", now=now, required=required), take)

    # --- quoting ----------------------------------------------------------------------------

    def _show_quote(self) -> None:
        """Select words of the transcript to quote them."""
        if not (shown := self._here()):
            return
        if not shown.quotable:
            self.bottom.tell("Quotations belong to verdicts, signature notes and contrasts.")
        elif not self.panels.select():
            self.bottom.tell("There is no text to quote from.")
        else:
            self.bottom.tell("Select words to quote.")

    def on_text_selected(self) -> None:
        """Words were marked with the mouse."""
        item, marked = self.session.item, self.panels.text.text_selection
        if marked is not None and not self.bottom.asking and item and not item.named:
            self._show_quote()

    def on_transcript_text_quoted(self, event: TranscriptText.Quoted) -> None:
        """Add the selected words as a quotation."""
        self.panels.left_selecting()
        if not (shown := self._here()):
            return
        try:
            found = self.session.located(shown, event.quote)
        except InputError as error:
            self.panels.draw()
            self.bottom.tell(message(error))
            return
        span = found.span
        there = span is not None and (span.turn, span.start) == (event.at.turn, event.at.start)
        also = "" if there else " These words stand there more than once; the first place counts."
        self._choose(shown, (*self.session.evidence(shown), found), f"Quoted.{also}")
        places = [each.span for each in self.panels.text.quotations]
        self.session.place = places.index(span) if span in places else 0
        self.panels.draw()

    def _show_unquote(self) -> None:
        """Take the current quotation out."""
        if not (shown := self._here()):
            return
        if not shown.quotable or not self.panels.text.quotations:
            self.bottom.tell("There is no quotation here to take out.")
            return
        out = self.panels.text.quotations[self.session.place % len(self.panels.text.quotations)]
        kept = tuple(each for each in self.session.evidence(shown) if each != out)
        self.session.place = 0
        self._choose(shown, kept, "Taken out.")

    def _choose(self, shown: ItemView, evidence: tuple[Evidence, ...], words: str) -> None:
        """Choose quotations: saved at once where a level was given, else with the decision."""
        try:
            saved = self.session.choose_quotations(shown, evidence)
        except GraderError as error:
            self.bottom.tell(message(error))
            return
        with_own = " with your own" if shown.hidden else ""
        later = "It is saved when you decide."
        self.bottom.tell(f"{words} {f'Saved{with_own}.' if saved else later}")
        self.panels.draw()

    def action_leave(self) -> None:
        """Leave what is being typed, selected or looked at."""
        if self.screen is not self.screen_stack[0]:
            self.pop_screen()
        elif self.bottom.asking:
            self.bottom.close()
            waits = self.session.waits(self.session.item)
            self.bottom.tell("Nothing was changed." if waits else "")
            self.panels.draw()
        elif self.panels.selecting:
            self.panels.text.end()
            self.panels.left_selecting()
            self.bottom.tell("Nothing was quoted.")
            self.panels.draw()
        else:
            self.bottom.tell("")
