"""Taking a preamble off the message it was sent with.

A preamble is the treatment. It must never stand in a turn or in the task prompt, or the judge
would see it. It is found by its letters and digits alone: white space, case, quotation marks,
dashes, emphasis and accents may be written otherwise than it was declared.
"""

from __future__ import annotations

import unicodedata
from typing import Literal

Place = Literal["start", "inside"]


_TELLING = 8
"""Letters of a preamble from which on it is looked for inside a message too; a shorter one is
found at the beginning or the end of a message only."""

ECHO = 20
"""Letters of a preamble from which on it is taken out of what a model says, too."""

_CLOSING = frozenset(".,;:!?…\"'”’»)]")
_OPENING = frozenset("\"'“‘«([*_>")


def without_preamble(text: str, preamble: str | None) -> tuple[str, Place | None]:
    """A human message without the preamble, and where the preamble stood; None: nowhere."""
    spans = _spans(text, preamble or "")
    if not spans:
        return text, None
    pieces, position = [], 0
    for start, end in spans:
        pieces.append(text[position:start].strip())
        position = end
    place: Place = "inside" if any(pieces) else "start"
    pieces.append(text[position:].lstrip())
    return "\n\n".join(filter(None, pieces)), place


def holds_preamble(text: str | None, preamble: str | None) -> bool:
    """Whether a preamble stands anywhere in a text, as letters and digits."""
    wanted = _letters(preamble or "")[0]
    return bool(wanted) and wanted in _letters(text or "")[0]


def length_in_letters(preamble: str | None) -> int:
    """How many letters and digits a preamble has."""
    return len(_letters(preamble or "")[0])


def _spans(text: str, preamble: str) -> list[tuple[int, int]]:
    """Where the preamble stands in a text, as whole words, with the signs around it."""
    wanted = _letters(preamble)[0]
    if not wanted:
        bare = preamble.strip()
        at = text.find(bare) if bare else -1
        return [(at, at + len(bare))] if at >= 0 else []
    letters, places = _letters(text)
    spans: list[tuple[int, int]] = []
    at = letters.find(wanted)
    while at >= 0:
        last = at + len(wanted) - 1
        start, end = places[at], places[last] + 1
        edge = at == 0 or last == len(letters) - 1
        whole = not (_joined(text, start) or _joined(text, end))
        if whole and (edge or len(wanted) >= _TELLING):
            spans.append(_with_signs(text, start, end))
            at = letters.find(wanted, last + 1)
        else:
            at = letters.find(wanted, at + 1)
    return spans


def _letters(text: str) -> tuple[str, list[int]]:
    """The letters and digits of a text in one form, and where each stands."""
    if text.isascii():
        places = [place for place, character in enumerate(text) if character.isalnum()]
        return "".join([text[place] for place in places]).lower(), places
    letters: list[str] = []
    places = []
    for place, character in enumerate(text):
        for part in unicodedata.normalize("NFKD", character).casefold():
            if part.isalnum():
                letters.append(part)
                places.append(place)
    return "".join(letters), places


def _joined(text: str, position: int) -> bool:
    """Whether a cut at this position falls inside a word."""
    return 0 < position < len(text) and text[position - 1].isalnum() and text[position].isalnum()


def _with_signs(text: str, start: int, end: int) -> tuple[int, int]:
    """The span with the signs that open and close the preamble: quotation marks, its full stop."""
    while start > 0 and text[start - 1] in _OPENING:
        start -= 1
    while end < len(text) and (text[end] in _CLOSING or unicodedata.combining(text[end])):
        end += 1
    while end < len(text) and text[end] in "*_" and text[end - 1] in _CLOSING | {"*", "_"}:
        end += 1
    return start, end
