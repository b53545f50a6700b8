"""Options that take one of a few words: any other word is told in the same form everywhere."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar, get_args

from grader.errors import InputError

if TYPE_CHECKING:
    from grader.rubric.lock import Depth

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


def chosen_depth(word: str) -> Depth:
    """The depth of that name. Raises InputError for any other word."""
    from grader.rubric.lock import Depth

    chosen: Depth | None = one_of(word, get_args(Depth), "--depth")
    assert chosen is not None
    return chosen
