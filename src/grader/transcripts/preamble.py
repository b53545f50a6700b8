"""Taking a preamble off the message it was sent with.

A preamble is the treatment. It must never stand in a turn or in the task prompt, or the judge
would see it.
"""

from __future__ import annotations

import re
from collections.abc import Generator
from typing import Literal

Place = Literal["start", "inside"]


_TELLING = 8
"""Characters of a preamble from which on it is looked for inside a message too, not only first."""


def without_preamble(text: str, preamble: str | None) -> tuple[str, Place | None]:
    """A human message without the preamble, and where the preamble stood; None: nowhere.

    White space doesn't count: a copied page may wrap the preamble's lines otherwise.
    """
    wanted = " ".join((preamble or "").split())
    flat = " ".join(text.split())
    starts = _starts(flat, wanted)
    if not starts:
        return text, None
    # The n-th character that is no white space is the same in the text and in its flat form.
    length = len(wanted) - wanted.count(" ")
    pieces, position, counted, seen = [], 0, 0, 0
    solid = _solid(text)
    next(solid)
    for start in starts:
        counted += start - seen - flat.count(" ", seen, start)
        seen = start
        pieces.append(text[position : solid.send(counted)].strip())
        position = solid.send(counted + length - 1) + 1
    place: Place = "inside" if any(pieces) else "start"
    pieces.append(text[position:].lstrip())
    return "\n\n".join(filter(None, pieces)), place


def _starts(flat: str, wanted: str) -> list[int]:
    """Where the preamble stands in a text, as whole words."""
    if not wanted:
        return []
    starts = []
    start = flat.find(wanted)
    while start >= 0:
        end = start + len(wanted)
        before, after = flat[start - 1 : start], flat[end : end + 1]
        if not (_joins(before, wanted[0]) or _joins(wanted[-1], after)):
            starts.append(start)
            start = flat.find(wanted, end)
        else:
            start = flat.find(wanted, start + 1)
        if len(wanted) < _TELLING:
            break
    return starts if len(wanted) >= _TELLING else [start for start in starts if start == 0]


def _joins(one: str, other: str) -> bool:
    """Whether two characters stand inside one word."""
    return bool(one) and bool(other) and one.isalnum() and other.isalnum()


def _solid(text: str) -> Generator[int, int, None]:
    """Sent n, gives the position of the n-th character that is no white space; n only grows."""
    passed = 0
    n = yield 0
    for word in re.finditer(r"\S+", text):
        while n < passed + word.end() - word.start():
            n = yield word.start() + n - passed
        passed += word.end() - word.start()
