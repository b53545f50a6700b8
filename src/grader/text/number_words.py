"""Whole numbers in prose: in digits or words, exact or qualified ('about', 'at least')."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

Bound = Literal["exactly", "about", "more", "at least", "fewer", "at most"]

_UNITS = str.split(
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen "
    "fifteen sixteen seventeen eighteen nineteen"
)
_TENS = str.split("twenty thirty forty fifty sixty seventy eighty ninety")

_VALUES: dict[str, int] = {word: value for value, word in enumerate(_UNITS)}
_VALUES |= {word: value for value, word in zip(range(20, 100, 10), _TENS, strict=True)}
_VALUES |= {f"{ten}-{one}": _VALUES[ten] + _VALUES[one] for ten in _TENS for one in _UNITS[1:10]}
_VALUES |= {"a single": 1, "a dozen": 12, "a hundred": 100}
_TIMES = {"once": 1, "twice": 2, "thrice": 3}


def _one_of(words: list[str]) -> str:
    return "|".join(sorted(map(re.escape, words), key=len, reverse=True)).replace(r"\ ", r"\s+")


NUMBER = rf"(?<![\w-])(?<!\d[.,])(?:\d{{1,3}}(?:,\d{{3}})+|\d+|{_one_of([*_VALUES])})(?!\w)"
"""A whole number, as the source of a regular expression to be used ignoring case."""

TIMES = rf"(?:{'|'.join(_TIMES)}|{NUMBER}\s+times(?!\s+(?:or so|or more|at least)))"
"""How often, such as 'twice' or 'seven times'."""

_BOUNDS: dict[str, Bound] = {
    "more than": "more",
    "over": "more",
    "at least": "at least",
    "fewer than": "fewer",
    "less than": "fewer",
    "under": "fewer",
    "at most": "at most",
    "up to": "at most",
    "only": "exactly",
    "just": "exactly",
    "exactly": "exactly",
}
ABOUT = (
    r"approximately|about|around|roughly|nearly|almost|some|circa|close\s+to|just\s+under"
    r"|just\s+over|more\s+or\s+less"
)
"""Words before a number that make it a rough one."""

QUALIFIER = rf"(?:{ABOUT}|{_one_of([*_BOUNDS])})"
"""Words before a number that say how exactly it is meant."""

_ROUGH_SHARE = 0.15
"""How far off a rough number may be: a false alarm costs more trust than a miss."""


@dataclass(frozen=True)
class Stated:
    """A number as it is stated."""

    value: int
    bound: Bound = "exactly"

    def holds(self, counted: int, *, share: float = 0.0) -> bool:
        """Whether a count agrees with what is stated.

        Args:
            counted: what was counted.
            share: how far off, as a share, even an exact statement may be.
        """
        if self.bound == "more":
            return counted > self.value
        if self.bound == "at least":
            return counted >= self.value
        if self.bound == "fewer":
            return counted < self.value
        if self.bound == "at most":
            return counted <= self.value
        rough = self.bound == "about"
        room = max(share, _ROUGH_SHARE if rough else 0.0) * max(counted, self.value)
        return abs(counted - self.value) <= (max(room, 1) if rough else room)


def number_of(words: str) -> int:
    """The value of a text that fits `NUMBER` or `TIMES`, or is 'no'."""
    plain = " ".join(words.lower().removesuffix("times").replace(",", "").split())
    if plain.isdigit():
        return int(plain)
    return {"no": 0, **_TIMES}.get(plain, _VALUES.get(plain, 0))


def stated(number: str, qualifier: str | None = None) -> Stated:
    """A number with the words before it, such as 'about'; None: stated as it is."""
    words = " ".join((qualifier or "").lower().split())
    if re.fullmatch(ABOUT, words):
        return Stated(number_of(number), "about")
    return Stated(number_of(number), _BOUNDS.get(words, "exactly"))


def is_rough(before: str) -> bool:
    """Whether the words before a number make it a rough one."""
    return re.search(rf"\b(?:{ABOUT}|or so)\b", before[-25:], re.IGNORECASE) is not None


# --- so many of something -------------------------------------------------------------------

_LIMIT = rf"(?:(?P<qualifier>{QUALIFIER})\s+)?"


@dataclass(frozen=True)
class Count:
    """A statement that there are so many of something."""

    thing: str
    stated: Stated
    match: re.Match[str]
    """Where it is, with the groups of the patterns around it."""


def counts_of(
    sentence: str,
    things: tuple[tuple[str, str], ...],
    *,
    before: str = "",
    between: str = "",
    after: str = "",
) -> Iterator[Count]:
    """Statements such as 'about twelve headings'.

    Args:
        sentence: what is read.
        things: name and pattern of each thing that is counted; the first that fits is taken.
        before: pattern of what must come directly before the number.
        between: pattern of what may come between number and thing.
        after: pattern of what must come behind the thing.
    """
    for match in _counts_pattern(things, before, between, after).finditer(sentence):
        thing = next(name for place, (name, _) in enumerate(things) if match[f"thing{place}"])
        yield Count(thing, stated(match["number"], match["qualifier"]), match)


@lru_cache(maxsize=64)
def _counts_pattern(
    things: tuple[tuple[str, str], ...], before: str, between: str, after: str
) -> re.Pattern[str]:
    names = "|".join(f"(?P<thing{place}>{words})" for place, (_, words) in enumerate(things))
    return re.compile(
        rf"\b{before}{_LIMIT}(?P<number>{NUMBER}|no)\s+{between}(?:{names})\b{after}",
        re.IGNORECASE,
    )


# --- uses of a quoted word ------------------------------------------------------------------

_QUOTED = r"[\"“'‘`](?P<word>[^\"”“‘`\n]{1,60}?)[\"”'’`]"
_THE_WORD = r"(?:the\s+(?:word|term|phrase)\s+)?"
_USES = (
    re.compile(
        rf"{_QUOTED}\s+(?:appears?|appeared|occurs?|occurred|stands?|comes up|(?:is|was) "
        rf"(?:used|mentioned|named))\s+{_LIMIT}(?P<times>{TIMES})",
        re.IGNORECASE,
    ),
    re.compile(
        rf"\b(?:mentions?|mentioned|names?|named|uses?|used|has|says?|said|writes?|wrote"
        rf"|repeats?|repeated)\s+{_THE_WORD}{_QUOTED}\s+{_LIMIT}(?P<times>{TIMES})",
        re.IGNORECASE,
    ),
    re.compile(
        rf"\b{_LIMIT}(?P<times>{NUMBER})\s+(?:mentions?|uses?|occurrences?)\s+of\s+{_THE_WORD}"
        rf"{_QUOTED}",
        re.IGNORECASE,
    ),
)


@dataclass(frozen=True)
class WordUse:
    """A statement that a quoted word is used so often, such as 'says "sorry" twice'."""

    start: int
    end: int
    word: str
    times: Stated
    said: str
    names_user_before: bool
    """Whether who uses it is the subject of the statement, so named before it."""


def word_uses(sentence: str) -> list[WordUse]:
    """Statements of how often a quoted word is used."""
    return [
        WordUse(
            start=match.start(),
            end=match.end(),
            word=match["word"],
            times=stated(match["times"], match["qualifier"]),
            said=match.group(),
            names_user_before=place == 1,
        )
        for place, pattern in enumerate(_USES)
        for match in pattern.finditer(sentence)
    ]


def count_phrase(text: str, phrase: str) -> int:
    """How often these words occur in a text, whatever their case and the blanks between them."""
    pattern = r"\s+".join(map(re.escape, phrase.split()))
    return len(re.findall(rf"(?<!\w){pattern}(?!\w)", text, re.IGNORECASE))
