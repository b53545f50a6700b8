"""How an item is laid before a reviewer, as plain rich text.

Everything that matters is said in words and signs, never by colour alone. Texts of transcripts
and judges are hostile: they are shown as text, with control characters made visible.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence

from rich.console import ConsoleRenderable, Group
from rich.padding import Padding
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from grader.comparison.comparison import Comparison, Passage, SignatureNote, Verdict, VerdictSample
from grader.evidence import Evidence, Side, Span, in_word, near_miss
from grader.levels import LEVELS, level_name
from grader.review.items import ReviewItem, pair_attention
from grader.review.reviewed import Decision, Reviewed
from grader.rubric import Criterion, Signature
from grader.transcripts.transcript import Turn, deliverable

OPEN, CLOSE = "⟦", "⟧"
"""Stand around a quotation in its place."""

_AROUND = 240
"""Characters shown before and after a quotation."""

_BIDI = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def visible(text: str) -> str:
    """The text with one sign in place of each character that would steer a terminal.

    Line ends and tabs stay. No character is added or taken away, so places stay right.
    """
    if text.isprintable():
        return text
    return "".join(
        "\ufffd" if c in _BIDI or (unicodedata.category(c) == "Cc" and c not in "\n\t") else c
        for c in text
    )


def opening(reviewed: Reviewed, reviewer: str) -> ConsoleRenderable:
    """What a reviewer should know before the first item."""
    draft = reviewed.draft
    parts: list[ConsoleRenderable] = [
        Rule(_text(draft.rubric.title, "bold")),
        _text(f"Reviewer: {reviewer}. {progress(reviewed)}"),
        _text(
            "The two sessions are called Transcript 1 and Transcript 2. Which of them is the "
            "control is not told here. Each action is saved at once."
        ),
    ]
    told = pair_attention(draft)
    if told:
        parts.append(_text("About the pair:", "bold"))
        parts.extend(_bullets(told, "!"))
    return Group(*parts)


def progress(reviewed: Reviewed) -> str:
    """How far the review is."""
    total = len(reviewed.decisions)
    return f"{total - len(reviewed.undecided)} of {total} decided."


def item_view(reviewed: Reviewed, item: ReviewItem, position: int) -> ConsoleRenderable:
    """Everything about one item: what is asked, what the judge says, and where it stands."""
    draft, decision = reviewed.draft, reviewed.decisions[item.id]
    source = item.source
    head = f"Item {position} of {len(reviewed.decisions)} · {progress(reviewed)}"
    parts: list[ConsoleRenderable] = [
        Rule(_text(head, "dim"), align="left"),
        _text(item.label, "bold"),
    ]
    if item.attention:
        parts.append(_text("Look here first:", "bold"))
        parts.extend(_bullets(item.attention, "!"))
    if isinstance(source, Verdict):
        parts.extend(_asked(draft.rubric.criterion(source.criterion)))
        parts.extend(_verdict(draft, source))
    else:
        parts.extend(_posture(draft.rubric.signature(source.signature)))
        parts.extend(_note(draft, source))
    if source.candidates:
        parts.append(_text("\nPassages nearest in words (found by search, not judged):", "bold"))
        parts.extend(_passages(draft, source.side, source.candidates))
    parts.extend(_decided(item, decision))
    return Group(*parts)


def whole_text(draft: Comparison, item: ReviewItem) -> ConsoleRenderable:
    """The whole deliverable with every located quotation marked."""
    side = item.source.side
    spans = [each.span for each in item.drafted.evidence if each.span is not None]
    parts: list[ConsoleRenderable] = [Rule(_text(f"Transcript {item.number}, whole", "dim"))]
    for turn in deliverable(draft.transcript(side)):
        marked = [(span.start, span.end) for span in spans if span.turn == turn.number]
        parts.append(_marked(turn.text, 0, len(turn.text), marked))
    return Group(*parts, Rule())


def keys() -> ConsoleRenderable:
    """What each key does."""
    grid = Table.grid(padding=(0, 2))
    for key, meaning in (
        ("a", "accept what the judge says"),
        ("e", "edit: level and rationale, or presences and note"),
        ("r", "reject, with a reason: nothing of it will hold"),
        ("c", "comment, without deciding"),
        ("s", "skip for now"),
        ("b", "back to the item before"),
        ("t", "show the whole text of this transcript"),
        ("q", "quit; everything decided is saved"),
    ):
        grid.add_row(key, meaning)
    return grid


# --- parts of an item -----------------------------------------------------------------------


def _asked(criterion: Criterion) -> Iterable[ConsoleRenderable]:
    grid = Table.grid(padding=(0, 2))
    grid.add_column(no_wrap=True)
    grid.add_column()
    grid.add_row("Question", _text(criterion.question))
    for level in reversed(LEVELS):
        grid.add_row(level_name(level), _text(criterion.levels.definition(level)))
    yield grid
    if criterion.look_for:
        yield _text("Look for:")
        yield from _bullets(criterion.look_for)


def _posture(signature: Signature) -> Iterable[ConsoleRenderable]:
    yield _text(signature.description)


def _verdict(draft: Comparison, verdict: Verdict) -> Iterable[ConsoleRenderable]:
    if not verdict.samples:
        yield _text("\nNo judge was asked. The level is yours to give.", "bold")
        return
    yield _text(f"\nThe judge says: {level_name(verdict.level)}", "bold")
    failed = [sample for sample in verdict.samples if sample.outcome != "answered"]
    yield from _bullets(map(_failure, failed), "!")
    if len(verdict.samples) > 1:
        yield _text("Answers: " + "; ".join(map(_sample, verdict.samples)))
    if verdict.rationale:
        yield Padding(_text(verdict.rationale), (0, 0, 0, 2))
    yield from _quotations(draft, verdict.side, verdict.evidence)
    if verdict.looked_for_in_vain:
        yield _text("Looked for in vain:")
        yield from _bullets(verdict.looked_for_in_vain)


def _sample(sample: VerdictSample) -> str:
    ended = level_name(sample.level) if sample.outcome == "answered" else sample.outcome
    return f"{sample.judge} #{sample.sample}: {ended}"


def _failure(sample: VerdictSample) -> str:
    detail = f": {sample.detail}" if sample.detail else ""
    return f"{sample.judge} #{sample.sample} gave no answer ({sample.outcome}{detail})"


def _note(draft: Comparison, note: SignatureNote) -> Iterable[ConsoleRenderable]:
    if note.outcome is None:
        yield _text("\nNo judge was asked. The markers are yours to note:", "bold")
    elif note.outcome == "answered":
        yield _text("\nThe judge notes:", "bold")
    else:
        detail = f": {note.detail}" if note.detail else ""
        yield _text(f"\nThe judge gave no answer ({note.outcome}{detail}).", "bold")
    for number, marker in enumerate(note.markers, 1):
        presence = marker.presence or "not noted"
        yield _text(f"{number}. {marker.marker}: {presence}")
        if marker.note:
            yield Padding(_text(marker.note), (0, 0, 0, 3))
        yield from _quotations(draft, note.side, marker.evidence)
    if note.note:
        yield Padding(_text(note.note), (0, 0, 0, 2))


def _quotations(
    draft: Comparison, side: Side, evidence: Sequence[Evidence]
) -> Iterable[ConsoleRenderable]:
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
        nearest = near_miss(each.quote, deliverable(draft.transcript(side)))
        told = f"What does stand there: “{nearest}”" if nearest else "Nothing like it stands there."
        yield Padding(_text(told), (0, 0, 0, 5))


def _passages(
    draft: Comparison, side: Side, passages: Sequence[Passage]
) -> Iterable[ConsoleRenderable]:
    for number, passage in enumerate(passages, 1):
        yield _in_place(draft, passage.span, f"{number}. ")


def _decided(item: ReviewItem, decision: Decision) -> Iterable[ConsoleRenderable]:
    if decision.state != "undecided":
        told = f"\nDecided: {decision.state} by {decision.reviewer} on {decision.time}"
        if decision.state == "edited":
            told += f": {_held(decision)}"
        yield _text(told, "bold")
        words = decision.rationale or decision.note
        if decision.state == "edited" and words:
            yield Padding(_text(words), (0, 0, 0, 2))
        if decision.reason:
            yield Padding(_text(f"Reason: {decision.reason}"), (0, 0, 0, 2))
    for comment in decision.comments:
        yield _text(f"Comment by {comment.reviewer}: {comment.text}")


def _held(decision: Decision) -> str:
    if decision.presences:
        return ", ".join(presence or "not noted" for presence in decision.presences)
    return level_name(decision.level)


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
    for first, last in _merged(spans):
        shown.append(visible(text[at:first]))
        shown.append(f"{OPEN}{visible(text[first:last])}{CLOSE}", "bold reverse")
        at = last
    shown.append(visible(text[at:end]))
    return shown


def _merged(spans: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    merged: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if merged and start < merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged


def _text(text: str, style: str = "") -> Text:
    return Text(visible(text), style)


def _bullets(texts: Iterable[str], sign: str = "-") -> Iterable[ConsoleRenderable]:
    for text in texts:
        grid = Table.grid(padding=(0, 1))
        grid.add_row(f"  {sign}", _text(text))
        yield grid
