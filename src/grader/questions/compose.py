"""From a prompt and its values to a question; how transcripts and findings are laid out in it.

The long shared part (instructions, task, transcript) comes first and what is asked comes last,
so that a provider's prefix cache serves every further question on the same transcript.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from grader.errors import InputError
from grader.questions.answers import Answer, CriteriaAnswer, StatementsAnswer
from grader.questions.blinding import BlindTranscript, fence
from grader.questions.question import Question
from grader.rubric.criteria import Criterion

UNKNOWN_TASK = "(The task is not known. Judge the transcript by what it does.)"

LabelledFindings = Sequence[tuple[str, str]]
"""Pairs of a label such as 'V3' and a text in blind words."""


def question(
    id: str,
    answer_model: type[Answer],
    *,
    label: str,
    values: Mapping[str, Any],
    rules: Mapping[str, Any] | None = None,
    folder: Path | None = None,
) -> Question:
    """The question that a prompt file makes of these values.

    Args:
        id: of the prompt.
        answer_model: the shape of the answer, as the prompt's front matter names it.
        label: what the question is called in records; never sent.
        values: for the prompt's body.
        rules: what the answer must keep beside its schema.
        folder: where the prompt file lies; None: with the shipped ones.

    Raises:
        InputError: there is no such prompt, or it asks for another answer.
    """
    # Imported here: only who asks needs the templates.
    from grader.questions.prompts import read_prompt

    prompt = read_prompt(id, folder)
    if prompt.answer != answer_model.__name__:
        raise InputError(
            f"the prompt {id!r} asks for {prompt.answer!r}, not for {answer_model.__name__!r}",
            place=prompt.path,
            mend="Compare the prompt with the shipped version.",
        )
    return Question(
        kind=id,
        messages=prompt.messages(**values),
        answer_model=answer_model,
        prompt=prompt.name,
        label=label,
        rules=rules or {},
    )


def one_transcript(transcript: BlindTranscript) -> dict[str, Any]:
    """The values of a prompt that shows one transcript."""
    return {
        "task": _task(transcript),
        "transcript": fence("TRANSCRIPT", transcript.texts),
        "everything": transcript.everything,
    }


def two_transcripts(first: BlindTranscript, second: BlindTranscript) -> dict[str, Any]:
    """The values of a prompt that shows two transcripts, as Transcript 1 and 2.

    The first one is shown just as it is shown alone: so the provider's cache may have it.
    """
    return {
        "task": _task(first if first.task else second),
        "transcript": fence("TRANSCRIPT", first.texts),
        "second_transcript": fence("TRANSCRIPT 2", second.texts),
        "everything": first.everything and second.everything,
    }


def criterion_values(criterion: Criterion) -> dict[str, Any]:
    """The values of a prompt that asks about one criterion: only what a judge may see of it."""
    return {
        "criterion": {
            "title": criterion.title,
            "question": criterion.question,
            "levels": criterion.scale.root,
            "highest": criterion.definition(criterion.scale.highest),
            "not_applicable": criterion.not_applicable,
            "look_for": criterion.look_for,
        }
    }


def listed(findings: LabelledFindings) -> str:
    """Findings as lines. One may quote a transcript; on one line it can't pass for a part of the
    question."""
    return "\n".join(f"{label}: {' '.join(text.split())}" for label, text in findings)


def criteria_question(transcripts: Sequence[BlindTranscript]) -> Question:
    """Which criteria these plain runs suggest. Asked before any treatment is read."""
    return question(
        "criteria",
        CriteriaAnswer,
        label="criteria",
        values={
            "task": _task(next((each for each in transcripts if each.task), transcripts[0])),
            "everything": all(each.everything for each in transcripts),
            "transcripts": [
                fence(f"TRANSCRIPT {number}" if len(transcripts) > 1 else "TRANSCRIPT", each.texts)
                for number, each in enumerate(transcripts, 1)
            ],
        },
    )


def statements_question(first: str, second: str, label: str) -> Question:
    """Whether two statements of a published page can both be true."""
    return question(
        "statements",
        StatementsAnswer,
        label=label,
        values={
            "first": fence("STATEMENT 1", (first,)),
            "second": fence("STATEMENT 2", (second,)),
        },
    )


def _task(transcript: BlindTranscript) -> str:
    return fence("TASK", (transcript.task,)) if transcript.task else UNKNOWN_TASK
