"""Warnings of characters in a transcript that a reader of it can't see.

Characters that reverse text direction, or that take no room, can make a quotation look otherwise
than it is. They are kept, because a transcript is verbatim, and a warning names them.
"""

from __future__ import annotations

import unicodedata
from collections import Counter

from grader.text.visible import hidden_places, with_line_feeds
from grader.transcripts.transcript import ReadingWarning, Transcript

REVERSING = "characters that reverse text direction"
INVISIBLE = "characters that take no room"
CONTROL = "control characters"

_REVERSING = frozenset({"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"})
"""Unicode's embeddings, overrides and isolates. Plain direction marks reverse nothing."""


def hidden_characters(transcript: Transcript) -> tuple[ReadingWarning, ...]:
    """A warning for each kind of hidden character and turn that contains it."""
    warnings = []
    for turn in transcript.turns:
        text = with_line_feeds(turn.text)
        counts = Counter(_kind(text[at]) for at in hidden_places(text))
        warnings += [
            ReadingWarning(
                code="hidden_characters",
                message=f"turn {turn.number} contains {counts[kind]} {kind}; they are kept as "
                "they are",
                line=turn.line,
            )
            for kind in (REVERSING, INVISIBLE, CONTROL)
            if counts[kind]
        ]
    return tuple(warnings)


def _kind(character: str) -> str:
    if unicodedata.bidirectional(character) in _REVERSING:
        return REVERSING
    return CONTROL if unicodedata.category(character) == "Cc" else INVISIBLE
