"""Asking a reviewer for levels, presences and words, line by line or in their editor."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console

from grader.comparison.comparison import Comparison
from grader.errors import GraderError, InputError
from grader.review.editor import editor, write_in_editor
from grader.review.forms import Input, number_of
from grader.review.item_view import ItemView
from grader.text.quotation import Evidence, Side, locate, near_miss
from grader.text.visible import visible_in_place as visible
from grader.transcripts.transcript import deliverable

CANCEL = "x"
BREAK_OFF = (CANCEL, "q")
"""A reviewer who wants to leave types q at any question: it breaks off, and q then leaves."""
EMPTY = "-"
"""Makes a text empty that need not be there."""


class Cancelled(Exception):
    """The reviewer broke off; nothing was changed."""


def say(console: Console, text: str) -> None:
    """One message, without markup."""
    console.print(visible(text), markup=False, highlight=False)


def message(error: GraderError) -> str:
    """A mistake and its mend in one line."""
    mend = f" {error.mend}" if error.mend else ""
    return f"{error.problem[:1].upper()}{error.problem[1:]}.{mend}"


def ask(console: Console, prompt: str) -> str:
    """One line from the reviewer. Raises EOFError and KeyboardInterrupt as `input` does."""
    line = console.input(f"{visible(prompt)} ", markup=False).strip()
    if not sys.stdin.isatty():
        say(console, line)  # a terminal shows what is typed, a file does not
    return line


def ask_reason(console: Console, prompt: str, *, needed: bool = False) -> str:
    """A reason from the reviewer, '' for none.

    Args:
        console: where to ask.
        prompt: what the reason is for.
        needed: whether it may not stay empty.

    Raises:
        Cancelled: the reviewer broke off.
    """
    return _words(console, Input("reason", prompt, required=needed), alone=False)


def answers_to(console: Console, inputs: Sequence[Input]) -> dict[str, str]:
    """What the reviewer answers, by the name of each input.

    A single text that is needed is broken off by Enter alone.

    Raises:
        Cancelled: the reviewer broke off.
    """
    alone = len(inputs) == 1
    return {
        each.name: _choice(console, each) if each.options else _words(console, each, alone)
        for each in inputs
    }


def confirmed(console: Console, question: str) -> bool:
    """Whether the reviewer says yes."""
    return ask(console, f"{question} (y, n)").lower() in ("y", "yes")


def _choice(console: Console, asked: Input) -> str:
    kept = asked.options[int(asked.now) - 1].word if asked.now else ""
    numbered = ", ".join(f"{n} {each.word}" for n, each in enumerate(asked.options, 1))
    keep = f"; Enter keeps {kept}" if kept else ""
    while True:
        line = ask(console, f"{asked.label} ({numbered}{keep}; {CANCEL} breaks off):")
        if line.lower() in BREAK_OFF:
            raise Cancelled
        if not line and asked.now:
            return asked.now
        if number := number_of(asked.options, line):
            return number
        say(console, f"Type a number from 1 to {len(asked.options)}.")


def _words(console: Console, asked: Input, alone: bool) -> str:
    """A text from the reviewer; a key typed by mistake is never taken as one."""
    command = editor()
    now = asked.now
    if now:
        say(console, f"{asked.label} now: {now}")
    empties = "" if asked.required else f"{EMPTY} empties it; "
    keys = f"Enter keeps it; {empties}" if now else "" if asked.required else "Enter: none; "
    if alone and asked.required and not now:
        keys = "Enter alone or "
    keys = f"e opens {Path(command[0]).name}; {keys}" if command else keys
    while True:
        line = ask(console, f"{asked.label} ({keys}{CANCEL} breaks off):")
        if line.lower() in BREAK_OFF:
            raise Cancelled
        if line == EMPTY and not asked.required:
            return ""
        if line == "e" and command:
            try:
                return write_in_editor(command, now)
            except InputError as error:
                say(console, message(error))
                continue
        if len(line) == 1 and line.isascii():
            say(console, "That is a single sign. Write a word or a sentence.")
            continue
        if line:
            return line
        if now or not asked.required:
            return now
        if alone:
            raise Cancelled
        say(console, "This is needed.")


def quotations(console: Console, draft: Comparison, shown: ItemView, side: Side) -> list[Evidence]:
    """Quotations from the reviewer, by the same rule as the judge's.

    Raises:
        Cancelled: the reviewer broke off.
    """
    turns = deliverable(draft.transcript(side))
    passages = shown.candidates
    number = "the number of a passage above, or " if passages else ""
    prompt = f"Quote ({number}words copied from the text; Enter ends; {CANCEL} breaks off):"
    found: list[Evidence] = []
    while line := ask(console, prompt):
        if line.lower() in BREAK_OFF:
            raise Cancelled
        if line.isdecimal() and 1 <= int(line[:9]) <= len(passages):
            line = passages[int(line) - 1].text
        evidence = locate(line, turns, side)
        if evidence.span is not None:
            found.append(evidence)
            continue
        nearest = near_miss(line, turns)
        say(console, "These words do not stand in this transcript.")
        if nearest:
            say(console, f"What does: “{nearest}”")
    return found
