"""Options that take one of a few words: any other word is told in the same form everywhere."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from typing import TypeVar

from grader.errors import InputError

Word = TypeVar("Word", bound=str)
Kind = TypeVar("Kind", bound=StrEnum)


def one_of(value: str | None, choices: tuple[Word, ...], option: str) -> Word | None:
    """The choice that was named. Raises InputError for any other word."""
    for choice in choices:
        if value == choice:
            return choice
    if value is None:
        return None
    raise InputError(
        f"{value!r} is not one of {', '.join(choices)}", place=option, mend="Choose one of these."
    )


def words_of(kind: type[Kind], option: str) -> Callable[[str], Kind]:
    """The parser of an option whose words are an enumeration."""

    def parse(value: str) -> Kind:
        word = one_of(value, tuple(kind), option)
        assert word is not None
        return word

    return parse
