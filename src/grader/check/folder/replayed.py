"""The draft made again from the recorded replies, and its questions looked at again.

The same plan asks the same questions, each named by its hash; the replies in calls.jsonl answer
them. So a level, rationale or quotation that no reply gave is noticed even where all hashes were
made to fit. On the way every question is kept, for `blindness`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Iterator, Sequence
from typing import Any

from grader.check.findings import Finding
from grader.check.folder.judges import check_calls_again, check_notes
from grader.check.folder.loaded import Opened
from grader.check.folder.recorded import stopped_by_budget
from grader.check.registry import Check
from grader.comparison.answers import answers
from grader.comparison.comparison import Comparison, JudgeNote
from grader.comparison.draft import draft_with_judges
from grader.comparison.folder import CALLS, DRAFT
from grader.comparison.offline import draft_offline
from grader.comparison.pair import Pair
from grader.comparison.plan import Plan
from grader.errors import GraderError, JudgeError
from grader.judge.asking import Asker
from grader.judge.budget import BudgetStopped
from grader.judge.judge import AttemptsExhausted, JudgeKind, Recorder, Request
from grader.judge.parsing import ParsedReply, parse_reply
from grader.judge.recorded import last_replies
from grader.judge.reply import Call
from grader.records import difference

CHECKS = (
    Check("question-without-call", "error", "A question that the draft needs was never asked."),
    Check("draft-not-from-replies", "error", "The draft is not what the recorded replies give."),
)
"""What is looked for here."""


_VOLATILE = ("grader_version", "judges", "prompts")
"""What another version or another machine may write otherwise."""


class _Replayed:
    """A judge that answers from recorded calls and keeps what it was asked."""

    def __init__(
        self, note: JudgeNote, calls: Sequence[Call], stopped: dict[str, str] | None
    ) -> None:
        self._stopped = stopped
        self.spec = note.spec
        self.kind: JudgeKind = "recorded"
        self.model = note.model or ""
        self.server: str | None = None
        self.parameters: dict[str, Any] = dict(note.parameters)
        self.note = note.note
        self.requests: list[Request] = []
        self._replies, self._given_up = last_replies(calls)

    async def reply(self, request: Request, record: Recorder) -> ParsedReply:
        self.requests.append(request)
        reply = self._replies.get(request.hash)
        if reply is not None:
            return parse_reply(request.question, reply)
        if request.hash in self._given_up:
            raise AttemptsExhausted(self._given_up[request.hash])
        if self._stopped is not None:
            raise BudgetStopped(self._stopped.get(request.hash, ""))
        raise JudgeError(
            f"the question '{request.question.label}' that this draft needs was never asked"
        )

    async def end_round(self, asked: Collection[str] | None) -> None:
        """Nothing is ever open."""

    async def close(self) -> None:
        """Nothing is held."""


def _stopped(draft: Comparison) -> dict[str, str] | None:
    """What is told of each question that the budget stopped; None where it stopped none."""
    if not stopped_by_budget(draft):
        return None
    return {
        answer.questions[-1]: answer.detail or ""
        for answer in answers(draft)
        if answer.outcome == "budget_stopped" and answer.questions
    }


def check_replayed(opened: Opened) -> tuple[list[Finding], list[Request]]:
    """Findings, and the questions of the draft as far as they could be made again."""
    draft = opened.draft
    plan = Plan(
        pair=Pair(draft.control, draft.treatment),
        rubric=draft.rubric,
        study=draft.study,
        depth=draft.depth,
        samples=draft.samples,
        slug=draft.slug,
        probe=bool(draft.probe),
        registration=draft.registration,
        prompts=frozenset(draft.prompts) or None,
    )
    if all(note.kind == "offline" for note in draft.judges):
        return list(_differences(opened, draft_offline(plan))), []
    if not opened.calls:
        return [], []
    judges = [_Replayed(note, opened.calls, _stopped(draft)) for note in draft.judges]
    try:
        again = asyncio.run(draft_with_judges(plan, [Asker(judge) for judge in judges]))
    except GraderError as error:
        found = [
            opened.finding(
                CALLS,
                "question-without-call",
                "error",
                f"{error.problem}, by the record of calls",
                "Transcript, rubric, study or prompt were changed since, or calls were taken out.",
            )
        ]
    else:
        found = [*_differences(opened, again), *check_notes(opened, again)]
    requests = [request for judge in judges for request in judge.requests]
    return [*found, *check_calls_again(opened, requests)], requests


def _differences(opened: Opened, again: Comparison) -> Iterator[Finding]:
    for name in Comparison.model_fields:
        if name in _VOLATILE:
            continue
        ours, theirs = getattr(opened.draft, name), getattr(again, name)
        if ours != theirs:
            yield opened.finding(
                DRAFT,
                "draft-not-from-replies",
                "error",
                f"'{name}' is not what the recorded replies give: {difference(ours, theirs)}",
                "Somebody changed the draft. Restore it from a copy.",
                near=f'"{name}"',
            )
