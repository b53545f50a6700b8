"""The terminal app: the item on the left, its transcript on the right, one key for each action.

Needs no colour and fits 80 by 24. What is shown comes from `desk` and is put into words in
`panels`; words are selected in `quoting`; what is done goes through `actions`, as on every other
surface. The plain review for dumb terminals is in `terminal`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from rich.text import Text
from textual import events
from textual.app import App, ComposeResult, SuspendNotSupported
from textual.binding import Binding
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.widgets import Static

from grader.errors import EXIT_INTERRUPTED, GraderError, InputError
from grader.evidence import Evidence, Side
from grader.levels import LEVELS, PRESENCES
from grader.review import actions
from grader.review.desk import ItemView, Order, Queue, queue, said, view
from grader.review.editing import told
from grader.review.editor import editor, write_in_editor
from grader.review.events import Content
from grader.review.folder import ReviewFolder
from grader.review.items import ReviewItem, side_names
from grader.review.panels import (
    DONE,
    SELECTING,
    TYPING,
    answer_text,
    asked_text,
    keys_of,
    keys_text,
    lines_of,
    queue_line,
)
from grader.review.quoting import TranscriptText
from grader.review.screens import Help, Items, Typing
from grader.review.showing import visible
from grader.transcripts.transcript import deliverable


@dataclass
class _Question:
    """What the lines at the bottom ask for, and what to do with the answer."""

    prompt: str
    then: Callable[[str], object]
    required: bool = False


class ReviewApp(App[None]):
    """One reviewer's review of one comparison. Its return code is 130 where Ctrl-C ended it.

    Args:
        folder: the comparison's folder.
        reviewer: whose decisions these are.
        order: as in `desk.queue`.
    """

    TITLE = "grader review"
    ENABLE_COMMAND_PALETTE = False
    CSS = """
    * { scrollbar-size-vertical: 1; }
    #head, #listhead { height: 1; background: $panel; padding: 0 1; }
    #panels { height: 1fr; }
    #left { width: 5fr; border-right: solid $panel-lighten-2; }
    #item, #judge, #text { border-top: solid $panel-lighten-2; border-title-color: $foreground; }
    #asked, #answer, #said { padding: 0 1; }
    #item:focus, #judge:focus, #text:focus, #text.selecting {
        border-top: heavy $primary; border-title-style: bold;
    }
    #judge { height: 1fr; }
    #text { width: 7fr; }
    #told { height: auto; min-height: 1; max-height: 3; padding: 0 1; text-style: bold; }
    #ask { display: none; height: auto; max-height: 6; border: none; padding: 0 1; }
    #keys, #listkeys { height: auto; background: $panel; padding: 0 1; }
    #page { background: $panel; padding: 0 1; }
    OptionList { height: 1fr; border: none; text-wrap: nowrap; text-overflow: ellipsis; }
    OptionList > .option-list--option-highlighted {
        background: $foreground; color: $background; text-style: bold;
    }
    """
    BINDINGS: ClassVar = [
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
        Binding("ctrl+o", "editor", priority=True),
        Binding("ctrl+c", "interrupt", priority=True),
        Binding("q", "quit"),
        *(Binding(str(n), f"level({n})") for n in (1, 2, 3)),
    ]

    def __init__(self, folder: str | Path, reviewer: str, order: Order = "attention") -> None:
        super().__init__()
        self.folder = ReviewFolder(folder)
        self.reviewer = actions.named(reviewer)
        self.order: Order = order
        self.item: ReviewItem | None = None
        self.side: Side = "control"
        self.place = 0
        self.question: _Question | None = None
        self.selecting = False
        self.asked, self.answer = Text(), Text()
        self.chosen: dict[str, tuple[Evidence, ...]] = {}
        """Quotations chosen for items that are not decided yet, so that they wait."""

    # --- what is shown ----------------------------------------------------------------------

    def compose(self) -> ComposeResult:
        """Head, the panels, what is told, the lines for typing, the keys."""
        yield Static(id="head", markup=False)
        with Horizontal(id="panels"):
            with Vertical(id="left"):
                with VerticalScroll(id="item"):
                    yield Static(id="asked", markup=False)
                with VerticalScroll(id="judge"):
                    yield Static(id="answer", markup=False)
            with VerticalScroll(id="text"):
                yield TranscriptText(id="said")
        yield Static(id="told", markup=False)
        lines = Typing(id="ask", compact=True, highlight_cursor_line=False)
        lines.cursor_blink = False
        yield lines
        yield Static(id="keys", markup=False)

    def on_mount(self) -> None:
        """Begin with the first item that waits."""
        actions.refuse_if_signed(self.folder.reviewed())
        self.query_one("#text").focus()
        self._go(self._queue().after(None))

    def on_resize(self) -> None:
        """Lay everything out for the new size."""
        if self.is_running and self.question is None and not self.selecting:
            self.call_after_refresh(self._show)

    @property
    def _said(self) -> TranscriptText:
        return self.query_one("#said", TranscriptText)

    def _queue(self) -> Queue:
        return queue(self.folder.reviewed(), self.reviewer, self.order, self.folder.items)

    def _view(self, item: ReviewItem | None = None) -> ItemView:
        item = item or self.item
        assert item is not None
        position = self._queue().position(item.id)
        return view(self.folder.reviewed(), self.reviewer, item, position)

    def _here(self) -> ItemView | None:
        """The item in view; where there is none, that is told."""
        if self.item is None:
            self._tell("Everything is decided. u undoes, ← goes back, q leaves.")
            return None
        return self._view()

    def _evidence(self, shown: ItemView) -> tuple[Evidence, ...]:
        """The quotations that hold, or will hold once the item is decided."""
        if shown.id in self.chosen:
            return self.chosen[shown.id]
        if shown.decision.content is not None:
            return shown.decision.evidence
        own = shown.own.evidence if shown.own else ()
        return tuple(dict.fromkeys((*own, *shown.evidence)))

    def _go(self, item: ReviewItem | None) -> None:
        self.item, self.place = item, 0
        if item is not None:
            actions.open_item(self.folder, self.reviewer, item.id)
            self.side = item.side or self.folder.reviewed().draft.blind_order[0]
        self._show()
        for panel in ("#item", "#judge"):
            self.query_one(panel).scroll_home(animate=False)

    def _show(self) -> None:
        at = self._queue()
        reviewed = self.folder.reviewed()
        record = reviewed.reviewer(self.reviewer)
        panels = self.query_one("#item"), self.query_one("#judge"), self.query_one("#text")
        if self.item is None:
            self._head(f"{at.progress} · {self.reviewer}, {record.mode}")
            self._put(Text("Everything is decided.\nq leaves and says what comes next."), Text())
            for panel in panels:
                panel.border_title = ""
            self._said.lay((), (), 0)
            self._keys(DONE)
            return
        shown = self._view()
        self._head(
            f"Item {shown.position} of {at.total} · {at.progress} · {self.reviewer}, {record.mode}"
        )
        unsaved = shown.id in self.chosen
        self._put(asked_text(shown), answer_text(reviewed, shown, self._evidence(shown), unsaved))
        panels[0].border_title = "The item"
        panels[1].border_title = "The judge" if shown.judge and shown.own is None else "The answer"
        name = side_names(reviewed.draft, blind=not self.item.named)[self.side]
        mine = [e for e in self._evidence(shown) if e.span and e.span.transcript == self.side]
        self._said.lay(deliverable(reviewed.draft.transcript(self.side)), mine, self.place)
        count = len(self._said.quotations)
        quoted = f" · quotation {self.place % count + 1} of {count}" if count else ""
        panels[2].border_title = f"{name[:1].upper()}{name[1:]}{quoted}"
        self._keys(keys_of(shown))
        self.call_after_refresh(self._scroll)

    def _put(self, asked: Text, answer: Text) -> None:
        self.asked, self.answer = asked, answer
        self.query_one("#asked", Static).update(asked)
        self.query_one("#answer", Static).update(answer)
        self.call_after_refresh(self._fit)

    def _head(self, words: str) -> None:
        line = Text(visible(words), no_wrap=True, overflow="ellipsis")
        self.query_one("#head", Static).update(line)

    def _keys(self, keys: tuple[str, ...] | list[str]) -> None:
        self.query_one("#keys", Static).update(keys_text(keys, self.size.width - 2))

    def _fit(self) -> None:
        """Give what is asked the lines that the answer leaves, but half of them at least."""
        left = self.query_one("#left").size
        width = max(10, left.width - 2)
        asked, answer = lines_of(self.asked, width), lines_of(self.answer, width)
        lines = left.height - 2
        self.query_one("#item").styles.height = 1 + min(asked, max(lines - answer, lines // 2))

    def _scroll(self) -> None:
        """Bring the quotation in view, however the lines are broken."""
        if self.item is not None and not self.selecting:
            self._scroll_to(self._said.line)

    def _scroll_to(self, line: int) -> None:
        panel = self.query_one("#text", VerticalScroll)
        panel.scroll_to(y=max(0, line - panel.size.height // 3), animate=False)

    def _tell(self, words: str) -> None:
        self.query_one("#told", Static).update(Text(visible(words)))

    # --- keys -------------------------------------------------------------------------------

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """While a line is typed or words are selected, keys are not actions on the item."""
        if action in ("interrupt", "leave"):
            return True
        if action == "editor":
            return self.question is not None
        return self.question is None and not self.selecting

    def on_key(self, event: events.Key) -> None:
        """A key that means nothing here is told, and what does mean something."""
        if self.question or event.key in self.active_bindings or len(self.screen_stack) > 1:
            return
        if event.is_printable:
            hint = "Esc leaves selecting." if self.selecting else "? shows the keys."
            self._tell(f"There is no key {event.character!r} here. {hint}")

    def _do(self, act: Callable[[], object], said: str, *, stay: bool = False) -> bool:
        """Do one action, say what came of it, and go on. False: it was refused."""
        here = self.item
        try:
            act()
        except GraderError as error:
            self._tell(told(error))
            return False
        self._tell(said)
        if stay:
            self._show()
        else:
            following = self._queue().after(here.id if here else None)
            self._go(None if following is here and not self._waits(here) else following)
        return True

    def _waits(self, item: ReviewItem | None) -> bool:
        return item is not None and item in self._queue().waiting

    def action_accept(self) -> None:
        """Accept what the judge says; with a choice of quotations of the reviewer's own."""
        if not (shown := self._here()):
            return
        if shown.id in self.chosen and shown.judge and not shown.hidden and not shown.missing:
            self._edit(shown, shown.judge.content, "Edited: the judge's, with your quotations.")
            return
        self._do(lambda: actions.accept(self.folder, self.reviewer, shown.id), "Accepted.")

    def action_reject(self) -> None:
        """Reject at once; the reason is asked for, and may stay empty."""
        if not (shown := self._here()):
            return

        def reason(words: str) -> None:
            if words:
                self._do(
                    lambda: actions.reject(self.folder, self.reviewer, shown.id, words),
                    "Rejected, with the reason.",
                )
            else:
                self._do(lambda: None, "Rejected. The reason is owed before signing.")

        act = lambda: actions.reject(self.folder, self.reviewer, shown.id)  # noqa: E731
        if self._do(act, "", stay=True):
            self._ask("Rejected. Why? (Enter alone: later)", reason)

    def action_level(self, number: int) -> None:
        """The reviewer's own level: hidden, it is kept; in sight, it begins an edit."""
        if not (shown := self._here()):
            return
        if shown.kind == "contrast":
            order = self.folder.reviewed().draft.blind_order
            content = Content.model_validate({"shows_more": (*order, "neither")[number - 1]})
        elif shown.kind == "verdict":
            content = Content(level=LEVELS[number - 1])
        else:
            self._tell("Levels belong to verdicts and contrasts. e edits this.")
            return
        self._own_or_edit(shown, content)

    def _own(self, shown: ItemView, content: Content, said: str) -> None:
        """Keep the reviewer's own, with its quotations, before the judge's is seen."""
        made = content.model_copy(update={"evidence": self._evidence(shown)})
        act = lambda: actions.give_own(self.folder, self.reviewer, shown.id, made)  # noqa: E731
        if self._do(act, said, stay=True):
            self.chosen.pop(shown.id, None)
            self._show()

    def _edit(self, shown: ItemView, content: Content, said: str, *, stay: bool = False) -> None:
        """Put the reviewer's content in place, with the quotations that are chosen."""
        made = content.model_copy(update={"evidence": self._evidence(shown)})
        act = lambda: actions.edit(self.folder, self.reviewer, shown.id, made)  # noqa: E731
        if self._do(act, said, stay=stay):
            self.chosen.pop(shown.id, None)
            self._show()

    def _own_or_edit(self, shown: ItemView, content: Content) -> None:
        if shown.hidden:
            self._own(shown, content, "Your own is saved. v reveals the judge's.")
            return
        now = shown.decision.content or shown.own or (shown.judge.content if shown.judge else None)

        def rationale(words: str) -> None:
            self._edit(shown, content.model_copy(update={"rationale": words}), "Edited.")

        level = said(self.folder.reviewed(), shown.kind, content)
        self._ask(f"{level}, because", rationale, (now.rationale or "") if now else "", True)

    def action_edit(self) -> None:
        """Edit the item, field after field."""
        if not (shown := self._here()):
            return
        if shown.kind in ("verdict", "contrast"):
            sides = ("Transcript 1", "Transcript 2", "neither")
            names = LEVELS if shown.kind == "verdict" else sides
            prompt = ", ".join(f"{n} {w.replace('_', ' ')}" for n, w in enumerate(names, 1))

            def level(words: str) -> None:
                if words in ("1", "2", "3"):
                    self.action_level(int(words))
                else:
                    self._ask(f"Type a number: {prompt}", level, required=True)

            self._ask(prompt, level, required=True)
        elif shown.kind == "signature":
            self._markers(shown, ())
        else:
            now = shown.decision.text or (shown.judge.content.text if shown.judge else "") or ""
            self._ask("Words", lambda w: self._edit(shown, Content(text=w), "Edited."), now, True)

    def _markers(self, shown: ItemView, given: tuple[str, ...]) -> None:
        """Ask for one marker after the other, then for the note."""
        if len(given) == len(shown.markers):

            def finish(words: str) -> None:
                content = Content.model_validate({"presences": given, "note": words or None})
                if shown.hidden:
                    self._own(shown, content, "Your own is saved. v reveals the judge's.")
                else:
                    self._edit(shown, content, "Edited.")

            note = shown.decision.note or (shown.judge.content.note if shown.judge else None)
            self._ask("Note (may stay empty)", finish, note or "")
            return
        names = ", ".join(f"{n} {p}" for n, p in enumerate(PRESENCES, 1))

        def chosen(words: str) -> None:
            if words in ("1", "2", "3", "4"):
                self._markers(shown, (*given, PRESENCES[int(words) - 1]))
            else:
                self._markers(shown, given)

        self._ask(f"{shown.markers[len(given)]} ({names})", chosen, required=True)

    def action_keep(self) -> None:
        """Keep the level given before the judge's was seen."""
        if not (shown := self._here()):
            return
        if shown.own is None:
            self._tell("You gave no level of your own here. 1-3 or e give one.")
        elif shown.hidden:
            self._tell("Your own is saved. v reveals the judge's; then k keeps yours.")
        elif shown.kind == "signature":
            self._edit(shown, shown.own, "Edited: your own is kept.")
        else:
            self._own_or_edit(shown, shown.own)

    def action_reveal(self) -> None:
        """Reveal the judge's verdict."""
        if shown := self._here():
            self._do(lambda: actions.reveal(self.folder, self.reviewer, shown.id), "", stay=True)

    def action_comment(self) -> None:
        """Leave a comment."""
        if shown := self._here():
            self._ask(
                "Comment",
                lambda words: self._do(
                    lambda: actions.comment(self.folder, self.reviewer, shown.id, words),
                    "Saved: comment.",
                    stay=True,
                ),
                required=True,
            )

    def action_defer(self) -> None:
        """Put the item behind the others."""
        if shown := self._here():
            self._do(lambda: actions.defer(self.folder, self.reviewer, shown.id), "Later, then.")

    def action_undo(self) -> None:
        """Undo the last action and show its item."""
        target = actions.last_undoable(self.folder.events, self.reviewer)
        try:
            actions.undo(self.folder, self.reviewer)
        except GraderError as error:
            self._tell(told(error))
            return
        self._tell("Undone.")
        if target and target.item:
            self._go(self.folder.items[target.item])

    def action_step(self, by: int) -> None:
        """The item before or after, decided or not."""
        items = self._queue().items
        at = self._queue().position(self.item.id) - 1 if self.item else len(items)
        to = min(max(0, at + by), len(items) - 1)
        self._tell("" if to != at else "This is the first item." if by < 0 else "The last item.")
        self._go(items[to])

    def action_quotation(self, by: int) -> None:
        """The next quotation, or the one before."""
        if self._here() is None:
            return
        count = len(self._said.quotations)
        if count:
            self.place = (self.place + by) % count
            self._show()
        self._tell("" if count else "Nothing is quoted from this transcript.")

    def action_other(self) -> None:
        """The other transcript."""
        if self._here() is None:
            return
        self.side = "treatment" if self.side == "control" else "control"
        self.place = 0
        self._tell("")
        self._show()

    def action_help(self) -> None:
        """What each key does."""
        self.push_screen(Help())

    def action_list(self) -> None:
        """All items with their state."""
        at = self._queue()
        lines = [
            (item.id, queue_line(number, self._view(item)))
            for number, item in enumerate(at.items, 1)
        ]
        here = at.position(self.item.id) - 1 if self.item else 0

        def open_one(id: str | None) -> None:
            if id is not None:
                self._tell("")
                self._go(self.folder.items[id])

        self.push_screen(Items(at.progress, lines, here), open_one)

    async def action_quit(self) -> None:
        """Leave; a choice of quotations that would be lost is told once."""
        if self.chosen:
            labels = [self.folder.items[id].label for id in self.chosen]
            self.chosen.clear()
            self._tell(f"Quotations not saved: decide {', '.join(labels)}, or q again leaves.")
            return
        self.exit()

    def action_interrupt(self) -> None:
        """Ctrl-C stops at once; everything decided is saved."""
        self.exit(return_code=EXIT_INTERRUPTED)

    # --- quoting ----------------------------------------------------------------------------

    def action_select(self) -> None:
        """Select words of the transcript to quote them."""
        self._select()

    def on_text_selected(self) -> None:
        """Words were marked with the mouse."""
        marked = self.screen.selections.get(self._said)
        if marked is not None and self.question is None and self.item and not self.item.named:
            self._select()

    def _select(self) -> None:
        shown = self._here()
        if shown is None:
            return
        if not shown.quotable:
            self._tell("Quotations belong to verdicts, signature notes and contrasts.")
        elif not self._said.begin(self.screen.selections.get(self._said)):
            self._tell("There is no text to quote from.")
        else:
            self.selecting = True
            self.query_one("#text").add_class("selecting")
            self._tell("Select words to quote.")
            self._keys(SELECTING)

    def _left_selecting(self) -> None:
        self.selecting = False
        self.query_one("#text").remove_class("selecting")
        self.query_one("#text").focus()

    def on_transcript_text_moved(self, event: TranscriptText.Moved) -> None:
        """Keep the selection in view."""
        self._scroll_to(event.line)

    def on_transcript_text_quoted(self, event: TranscriptText.Quoted) -> None:
        """Add the selected words as a quotation."""
        self._left_selecting()
        shown = self._view()
        try:
            found = actions.located(self.folder.reviewed().draft, event.quote, self.side)
        except InputError:
            self._show()
            self._tell("These words can't be quoted by themselves: select some more.")
            return
        held = self._evidence(shown)
        span = found.span
        if span is not None and span in [each.span for each in held]:
            self._show()
            self._tell("This is quoted already.")
            return
        there = span is not None and (span.turn, span.start) == (event.at.turn, event.at.start)
        also = "" if there else " These words stand there more than once; the first place counts."
        self._choose(shown, (*held, found), f"Quoted.{also}")
        places = [each.span for each in self._said.quotations]
        self.place = places.index(span) if span in places else 0
        self._show()

    def action_unquote(self) -> None:
        """Take the current quotation out."""
        if not (shown := self._here()):
            return
        if not shown.quotable or not self._said.quotations:
            self._tell("There is no quotation here to take out.")
            return
        out = self._said.quotations[self.place % len(self._said.quotations)]
        kept = tuple(each for each in self._evidence(shown) if each != out)
        self.place = 0
        self._choose(shown, kept, "Taken out.")

    def _choose(self, shown: ItemView, evidence: tuple[Evidence, ...], said: str) -> None:
        """Choose quotations: saved at once where a level holds, else with the decision."""
        self.chosen[shown.id] = evidence
        content = shown.decision.content
        if shown.hidden and shown.own:
            self._own(shown, shown.own, f"{said} Saved with your own.")
        elif content is not None:
            self._edit(shown, content, f"{said} Saved.", stay=True)
        else:
            self._tell(f"{said} It is saved when you decide.")
            self._show()

    # --- typing -----------------------------------------------------------------------------

    def _ask(
        self,
        prompt: str,
        then: Callable[[str], object],
        now: str = "",
        required: bool = False,
    ) -> None:
        self.question = _Question(prompt, then, required)
        self._tell(f"{prompt}:")
        named = editor()
        self._keys((*TYPING, f"^O {Path(named[0]).name}") if named else TYPING)
        lines = self.query_one("#ask", Typing)
        lines.load_text(now)
        lines.display = True
        lines.move_cursor(lines.document.end)
        lines.focus()

    def _close(self) -> None:
        self.question = None
        self.query_one("#ask").display = False
        self.query_one("#text").focus()

    def on_typing_submitted(self) -> None:
        """Take what was typed."""
        self._answer(self.query_one("#ask", Typing).text)

    def _answer(self, words: str) -> None:
        asked, words = self.question, words.strip()
        if asked is None:
            return
        if asked.required and not words:
            self._tell(f"{asked.prompt}: this is needed. Esc leaves it.")
            return
        self._close()
        asked.then(words)
        if self.question is None and not words:
            self._show()

    def action_editor(self) -> None:
        """Write the text in $VISUAL or $EDITOR; what is saved there is the answer."""
        command = editor()
        if command is None:
            self._tell("No editor is named: set VISUAL or EDITOR.")
            return
        written, failed = "", None
        try:
            with self.suspend():
                try:
                    written = write_in_editor(command, self.query_one("#ask", Typing).text)
                except InputError as error:
                    failed = error
        except SuspendNotSupported:
            self._tell("This terminal can't be handed to an editor. Type the text here.")
            return
        self.refresh(layout=True)
        if failed is not None:
            self._tell(told(failed))
        else:
            self._answer(written)

    def action_leave(self) -> None:
        """Leave what is being typed, selected or looked at."""
        if self.screen is not self.screen_stack[0]:
            self.pop_screen()
        elif self.question is not None:
            self._close()
            self._tell("Nothing was changed." if self._waits(self.item) else "")
            self._show()
        elif self.selecting:
            self._said.end()
            self._left_selecting()
            self._tell("Nothing was quoted.")
            self._show()
        else:
            self._tell("")
