"""Numbers as analyses write them: 'fifteen', '15', 'approximately 600', 'several thousand'."""

from __future__ import annotations

import re
from dataclasses import dataclass

_UNITS = str.split(
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen "
    "fifteen sixteen seventeen eighteen nineteen"
)
_TENS = {"twenty": 20, "thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "seventy": 70,
         "eighty": 80, "ninety": 90}  # fmt: skip
WORDS: dict[str, int] = {name: value for value, name in enumerate(_UNITS)} | _TENS
WORDS |= {f"{ten}-{one}": WORDS[ten] + WORDS[one] for ten in _TENS for one in _UNITS[1:10]}
_TIMES = {"once": 1, "twice": 2, "thrice": 3}

NUMBER = (
    r"(?:\d{1,3}(?:,\d{3})+|\d+|"
    + "|".join(sorted(map(re.escape, WORDS), key=len, reverse=True))
    + ")"
)
"""A whole number in digits or words, as the source of a regular expression."""

ROUGHLY = (
    r"(?:approximately|about|around|roughly|nearly|almost|some|circa|close to|just under"
    r"|just over|more or less|or so)"
)

_ROUGHLY = re.compile(ROUGHLY, re.IGNORECASE)


@dataclass(frozen=True)
class Stated:
    """A number as stated."""

    value: int
    rough: bool = False

    def fits(self, counted: int, *, share: float = 0.0) -> bool:
        """Whether a count agrees: exactly, or where it was said roughly, nearly.

        Args:
            counted: what was counted.
            share: how far off, as a share, even an exact statement may be.
        """
        room = max(share, 0.15 if self.rough else 0.0) * max(counted, self.value)
        if self.rough:
            room = max(room, 1)
        return abs(counted - self.value) <= room


def number_of(words: str) -> int:
    """The value of a text that fits `NUMBER`, or of 'once' and 'twice'."""
    plain = words.lower().replace(",", "")
    if plain in _TIMES:
        return _TIMES[plain]
    return int(plain) if plain.isdigit() else WORDS[plain]


def is_rough(before: str) -> bool:
    """Whether the words before a number make it a rough one."""
    return _ROUGHLY.search(before[-25:]) is not None
