"""Asking a reviewer for levels, presences and words, line by line or in their editor."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import TypeVar

from rich.console import Console

from grader.comparison.comparison import Comparison, SignatureNote, Verdict
from grader.evidence import Evidence, locate, near_miss
from grader.levels import LEVELS, PRESENCES, Level, Presence
from grader.review.events import Content
from grader.review.items import ReviewItem
from grader.review.showing import visible
from grader.transcripts.transcript import deliverable

CANCEL = "x"

T = TypeVar("T", Level, Presence)


class Cancelled(Exception):
    """The reviewer broke off; nothing was changed."""


def say(console: Console, text: str) -> None:
    """One message, without markup."""
    console.print(visible(text), markup=False, highlight=False)


def ask(console: Console, prompt: str) -> str:
    """One line from the reviewer. Raises EOFError and KeyboardInterrupt as `input` does."""
    said = console.input(f"{prompt} ", markup=False).strip()
    if not sys.stdin.isatty():
        say(console, said)  # a terminal shows what is typed, a file does not
    return said


def edited_verdict(
    console: Console, draft: Comparison, item: ReviewItem, verdict: Verdict, now: Content
) -> Content:
    """The reviewer's level, rationale and, where nothing is quoted yet, quotations.

    Raises:
        Cancelled: the reviewer broke off.
    """
    level = _one_of(console, "Level", LEVELS, now.level)
    rationale = _words(console, "Rationale", now.rationale, required=True)
    evidence = now.evidence
    if not any(each.span for each in evidence):
        evidence = (*evidence, *_quotations(console, draft, verdict))
    return Content(level=level, rationale=rationale, evidence=evidence)


def edited_note(console: Console, note: SignatureNote, now: Content) -> Content:
    """The reviewer's presences and note.

    Raises:
        Cancelled: the reviewer broke off.
    """
    presences: list[Presence] = []
    for position, marker in enumerate(note.markers):
        held = now.presences[position] if position < len(now.presences) else None
        presences.append(_one_of(console, visible(marker.marker), PRESENCES, held))
    text = _words(console, "Note", now.note, required=False)
    return Content(note=text, presences=tuple(presences), evidence=now.evidence)


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
    editor = _editor()
    keys = "Enter keeps the text; " if now else "" if required else "Enter leaves it empty; "
    keys += f"e opens {Path(editor[0]).name}; " if editor else ""
    while True:
        said = ask(console, f"{name} ({keys}{CANCEL} breaks off):")
        if said == CANCEL:
            raise Cancelled
        if said == "e" and editor:
            said = _in_editor(console, editor, now or "") or ""
            if not said:
                continue
        if said:
            return said
        if now or not required:
            return now
        say(console, f"A {name.lower()} is needed.")


def _quotations(console: Console, draft: Comparison, verdict: Verdict) -> list[Evidence]:
    """Quotations from the reviewer are held to the same rule as the judge's."""
    turns = deliverable(draft.transcript(verdict.side))
    passages = verdict.candidates
    number = "the number of a passage above, or " if passages else ""
    found: list[Evidence] = []
    while said := ask(console, f"Quote ({number}words copied from the text; Enter ends):"):
        if said.isdecimal() and 1 <= int(said) <= len(passages):
            said = passages[int(said) - 1].text
        evidence = locate(said, turns, verdict.side)
        if evidence.span is not None:
            found.append(evidence)
            continue
        nearest = near_miss(said, turns)
        say(console, "These words do not stand in this transcript.")
        if nearest:
            say(console, f"What does: “{nearest}”")
    return found


def _editor() -> list[str] | None:
    command = os.environ.get("VISUAL") or os.environ.get("EDITOR") or ""
    try:
        return shlex.split(command) or None
    except ValueError:
        return None


def _in_editor(console: Console, editor: list[str], text: str) -> str | None:
    """What the reviewer wrote in their editor; None when that failed or nothing is left."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "review.md"
        path.write_text(text + "\n", encoding="utf-8")
        try:
            done = subprocess.run([*editor, str(path)], check=False)
            written = path.read_text(encoding="utf-8", errors="replace").strip()
        except OSError as error:
            say(console, f"{editor[0]} cannot be opened: {error.strerror}. Type the text here.")
            return None
    if done.returncode != 0:
        say(console, f"{editor[0]} ended with an error; its text was not taken.")
        return None
    if not written:
        say(console, "The text was empty.")
    return written or None
