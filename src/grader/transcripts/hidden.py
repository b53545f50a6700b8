"""Characters that a reader of the page can't see, found in what was said.

Marks that turn the direction of text round, or that take no room, can make a quotation look
otherwise than it is. They are kept, because a transcript is verbatim, and they are told.
"""

from __future__ import annotations

import re

from grader.transcripts.transcript import ReadingWarning, Transcript

TURNING = re.compile(r"[\u202a-\u202e\u2066-\u2069]")
"""Bidirectional embeddings, overrides and isolates. Plain direction marks do no harm."""

INVISIBLE = re.compile(r"[\u200b\u2060\u00ad\ufeff\U000e0000-\U000e007f]")
"""Zero-width spaces and joiners of words, soft hyphens, marks of byte order, tag letters."""

_ANY = re.compile(
    r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u00ad\u200b\u202a-\u202e\u2060\u2066-\u2069\ufeff"
    r"\U000e0000-\U000e007f]"
)

CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
"""Control characters other than tab, line feed and carriage return."""


def hidden_characters(transcript: Transcript) -> tuple[ReadingWarning, ...]:
    """A warning for each kind of hidden character and turn that holds it."""
    return tuple(
        ReadingWarning(
            code="hidden_characters",
            message=f"turn {turn.number} holds {count} {what}; they are kept as they are",
            line=turn.line,
        )
        for turn in transcript.turns
        if _ANY.search(turn.text)
        for pattern, what in (
            (TURNING, "marks that turn the direction of text round"),
            (INVISIBLE, "characters that take no room"),
            (CONTROL, "control characters"),
        )
        if (count := len(pattern.findall(turn.text)))
    )
