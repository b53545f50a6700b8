"""The texts of the terminal app's panels: what is asked, what the judge says, all items."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console
from rich.text import Text

from grader.review.forms import choice
from grader.review.grid import Cell, Grid
from grader.review.item_view import ItemView, around
from grader.review.reviewed import ItemReview
from grader.review.surfaces.plain.view import judge_absent
from grader.rubric import Signature
from grader.text.quotation import Evidence
from grader.text.visible import visible_in_place as visible


def lines_of(text: Text, width: int) -> int:
    """How many lines a text takes at a width."""
    return len(text.wrap(Console(width=width), width)) if text else 0


def asked_text(shown: ItemView) -> Text:
    """What is asked, and what each number key means."""
    text = Text()
    text.append(f"{visible(shown.label)}\n", "bold")
    if shown.again:
        text.append("The verdict you saw here before was planted. This is the judge's.\n")
    for each in shown.attention:
        text.append(f"! {visible(each)}\n", "bold")
    if shown.question:
        text.append(f"{visible(shown.question)}\n")
    asked = choice(shown)
    for number, option in enumerate(asked.options if asked else (), 1):
        meaning = f": {visible(option.meaning)}" if option.meaning else ""
        text.append(f"{number} {visible(option.word)}{':' if meaning else ''}", "bold")
        text.append(f"{meaning[1:]}\n")
    text.rstrip()
    return text


def cell_text(cell: Cell) -> Text:
    """What is asked of one cell of the grid of signatures."""
    asked = cell.item.asked
    text = Text(f"{visible(cell.item.label)}\n", "bold")
    if isinstance(asked, Signature):
        text.append(f"{visible(asked.description)}\n", "not bold")
    text.append(f"{visible(cell.field.label)}\n", "bold")
    words = "  ".join(f"{n} {each.word}" for n, each in enumerate(cell.field.options, 1))
    text.append(words, "not bold")
    return text


def grid_text(grid: Grid, here: int) -> tuple[Text, int]:
    """The grid of signatures: a line a marker, with the number of the answer by transcript.

    Returns:
        The text, and where the line of the current cell begins.
    """
    text, signature, at = Text(), "", 0
    if not grid.hidden:
        text.append(
            "The judge's number stands in brackets where yours is another or open.\n", "italic"
        )
    for row_number, row in enumerate(grid.rows):
        if row.id != signature:
            signature = row.id
            text.append(f"T1   T2   {visible(row.signature)}\n", "bold")
        for column, cell in enumerate(row.cells):
            number = row_number * len(row.cells) + column
            if number == here:
                at = len(text) - (5 if column else 0)
            beside = cell.differs or (cell.now is None and cell.judge is not None)
            shown = _number(cell, cell.now) + (f"[{_number(cell, cell.judge)}]" * beside)
            text.append(shown, "bold reverse" if number == here else "")
            text.append(" " * max(1, 5 - len(shown)))
        text.append(f"{visible(row.marker)}\n")
    text.rstrip()
    return text, at


def _number(cell: Cell, value: str | None) -> str:
    return str(cell.field.values.index(value) + 1) if value in cell.field.values else "–"


def answer_text(
    shown: ItemView, evidence: Sequence[Evidence], unsaved: bool, card: Sequence[ItemView] = ()
) -> Text:
    """What the judge says, what the reviewer gave and what was decided.

    Args:
        shown: the item.
        evidence: the quotations that count or will count.
        unsaved: whether these wait for a decision.
        card: all that is decided with the item.
    """
    text = Text()
    if card:
        text.append(f"{visible(shown.card_title)}\n", "bold")
    before, after = around(card, shown)
    _others(text, before)
    decision = shown.decision
    if decision.state != "undecided":
        words = shown.words(decision.content)
        text.append(f"Decided: {decision.state}: {visible(words)}\n", "bold")
        for each in (decision.rationale, decision.note):
            if decision.state == "edited" and each:
                text.append(f"{visible(each)}\n")
        if decision.reason:
            text.append(f"Reason: {visible(decision.reason)}\n")
    if shown.own is not None:
        text.append(f"Yours: {visible(shown.words(shown.own))}\n", "bold")
    if unsaved:
        count = sum(1 for each in evidence if each.span)
        noun = "quotation" if count == 1 else "quotations"
        text.append(f"{count} {noun}: saved when you decide\n", "bold")
    _judge(text, shown, evidence)
    if shown.candidates:
        text.append("Nearest in words:\n", "bold")
        for passage in shown.candidates:
            text.append(f"- {visible(passage.text)}\n")
    for comment in shown.comments:
        text.append(f"Comment: {visible(comment.text)}\n")
    _others(text, after)
    text.rstrip()
    return text


def _others(text: Text, card: Sequence[ItemView]) -> None:
    """Other parts of a card, where they are texts."""
    for each in card:
        if each.text:
            text.append(f"{visible(each.label)}: {visible(each.text)}\n")
            for reason in each.attention:
                text.append(f"! {visible(reason)}\n")


def decisions_text(shown: ItemView, reviews: Sequence[ItemReview]) -> Text:
    """What each reviewer decided on an item, numbered, for the person who settles it."""
    text = Text()
    if shown.judge is not None:
        text.append(f"The judge says: {visible(shown.judge.words)}\n", "bold")
        if shown.judge.content.rationale:
            text.append(f"{visible(shown.judge.content.rationale)}\n")
    for number, review in enumerate(reviews, 1):
        decision = review.decision
        words = visible(f"{decision.reviewer}: {shown.words(decision.content)}")
        text.append(f"{number} {words} ({decision.state})\n", "bold")
        for each in (decision.rationale, decision.note, decision.reason):
            if each:
                text.append(f"{visible(each)}\n")
        if review.own is not None:
            text.append(f"Before seeing the judge: {visible(shown.words(review.own))}\n")
        for comment in review.comments:
            text.append(f"Comment: {visible(comment.text)}\n")
    text.rstrip()
    return text


def _judge(text: Text, shown: ItemView, evidence: Sequence[Evidence]) -> None:
    judge = shown.judge
    if judge is None:
        text.append(f"{judge_absent(shown)}\n", "italic")
        for field in shown.fields:
            if field.place is not None:
                text.append(f"- {visible(field.label)}\n")
        return
    details, content = judge.details, judge.content
    words = visible(judge.words)
    text.append("The judge notes:\n" if details.markers else f"The judge says: {words}\n", "bold")
    for each in (*details.failures, *details.samples, content.rationale):
        if each:
            text.append(f"{visible(each)}\n")
    for asked, reason in details.reasons:
        text.append(f"{asked}: {visible(reason)}\n")
    for noted in details.markers:
        text.append(f"- {visible(noted.marker)}: {noted.presence or 'not noted'}\n")
    if content.note:
        text.append(f"{visible(content.note)}\n")
    for finding in details.findings:
        text.append(f"based on {visible(finding)}\n")
    for missing in (e for e in evidence if e.span is None):
        text.append(f"NOT FOUND: “{visible(missing.quote)}”\n", "bold")
    for sought in details.in_vain:
        text.append(f"looked for and not found: {visible(sought)}\n")
