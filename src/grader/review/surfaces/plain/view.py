"""How an item is laid before a reviewer, as plain rich text.

Everything that matters is said in words and signs, never by colour alone. Texts of transcripts
and judges are hostile: they are shown as text, with control characters made visible.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from rich.console import ConsoleRenderable, Group
from rich.padding import Padding
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from grader.comparison.comparison import Comparison
from grader.review.item_view import ItemView, Queue
from grader.review.items import pair_attention
from grader.review.reviewed import ItemReview, Reviewed
from grader.rubric import Criterion
from grader.rubric.scale import level_name
from grader.text.quotation import Evidence, Span, in_word, near_miss
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
        _text(
            "The two sessions are called Transcript 1 and Transcript 2. Which of them is the "
            "control is not told here. Each action is saved at once."
        ),
    ]
    if reviewed.reviewer(reviewer).mode == "blind-first":
        parts.append(_text("Blind first: give your own level, then the judge's is shown."))
        return Group(*parts)
    told = pair_attention(draft)
    if told:
        parts.append(_text("About the pair:", "bold"))
        parts.extend(_bullets(told, "!"))
    return Group(*parts)


def item_view(reviewed: Reviewed, shown: ItemView, at: Queue) -> ConsoleRenderable:
    """Everything about one item: what is asked, what the judge says, and where it stands."""
    draft = reviewed.draft
    head = f"Item {shown.position} of {at.total} · {at.progress}"
    parts: list[ConsoleRenderable] = [
        Rule(_text(head, "dim"), align="left"),
        _text(shown.label, "bold"),
    ]
    if shown.again:
        parts.append(_text("The verdict you saw here before was planted. This is the judge's."))
    if shown.attention:
        parts.append(_text("Look here first:", "bold"))
        parts.extend(_bullets(shown.attention, "!"))
    if isinstance(shown.asked, Criterion):
        parts.extend(_asked(shown.asked))
    elif shown.asked is not None:
        parts.append(_text(shown.asked.description))
    parts.extend(_judge(draft, shown))
    if shown.candidates and not shown.hidden:
        parts.append(_text("\nPassages nearest in words (found by search, not judged):", "bold"))
        parts.extend(
            _in_place(draft, passage.span, f"{number}. ")
            for number, passage in enumerate(shown.candidates, 1)
        )
    parts.extend(_decided(reviewed, shown))
    return Group(*parts)


def whole_text(draft: Comparison, shown: ItemView) -> ConsoleRenderable:
    """The whole deliverable of an item's transcript, or of both, with quotations marked."""
    spans = [each.span for each in shown.evidence if each.span is not None]
    parts: list[ConsoleRenderable] = []
    for number, side in enumerate(draft.blind_order, 1):
        if shown.side not in (None, side):
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


def keys(words: Mapping[str, str]) -> ConsoleRenderable:
    """What each key does."""
    grid = Table.grid(padding=(0, 2))
    for key, meaning in words.items():
        grid.add_row(key, meaning)
    return grid


def side_by_side(
    reviewed: Reviewed, shown: ItemView, reviews: Sequence[ItemReview]
) -> ConsoleRenderable:
    """What each reviewer decided on an item, numbered, for who is going to settle it."""
    parts: list[ConsoleRenderable] = []
    for number, review in enumerate(reviews, 1):
        decision = review.decision
        told = shown.words(decision.content)
        parts.append(_text(f"{number}. {decision.reviewer}: {told} ({decision.state})", "bold"))
        for words in (decision.rationale, decision.note, decision.reason):
            if words:
                parts.append(Padding(_text(words), (0, 0, 0, 3)))
        if review.own is not None:
            own = shown.words(review.own)
            parts.append(Padding(_text(f"Before seeing the judge: {own}"), (0, 0, 0, 3)))
        parts.extend(_quotations(reviewed.draft, decision.evidence))
        for comment in review.comments:
            parts.append(Padding(_text(f"Comment: {comment.text}"), (0, 0, 0, 3)))
    return Group(*parts)


# --- parts of an item -----------------------------------------------------------------------


def _asked(criterion: Criterion) -> Iterable[ConsoleRenderable]:
    grid = Table.grid(padding=(0, 2))
    grid.add_column(no_wrap=True)
    grid.add_column()
    grid.add_row("Question", _text(criterion.question))
    for level in reversed(criterion.scale.levels):
        grid.add_row(level_name(level), _text(criterion.scale.definition(level)))
    yield grid
    if criterion.look_for:
        yield _text("Look for:")
        yield from _bullets(criterion.look_for)


def _judge(draft: Comparison, shown: ItemView) -> Iterable[ConsoleRenderable]:
    if shown.hidden:
        if shown.own is None:
            yield _text("\nThe judge's verdict is hidden until you gave your own.", "bold")
            if shown.markers:
                yield from _bullets(shown.markers)
        else:
            yield _text("\nYour own is saved. Reveal the judge's to decide.", "bold")
        return
    judge = shown.judge
    if judge is None:
        if shown.kind == "signature":
            yield _text("\nNo judge was asked. The markers are yours to note:", "bold")
            yield from _bullets(f"{n}. {m}: not noted" for n, m in enumerate(shown.markers, 1))
        else:
            yield _text("\nNo judge was asked. The level is yours to give.", "bold")
        return
    content = judge.content
    if shown.kind == "signature":
        yield _text("\nThe judge notes:", "bold")
        yield from _bullets(judge.failures, "!")
        for number, marker in enumerate(judge.markers, 1):
            yield _text(f"{number}. {marker.marker}: {marker.presence or 'not noted'}")
            if marker.note:
                yield Padding(_text(marker.note), (0, 0, 0, 3))
            yield from _quotations(draft, marker.evidence)
        if content.note:
            yield Padding(_text(content.note), (0, 0, 0, 2))
        return
    yield _text(f"\nThe judge says: {judge.said}", "bold")
    yield from _bullets(judge.failures, "!")
    if judge.samples:
        yield _text("Answers: " + "; ".join(judge.samples))
    for asked, reason in judge.reasons:
        yield Padding(_text(f"{asked}: {reason}"), (0, 0, 0, 2))
    if content.rationale:
        yield Padding(_text(content.rationale), (0, 0, 0, 2))
    if judge.findings:
        yield _text("It rests on:")
        yield from _bullets(judge.findings)
    yield from _quotations(draft, content.evidence)
    if judge.in_vain:
        yield _text("Looked for in vain:")
        yield from _bullets(judge.in_vain)


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
        told = f"What does stand there: “{nearest}”" if nearest else "Nothing like it stands there."
        yield Padding(_text(told), (0, 0, 0, 5))


def _decided(reviewed: Reviewed, shown: ItemView) -> Iterable[ConsoleRenderable]:
    decision = shown.decision
    if shown.own is not None:
        yield _text(f"\nYour own before the judge's: {shown.words(shown.own)}")
        if shown.own.rationale:
            yield Padding(_text(shown.own.rationale), (0, 0, 0, 2))
    if decision.state != "undecided":
        told = f"\nDecided: {decision.state} by {decision.reviewer} on {decision.time}"
        if decision.state == "edited":
            told += f": {shown.words(decision.content)}"
        yield _text(told, "bold")
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
    shown = Text.assemble(sign, (f"turn {turn.number}", "dim"), "\n")
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
