"""The terminal app: the item on the left, its transcript on the right, one key for each action.

Needs no colour and fits 80 by 24. What is shown comes from `desk`, what is done goes through
`actions`, as on every other surface. The plain review for dumb terminals is in `terminal`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from rich.console import Console
from rich.text import Text
from textual.app import App, ComposeResult
from textual.binding import Binding
from textual.containers import Horizontal, VerticalScroll
from textual.widgets import Input, Static

from grader.errors import GraderError
from grader.evidence import Side
from grader.levels import LEVELS, PRESENCES, level_name
from grader.review import actions
from grader.review.desk import ItemView, Order, Queue, queue, said, view
from grader.review.events import Content
from grader.review.folder import ReviewFolder
from grader.review.items import ReviewItem, side_names
from grader.review.showing import CLOSE, OPEN, visible
from grader.rubric import Criterion
from grader.transcripts.transcript import deliverable

HELP = """\
a  accept what the judge says        r  reject; the reason may follow
e  edit                              1 2 3  your own level
v  reveal the judge's (blind-first)  k  keep your own level
n  next quotation                    t  the other transcript
c  comment                           d  later: put it behind the others
u  undo your last action             ← →  the item before, the next one
Tab  go between the two panels; arrows and Page keys scroll
Esc  leave what you are typing       q  quit; everything decided is saved
"""


@dataclass
class _Question:
    """What the line at the bottom asks for, and what to do with the answer."""

    prompt: str
    then: Callable[[str], object]
    required: bool = False


class ReviewApp(App[None]):
    """One reviewer's review of one comparison.

    Args:
        folder: the comparison's folder.
        reviewer: whose decisions these are.
        order: as in `desk.queue`.
    """

    TITLE = "grader review"
    ENABLE_COMMAND_PALETTE = False
    CSS = """
    Screen { layers: base; }
    #head { height: 1; background: $panel; padding: 0 1; }
    #panels { height: 1fr; }
    #item { width: 2fr; padding: 0 1; border-right: solid $panel-lighten-2; }
    #text { width: 3fr; padding: 0 1; }
    #item:focus, #text:focus { background: $surface; }
    #told { height: auto; max-height: 3; padding: 0 1; text-style: bold; }
    #ask { display: none; height: 1; border: none; padding: 0 1; background: $panel; }
    #keys { height: auto; background: $panel; padding: 0 1; }
    """
    BINDINGS: ClassVar = [
        Binding("a", "accept"),
        Binding("r", "reject"),
        Binding("e", "edit"),
        Binding("v", "reveal"),
        Binding("k", "keep"),
        Binding("n", "quotation(1)"),
        Binding("N", "quotation(-1)"),
        Binding("t", "other"),
        Binding("c", "comment"),
        Binding("d", "defer"),
        Binding("u", "undo"),
        Binding("left", "step(-1)"),
        Binding("right", "step(1)"),
        Binding("question_mark", "help"),
        Binding("escape", "leave", priority=True),
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

    # --- what is shown ----------------------------------------------------------------------

    def compose(self) -> ComposeResult:
        """Head, the two panels, what is told, the line for typing, the keys."""
        yield Static(id="head", markup=False)
        with Horizontal(id="panels"):
            with VerticalScroll(id="item"):
                yield Static(id="card", markup=False)
            with VerticalScroll(id="text"):
                yield Static(id="said", markup=False)
        yield Static(id="told", markup=False)
        yield Input(id="ask")
        yield Static(id="keys", markup=False)

    def on_mount(self) -> None:
        """Begin with the first item that waits."""
        actions.refuse_if_signed(self.folder.reviewed())
        self.query_one("#item").focus()
        self._go(self._queue().after(None))

    def on_resize(self) -> None:
        """Keep the quotation in sight."""
        self.call_after_refresh(self._scroll)

    def _queue(self) -> Queue:
        return queue(self.folder.reviewed(), self.reviewer, self.order, self.folder.items)

    def _view(self) -> ItemView:
        assert self.item is not None
        position = self._queue().position(self.item.id)
        return view(self.folder.reviewed(), self.reviewer, self.item, position)

    def _go(self, item: ReviewItem | None) -> None:
        self.item, self.place = item, 0
        if item is not None:
            actions.open_item(self.folder, self.reviewer, item.id)
            self.side = item.side or self.folder.reviewed().draft.blind_order[0]
        self._show()
        self.query_one("#item", VerticalScroll).scroll_home(animate=False)

    def _show(self) -> None:
        at = self._queue()
        mode = self.folder.reviewed().reviewer(self.reviewer).mode
        if self.item is None:
            self.query_one("#head", Static).update(Text(at.progress))
            done = "Everything is decided. q leaves; then: grader sign"
            self.query_one("#card", Static).update(Text(done))
            self.query_one("#said", Static).update("")
            self.query_one("#keys", Static).update(Text("u undo  ← back  q quit"))
            return
        shown = self._view()
        head = f"Item {shown.position} of {at.total} · {at.progress} · {self.reviewer}, {mode}"
        self.query_one("#head", Static).update(Text(visible(head), overflow="ellipsis"))
        self.query_one("#card", Static).update(_card(self.folder, shown))
        text, _ = self._transcript(shown)
        self.query_one("#said", Static).update(text)
        self.query_one("#keys", Static).update(Text(_keys(shown)))
        self.call_after_refresh(self._scroll)

    def _transcript(self, shown: ItemView) -> tuple[Text, list[int]]:
        """The text of the side in view with its quotations marked, and where each begins."""
        draft = self.folder.reviewed().draft
        text, begins = Text(), []
        named = self.item is not None and self.item.named
        text.append(f"{side_names(draft, blind=not named)[self.side].upper()}\n", "bold")
        spans = sorted(
            {e.span for e in shown.evidence if e.span and e.span.transcript == self.side},
            key=lambda span: (span.turn, span.start),
        )
        for turn in deliverable(draft.transcript(self.side)):
            text.append(f"turn {turn.number}\n", "dim")
            at = 0
            for span in (s for s in spans if s.turn == turn.number and s.start >= 0):
                start = max(at, span.start)
                if span.end <= at:
                    continue
                text.append(visible(turn.text[at:start]))
                begins.append(len(text.plain))
                style = "bold reverse" if len(begins) - 1 == self.place else "bold underline"
                text.append(f"{OPEN}{visible(turn.text[start : span.end])}{CLOSE}", style)
                at = span.end
            text.append(visible(turn.text[at:]) + "\n\n")
        return text, begins

    def _scroll(self) -> None:
        """Bring the quotation in view, however the lines are broken."""
        if self.item is None:
            return
        panel = self.query_one("#text", VerticalScroll)
        text, begins = self._transcript(self._view())
        if not begins:
            panel.scroll_home(animate=False)
            return
        width = max(10, self.query_one("#said").content_size.width)
        before = text[: begins[self.place % len(begins)]]
        line = len(before.wrap(Console(width=width), width)) - 1
        panel.scroll_to(y=max(0, line - panel.size.height // 3), animate=False)

    # --- keys -------------------------------------------------------------------------------

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """While a line is typed, keys are letters."""
        return self.question is None or action in ("leave", "submit")

    def _do(self, act: Callable[[], object], told: str | None, *, stay: bool = False) -> None:
        """Do one action, say what came of it, and go on."""
        here = self.item
        try:
            act()
        except GraderError as error:
            self._tell(f"{error.problem[:1].upper()}{error.problem[1:]}. {error.mend}")
            return
        self._tell(told or "")
        if stay:
            self._show()
        else:
            following = self._queue().after(here.id if here else None)
            self._go(None if following is here and not self._waits(here) else following)

    def _waits(self, item: ReviewItem | None) -> bool:
        return item is not None and item in self._queue().waiting

    def _tell(self, words: str) -> None:
        self.query_one("#told", Static).update(Text(visible(words)))

    def action_accept(self) -> None:
        """Accept what the judge says."""
        if item := self.item:
            self._do(lambda: actions.accept(self.folder, self.reviewer, item.id), "Accepted.")

    def action_reject(self) -> None:
        """Reject at once; the reason is asked for, and may stay empty."""
        item = self.item
        if item is None:
            return

        def reason(words: str) -> None:
            if words:
                self._do(
                    lambda: actions.reject(self.folder, self.reviewer, item.id, words),
                    "Rejected, with the reason.",
                )
            else:
                self._do(lambda: None, "Rejected. The reason is owed before signing.")

        try:
            actions.reject(self.folder, self.reviewer, item.id)
        except GraderError as error:
            self._tell(f"{error.problem[:1].upper()}{error.problem[1:]}. {error.mend}")
            return
        self._show()
        self._ask("Rejected. Why? (Enter: later)", reason)

    def action_level(self, number: int) -> None:
        """The reviewer's own level: hidden, it is kept; in sight, it begins an edit."""
        if self.item is None:
            return
        shown = self._view()
        if shown.kind == "contrast":
            order = self.folder.reviewed().draft.blind_order
            content = Content.model_validate({"shows_more": (*order, "neither")[number - 1]})
        elif shown.kind == "verdict":
            content = Content(level=LEVELS[number - 1])
        else:
            self._tell("Levels belong to verdicts and contrasts. e edits this.")
            return
        self._own_or_edit(shown, content)

    def _own_or_edit(self, shown: ItemView, content: Content) -> None:
        if shown.hidden:
            told = "Your own is saved. v reveals the judge's."
            self._do(
                lambda: actions.give_own(self.folder, self.reviewer, shown.id, content),
                told,
                stay=True,
            )
            return
        now = shown.decision.content or shown.own or (shown.judge.content if shown.judge else None)
        kept = now.evidence if now else ()

        def rationale(words: str) -> None:
            made = content.model_copy(update={"rationale": words, "evidence": kept})
            self._do(lambda: actions.edit(self.folder, self.reviewer, shown.id, made), "Edited.")

        told = said(self.folder.reviewed(), shown.kind, content)
        self._ask(f"{told}, because", rationale, (now.rationale or "") if now else "", True)

    def action_edit(self) -> None:
        """Edit the item, field after field."""
        if self.item is None:
            return
        shown = self._view()
        if shown.kind in ("verdict", "contrast"):
            sides = ("Transcript 1", "Transcript 2", "neither")
            names = LEVELS if shown.kind == "verdict" else sides
            told = ", ".join(f"{n} {w.replace('_', ' ')}" for n, w in enumerate(names, 1))
            self._ask(told, lambda w: self.action_level(int(w)) if w in "123" and w else None)
        elif shown.kind == "signature":
            self._markers(shown, ())
        else:
            judge = shown.judge.content.text if shown.judge else ""
            self._ask(
                "Words",
                lambda words: self._do(
                    lambda: actions.edit(
                        self.folder,
                        self.reviewer,
                        shown.id,
                        Content(text=words, evidence=shown.evidence),
                    ),
                    "Edited.",
                ),
                shown.decision.text or judge or "",
                True,
            )

    def _markers(self, shown: ItemView, given: tuple[str, ...]) -> None:
        """Ask for one marker after the other, then for the note."""
        if len(given) == len(shown.markers):
            content = Content.model_validate({"presences": given, "evidence": shown.evidence})
            note = shown.judge.content.note if shown.judge else None

            def finish(words: str) -> None:
                made = content.model_copy(update={"note": words or None})
                if shown.hidden:
                    self._do(
                        lambda: actions.give_own(self.folder, self.reviewer, shown.id, made),
                        "Your own is saved. v reveals the judge's.",
                        stay=True,
                    )
                else:
                    self._do(
                        lambda: actions.edit(self.folder, self.reviewer, shown.id, made), "Edited."
                    )

            self._ask("Note", finish, note or "")
            return
        names = " ".join(f"{n} {p}" for n, p in enumerate(PRESENCES, 1))

        def chosen(words: str) -> None:
            if words in ("1", "2", "3", "4"):
                self._markers(shown, (*given, PRESENCES[int(words) - 1]))
            else:
                self._tell("Type a number from 1 to 4.")
                self._markers(shown, given)

        self._ask(f"{shown.markers[len(given)]} ({names})", chosen)

    def action_keep(self) -> None:
        """Keep the level given before the judge's was seen."""
        if self.item and (own := self._view().own):
            self._own_or_edit(self._view(), own)

    def action_reveal(self) -> None:
        """Reveal the judge's verdict."""
        if item := self.item:
            self._do(lambda: actions.reveal(self.folder, self.reviewer, item.id), "", stay=True)

    def action_comment(self) -> None:
        """Leave a comment."""
        if item := self.item:
            self._ask(
                "Comment",
                lambda words: self._do(
                    lambda: actions.comment(self.folder, self.reviewer, item.id, words),
                    "Saved: comment.",
                    stay=True,
                ),
                required=True,
            )

    def action_defer(self) -> None:
        """Put the item behind the others."""
        if item := self.item:
            self._do(lambda: actions.defer(self.folder, self.reviewer, item.id), "Later, then.")

    def action_undo(self) -> None:
        """Undo the last action and show its item."""
        target = actions.last_undoable(self.folder.events, self.reviewer)
        try:
            actions.undo(self.folder, self.reviewer)
        except GraderError as error:
            self._tell(f"{error.problem[:1].upper()}{error.problem[1:]}.")
            return
        self._tell("Undone.")
        if target and target.item:
            self._go(self.folder.items[target.item])

    def action_step(self, by: int) -> None:
        """The item before or after, decided or not."""
        items = self._queue().items
        at = self._queue().position(self.item.id) - 1 if self.item else len(items)
        self._tell("")
        self._go(items[min(max(0, at + by), len(items) - 1)])

    def action_quotation(self, by: int) -> None:
        """The next quotation, or the one before."""
        if self.item is None:
            return
        _, begins = self._transcript(self._view())
        if begins:
            self.place = (self.place + by) % len(begins)
            self._show()
        else:
            self._tell("Nothing is quoted from this transcript.")

    def action_other(self) -> None:
        """The other transcript."""
        self.side = "treatment" if self.side == "control" else "control"
        self.place = 0
        self._show()

    def action_help(self) -> None:
        """What each key does."""
        self.query_one("#card", Static).update(Text(HELP))
        self._tell("Any item key goes on; ← → show the item again.")

    # --- the line for typing ----------------------------------------------------------------

    def _ask(
        self,
        prompt: str,
        then: Callable[[str], object],
        now: str = "",
        required: bool = False,
    ) -> None:
        self.question = _Question(prompt, then, required)
        self._tell(f"{prompt}:")
        line = self.query_one("#ask", Input)
        line.value = now
        line.display = True
        line.focus()

    def _close(self) -> None:
        self.question = None
        self.query_one("#ask", Input).display = False
        self.query_one("#item").focus()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Take what was typed."""
        asked, words = self.question, event.value.strip()
        if asked is None:
            return
        if asked.required and not words:
            self._tell(f"{asked.prompt}: this is needed. Esc leaves it.")
            return
        self._close()
        asked.then(words)

    def action_leave(self) -> None:
        """Leave what is being typed."""
        if self.question is not None:
            self._close()
            self._tell("Nothing was changed." if self._waits(self.item) else "")
            self._show()


def _card(folder: ReviewFolder, shown: ItemView) -> Text:
    """The left panel: what is asked, what the judge says, what was decided."""
    reviewed, text = folder.reviewed(), Text()
    text.append(f"{visible(shown.label)}\n", "bold")
    if shown.again:
        text.append("The verdict you saw here before was planted. This is the judge's.\n")
    for each in shown.attention:
        text.append(f"! {visible(each)}\n", "bold")
    if isinstance(shown.asked, Criterion):
        text.append(f"{visible(shown.asked.question)}\n")
        for number, level in enumerate(LEVELS, 1):
            text.append(f"{number} {level_name(level)}: ", "bold")
            text.append(f"{visible(shown.asked.levels.definition(level))}\n")
    elif shown.asked is not None:
        text.append(f"{visible(shown.asked.description)}\n")
    text.append("\n")
    if shown.own is not None:
        text.append(f"Yours: {visible(said(reviewed, shown.kind, shown.own))}\n", "bold")
    judge = shown.judge
    if shown.hidden:
        text.append("The judge's verdict is hidden until you gave your own.\n", "italic")
        for marker in shown.markers:
            text.append(f"- {visible(marker)}\n")
    elif judge is None:
        text.append("No judge was asked. It is yours to give.\n", "italic")
        for marker in shown.markers:
            text.append(f"- {visible(marker)}\n")
    else:
        short = shown.kind in ("verdict", "contrast")
        text.append(f"The judge says{f': {judge.said}' if short else ':'}\n", "bold")
        for words in (*judge.failures, *judge.samples, judge.content.text, judge.content.rationale):
            if words:
                text.append(f"{visible(words)}\n")
        for asked, reason in judge.reasons:
            text.append(f"{asked}: {visible(reason)}\n")
        for noted in judge.markers:
            text.append(f"- {visible(noted.marker)}: {noted.presence or 'not noted'}\n")
        if judge.content.note:
            text.append(f"{visible(judge.content.note)}\n")
        for finding in judge.findings:
            text.append(f"rests on {visible(finding)}\n")
        for missing in (e for e in shown.evidence if e.span is None):
            text.append(f"NOT FOUND: “{visible(missing.quote)}”\n", "bold")
        for vain in judge.in_vain:
            text.append(f"looked for in vain: {visible(vain)}\n")
    if shown.candidates and not shown.hidden:
        text.append("Nearest in words:\n", "bold")
        for passage in shown.candidates:
            text.append(f"- {visible(passage.text)}\n")
    if shown.decision.state != "undecided":
        told = said(reviewed, shown.kind, shown.decision.content)
        text.append(f"\nDecided: {shown.decision.state}: {visible(told)}\n", "bold")
        if shown.decision.reason:
            text.append(f"Reason: {visible(shown.decision.reason)}\n")
    for comment in shown.comments:
        text.append(f"Comment: {visible(comment.text)}\n")
    return text


def _keys(shown: ItemView) -> str:
    if shown.hidden and shown.own is None:
        first = "1-3 own level  " if shown.kind in ("verdict", "contrast") else "e your own  "
    elif shown.hidden:
        first = "v reveal  1-3 own again  "
    else:
        accept = "" if shown.missing or shown.judge is None else "a accept  "
        keep = "k keep mine  " if shown.own else ""
        first = f"{accept}r reject  e edit  1-3 own level  {keep}"
    return f"{first}n quotation  t other text  c comment  d later  u undo  ? help  q quit"
