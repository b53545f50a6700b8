"""From the options `--format`, `--ends-at` and `--judge-turns` to how each side is read."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from grader.errors import InputError

if TYPE_CHECKING:
    from grader.text.quotation import Side
    from grader.transcripts import ReadOptions


def read_options(
    format: Sequence[str] | None,
    ends_at: Sequence[str] | None,
    judge_turns: Sequence[str] | None,
    *,
    artifacts: bool = False,
) -> dict[Side, ReadOptions]:
    """How each side is to be read. A value without a side holds for both."""
    from grader.text.quotation import SIDES
    from grader.transcripts import ReadOptions

    formats = _by_side("--format", format)
    lines = _by_side("--ends-at", ends_at)
    turns = _by_side("--judge-turns", judge_turns)
    return {
        side: ReadOptions(
            format=formats.get(side),
            ends_at=_line(lines.get(side)),
            turns=turns.get(side),
            artifacts=artifacts,
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
