"""Splitting a preamble from the task it was sent with.

A preamble is the treatment. It must never stand in a turn or in the task prompt, or the judge
would see it.
"""

from __future__ import annotations


def split_preamble(text: str, preamble: str | None) -> str | None:
    """What follows the preamble in a message that begins with it.

    Returns None where there is no preamble or the message does not begin with it.
    """
    if not preamble or not preamble.strip():
        return None
    start, wanted = text.lstrip(), preamble.strip()
    if start.startswith(wanted):
        return start[len(wanted) :].lstrip()
    # A copied page may wrap the preamble's lines otherwise: compare word by word.
    position = 0
    for word in wanted.split():
        while position < len(start) and start[position].isspace():
            position += 1
        if not start.startswith(word, position):
            return None
        position += len(word)
    return start[position:].lstrip()
