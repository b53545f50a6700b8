"""The Inspect AI side of `judge_overhead.py`, in an environment of its own.

Inspect's OpenAI-compatible provider wants a newer client than instructor allows. Reads the
questions from standard input, asks a few to warm up and then all, prints seconds and CPU. A sample
is a question, with the same schema; the validated answer is its score; the log is written.
"""

from __future__ import annotations

import json
import sys
import tempfile
import time

from inspect_ai import Task, eval
from inspect_ai.dataset import Sample
from inspect_ai.model import (
    ChatMessage,
    ChatMessageSystem,
    ChatMessageUser,
    GenerateConfig,
    ResponseSchema,
    get_model,
)
from inspect_ai.scorer import Score, Scorer, Target, scorer
from inspect_ai.solver import TaskState, generate
from inspect_ai.util import json_schema

from grader.comparison.kinds.verdict import VerdictAnswer

WARM_UP = 20


@scorer(metrics=[])
def validated() -> Scorer:
    """The level of an answer that fits the schema."""

    async def score(state: TaskState, target: Target) -> Score:
        answer = VerdictAnswer.model_validate_json(state.output.completion)
        return Score(value=answer.level, explanation=answer.rationale)

    return score


def main() -> None:
    base_url, model, concurrency = sys.argv[1], sys.argv[2], int(sys.argv[3])
    samples = [
        Sample(id=number, input=[message(each) for each in question])
        for number, question in enumerate(json.load(sys.stdin), start=1)
    ]
    ask(samples[:WARM_UP], base_url, model, concurrency)
    started, cpu = time.perf_counter(), time.process_time()
    ask(samples, base_url, model, concurrency)
    seconds, spent = time.perf_counter() - started, time.process_time() - cpu
    print(json.dumps({"seconds": seconds, "cpu_ms": 1000 * spent / len(samples)}))


def message(each: dict[str, str]) -> ChatMessage:
    kind = ChatMessageSystem if each["role"] == "system" else ChatMessageUser
    return kind(content=each["content"])


def ask(samples: list[Sample], base_url: str, model: str, concurrency: int) -> None:
    config = GenerateConfig(
        max_connections=concurrency,
        max_retries=0,
        max_tokens=4096,
        temperature=0.0,
        response_schema=ResponseSchema(
            name="VerdictAnswer", json_schema=json_schema(VerdictAnswer), strict=True
        ),
    )
    served = get_model(
        f"openai-api/{model}", base_url=base_url, api_key="none", config=config, memoize=False
    )
    with tempfile.TemporaryDirectory() as folder:
        [log] = eval(
            Task(samples, solver=generate(), scorer=validated()),
            model=served,
            max_samples=concurrency,
            display="none",
            log_dir=folder,
        )
    assert log.status == "success", log.error
    assert log.results is not None
    assert log.results.completed_samples == len(samples)


if __name__ == "__main__":
    main()
