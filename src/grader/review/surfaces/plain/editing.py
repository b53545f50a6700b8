"""Asking a reviewer for levels, presences and words, line by line or in their editor."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TypeVar

from rich.console import Console

from grader.comparison.comparison import Comparison
from grader.errors import GraderError, InputError
from grader.review.events import Content
from grader.review.item_view import ItemView
from grader.review.surfaces.textual.editor import editor, write_in_editor
from grader.rubric.scale import LEVELS, PRESENCES, Presence
from grader.text.quotation import Evidence, Side, locate, near_miss
from grader.text.visible import visible_in_place as visible
from grader.transcripts.transcript import deliverable

CANCEL = "x"

T = TypeVar("T", bound=str)


class Cancelled(Exception):
    """The reviewer broke off; nothing was changed."""


def say(console: Console, text: str) -> None:
    """One message, without markup."""
    console.print(visible(text), markup=False, highlight=False)


def told(error: GraderError) -> str:
    """A mistake and its mend in one line."""
    mend = f" {error.mend}" if error.mend else ""
    return f"{error.problem[:1].upper()}{error.problem[1:]}.{mend}"


def ask(console: Console, prompt: str) -> str:
    """One line from the reviewer. Raises EOFError and KeyboardInterrupt as `input` does."""
    said = console.input(f"{prompt} ", markup=False).strip()
    if not sys.stdin.isatty():
        say(console, said)  # a terminal shows what is typed, a file does not
    return said


def edited(console: Console, draft: Comparison, shown: ItemView, now: Content | None) -> Content:
    """What the reviewer makes of an item.

    Args:
        console: where to ask.
        draft: the comparison, for its texts.
        shown: the item.
        now: what Enter keeps; None: nothing, as for an own level before the judge's.

    Raises:
        Cancelled: the reviewer broke off.
    """
    now = now or Content()
    if shown.kind == "verdict":
        level = _one_of(console, "Level", LEVELS, now.level)
        rationale = _words(console, "Rationale", now.rationale, required=not shown.hidden)
        evidence = now.evidence
        if shown.side and not any(each.span for each in evidence):
            evidence = (*evidence, *_quotations(console, draft, shown, shown.side))
        return Content(level=level, rationale=rationale, evidence=evidence)
    if shown.kind == "signature":
        presences: list[Presence] = []
        for position, marker in enumerate(shown.markers):
            held = now.presences[position] if position < len(now.presences) else None
            presences.append(_one_of(console, visible(marker), PRESENCES, held))
        text = _words(console, "Note", now.note, required=False)
        return Content(note=text, presences=tuple(presences), evidence=now.evidence)
    if shown.kind == "contrast":
        names = ("1", "2", "neither")
        which = _one_of(console, "Which transcript shows more", names, None)
        more = "neither" if which == "neither" else draft.blind_order[int(which) - 1]
        rationale = _words(console, "Reason", now.rationale, required=not shown.hidden)
        return Content(shows_more=more, rationale=rationale, evidence=now.evidence)
    text = _words(console, "Text", now.text, required=True)
    return Content(text=text, evidence=now.evidence)


def _one_of(console: Console, name: str, values: Sequence[T], now: T | None) -> T:
    numbered = ", ".join(f"{n} {v.replace('_', ' ')}" for n, v in enumerate(values, 1))
    keep = f"; Enter keeps {now.replace('_', ' ')}" if now else ""
    while True:
        said = ask(console, f"{name} ({numbered}{keep}; {CANCEL} breaks off):").lower()
        if said == CANCEL:
            raise Cancelled
        if not said and now:
            return now
        for number, value in enumerate(values, 1):
            if said in (str(number), value, value.replace("_", " ")):
                return value
        say(console, f"Type a number from 1 to {len(values)}.")


def _words(console: Console, name: str, now: str | None, *, required: bool) -> str | None:
    command = editor()
    keys = "Enter keeps the text; " if now else "" if required else "Enter leaves it empty; "
    keys += f"e opens {Path(command[0]).name}; " if command else ""
    while True:
        said = ask(console, f"{name} ({keys}{CANCEL} breaks off):")
        if said == CANCEL:
            raise Cancelled
        if said == "e" and command:
            try:
                return write_in_editor(command, now or "")
            except InputError as error:
                say(console, told(error))
                continue
        if said:
            return said
        if now or not required:
            return now
        say(console, f"A {name.lower()} is needed.")


def _quotations(console: Console, draft: Comparison, shown: ItemView, side: Side) -> list[Evidence]:
    """Quotations from the reviewer are held to the same rule as the judge's."""
    turns = deliverable(draft.transcript(side))
    passages = shown.candidates
    number = "the number of a passage above, or " if passages else ""
    found: list[Evidence] = []
    while said := ask(console, f"Quote ({number}words copied from the text; Enter ends):"):
        if said.isdecimal() and 1 <= int(said) <= len(passages):
            said = passages[int(said) - 1].text
        evidence = locate(said, turns, side)
        if evidence.span is not None:
            found.append(evidence)
            continue
        nearest = near_miss(said, turns)
        say(console, "These words do not stand in this transcript.")
        if nearest:
            say(console, f"What does: “{nearest}”")
    return found
