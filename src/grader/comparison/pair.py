"""Two transcripts that can be compared, and in which order they are shown blind.

Refuses what would make a comparison meaningless: the same session twice, two tasks, a rubric for
another task, a transcript without a deliverable.
"""

from __future__ import annotations

import re
from collections.abc import Hashable
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import cached_property

from grader.errors import InputError
from grader.questions.blinding import BlindTranscript, blind_pair, swapped
from grader.rubric import Rubric
from grader.text.quotation import Side
from grader.transcripts.judged_turns import with_task_prompt
from grader.transcripts.pair import check_pair, differences
from grader.transcripts.task import same_words
from grader.transcripts.transcript import Transcript, deliverable

_SAME_TASK = 0.6
"""Two task prompts less alike than this (difflib ratio, 0 to 1) are two tasks."""

_SAME_SUBJECT = 0.25
"""A rubric sharing fewer of its own telling words with the task prompt is for another task."""


@dataclass(frozen=True)
class Pair:
    """A control and a treatment transcript of one task."""

    control: Transcript
    treatment: Transcript

    def transcript(self, side: Side) -> Transcript:
        """The transcript of one side."""
        return self.control if side == "control" else self.treatment

    def other(self, side: Side) -> Side:
        """The other side."""
        return "treatment" if side == "control" else "control"

    def prefixes(self, prompt: str, first: Side) -> list[Hashable]:
        """The beginnings that a question has in common with others.

        Every question about transcripts begins with the first one as verdicts show it. Some
        providers put the answer's schema before everything, so that only questions of one prompt
        share a beginning there: each prompt has one of its own as well.
        """
        return [(each, self.blind[first]) for each in dict.fromkeys(("verdict", prompt))]

    @property
    def same_condition(self) -> bool:
        """Whether both sides state one condition: two runs that only chance sets apart."""
        return self.control.condition is not None and (
            self.control.condition == self.treatment.condition
        )

    @cached_property
    def blind(self) -> dict[Side, BlindTranscript]:
        """What a judge may see of each side."""
        control, treatment = blind_pair(self.control, self.treatment)
        return {"control": control, "treatment": treatment}

    @cached_property
    def order(self) -> tuple[Side, Side]:
        """Which side is Transcript 1 and which is Transcript 2."""
        if swapped(self.blind["control"], self.blind["treatment"]):
            return ("treatment", "control")
        return ("control", "treatment")


def make_pair(
    control: Transcript,
    treatment: Transcript,
    rubric: Rubric,
    *,
    strict: bool = False,
    task_differs: bool = False,
) -> Pair:
    """A pair fit for comparison under a rubric.

    Args:
        control: the plain run.
        treatment: the treated run.
        rubric: the criteria.
        strict: refuse a pair that differs in more than its declared treatment.
        task_differs: accept task prompts that differ in more than their typography.

    Raises:
        InputError: no deliverable, the same session twice, two different tasks, a rubric
            written for another task, task prompts that differ, or, if strict, a confound.
    """
    treatment = _task_from_other(treatment, control)
    control = _task_from_other(control, treatment)
    for name, transcript in (("control", control), ("treatment", treatment)):
        if not any(turn.text.strip() for turn in deliverable(transcript)):
            raise InputError(
                f"the {name} holds nothing that a model said from its task prompt on",
                place=transcript.provenance.source,
                mend="`grader show` on this file tells what was read.",
            )
    pair = Pair(control, treatment)
    if pair.blind["control"].texts == pair.blind["treatment"].texts:
        raise InputError(
            "control and treatment are the same text",
            place=treatment.provenance.source,
            mend="Give two different transcripts: the plain run first, then the treated one.",
        )
    _check_tasks(pair)
    if not task_differs:
        _check_prompts(pair)
    _check_rubric(pair, rubric)
    confounds = [found for found in check_pair(control, treatment) if found.kind == "confound"]
    if strict and confounds:
        raise InputError(
            "the two differ in more than the treatment:\n  "
            + "\n  ".join(found.message for found in confounds),
            place=treatment.provenance.source,
            mend="Compare runs that were made alike, or leave out --strict: these are then told "
            "in the writeup.",
        )
    return pair


def _task_from_other(transcript: Transcript, other: Transcript) -> Transcript:
    """The transcript with its task prompt as the other side has it, where it holds that.

    An export says neither where a preamble ends nor which turn of a facilitated session carries
    the task. Taken for the task, preamble or opening would be shown to the judge.
    """
    if _guessed(other) and not _guessed(transcript):
        return transcript
    if other.task_prompt and not same_words(other.task_prompt, transcript.task_prompt or ""):
        # Unchanged where the other's prompt stands in none of its turns.
        return with_task_prompt(transcript, other.task_prompt)
    return transcript


def _guessed(transcript: Transcript) -> bool:
    return any(warning.code == "task_turn_guessed" for warning in transcript.warnings)


def _short(value: object) -> str:
    return "not stated" if value is None else repr(value)[:80]


def _plain(text: str | None) -> str:
    return " ".join((text or "").split())


def _check_tasks(pair: Pair) -> None:
    ours, theirs = pair.control, pair.treatment
    two_names = ours.task and theirs.task and ours.task != theirs.task
    one, other = _plain(ours.task_prompt), _plain(theirs.task_prompt)
    if two_names or (one and other and not _alike(one, other)):
        raise InputError(
            "the two transcripts are of different tasks: "
            f"{ours.task or one[:60]!r} and {theirs.task or other[:60]!r}",
            place=theirs.provenance.source,
            mend="Compare two runs of one task.",
        )


def _alike(one: str, other: str) -> bool:
    """Whether two prompts are about alike, or one goes on as the other does."""
    matcher = SequenceMatcher(None, one, other, False)
    if matcher.ratio() >= _SAME_TASK:
        return True
    return matcher.find_longest_match().size >= _SAME_TASK * min(len(one), len(other))


def _check_prompts(pair: Pair) -> None:
    """Refuse prompts that differ: what one side has more may be a preamble, and would be shown."""
    one, other = pair.control.task_prompt, pair.treatment.task_prompt
    if not one or not other or same_words(one, other):
        return
    raise InputError(
        f"the task prompts of the two differ, control against treatment: {differences(one, other)}",
        place=pair.treatment.provenance.source,
        mend="If one holds a preamble, the judge must not see it: state `preamble` and `prompt` in "
        "the file's facts (docs/transcripts.md). If the tasks are meant to differ, --task-differs "
        "accepts that; the comparison then isn't blind.",
    )


def _check_rubric(pair: Pair, rubric: Rubric) -> None:
    """Names that match settle it; else the rubric's own summary must share words with the task."""
    tasks = {t.task for t in (pair.control, pair.treatment) if t.task}
    ids = {pair.control.id, pair.treatment.id}
    if rubric.id in tasks or ids & set(rubric.derived_from):
        return
    prompt = set(_telling_words(pair.control.task_prompt or pair.treatment.task_prompt or ""))
    summary = set(_telling_words(f"{rubric.title} {rubric.task or ''}"))
    if prompt and summary and len(prompt & summary) / len(summary) < _SAME_SUBJECT:
        raise InputError(
            f"the rubric {rubric.id!r} ({rubric.title}) seems to be for another task than "
            f"{_short(' '.join(sorted(tasks)) or _plain(pair.control.task_prompt))}",
            mend="Choose the rubric of this task, or say the task in the rubric's `task` field.",
        )


def _telling_words(text: str) -> list[str]:
    # Six letters and stems of six: 'appointments' and 'appointment' are one word here.
    return [word[:6] for word in re.findall(r"[^\W\d_]{6,}", text.lower())]
