"""A rubric held against the control it came from: does it quote it, and can it show a change?"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from grader.check.findings import Finding, Place
from grader.check.registry import Check
from grader.check.rubric.passages import RubricFile, seen_by_judge
from grader.review.reviewed import Reviewed
from grader.rubric import Criterion
from grader.rubric.scale import NOT_APPLICABLE, Level, level_name
from grader.text.quotation import locate
from grader.transcripts.transcript import Transcript, deliverable

CHECKS = (
    Check("quotes-control", "warning", "A criterion quotes the control it was drawn from."),
    Check("no-room-to-move", "warning", "The control meets the criterion already."),
    Check("other-rubric", "note", "The control was judged by another version of the rubric."),
)
"""What is looked for here."""


_RUN_WORDS = 7
"""Criteria and control share a task and so many phrases; a run of seven words is a quotation."""

_QUOTED = re.compile(r"[\"“]([^\"“”\n]{3,200})[\"”]")
_QUOTED_WORDS = 4


def check_quoting(file: RubricFile, controls: Sequence[Transcript]) -> Iterator[Finding]:
    """Criteria that carry words of a control: that control can't but answer to them."""
    for number, criterion in enumerate(file.rubric.criteria):
        for passage in seen_by_judge(number, criterion):
            for control in controls:
                quoted = _shared(passage.text, control)
                if quoted is None:
                    continue
                yield file.finding(
                    "quotes-control",
                    "warning",
                    passage.location,
                    f"'{quoted}' stands word for word in {control.provenance.source}",
                    "Say the same in other words, so that the control is not recognised by its "
                    "own.",
                    passage.text,
                    (Place(file=control.provenance.source, quote=quoted),),
                )


def _shared(text: str, control: Transcript) -> str | None:
    """The first passage of the text that stands in the control and not in its task."""
    turns = deliverable(control)
    task = " ".join(re.findall(r"\w+", (control.task_prompt or "").lower()))

    def is_theirs(words: str) -> bool:
        plain = " ".join(re.findall(r"\w+", words.lower()))
        return plain not in task and locate(words, turns, "control").span is not None

    for match in _QUOTED.finditer(text):
        if len(match[1].split()) >= _QUOTED_WORDS and is_theirs(match[1]):
            return match[1]
    spans = [match.span() for match in re.finditer(r"\S+", text)]
    for first in range(len(spans) - _RUN_WORDS + 1):
        words = text[spans[first][0] : spans[first + _RUN_WORDS - 1][1]].strip('.,;:()"“”')
        if is_theirs(words):
            return words
    return None


def check_room(file: RubricFile, judged: Sequence[tuple[str, Reviewed]]) -> Iterator[Finding]:
    """Criteria on which the control stands where the expected change can't be seen.

    Args:
        file: the rubric.
        judged: comparisons in which controls were judged by it, each with its folder.
    """
    numbers = {criterion.id: n for n, criterion in enumerate(file.rubric.criteria)}
    for folder, reviewed in judged:
        draft = reviewed.draft
        if draft.rubric.id != file.rubric.id:
            yield Finding(
                code="other-rubric",
                severity="note",
                message=f"this comparison was judged by the rubric {draft.rubric.id!r}, so it says "
                f"nothing about {file.rubric.id!r}",
                mend="Give a comparison made with this rubric.",
                place=Place(file=folder),
            )
            continue
        for verdict in draft.verdicts:
            if verdict.side != "control" or verdict.criterion not in numbers:
                continue
            decision = reviewed.decisions[verdict.item]
            level = verdict.level if decision.state == "undecided" else decision.level
            number = numbers[verdict.criterion]
            criterion = file.rubric.criteria[number]
            problem = _stuck(criterion, level)
            if problem:
                yield file.finding(
                    "no-room-to-move",
                    "warning",
                    ("criteria", number),
                    f"the control is judged {level_name(level)!r}, {problem}",
                    "Ask for something the control doesn't have, or expect another direction.",
                    criterion.title,
                    (Place(file=folder, quote=verdict.rationale),),
                )


def _stuck(criterion: Criterion, level: Level | None) -> str | None:
    """Why a control with this level can't show what is expected; None where it can."""
    if level == NOT_APPLICABLE:
        return "so there is no shift on this criterion, whatever the treatment does"
    direction = criterion.direction
    top = level == criterion.scale.highest and direction in (None, "up")
    bottom = level == criterion.scale.lowest and direction == "down"
    return f"so no shift {direction or 'up'} can be seen" if top or bottom else None
