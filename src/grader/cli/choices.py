"""Options that take one of a few words: any other word is told in the same form everywhere."""

from __future__ import annotations

from typing import TypeVar

from grader.errors import InputError

Word = TypeVar("Word", bound=str)


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
