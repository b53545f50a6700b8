"""Where sentences end in prose, and which signs end them, in any script."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache

_END = re.compile(r"[.!?…]+[\"'”’»)\]*_]*(?=\s+[^\sa-z]|\s*$)|[。！？]+[」』”’）]*")
_ABBREVIATION = re.compile(
    r"(?:^|[\s(])(?:e\.g|i\.e|cf|vs|etc|approx|ca|pp?|v|Dr|Mrs?|Ms|St|No|Prof)\.$"
)
_INITIAL = re.compile(r"(?:^|[\s(])([A-Z])\.$")


def sentences(
    text: str, start: int = 0, end: int | None = None, *, codes: str = ""
) -> Iterator[tuple[int, int]]:
    """Start and end of each sentence of a stretch of text; together they are all of it.

    Args:
        text: the text.
        start: where the stretch begins.
        end: one past its last character; None: the end of the text.
        codes: single capital letters that may end a sentence ('longer than C.'), since they name
            something. Any other is taken for an initial ('J. Smith').
    """
    end = len(text) if end is None else end
    for match in _END.finditer(text, start, end):
        before = text[max(start, match.end() - 12) : match.end()]
        initial = _INITIAL.search(before)
        if _ABBREVIATION.search(before) or (initial and initial[1] not in codes):
            continue
        yield start, match.end()
        start = match.end()
    if start < end:
        yield start, end


@lru_cache(maxsize=4_096)
def asks(character: str) -> bool:
    """Whether a sign makes a question of the sentence it ends: a question mark of any script."""
    if unicodedata.category(character) not in ("Po", "So"):
        return False
    name = unicodedata.name(character, "")
    return "QUESTION" in name or "INTERROBANG" in name


@lru_cache(maxsize=4_096)
def is_end_mark(character: str) -> bool:
    """Whether a sign ends a sentence or clause without asking: stop, comma, colon and the like."""
    if not character or unicodedata.category(character) != "Po" or asks(character):
        return False
    name = unicodedata.name(character, "")
    return any(word in name for word in _END_NAMES)


_END_NAMES = ("FULL STOP", "COMMA", "COLON", "EXCLAMATION", "DANDA", "PERIOD", "ELLIPSIS")
