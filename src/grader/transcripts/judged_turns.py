"""Which turns are judged, chosen by a person or by the rule, and how to say so.

The rule itself is `deliverable`, beside the record. A choice is kept in the record, so that
everything made from it judges, measures and quotes the same turns.
"""

from __future__ import annotations

import re

from grader.errors import InputError
from grader.transcripts.documents import documents
from grader.transcripts.task import find_task
from grader.transcripts.transcript import Transcript, deliverable

_RANGE = re.compile(r"(\d{1,6})(?:-(\d{1,6}))?$")


def choose_turns(transcript: Transcript, turns: str) -> Transcript:
    """The transcript with a person's choice of the turns that are judged.

    Args:
        transcript: a transcript.
        turns: numbers and ranges, such as '2,4-6'; 'last' for the model's last words, 'all' for
            all of them from the task on.

    Raises:
        InputError: no such turn, a turn of the human or of the study, or not a list of numbers.
    """
    if turns.strip().lower() in ("last", "all"):
        return _last_or_all(transcript, turns.strip().lower())
    roles: dict[int, str] = {
        turn.number: "study" if turn.scripted else turn.role for turn in transcript.turns
    }
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


def _last_or_all(transcript: Transcript, which: str) -> Transcript:
    """The model's last words, or all of them. Raises InputError where it says none."""
    by_rule = deliverable(transcript.model_copy(update={"judged": None}))
    spoken = [turn.number for turn in by_rule if turn.text.strip()]
    if not spoken:
        raise InputError(
            "the model says nothing from the task prompt on",
            mend="`grader show` on this file tells what was read.",
        )
    return transcript.model_copy(update={"judged": None if which == "all" else (spoken[-1],)})


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


def is_agents(transcript: Transcript) -> bool:
    """Whether the model works with tools between its words, so that it speaks many times."""
    return len(deliverable(transcript)) > 1 and any(
        turn.role == "tool" or turn.calls for turn in transcript.turns
    )


def judges_everything(transcript: Transcript) -> bool:
    """Whether all that the model wrote from the task on is judged.

    Not so where turns were chosen by hand, or where documents stand in tool calls.
    """
    by_rule = deliverable(transcript.model_copy(update={"judged": None}))
    spoken = [turn.number for turn in by_rule if turn.text.strip()]
    judged = {turn.number for turn in deliverable(transcript)}
    return judged.issuperset(spoken) and (transcript.artifacts_judged or not documents(transcript))


def _ranges(numbers: list[int]) -> str:
    """'2, 4-6' for 2, 4, 5, 6."""
    spans: list[list[int]] = []
    for number in numbers:
        if spans and spans[-1][1] == number - 1:
            spans[-1][1] = number
        else:
            spans.append([number, number])
    return ", ".join(str(a) if a == b else f"{a}-{b}" for a, b in spans)
