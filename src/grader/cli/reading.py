"""The options that say how a file is to be read, for one side of a pair or for both."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from grader.errors import InputError

if TYPE_CHECKING:
    from grader.comparing.make import Reading
    from grader.text.quotation import Side

Format = Annotated[
    list[str] | None,
    typer.Option(help="Read as this format, whatever the content seems to be. [SIDE=]NAME"),
]
EndsAt = Annotated[
    list[str] | None,
    typer.Option(help="Last line of the transcript on a page. [SIDE=]LINE"),
]
JudgeTurns = Annotated[
    list[str] | None,
    typer.Option(help="Turns to be judged, such as treatment=4-6. [SIDE=]TURNS"),
]


def readings(
    format: Sequence[str] | None,
    ends_at: Sequence[str] | None,
    judge_turns: Sequence[str] | None,
) -> dict[Side, Reading]:
    """How each side is to be read. A value without a side holds for both."""
    from grader.comparing.make import Reading
    from grader.text.quotation import SIDES

    formats = _by_side("--format", format)
    lines = _by_side("--ends-at", ends_at)
    turns = _by_side("--judge-turns", judge_turns)
    return {
        side: Reading(
            format=formats.get(side), ends_at=_line(lines.get(side)), turns=turns.get(side)
        )
        for side in SIDES
    }


def _by_side(option: str, values: Sequence[str] | None) -> dict[str, str]:
    found: dict[str, str] = {}
    for value in values or ():
        side, equals, rest = value.partition("=")
        if not equals:
            found |= {"control": value, "treatment": value}
        elif side in ("control", "treatment"):
            found[side] = rest
        else:
            raise InputError(
                f"{side!r} is no side", place=option, mend="Write control=… or treatment=…."
            )
    return found


def _line(text: str | None) -> int | None:
    if text is None:
        return None
    if not text.isascii() or not text.isdigit() or int(text) < 1:
        raise InputError(
            f"{text!r} is no line", place="--ends-at", mend="Lines are counted from 1."
        )
    return int(text)
