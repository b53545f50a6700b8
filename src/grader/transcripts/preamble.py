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
    match = re.search(rf"(?<!\w){re.escape(' '.join(words))}(?!\w)", flat) if words else None
    if match is None:
        return text, None
    start = match.start()
    first = sum(1 for character in flat[:start] if character != " ")
    length = sum(map(len, words))
    # The n-th character that is no white space is the same in the text and in its flat form.
    solid = [match.start() for match in re.finditer(r"\S", text)]
    before = text[: solid[first]].rstrip()
    after = text[solid[first + length - 1] + 1 :].lstrip()
    if not before:
        return after, "start"
    return f"{before}\n\n{after}".rstrip(), "inside"
