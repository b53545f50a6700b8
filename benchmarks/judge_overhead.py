"""What asking through grader costs beside a plain loop of the OpenAI client, in one run.

    python benchmarks/judge_overhead.py [--questions 400] [--concurrency 50] [--repeat 3]
        [--inspect PYTHON]

A scripted judge in a process of its own answers verdict questions on a transcript of 1,700 words,
first 0.2 s after each request, then 2 s. Beside each other: a plain loop (create and validate),
and grader with journal, ledger and located evidence. The ideal is the number of waves times the
latency. Each figure is the median of the repeats, which alternate.

With `--inspect PYTHON` also an Inspect task, by a Python that has inspect-ai and the client that
it wants: python -m venv .venv-inspect && .venv-inspect/bin/pip install inspect-ai openai
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from openai import AsyncOpenAI

from common import MODEL, ROOT, long_transcript, scripted_judge, verdict_questions
from grader.comparison.kinds.verdict import VerdictAnswer
from grader.judge.asking import Asker
from grader.judge.body import chat_body
from grader.judge.choose import open_judge
from grader.judge.journal import Journal
from grader.judge.judge import Request
from grader.judge.ledger import Ledger
from grader.judge.settings import JudgeSettings
from grader.judge.throttle import Throttle
from grader.questions.question import Question
from grader.text.quotation import locate

SETTINGS = JudgeSettings()


@dataclass(frozen=True)
class Measured:
    """One run of all questions."""

    seconds: float
    cpu_ms: float
    """CPU of this process a question."""


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--questions", type=int, default=400)
    parser.add_argument("--concurrency", type=int, default=50)
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--latency", type=float, action="append")
    parser.add_argument("--inspect", type=Path, metavar="PYTHON")
    options = parser.parse_args()
    questions = verdict_questions(options.questions)
    print(f"{options.questions} questions, {options.concurrency} at once, {options.repeat} repeats")
    # Imports and first use are paid once a process, not once a question.
    with scripted_judge(0.0) as base_url:
        for run in RUNS.values():
            measure(run, questions[:20], options.concurrency, base_url)
    for latency_s in options.latency or (0.2, 2.0):
        ideal = -(-options.questions // options.concurrency) * latency_s
        runs: dict[str, list[Measured]] = {name: [] for name in RUNS}
        if options.inspect:
            runs["Inspect AI"] = []
        with scripted_judge(latency_s) as base_url:
            for _ in range(options.repeat):
                for name, run in RUNS.items():
                    runs[name].append(measure(run, questions, options.concurrency, base_url))
                if options.inspect:
                    runs["Inspect AI"].append(
                        inspect_beside(options.inspect, questions, options.concurrency, base_url)
                    )
        print(f"\nlatency {latency_s:g} s, ideal {ideal:.2f} s")
        medians, cpus = {}, {}
        for name, measured in runs.items():
            seconds = medians[name] = statistics.median(m.seconds for m in measured)
            cpu = cpus[name] = statistics.median(m.cpu_ms for m in measured)
            print(
                f"  {name:<11} {seconds:6.2f} s  {seconds / ideal:5.2f} of the ideal  "
                f"{cpu:5.2f} ms CPU a question"
            )
        for name in list(runs)[1:]:
            print(
                f"  {name} takes {medians[name] / medians['plain loop']:.2f} of the plain loop's "
                f"time, {cpus[name] / cpus['plain loop']:.2f} of its CPU"
            )


Run = Callable[[list[Question], int, str], None]


def measure(run: Run, questions: list[Question], concurrency: int, base_url: str) -> Measured:
    started, cpu = time.perf_counter(), time.process_time()
    run(questions, concurrency, base_url)
    return Measured(
        time.perf_counter() - started, 1000 * (time.process_time() - cpu) / len(questions)
    )


def plain_loop(questions: list[Question], concurrency: int, base_url: str) -> None:
    asyncio.run(_plain_loop(questions, concurrency, base_url))


async def _plain_loop(questions: list[Question], concurrency: int, base_url: str) -> None:
    free = asyncio.Semaphore(concurrency)
    parameters = (("max_completion_tokens", 4096), ("temperature", 0.0))

    async with AsyncOpenAI(api_key="none", base_url=base_url, max_retries=0) as client:

        async def ask(question: Question) -> None:
            body = chat_body(Request(question, MODEL, parameters))
            async with free:
                completion = await client.chat.completions.create(**body)
            VerdictAnswer.model_validate_json(completion.choices[0].message.content or "")

        await asyncio.gather(*map(ask, questions))


def through_grader(questions: list[Question], concurrency: int, base_url: str) -> None:
    asyncio.run(_through_grader(questions, concurrency, base_url))


async def _through_grader(questions: list[Question], concurrency: int, base_url: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        throttle = Throttle(concurrency)
        judge = open_judge(MODEL, base_url=base_url, settings=SETTINGS, throttle=throttle)
        journal = Journal(Path(folder) / "journal.db")
        asker = Asker(judge, journal, Ledger(Path(folder)), throttle=throttle)
        turns = long_transcript().turns

        async def ask(place: int, question: Question) -> None:
            # As a run of comparisons does: so many questions are at work as requests may go out,
            # and as many again.
            async with asker.turn((place,)):
                answered = await asker.ask(question)
            assert isinstance(answered.value, VerdictAnswer), answered
            for quote in answered.value.evidence:
                assert locate(quote, turns, "control").span is not None, quote

        await asyncio.gather(*(ask(place, each) for place, each in enumerate(questions)))
        await judge.close()
        journal.close()


def inspect_beside(
    python: Path, questions: list[Question], concurrency: int, base_url: str
) -> Measured:
    """The same by an Inspect task, in a process of that Python."""
    messages = [[{"role": m.role, "content": m.content} for m in q.messages] for q in questions]
    done = subprocess.run(
        [python, ROOT / "benchmarks/inspect_task.py", base_url, MODEL, str(concurrency)],
        input=json.dumps(messages),
        env={**os.environ, "PYTHONPATH": str(ROOT / "src")},
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    return Measured(**json.loads(done.stdout.splitlines()[-1]))


RUNS: dict[str, Run] = {"plain loop": plain_loop, "grader": through_grader}


if __name__ == "__main__":
    main()
