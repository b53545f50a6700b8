"""From transcripts, criteria and findings to questions.

The long shared part (instructions, task, transcript) comes first and what is asked comes last,
so that a provider's prefix cache serves every further question on the same transcript.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from grader.questions.blinding import BlindTranscript, fence
from grader.questions.prompts import read_prompt
from grader.questions.question import Kind, Question
from grader.rubric import Criterion, Signature

UNKNOWN_TASK = "(The task is not known. Judge the transcript by what it does.)"

LabelledFindings = Sequence[tuple[str, str]]
"""Pairs of a label such as 'V3' and a text in blind words."""


def verdict_question(transcript: BlindTranscript, criterion: Criterion, label: str) -> Question:
    """One criterion on one transcript."""
    return _question("verdict", label, {}, **_one(transcript), criterion=criterion)


def signature_question(transcript: BlindTranscript, signature: Signature, label: str) -> Question:
    """One signature on one transcript, marker by marker."""
    rules = {"markers": len(signature.markers)}
    return _question("signature", label, rules, **_one(transcript), signature=signature)


def contrast_question(
    first: BlindTranscript, second: BlindTranscript, criterion: Criterion, label: str
) -> Question:
    """Which of two transcripts shows more of a criterion, in this order."""
    return _question("contrast", label, {}, **_two(first, second), criterion=criterion)


def probe_question(first: BlindTranscript, second: BlindTranscript, label: str) -> Question:
    """Which of the two was the plain run: asked last, to learn how blind the judge was."""
    return _question("probe", label, {}, **_two(first, second))


def narrative_question(
    kind: Kind, first: BlindTranscript, second: BlindTranscript, findings: LabelledFindings
) -> Question:
    """One of the three narrative questions: 'orientation', 'difference' or 'change'."""
    rules = {"findings": frozenset(label for label, _ in findings)}
    values = {**_two(first, second), "findings": _listed(findings)}
    return _question(kind, kind, rules, **values)


def implications_question(
    *,
    study: str,
    control: str,
    treatment: str,
    criteria: Sequence[Criterion],
    hypotheses: Sequence[Any],
    findings: LabelledFindings,
    caveats: Sequence[str],
) -> Question:
    """What the findings mean for the study. Sees conditions and findings, no transcripts."""
    rules = {
        "findings": frozenset(label for label, _ in findings),
        "criteria": frozenset(f"K{n}" for n in range(1, len(criteria) + 1)),
        "hypotheses": frozenset(f"H{n}" for n in range(1, len(hypotheses) + 1)),
    }
    return _question(
        "implications",
        "implications",
        rules,
        study=study,
        control=control,
        treatment=treatment,
        criteria=criteria,
        hypotheses=hypotheses,
        findings=_listed(findings),
        caveats=caveats,
    )


def criteria_question(transcripts: Sequence[BlindTranscript]) -> Question:
    """Which criteria these plain runs suggest. Asked before any treatment is read."""
    return _question(
        "criteria",
        "criteria",
        {},
        task=_task(next((each for each in transcripts if each.task), transcripts[0])),
        transcripts=[
            fence(f"TRANSCRIPT {number}" if len(transcripts) > 1 else "TRANSCRIPT", each.texts)
            for number, each in enumerate(transcripts, 1)
        ],
    )


def statements_question(first: str, second: str, label: str) -> Question:
    """Whether two statements of a published page can both be true."""
    return _question(
        "statements",
        label,
        {},
        first=fence("STATEMENT 1", (first,)),
        second=fence("STATEMENT 2", (second,)),
    )


def _question(kind: Kind, label: str, rules: Mapping[str, Any], **values: Any) -> Question:
    prompt = read_prompt(kind)
    return Question(
        kind=kind,
        messages=prompt.messages(**values),
        answer_model=prompt.answer_model,
        prompt=prompt.name,
        label=label,
        rules=rules,
    )


def _task(transcript: BlindTranscript) -> str:
    return fence("TASK", (transcript.task,)) if transcript.task else UNKNOWN_TASK


def _one(transcript: BlindTranscript) -> dict[str, str]:
    return {"task": _task(transcript), "transcript": fence("TRANSCRIPT", transcript.texts)}


def _two(first: BlindTranscript, second: BlindTranscript) -> dict[str, str]:
    # The first one is shown just as it is shown alone: so the provider's cache may have it.
    return {
        "task": _task(first if first.task else second),
        "transcript": fence("TRANSCRIPT", first.texts),
        "second_transcript": fence("TRANSCRIPT 2", second.texts),
    }


def _listed(findings: LabelledFindings) -> str:
    # A finding may quote a transcript; on one line it can't pass for a part of the question.
    return "\n".join(f"{label}: {' '.join(text.split())}" for label, text in findings)
