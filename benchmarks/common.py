"""What the benchmarks share: a scripted judge in a process of its own, and questions for it."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

from grader.comparison.kinds.verdict import verdict_question
from grader.questions.blinding import blind
from grader.questions.question import Question
from grader.rubric import read_rubric
from grader.transcripts import Transcript, deliverable, read_transcript

ROOT = Path(__file__).resolve().parent.parent
MODEL = "openai/scripted-judge"
WORDS = 1700


@contextmanager
def scripted_judge(latency_s: float) -> Iterator[str]:
    """The base URL of a scripted judge that answers after this time."""
    command = [sys.executable, "-m", "grader.testing", "--port", "0", "--latency", str(latency_s)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            found = re.search(r"http://\S+/v1", process.stdout.readline())
            assert found, "the scripted judge did not start"
            yield found[0]
        finally:
            process.terminate()
            process.communicate()


@cache
def long_transcript() -> Transcript:
    """The example's treatment, made 1,700 words long."""
    transcript = read_transcript(ROOT / "examples/transcripts/p-clinic-postmortem-1.json")
    turn = deliverable(transcript)[-1]
    pieces = re.findall(r"\S+\s*", turn.text + "\n\n")
    text = "".join((pieces * (WORDS // len(pieces) + 1))[:WORDS]).strip()
    return transcript.model_copy(
        update={
            "turns": tuple(
                t.model_copy(update={"text": text}) if t.number == turn.number else t
                for t in transcript.turns
            )
        }
    )


def verdict_questions(count: int) -> list[Question]:
    """So many different verdict questions on that transcript."""
    criteria = read_rubric(ROOT / "rubrics/clinic-postmortem.yaml").criteria
    blinded = blind(long_transcript())
    return [
        verdict_question(
            blinded,
            criterion.model_copy(update={"title": f"{criterion.title} ({number})"}),
            f"verdict {number}",
        )
        for number in range(1, count + 1)
        for criterion in [criteria[number % len(criteria)]]
    ]
