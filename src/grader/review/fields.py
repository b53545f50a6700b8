"""What an edit in the terminal app asks for, field after field, and the content it makes.

Each asking is a generator: it yields a field, is sent what was typed, and returns the content.
How a field looks and how long it waits is the app's business. `editing` does the same in lines.
"""

from __future__ import annotations

from collections.abc import Generator, Sequence
from dataclasses import dataclass
from typing import TypeVar

from grader.review.events import Content
from grader.review.item_view import ItemView
from grader.review.reviewed import Reviewed
from grader.rubric.scale import LEVELS, PRESENCES

_T = TypeVar("_T")


@dataclass(frozen=True)
class Field:
    """One thing to type."""

    prompt: str
    now: str = ""
    """What stands there already."""
    required: bool = False
    """Whether it may not stay empty."""


Asking = Generator[Field, str, _T]
"""Yields fields, is sent what was typed, returns what it makes."""


def ask_content(reviewed: Reviewed, shown: ItemView) -> Asking[Content]:
    """All that an item's content needs.

    Args:
        reviewed: the comparison.
        shown: the item; while the judge's is hidden, no reasons are asked for.
    """
    if shown.kind in ("verdict", "contrast"):
        sides = ("Transcript 1", "Transcript 2", "neither")
        names = LEVELS if shown.kind == "verdict" else sides
        prompt = _numbered(names)
        field = Field(prompt, required=True)
        while (number := _number((yield field), names)) is None:
            field = Field(f"Type a number: {prompt}", required=True)
        return (yield from ask_rationale(reviewed, shown, level_content(reviewed, shown, number)))
    if shown.kind == "signature":
        return (yield from _ask_signature(shown))
    now = shown.decision.text or (shown.judge.content.text if shown.judge else "") or ""
    return Content(text=(yield Field("Words", now, required=True)))


def ask_rationale(reviewed: Reviewed, shown: ItemView, content: Content) -> Asking[Content]:
    """The reason for a level, where the judge's is in sight."""
    if shown.hidden:
        return content
    now = shown.decision.content or shown.own or (shown.judge.content if shown.judge else None)
    level = shown.words(content)
    rationale = yield Field(f"{level}, because", (now and now.rationale) or "", required=True)
    return content.model_copy(update={"rationale": rationale})


def level_content(reviewed: Reviewed, shown: ItemView, number: int) -> Content:
    """What the number of a level says: of a contrast, which transcript shows more.

    Args:
        reviewed: the comparison, for the order in which its sides are shown.
        shown: a verdict or a contrast.
        number: 1, 2 or 3.
    """
    if shown.kind == "contrast":
        order = reviewed.draft.blind_order
        return Content.model_validate({"shows_more": (*order, "neither")[number - 1]})
    return Content(level=LEVELS[number - 1])


def _ask_signature(shown: ItemView) -> Asking[Content]:
    presences = []
    for marker in shown.markers:
        field = Field(f"{marker} ({_numbered(PRESENCES)})", required=True)
        while (number := _number((yield field), PRESENCES)) is None:
            pass
        presences.append(PRESENCES[number - 1])
    note = shown.decision.note or (shown.judge.content.note if shown.judge else None)
    words = yield Field("Note (may stay empty)", note or "")
    return Content(presences=tuple(presences), note=words or None)


def _numbered(names: Sequence[str]) -> str:
    return ", ".join(f"{n} {name.replace('_', ' ')}" for n, name in enumerate(names, 1))


def _number(words: str, names: Sequence[str]) -> int | None:
    """Which name was typed, by its number from 1; None where it was none of them."""
    return next((n for n in range(1, len(names) + 1) if words == str(n)), None)
