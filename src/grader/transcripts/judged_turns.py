"""Which turns are judged, chosen by a person or by the rule, and how to say so.

The rule itself is `deliverable`, beside the record. A choice is kept in the record, so that
everything made from it judges, measures and quotes the same turns.
"""

from __future__ import annotations

import re

from grader.errors import InputError
from grader.transcripts.task import find_task
from grader.transcripts.transcript import Transcript, deliverable

_RANGE = re.compile(r"(\d{1,6})(?:-(\d{1,6}))?$")


def choose_turns(transcript: Transcript, turns: str) -> Transcript:
    """The transcript with a person's choice of the turns that are judged.

    Args:
        transcript: a transcript.
        turns: numbers and ranges, such as '2,4-6'.

    Raises:
        InputError: no such turn, a turn of the human, or not a list of numbers.
    """
    roles = {turn.number: turn.role for turn in transcript.turns}
    mend = f"The model's turns are {_ranges([n for n in roles if roles[n] == 'model'])}."
    chosen: set[int] = set()
    for entry in turns.split(","):
        span = _RANGE.match(entry.strip())
        if span is None:
            raise InputError(
                f"{turns!r} is no choice of turns; expected is a list such as '2,4-6'", mend=mend
            )
        first, last = int(span[1]), int(span[2] or span[1])
        missing = [number for number in (first, last) if number not in roles]
        if missing or last < first:
            raise InputError(
                f"there is no turn {(missing or [last])[0]} as in {entry!r}", mend=mend
            )
        single = first == last
        for number in range(first, last + 1):
            if roles.get(number) == "model":
                chosen.add(number)
            elif single:
                raise InputError(
                    f"turn {number} is the {roles[number]}'s, not the model's", mend=mend
                )
    if not chosen:
        raise InputError(f"{turns!r} holds no turn of the model", mend=mend)
    return transcript.model_copy(update={"judged": tuple(sorted(chosen))})


def with_task_prompt(transcript: Transcript, prompt: str) -> Transcript:
    """The transcript with its task prompt known from elsewhere: from the other side of its pair.

    A facilitated page doesn't say which turn carries the task; the control does. Returned
    unchanged where the prompt stands in none of its turns.
    """
    task = find_task(transcript.turns, stated=prompt, facilitated=False)
    if task.turn is None:
        return transcript
    kept = tuple(
        warning
        for warning in transcript.warnings
        if warning.code not in ("task_turn_guessed", "task_turn_unknown")
    )
    return transcript.model_copy(
        update={"task_prompt": task.prompt, "task_turn": task.turn, "warnings": kept}
    )


def how_chosen(transcript: Transcript) -> str:
    """One sentence for people: which turns are judged and by what rule."""
    chosen = deliverable(transcript)
    numbers = _ranges([turn.number for turn in chosen])
    if not chosen:
        return "No turn is judged: the model says nothing from the task prompt on."
    which = f"Turn {numbers} is judged" if len(chosen) == 1 else f"Turns {numbers} are judged"
    if transcript.judged is not None:
        return f"{which}, as chosen by hand."
    if transcript.task_turn is None:
        return (
            f"{which}: all turns of the model, because no turn carries the task prompt. An "
            "opening before the task, if there is one, is judged with it."
        )
    before = sum(
        1 for t in transcript.turns if t.role == "model" and t.number < transcript.task_turn
    )
    left = f"; {before} before it {'is' if before == 1 else 'are'} not judged" if before else ""
    return f"{which}: the model's, from the task prompt in turn {transcript.task_turn} on{left}."


def _ranges(numbers: list[int]) -> str:
    """'2, 4-6' for 2, 4, 5, 6."""
    spans: list[list[int]] = []
    for number in numbers:
        if spans and spans[-1][1] == number - 1:
            spans[-1][1] = number
        else:
            spans.append([number, number])
    return ", ".join(str(a) if a == b else f"{a}-{b}" for a, b in spans)
