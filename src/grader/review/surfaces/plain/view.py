"""How an item is shown to a reviewer, as plain rich text.

Everything that matters is said in words and signs, never by colour alone. Texts of transcripts
and judges are hostile: they are shown as text, with control characters made visible.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rich.console import ConsoleRenderable, Group
from rich.padding import Padding
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from grader.comparison.comparison import Comparison
from grader.review.forms import choice
from grader.review.item_view import ItemView, Queue, around
from grader.review.items import pair_attention, side_names
from grader.review.reviewed import ItemReview, Reviewed
from grader.text.borders import in_word
from grader.text.quotation import Evidence, Span, near_miss
from grader.text.spans import merged
from grader.text.visible import visible_in_place as visible
from grader.transcripts.transcript import Turn, deliverable

OPEN, CLOSE = "⟦", "⟧"
"""Stand around a quotation in its place."""

_AROUND = 240
"""Characters shown before and after a quotation."""


def opening(reviewed: Reviewed, reviewer: str, at: Queue) -> ConsoleRenderable:
    """What a reviewer should know before the first item."""
    draft = reviewed.draft
    parts: list[ConsoleRenderable] = [
        Rule(_text(draft.rubric.title, "bold")),
        _text(f"Reviewer: {reviewer}. {at.progress}"),
        _text(f"{_sessions(draft, named=at.named)} Each action is saved at once."),
    ]
    mode = reviewed.reviewer(reviewer).mode
    if mode != "assisted":
        told = {
            "blind-first": "Blind first: give your own level, then the judge's is shown.",
            "mixed": "Mixed: for some verdicts your own level comes first, for others the judge's "
            "is shown at once.",
        }
        parts.append(_text(told[mode]))
        return Group(*parts)
    if reasons := pair_attention(draft, named=at.named):
        parts.append(_text("About the pair:", "bold"))
        parts.extend(_bullets(reasons, "!"))
    return Group(*parts)


def _sessions(draft: Comparison, *, named: bool) -> str:
    """What the two sessions are called, and which is which where that may be told."""
    if not named:
        return (
            "The two sessions are called Transcript 1 and Transcript 2. Which of them is the "
            "control is not told yet."
        )
    names = side_names(draft, blind=False)
    first, second = (names[side] for side in draft.blind_order)
    return f"Transcript 1 is {first}, Transcript 2 is {second}."


def item_view(
    reviewed: Reviewed,
    shown: ItemView,
    at: Queue,
    card: Sequence[ItemView] = (),
    *,
    again: bool = False,
) -> ConsoleRenderable:
    """Everything about one item: what is asked, what the judge says, and where it stands.

    Args:
        reviewed: the comparison.
        shown: the item.
        at: the reviewer's queue.
        card: all that is decided with it.
        again: whether it was in view just now: what was asked is not said again.
    """
    draft = reviewed.draft
    parts: list[ConsoleRenderable] = [Rule(_text(at.where(shown), "dim"), align="left")]
    if shown.named and not again:
        parts.append(_text(_sessions(draft, named=True), "dim"))
    if shown.card_title:
        parts.append(_text(shown.card_title, "bold"))
        if not again:
            parts.append(
                _text(
                    f"One decision about {len(card)} parts: give yours of each with e, then the "
                    "judge's are shown."
                    if shown.hidden
                    else f"One decision about {len(card)} parts: a accepts all of them. f and b "
                    "go to a part by itself, which can be edited or rejected alone."
                )
            )
    before, after = around(card, shown)
    parts.extend(_others(before))
    parts.append(_text(shown.label, "bold"))
    if shown.again:
        parts.append(_text("The verdict you saw here before was planted. This is the judge's."))
    if shown.attention:
        parts.append(_text("Look here first:", "bold"))
        parts.extend(_bullets(shown.attention, "!"))
    parts.extend(() if again else _asked(shown))
    parts.extend(_judge(draft, shown))
    if shown.candidates and not shown.hidden:
        parts.append(_text("\nPassages nearest in words (found by search, not judged):", "bold"))
        parts.extend(
            _in_place(draft, passage.span, f"{number}. ")
            for number, passage in enumerate(shown.candidates, 1)
        )
    parts.extend(_decided(shown))
    parts.extend(_others(after))
    return Group(*parts)


def _others(card: Sequence[ItemView]) -> Iterable[ConsoleRenderable]:
    """Other parts of a card, where they are texts."""
    for each in card:
        if each.text:
            yield _text(f"{each.label}: {each.text}")
            yield from _bullets(each.attention, "!")


def whole_text(draft: Comparison, shown: ItemView, *, other: bool = False) -> ConsoleRenderable:
    """The whole deliverable of an item's transcript, or of both, with quotations marked.

    Args:
        draft: the comparison.
        shown: the item.
        other: whether the transcript is shown that the item is not about.
    """
    spans = [each.span for each in shown.evidence if each.span is not None]
    parts: list[ConsoleRenderable] = []
    for number, side in enumerate(draft.blind_order, 1):
        if shown.side is not None and (shown.side == side) == other:
            continue
        parts.append(Rule(_text(f"Transcript {number}, whole", "dim")))
        for turn in deliverable(draft.transcript(side)):
            marked = [
                (span.start, span.end)
                for span in spans
                if (span.transcript, span.turn) == (side, turn.number)
            ]
            parts.append(_marked(turn.text, 0, len(turn.text), marked))
    return Group(*parts, Rule())


def task_view(draft: Comparison) -> ConsoleRenderable:
    """The task that both transcripts answer."""
    return Group(
        Rule(_text("The task", "dim")),
        _text(draft.control.task_prompt or "It is not known."),
        Rule(),
    )


def keys(groups: Iterable[tuple[str, Sequence[tuple[str, str]]]]) -> ConsoleRenderable:
    """What each key does, by group."""
    grid = Table.grid(padding=(0, 2))
    for title, lines in groups:
        if lines:
            grid.add_row("", _text(title, "bold"))
        for key, meaning in lines:
            grid.add_row(_text(key), _text(meaning))
    return grid


def list_of_items(views: Iterable[ItemView]) -> ConsoleRenderable:
    """All items with their state."""
    return Group(*(item_line(shown) for shown in views))


def item_line(shown: ItemView) -> Text:
    """One item in a list of all: its number, whether to look there first, its state."""
    state: str = "settled" if shown.adjudicated else shown.decision.state
    if state == "undecided":
        state = "yours given" if shown.own else ""
    which = f"T{shown.number}" if shown.number else "" if shown.named else "T1+2"
    text = Text(f"{shown.position:>3} {'!' if shown.attention else ' '} ")
    text.append(f"{state:<12}", "bold")
    text.append(f"{which:<5}{visible(shown.title)}")
    return text


def decisions_view(
    reviewed: Reviewed, shown: ItemView, reviews: Sequence[ItemReview]
) -> ConsoleRenderable:
    """What each reviewer decided on an item, numbered, for the person who settles it."""
    parts: list[ConsoleRenderable] = [_text(shown.label, "bold"), *_asked(shown)]
    if shown.judge is not None:
        parts.extend(_judge(reviewed.draft, shown))
    for number, review in enumerate(reviews, 1):
        decision = review.decision
        words = shown.words(decision.content)
        parts.append(_text(f"{number}. {decision.reviewer}: {words} ({decision.state})", "bold"))
        taken = decision.state == "accepted" and shown.judge is not None  # stands above
        said = () if taken else (decision.rationale, decision.note)
        for each in (*said, decision.reason):
            if each:
                parts.append(Padding(_text(each), (0, 0, 0, 3)))
        if review.own is not None:
            own = f"Before seeing the judge: {shown.words(review.own)}"
            parts.append(Padding(_text(own), (0, 0, 0, 3)))
        parts.extend(() if taken else _quotations(reviewed.draft, decision.evidence))
        for comment in review.comments:
            parts.append(Padding(_text(f"Comment: {comment.text}"), (0, 0, 0, 3)))
    return Group(*parts)


# --- parts of an item -----------------------------------------------------------------------


def _asked(shown: ItemView) -> Iterable[ConsoleRenderable]:
    if not shown.question:
        return
    grid = Table.grid(padding=(0, 2))
    grid.add_column(no_wrap=True)
    grid.add_column()
    grid.add_row("Question", _text(shown.question))
    asked = choice(shown)
    options = asked.options if asked else ()
    for number, option in enumerate(options, 1):
        if option.meaning:
            grid.add_row(f"{number} {option.word}", _text(option.meaning))
    yield grid
    for option in shown.fields[0].options if not asked else ():
        if option.meaning:
            yield _text(f"{option.word}: {option.meaning}.")
    if options and not any(option.meaning for option in options):
        yield _text(" · ".join(f"{n} {each.word}" for n, each in enumerate(options, 1)))
    if shown.kind == "contrast":
        yield _text(
            "“neither”: none of the two shows more of it. Where “no side is named”, the judge's "
            "two answers disagree or one of them failed."
        )
    if shown.look_for:
        yield _text("Look for:")
        yield from _bullets(shown.look_for)


def _judge(draft: Comparison, shown: ItemView) -> Iterable[ConsoleRenderable]:
    judge = shown.judge
    if judge is None:
        yield _text(f"\n{judge_absent(shown)}", "bold")
        if shown.hidden and shown.own is None:
            yield _text("w shows the whole text to read.")
        yield from _bullets(each.label for each in shown.fields if each.place is not None)
        return
    content, details = judge.content, judge.details
    yield _text("\nThe judge notes:" if details.markers else f"\nThe judge says: {judge.words}",
                "bold")  # fmt: skip
    yield from _bullets(details.failures, "!")
    for number, marker in enumerate(details.markers, 1):
        yield _text(f"{number}. {marker.marker}: {marker.presence or 'not noted'}")
        if marker.note:
            yield Padding(_text(marker.note), (0, 0, 0, 3))
        yield from _quotations(draft, marker.evidence)
    if details.samples:
        yield _text("Answers: " + "; ".join(details.samples))
    for asked, reason in details.reasons:
        yield Padding(_text(f"{asked}: {reason}"), (0, 0, 0, 2))
    for words in (content.rationale, content.note):
        if words:
            yield Padding(_text(words), (0, 0, 0, 2))
    if details.findings:
        yield _text("It is based on:")
        yield from _bullets(details.findings)
    if not details.markers:
        yield from _quotations(draft, content.evidence)
    if details.in_vain:
        yield _text("Looked for and not found:")
        yield from _bullets(details.in_vain)


def judge_absent(shown: ItemView) -> str:
    """Why nothing of the judge is shown, and what to do."""
    if not shown.hidden:
        return "No judge was asked. It is yours to give."
    if shown.own is None:
        return "The judge's verdict is hidden until you gave your own."
    return "Your own is saved. The judge's is shown once all parts of this decision are given."


def _quotations(draft: Comparison, evidence: Sequence[Evidence]) -> Iterable[ConsoleRenderable]:
    if not evidence:
        return
    yield _text("Quotations in their place:")
    for number, each in enumerate(evidence, 1):
        if each.span is not None:
            yield _in_place(draft, each.span, f"{number}. ")
            continue
        yield Padding(
            Text.assemble(f"{number}. ", ("NOT FOUND in this transcript: ", "bold red"))
            + _text(f"“{each.quote}”"),
            (0, 0, 0, 2),
        )
        nearest = near_miss(each.quote, deliverable(draft.transcript(each.side)))
        near = f"What does stand there: “{nearest}”" if nearest else "Nothing like it stands there."
        yield Padding(_text(near), (0, 0, 0, 5))


def _decided(shown: ItemView) -> Iterable[ConsoleRenderable]:
    decision = shown.decision
    if shown.own is not None:
        yield _text(f"\nYour own before the judge's: {shown.words(shown.own)}")
        if shown.own.rationale:
            yield Padding(_text(shown.own.rationale), (0, 0, 0, 2))
    if decision.state != "undecided":
        line = f"\nDecided: {decision.state} by {decision.reviewer} on {decision.time}"
        if decision.state == "edited":
            line += f": {shown.words(decision.content)}"
        yield _text(line, "bold")
        words = decision.rationale or decision.note
        if decision.state == "edited" and words:
            yield Padding(_text(words), (0, 0, 0, 2))
        if decision.reason:
            yield Padding(_text(f"Reason: {decision.reason}"), (0, 0, 0, 2))
    for comment in shown.comments:
        yield _text(f"Comment by {comment.reviewer}: {comment.text}")


# --- texts ----------------------------------------------------------------------------------


def _in_place(draft: Comparison, span: Span, sign: str) -> ConsoleRenderable:
    turn = draft.transcript(span.transcript).turn(span.turn)
    start, end = _surroundings(turn, span)
    number = draft.blind_order.index(span.transcript) + 1
    shown = Text.assemble(sign, (f"Transcript {number}, turn {turn.number}", "dim"), "\n")
    shown.append("… " if start else "")
    shown.append_text(_marked(turn.text, start, end, [(span.start, span.end)]))
    shown.append(" …" if end < len(turn.text) else "")
    return Padding(shown, (0, 0, 1, 2))


def _surroundings(turn: Turn, span: Span) -> tuple[int, int]:
    text = turn.text
    start, end = max(0, span.start - _AROUND), min(len(text), span.end + _AROUND)
    while start < span.start and (in_word(text, start) or text[start].isspace()):
        start += 1
    while end > span.end and (in_word(text, end) or text[end - 1].isspace()):
        end -= 1
    return start, end


def _marked(text: str, start: int, end: int, spans: Sequence[tuple[int, int]]) -> Text:
    """A part of a text with some places set between signs. Overlapping places become one."""
    shown, at = Text(), start
    for first, last in merged(dict(enumerate(spans))):
        shown.append(visible(text[at:first]))
        shown.append(f"{OPEN}{visible(text[first:last])}{CLOSE}", "bold reverse")
        at = last
    shown.append(visible(text[at:end]))
    return shown


def _text(text: str, style: str = "") -> Text:
    return Text(visible(text), style)


def _bullets(texts: Iterable[str], sign: str = "-") -> Iterable[ConsoleRenderable]:
    for text in texts:
        grid = Table.grid(padding=(0, 1))
        grid.add_row(f"  {sign}", _text(text))
        yield grid
