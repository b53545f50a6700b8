"""Taking a preamble off the message it was sent with.

A preamble is the treatment. It must never stand in a turn or in the task prompt, or the judge
would see it.
"""

from __future__ import annotations

import re
from typing import Literal

Place = Literal["start", "inside"]


def without_preamble(text: str, preamble: str | None) -> tuple[str, Place | None]:
    """A human message without the preamble, and where the preamble stood; None: nowhere.

    White space doesn't count: a copied page may wrap the preamble's lines otherwise.
    """
    words = (preamble or "").split()
    flat = " ".join(text.split())
    pattern = rf"(?<!\w){re.escape(' '.join(words))}(?!\w)"
    spans = [match.span() for match in re.finditer(pattern, flat)] if words else []
    if not spans:
        return text, None
    # The n-th character that is no white space is the same in the text and in its flat form.
    solid = [match.start() for match in re.finditer(r"\S", text)]
    length = sum(map(len, words))
    pieces, position, counted, seen = [], 0, 0, 0
    for start, _ in spans:
        counted += start - seen - flat.count(" ", seen, start)
        seen = start
        pieces.append(text[position : solid[counted]].strip())
        position = solid[counted + length - 1] + 1
    pieces.append(text[position:].lstrip())
    place: Place = "inside" if any(pieces[:-1]) else "start"
    return "\n\n".join(filter(None, pieces)), place
