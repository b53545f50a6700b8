"""Small things that prose needs: lists joined, nouns counted, numbers written.

No locale and no clock: the same values give the same words everywhere.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

_NUMBERS = (
    *("none", "one", "two", "three", "four", "five", "six"),
    *("seven", "eight", "nine", "ten", "eleven", "twelve"),
)
"""Each number stands at its own index."""


def joined(parts: Iterable[str], last: str = "and") -> str:
    """'a', 'a and b', 'a, b and c'; empty for no parts."""
    *head, tail = [*parts] or [""]
    return f"{', '.join(head)} {last} {tail}" if head else tail


def counted(count: int, noun: str, plural: str | None = None) -> str:
    """'1 question', '1,204 questions', 'no questions'."""
    number = "no" if count == 0 else f"{count:,}"
    return f"{number} {noun if count == 1 else plural or noun + 's'}"


def number(count: int) -> str:
    """A number in words up to twelve, 'none' for 0, in digits above."""
    return _NUMBERS[count] if 0 <= count < len(_NUMBERS) else f"{count:,}"


def moment(time: str) -> str:
    """'2026-11-24, 10:05 UTC' for an ISO time in UTC; any other text as it is."""
    found = re.fullmatch(r"(\d{4}-\d\d-\d\d)T(\d\d:\d\d)[:.\d]*(?:Z|\+00:00)", time)
    return f"{found[1]}, {found[2]} UTC" if found else time


def capital(text: str) -> str:
    """The text with a capital first letter."""
    return text[:1].upper() + text[1:]


def sentence(text: str) -> str:
    """The text with a capital first letter and a full stop, unless it ends in a mark already."""
    text = capital(text.strip())
    return text if not text or text[-1] in ".!?…" else text + "."


def beginning(text: str, words: int = 8) -> str:
    """The first words of a text, to recall it by."""
    given = text.split()
    return " ".join(given[:words]) + (" …" if len(given) > words else "")


def in_order(names: Iterable[str], order: Sequence[str]) -> list[str]:
    """Names without repeats: first those of `order`, in its order, then the rest by alphabet."""
    given = set(names)
    return [name for name in order if name in given] + sorted(given - set(order))
