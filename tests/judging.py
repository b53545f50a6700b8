"""What the tests of the judge share: small questions, and a desk with everything to ask them."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from grader.comparison.kinds.signature import SignatureAnswer
from grader.comparison.kinds.verdict import VerdictAnswer
from grader.judge.asking import Answered, Asker
from grader.judge.choose import open_judge
from grader.judge.journal import Journal
from grader.judge.ledger import Ledger
from grader.judge.reply import Call
from grader.judge.settings import JudgeSettings
from grader.judge.throttle import Throttle
from grader.questions.blinding import fence
from grader.questions.question import Message, Question

TEXT = """\
# What happened on the night of the move

The pharmacy list was not copied, and nobody looked at it before the morning.
Two patients were given the wrong dose because the old list was printed.

- We owe them an apology, and we owe them the truth about how it came about.
- The newer colleague had asked the right question and was told to wait.
"""

GOOD = VerdictAnswer(
    evidence=["nobody looked at it before the morning"],
    looked_for_in_vain=["a date for the follow-up"],
    speaks_to_the_judge=[],
    rationale="The harm is named, the follow-up has no date.",
    level="partially_met",
)

NOBODY = "http://127.0.0.1:9/v1"
"""An address where no server listens."""

QUICK = JudgeSettings(first_wait_s=0.01, longest_wait_s=0.05, timeout_s=5)
"""Patience for tests: the same waits as in earnest, only shorter."""


def verdict(number: int = 1, *, text: str = TEXT) -> Question:
    """A verdict question on the transcript; each number is another one."""
    return Question(
        kind="verdict",
        messages=(
            Message("system", "You judge transcripts."),
            Message("user", f"{fence('TRANSCRIPT', (text,))}\n\nCriterion {number}: is it there?"),
        ),
        answer_model=VerdictAnswer,
        prompt="verdict@2",
        label=f"criterion-{number} on control",
    )


def signature(markers: int = 3) -> Question:
    """A signature question with so many markers."""
    listed = "\n".join(f"Marker {number}: a habit" for number in range(1, markers + 1))
    return Question(
        kind="signature",
        messages=(Message("user", f"{fence('TRANSCRIPT', (TEXT,))}\n\n{listed}"),),
        answer_model=SignatureAnswer,
        label="habit on control",
        rules={"markers": markers},
    )


@dataclass
class Desk:
    """A folder with journal and ledger, and questions put to one judge in it."""

    folder: Path
    spec: str = "openai/test-model"
    base_url: str | None = None
    settings: JudgeSettings = QUICK
    judge_model: str | None = None
    concurrency: int = 8
    retry_failed: bool = False
    journal: str | None = None
    notices: list[str] = field(default_factory=list)

    def ask(
        self, *questions: Question, sample: int = 1, close_round: bool = False
    ) -> list[Answered]:
        """Ask all at once, as one run of the program would."""
        return asyncio.run(self._ask(questions, sample, close_round))

    async def _ask(
        self, questions: Sequence[Question], sample: int, close_round: bool
    ) -> list[Answered]:
        journal = Journal(self.journal or self.folder / "journal.db")
        ledger = Ledger(self.folder)
        throttle = Throttle(self.concurrency)
        judge = open_judge(
            self.spec,
            base_url=self.base_url or (NOBODY if self.spec.startswith("openai/") else None),
            settings=self.settings,
            judge_model=self.judge_model,
            notice=self.notices.append,
            throttle=throttle,
        )
        asker = self.asker = Asker(
            judge, journal, ledger, throttle=throttle, retry_failed=self.retry_failed
        )
        try:
            results = await asyncio.gather(
                *(asker.ask(question, sample=sample) for question in questions),
                return_exceptions=True,
            )
            if close_round:
                await judge.end_round(asker.asked)
            for result in results:
                if isinstance(result, BaseException):
                    raise result
            return [result for result in results if isinstance(result, Answered)]
        finally:
            await judge.close()
            ledger.close()
            journal.close()

    @property
    def calls(self) -> list[Call]:
        """The lines of `calls.jsonl`."""
        *lines, end = (self.folder / "calls.jsonl").read_text(encoding="utf-8").split("\n")
        assert end == "", "the last line is whole"
        return [Call.model_validate_json(line) for line in lines]


def batch_line(custom_id: str, content: Any, **message: Any) -> str:
    """One reply in the OpenAI Batch output format."""
    text = content if isinstance(content, str) else content.model_dump_json(by_alias=True)
    return json.dumps(
        {
            "id": "batch_req_1",
            "custom_id": custom_id,
            "response": {
                "status_code": 200,
                "request_id": "r",
                "body": {
                    "id": "c",
                    "object": "chat.completion",
                    "created": 0,
                    "model": "batch-model",
                    "choices": [
                        {
                            "index": 0,
                            "message": {"role": "assistant", "content": text, **message},
                            "finish_reason": "stop",
                        }
                    ],
                    "usage": {"prompt_tokens": 7, "completion_tokens": 3, "total_tokens": 10},
                },
            },
            "error": None,
        }
    )
