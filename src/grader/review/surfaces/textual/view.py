"""The texts of the terminal app's panels: what is asked, what the judge says, all items."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console
from rich.text import Text

from grader.review.item_view import ItemView
from grader.review.reviewed import Reviewed
from grader.rubric import Criterion
from grader.rubric.scale import level_name
from grader.text.quotation import Evidence
from grader.text.visible import visible_in_place as visible


def lines_of(text: Text, width: int) -> int:
    """How many lines a text takes at a width."""
    return len(text.wrap(Console(width=width), width)) if text else 0


def asked_text(shown: ItemView) -> Text:
    """What is asked, and what the levels mean."""
    text = Text()
    text.append(f"{visible(shown.label)}\n", "bold")
    if shown.again:
        text.append("The verdict you saw here before was planted. This is the judge's.\n")
    for each in shown.attention:
        text.append(f"! {visible(each)}\n", "bold")
    if isinstance(shown.asked, Criterion):
        text.append(f"{visible(shown.asked.question)}\n")
        for number, level in enumerate(shown.asked.scale.levels, 1):
            text.append(f"{number} {level_name(level)}: ", "bold")
            text.append(f"{visible(shown.asked.scale.definition(level))}\n")
    elif shown.asked is not None:
        text.append(f"{visible(shown.asked.description)}\n")
    text.rstrip()
    return text


def answer_text(
    reviewed: Reviewed, shown: ItemView, evidence: Sequence[Evidence], unsaved: bool
) -> Text:
    """What the judge says, what the reviewer gave and what was decided.

    Args:
        reviewed: the comparison.
        shown: the item.
        evidence: the quotations that hold or will hold.
        unsaved: whether these wait for a decision.
    """
    text = Text()
    if shown.decision.state != "undecided":
        told = shown.words(shown.decision.content)
        text.append(f"Decided: {shown.decision.state}: {visible(told)}\n", "bold")
        for words in (shown.decision.rationale, shown.decision.note):
            if shown.decision.state == "edited" and words:
                text.append(f"{visible(words)}\n")
        if shown.decision.reason:
            text.append(f"Reason: {visible(shown.decision.reason)}\n")
    if shown.own is not None:
        text.append(f"Yours: {visible(shown.words(shown.own))}\n", "bold")
    if unsaved:
        count = sum(1 for each in evidence if each.span)
        noun = "quotation" if count == 1 else "quotations"
        text.append(f"{count} {noun}: saved when you decide\n", "bold")
    _judge(text, shown, evidence)
    if shown.candidates and not shown.hidden:
        text.append("Nearest in words:\n", "bold")
        for passage in shown.candidates:
            text.append(f"- {visible(passage.text)}\n")
    for comment in shown.comments:
        text.append(f"Comment: {visible(comment.text)}\n")
    text.rstrip()
    return text


def _judge(text: Text, shown: ItemView, evidence: Sequence[Evidence]) -> None:
    judge = shown.judge
    if judge is None:
        told = "No judge was asked. It is yours to give."
        if shown.hidden:
            told = "The judge's verdict is hidden until you gave your own."
            told = "v reveals the judge's verdict." if shown.own else told
        text.append(f"{told}\n", "italic")
        for marker in shown.markers:
            text.append(f"- {visible(marker)}\n")
        return
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
    for missing in (e for e in evidence if e.span is None):
        text.append(f"NOT FOUND: “{visible(missing.quote)}”\n", "bold")
    for vain in judge.in_vain:
        text.append(f"looked for in vain: {visible(vain)}\n")


def queue_line(number: int, shown: ItemView) -> Text:
    """One item in the list of all: its number, whether to look there first, its state."""
    state: str = shown.decision.state
    if state == "undecided":
        state = "yours given" if shown.own else ""
    which = f"T{shown.number}" if shown.number else "T1+2" if shown.kind == "contrast" else ""
    text = Text(f"{number:>3} {'!' if shown.attention else ' '} ")
    text.append(f"{state:<12}", "bold")
    text.append(f"{which:<5}{visible(shown.title)}")
    return text
