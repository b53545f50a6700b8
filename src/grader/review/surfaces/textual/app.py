"""The terminal app: the item on the left, its transcript on the right, one key for each action.

Needs no colour and fits 80 by 24. This module says what each key does; what stands where is in
`layout`, the keys themselves in `keys`, what an edit asks for in `fields`, typing in `bottom`,
what the reviewer has in view in `sitting`. The plain review for dumb terminals is in `terminal`.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, ClassVar

from textual import events
from textual.app import App, ComposeResult

from grader.errors import EXIT_INTERRUPTED, GraderError, InputError
from grader.review import actions
from grader.review.events import Content
from grader.review.fields import Asking, Field, ask_content, ask_rationale, level_content
from grader.review.folder import ReviewFolder
from grader.review.item_view import ItemView, Order
from grader.review.items import ReviewItem
from grader.review.quoting import TranscriptText
from grader.review.session import Sitting
from grader.review.surfaces.plain.editing import told
from grader.review.surfaces.textual.keys import BINDINGS
from grader.review.surfaces.textual.layout import CSS, Layout
from grader.review.surfaces.textual.screens import Help, Items
from grader.review.surfaces.textual.view import queue_line
from grader.text.quotation import Evidence


class ReviewApp(App[None]):
    """One reviewer's review of one comparison. Its return code is 130 where Ctrl-C ended it.

    Args:
        folder: the comparison's folder.
        reviewer: whose decisions these are.
        order: as in `desk.queue`.
    """

    TITLE = "grader review"
    ENABLE_COMMAND_PALETTE = False
    CSS = CSS
    BINDINGS: ClassVar = [*BINDINGS]

    def __init__(self, folder: str | Path, reviewer: str, order: Order = "attention") -> None:
        super().__init__()
        self.folder = ReviewFolder(folder)
        self.sitting = Sitting(self.folder, reviewer, order)
        self.panels = Layout(self.sitting)
        self.reviewer = self.sitting.reviewer
        self.bottom = self.panels.bottom
        self.failed: GraderError | None = None
        """What ended the review, such as a file that was changed or signed meanwhile."""
        self._warned: dict[str, tuple[Evidence, ...]] = {}
        """The choice of quotations that was told of before leaving."""

    def compose(self) -> ComposeResult:
        """One layout for every item."""
        yield self.panels

    def on_mount(self) -> None:
        """Begin with the first item that waits."""
        actions.refuse_if_signed(self.sitting.reviewed)
        self.panels.focus_text()
        self._go(self.sitting.queue().after(None))

    async def run_action(self, *args: Any, **kwargs: Any) -> bool:
        """Do what a key means. Any look at the folder may fail, since others can write to it."""
        try:
            return await super().run_action(*args, **kwargs)
        except GraderError as error:
            self._end_with(error)
            return True

    def _end_with(self, error: GraderError) -> None:
        """End the review; the command tells the error once the screen is the terminal's again."""
        self.failed = error
        self.exit(return_code=error.exit_code)

    def on_resize(self) -> None:
        """Lay everything out for the new size."""
        if self.is_running and not self.bottom.asking and not self.panels.selecting:
            self.call_after_refresh(self.panels.draw)

    def _here(self) -> ItemView | None:
        """The item in view; where there is none, that is told."""
        if self.sitting.item is None:
            self.bottom.tell("Everything is decided. u undoes, ← goes back, q leaves.")
            return None
        return self.sitting.view(self.sitting.item)

    def _go(self, item: ReviewItem | None) -> None:
        self.sitting.open(item)
        self.panels.draw()
        self.panels.to_the_top()

    # --- keys -------------------------------------------------------------------------------

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """While a line is typed or words are selected, keys are not actions on the item."""
        if action in ("interrupt", "leave"):
            return True
        return not self.bottom.asking and not self.panels.selecting

    def on_key(self, event: events.Key) -> None:
        """A key that means nothing here is told, and what does mean something."""
        if self.bottom.asking or event.key in self.active_bindings or len(self.screen_stack) > 1:
            return
        if event.is_printable:
            hint = "Esc leaves selecting." if self.panels.selecting else "? shows the keys."
            self.bottom.tell(f"There is no key {event.character!r} here. {hint}")

    def _do(self, act: Callable[[], object], said: str, *, stay: bool = False) -> bool:
        """Do one action, say what came of it, and go on. False: it was refused."""
        here = self.sitting.item
        try:
            act()
        except GraderError as error:
            self.bottom.tell(told(error))
            return False
        self.bottom.tell(said)
        try:
            if stay:
                self.panels.draw()
            else:
                following = self.sitting.queue().after(here.id if here else None)
                done = following is here and not self.sitting.waits(here)
                self._go(None if done else following)
        except GraderError as error:
            self._end_with(error)
            return False
        return True

    def action_accept(self) -> None:
        """Accept what the judge says; with a choice of quotations of the reviewer's own."""
        if not (shown := self._here()):
            return
        chosen = shown.id in self.sitting.chosen
        if chosen and shown.judge and not shown.hidden and not shown.missing:
            self._edit(shown, shown.judge.content, "Edited: the judge's, with your quotations.")
            return
        self._do(lambda: actions.accept(self.folder, self.reviewer, shown.id), "Accepted.")

    def action_reject(self) -> None:
        """Reject at once; the reason is asked for, and may stay empty."""
        if not (shown := self._here()):
            return

        reject = partial(actions.reject, self.folder, self.reviewer, shown.id)

        def reason(words: str) -> None:
            if words:
                self._do(partial(reject, words), "Rejected, with the reason.")
            else:
                self._do(lambda: None, "Rejected. The reason is owed before signing.")

        if self._do(reject, "", stay=True):
            self.bottom.ask(Field("Rejected. Why? (Enter alone: later)"), reason)

    def action_level(self, number: int) -> None:
        """The reviewer's own level: hidden, it is kept; in sight, it begins an edit."""
        if not (shown := self._here()):
            return
        if shown.kind not in ("verdict", "contrast"):
            self.bottom.tell("Levels belong to verdicts and contrasts. e edits this.")
            return
        reviewed = self.sitting.reviewed
        content = level_content(reviewed, shown, number)
        self._collect(shown, ask_rationale(reviewed, shown, content))

    def action_edit(self) -> None:
        """Edit the item, field after field."""
        if shown := self._here():
            self._collect(shown, ask_content(self.sitting.reviewed, shown))

    def _collect(self, shown: ItemView, asking: Asking[Content], words: str | None = None) -> None:
        """Ask for one field after the other, then keep what they make.

        Args:
            shown: the item they belong to.
            asking: what yields the fields.
            words: what was typed into the one before; None at the beginning.
        """
        try:
            field = next(asking) if words is None else asking.send(words)
        except StopIteration as done:
            self._edit(shown, done.value)
        else:
            self.bottom.ask(field, partial(self._collect, shown, asking))

    def _edit(self, shown: ItemView, content: Content, said: str = "Edited.") -> None:
        """Keep the reviewer's own while the judge's is hidden; then put it in place."""
        if shown.hidden:
            act, said = self.sitting.give_own, "Your own is saved. v reveals the judge's."
        else:
            act = self.sitting.edit
        self._do(partial(act, shown, content), said, stay=shown.hidden)

    def action_keep(self) -> None:
        """Keep the level given before the judge's was seen."""
        if not (shown := self._here()):
            return
        if shown.own is None:
            self.bottom.tell("You gave no level of your own here. 1-3 or e give one.")
        elif shown.hidden:
            self.bottom.tell("Your own is saved. v reveals the judge's; then k keeps yours.")
        elif shown.kind == "signature":
            self._edit(shown, shown.own, "Edited: your own is kept.")
        else:
            self._collect(shown, ask_rationale(self.sitting.reviewed, shown, shown.own))

    def action_reveal(self) -> None:
        """Reveal the judge's verdict."""
        if shown := self._here():
            self._do(lambda: actions.reveal(self.folder, self.reviewer, shown.id), "", stay=True)

    def action_comment(self) -> None:
        """Leave a comment."""
        if not (shown := self._here()):
            return

        def keep(words: str) -> None:
            act = partial(actions.comment, self.folder, self.reviewer, shown.id, words)
            self._do(act, "Saved: comment.", stay=True)

        self.bottom.ask(Field("Comment", required=True), keep)

    def action_defer(self) -> None:
        """Put the item behind the others."""
        if shown := self._here():
            act = partial(actions.defer, self.folder, self.reviewer, shown.id)
            self._do(act, "Later, then.")

    def action_undo(self) -> None:
        """Undo the last action and show its item."""
        target = actions.last_undoable(self.folder.events, self.reviewer)
        try:
            actions.undo(self.folder, self.reviewer)
        except GraderError as error:
            self.bottom.tell(told(error))
            return
        self.bottom.tell("Undone.")
        if target and target.item:
            self._go(self.folder.items[target.item])

    def action_step(self, by: int) -> None:
        """The item before or after, decided or not."""
        here, queue = self.sitting.item, self.sitting.queue()
        items = queue.items
        at = queue.position(here.id) - 1 if here else len(items)
        to = min(max(0, at + by), len(items) - 1)
        self.bottom.tell(
            "" if to != at else "This is the first item." if by < 0 else "The last item."
        )
        self._go(items[to])

    def action_quotation(self, by: int) -> None:
        """The next quotation, or the one before."""
        if self._here() is None:
            return
        count = len(self.panels.said.quotations)
        if count:
            self.sitting.place = (self.sitting.place + by) % count
            self.panels.draw()
        self.bottom.tell("" if count else "Nothing is quoted from this transcript.")

    def action_other(self) -> None:
        """The other transcript."""
        if self._here() is None:
            return
        self.sitting.turn_over()
        self.bottom.tell("")
        self.panels.draw()

    def action_help(self) -> None:
        """What each key does."""
        self.push_screen(Help())

    def action_list(self) -> None:
        """All items with their state."""
        at = self.sitting.queue()
        lines = [
            (item.id, queue_line(number, self.sitting.view(item)))
            for number, item in enumerate(at.items, 1)
        ]
        here = at.position(self.sitting.item.id) - 1 if self.sitting.item else 0

        def open_one(id: str | None) -> None:
            if id is not None:
                self.bottom.tell("")
                self._go(self.folder.items[id])

        self.push_screen(Items(at.progress, lines, here), open_one)

    async def action_quit(self) -> None:
        """Leave; a choice of quotations that would be lost is told once."""
        if self.sitting.chosen and self.sitting.chosen != self._warned:
            labels = [self.folder.items[id].label for id in self.sitting.chosen]
            self._warned = dict(self.sitting.chosen)
            self.bottom.tell(
                f"Quotations not saved: decide {', '.join(labels)}, or q again leaves."
            )
            return
        self.exit()

    def action_interrupt(self) -> None:
        """Ctrl-C stops at once; everything decided is saved."""
        self.exit(return_code=EXIT_INTERRUPTED)

    # --- quoting ----------------------------------------------------------------------------

    def action_select(self) -> None:
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
        item, marked = self.sitting.item, self.panels.said.text_selection
        if marked is not None and not self.bottom.asking and item and not item.named:
            self.action_select()

    def on_transcript_text_quoted(self, event: TranscriptText.Quoted) -> None:
        """Add the selected words as a quotation."""
        self.panels.left_selecting()
        if not (shown := self._here()):
            return
        try:
            found = self.sitting.located(shown, event.quote)
        except InputError as error:
            self.panels.draw()
            self.bottom.tell(told(error))
            return
        span = found.span
        there = span is not None and (span.turn, span.start) == (event.at.turn, event.at.start)
        also = "" if there else " These words stand there more than once; the first place counts."
        self._choose(shown, (*self.sitting.evidence(shown), found), f"Quoted.{also}")
        places = [each.span for each in self.panels.said.quotations]
        self.sitting.place = places.index(span) if span in places else 0
        self.panels.draw()

    def action_unquote(self) -> None:
        """Take the current quotation out."""
        if not (shown := self._here()):
            return
        if not shown.quotable or not self.panels.said.quotations:
            self.bottom.tell("There is no quotation here to take out.")
            return
        out = self.panels.said.quotations[self.sitting.place % len(self.panels.said.quotations)]
        kept = tuple(each for each in self.sitting.evidence(shown) if each != out)
        self.sitting.place = 0
        self._choose(shown, kept, "Taken out.")

    def _choose(self, shown: ItemView, evidence: tuple[Evidence, ...], said: str) -> None:
        """Choose quotations: saved at once where a level holds, else with the decision."""
        self.sitting.chosen[shown.id] = evidence
        content = shown.decision.content
        if shown.hidden and shown.own:
            act = partial(self.sitting.give_own, shown, shown.own)
            self._do(act, f"{said} Saved with your own.", stay=True)
        elif content is not None:
            self._do(partial(self.sitting.edit, shown, content), f"{said} Saved.", stay=True)
        else:
            self.bottom.tell(f"{said} It is saved when you decide.")
            self.panels.draw()

    def action_leave(self) -> None:
        """Leave what is being typed, selected or looked at."""
        if self.screen is not self.screen_stack[0]:
            self.pop_screen()
        elif self.bottom.asking:
            self.bottom.close()
            waits = self.sitting.waits(self.sitting.item)
            self.bottom.tell("Nothing was changed." if waits else "")
            self.panels.draw()
        elif self.panels.selecting:
            self.panels.said.end()
            self.panels.left_selecting()
            self.bottom.tell("Nothing was quoted.")
            self.panels.draw()
        else:
            self.bottom.tell("")
