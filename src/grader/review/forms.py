"""What a command asks a reviewer for, field by field, and the content that the answers make.

Every surface gets its fields here: the plain review asks them line by line, the terminal app one
after the other, a page shows them together. Options are chosen by their number from 1, so that
no form names a side of the comparison.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from grader.comparison.items import Field, Option
from grader.errors import InputError
from grader.review.events import Content
from grader.review.item_view import ItemView
from grader.text.quotation import Evidence

Ask = Literal["content", "choice", "why", "comment"]


@dataclass(frozen=True)
class Input:
    """One thing to choose or to type."""

    name: str
    """Unique in its form: 'level', 'presences-2', 'reason'."""
    label: str
    options: tuple[Option, ...] = ()
    """To choose one of, by its number from 1; none: free words."""
    now: str = ""
    """The number of the option, or the words, that an empty answer keeps."""
    required: bool = False
    """Whether it may not stay empty."""
    aside: bool = False
    """Whether the terminal app asks for it on request alone."""

    @property
    def prompt(self) -> str:
        """The label with its numbered options."""
        numbered = ", ".join(f"{n} {each.word}" for n, each in enumerate(self.options, 1))
        return f"{self.label} ({numbered})" if numbered else self.label


_WORDS: dict[Ask, Input] = {
    "why": Input("reason", "Reason for the change", aside=True),
    "comment": Input("comment", "Comment", required=True),
}


def inputs(asks: tuple[Ask, ...], shown: ItemView) -> tuple[Input, ...]:
    """All that a command asks for.

    Args:
        asks: what the command needs.
        shown: the item; while the judge's verdict is hidden, only the decision is required.
    """
    found: list[Input] = []
    for ask in asks:
        if ask == "content":
            found += [_input(each, shown) for each in shown.fields]
        elif ask == "choice":
            found += [asked] if (asked := choice(shown)) else []
        elif ask != "why" or (shown.judge is not None and shown.missing is None):
            found.append(_WORDS[ask])
    return tuple(found)


def choice(shown: ItemView) -> Input | None:
    """The input that the number keys answer: the decision itself, where it is one choice."""
    decisive = [each for each in shown.fields if each.settles]
    return _input(decisive[0], shown) if len(decisive) == 1 and decisive[0].options else None


def content_of(
    shown: ItemView, answers: Mapping[str, str], evidence: tuple[Evidence, ...]
) -> Content:
    """The content that the answers of a form make.

    Args:
        shown: the item.
        answers: by the name of the input: the number of an option, or words.
        evidence: the quotations that belong to it.

    Raises:
        InputError: a number is none of the options'.
    """
    content = Content(evidence=evidence)
    for each in shown.fields:
        content = each.put(content, _value(each, answers.get(_name(each), "")))
    return content


def number_of(options: Sequence[Option], typed: str) -> str | None:
    """The number of the option that was typed, by number or word; None where it is none of them."""
    typed = typed.strip().lower().replace("_", " ")
    numbers = [str(number) for number, _ in enumerate(options, 1)]
    if typed in numbers:  # also where a level is called by a digit
        return typed
    words = [option.word.lower() for option in options]
    return numbers[words.index(typed)] if typed in words else None


def _input(field: Field, shown: ItemView) -> Input:
    value = field.value(shown.now)
    now = value or ""
    if field.options:
        now = next((str(n) for n, o in enumerate(field.options, 1) if o.value == value), "")
    return Input(_name(field), field.label, field.options, now, field.required and field.settles)


def _name(field: Field) -> str:
    return field.name if field.place is None else f"{field.name}-{field.place}"


def _value(field: Field, answer: str) -> str | None:
    answer = answer.strip()
    if not field.options or not answer:
        return answer or None
    number = number_of(field.options, answer)
    if number is None:
        raise InputError(
            f"{field.label}: {answer[:20]!r} is none of the options",
            mend=f"Give a number from 1 to {len(field.options)}.",
        )
    return field.options[int(number) - 1].value
