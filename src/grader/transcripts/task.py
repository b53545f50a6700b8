"""Which turn carries the task prompt.

What the model says before it is an opening and is not judged. Where the source states the prompt
it is looked for; where it doesn't, a rule decides and says so.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from grader.text.folding import fold
from grader.transcripts.transcript import ReadingWarning, Turn

_ASKS_FOR_WORK = re.compile(
    r"\b(?:write|draft|design|create|produce|prepare|propose|compose|outline|plan|build|develop"
    r"|develope?|describe|document|review|complete|finish)\b",
    re.IGNORECASE,
)
_LONG_ENOUGH = 30
"""Words of a prompt that sets a task; a live opening is shorter or asks for no work."""


@dataclass(frozen=True)
class Task:
    """The task prompt and where it stands. None: unknown, or not in any turn."""

    turn: int | None
    prompt: str | None
    warnings: tuple[ReadingWarning, ...] = ()


def find_task(turns: Sequence[Turn], *, stated: str | None, facilitated: bool) -> Task:
    """The task of a session.

    Args:
        turns: all turns, preambles already taken off.
        stated: the task prompt as the source states it, if it does.
        facilitated: whether a live opening comes before the task.
    """
    humans = [turn for turn in turns if turn.role == "human" and turn.text.strip()]
    humans = _behind_examples(humans, turns)
    if stated and stated.strip():
        return _stated(humans, stated.strip())
    if not humans:
        return Task(None, None)
    if not facilitated or len(humans) == 1:
        return Task(humans[0].number, humans[0].text)
    later = [
        turn
        for turn in humans[1:]
        if len(turn.text.split()) >= _LONG_ENOUGH and _ASKS_FOR_WORK.search(turn.text)
    ]
    if not later:
        return Task(
            None,
            None,
            (
                ReadingWarning(
                    code="task_turn_unknown",
                    message="the session is facilitated, so its first turn is not the task, and "
                    "no later turn reads like a task prompt; say which turns are judged",
                ),
            ),
        )
    guess = max(later, key=lambda turn: len(turn.text))
    return Task(
        guess.number,
        guess.text,
        (
            ReadingWarning(
                code="task_turn_guessed",
                message=f"the session is facilitated; turn {guess.number} was taken for the task "
                "prompt because it is the longest later turn that asks for a piece of work",
                line=guess.line,
            ),
        ),
    )


def _behind_examples(humans: list[Turn], turns: Sequence[Turn]) -> list[Turn]:
    """The human's turns without the questions of examples that the study itself answered."""
    replies = [turn for turn in turns if turn.role == "model"]
    if not any(turn.scripted for turn in replies):
        return humans
    first = next((turn.number for turn in replies if not turn.scripted), len(turns) + 1)
    asked = [turn for turn in humans if turn.number < first]
    return [turn for turn in humans if not asked or turn.number >= asked[-1].number]


def same_words(one: str, other: str) -> bool:
    """Whether two texts are the same but for their typography (see `fold`) and a last full stop."""
    return one.split() == other.split() or _plain(one) == _plain(other)


def _plain(text: str) -> str:
    return fold(text).text.strip().rstrip(" .。")


def _stated(humans: Sequence[Turn], stated: str) -> Task:
    wanted = _plain(stated)
    for turn in humans:
        if wanted in _plain(turn.text):
            return Task(turn.number, stated)
    return Task(
        None,
        stated,
        (
            ReadingWarning(
                code="prompt_not_in_transcript",
                message="the stated task prompt stands in no turn; all of the model's turns are "
                "judged",
            ),
        ),
    )
