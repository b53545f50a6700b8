"""Asking: from a question to an answer or an outcome, whatever way the judge is reached.

A question hash has one reply. The walk from question to answer (a cut-off reply is asked for
again with twice the room, one off the schema with what was wrong, each once) is derived from the
replies alone. So a run that was killed walks the same way again, takes from the journal what is
there, and sends only what has no reply yet.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any
from weakref import WeakValueDictionary

from grader.errors import GraderError
from grader.judge.attempt import call_of
from grader.judge.journal import Journal
from grader.judge.judge import AnswerPending, AttemptsExhausted, Judge, Request
from grader.judge.ledger import Ledger
from grader.judge.reading import Reading, read_reply
from grader.judge.reply import Call, Outcome, Reply
from grader.questions.answers import Answer
from grader.questions.question import Question
from grader.questions.reask import after_mistake

LIMIT_PARAMETERS = ("max_tokens", "max_completion_tokens")


@dataclass(frozen=True)
class Answered:
    """How a question ended."""

    outcome: Outcome
    value: Answer | None = None
    """The answer; None for every outcome but `answered`."""
    text: str | None = None
    """The last reply's text as it came."""
    detail: str | None = None
    """What failed, for people."""
    questions: tuple[str, ...] = ()
    """Hashes of what was asked, in order."""
    served_model: str | None = None
    """The model as the last reply names it."""


@dataclass(frozen=True)
class Progress:
    """Where an asker stands."""

    begun: int = 0
    """Questions handed to it."""
    answered: int = 0
    failed: int = 0
    open: int = 0
    """Questions whose replies are awaited from outside."""
    sent: int = 0
    """Attempts that went to the judge."""
    kept: int = 0
    """Replies taken from the journal."""


class Asker:
    """Asks one judge, for one comparison.

    Args:
        judge: who is asked.
        journal: where replies are kept; None: nowhere. Not used for a recording, which is to
            answer by itself and must not pass for a judge later.
        ledger: where attempts are recorded; None: nowhere.
        concurrency: how many requests may be under way at once.
        on_progress: called after each change.
    """

    def __init__(
        self,
        judge: Judge,
        journal: Journal | None = None,
        ledger: Ledger | None = None,
        *,
        concurrency: int = 8,
        on_progress: Callable[[Progress], None] | None = None,
    ) -> None:
        self.judge = judge
        self.progress = Progress()
        self.served_models: set[str] = set()
        """Models as the replies name them."""
        self._journal = None if judge.kind == "recorded" else journal
        self._ledger = ledger
        self._free = asyncio.Semaphore(concurrency)
        self._on_progress = on_progress
        self._stopped: GraderError | None = None
        self._asked: set[str] = set()
        self._under_way: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    async def ask(self, question: Question, *, sample: int = 1) -> Answered:
        """Ask until there is an answer or an outcome. Samples differ by their seed.

        Raises:
            AnswerPending: the reply will come from outside; ask again when it is there.
            JudgeError: the judge cannot be used. Every later question gets the same error.
            StorageError: a reply could not be kept.
        """
        self._note(begun=1)
        try:
            answered = await self._walk(question, sample)
        except AnswerPending:
            self._note(open=1)
            raise
        except GraderError as error:
            self._stopped = self._stopped or error
            raise
        if answered.served_model:
            self.served_models.add(answered.served_model)
        self._note(**{"answered" if answered.outcome == "answered" else "failed": 1})
        return answered

    async def close_round(self) -> None:
        """Say that all that can be asked now was asked.

        Raises:
            WaitingForAnswers: there are open questions; they are written out.
        """
        await self.judge.end_round(self._asked)

    async def _walk(self, question: Question, sample: int) -> Answered:
        parameters = self._parameters(sample)
        room_given = corrected = False
        asked: list[str] = []
        form = question
        while True:
            request = Request(form, self.judge.model, tuple(sorted(parameters.items())))
            asked.append(request.hash)
            self._asked.add(request.hash)
            try:
                reply = await self._reply(request)
            except AttemptsExhausted as failure:
                return Answered("api_error", detail=failure.detail, questions=tuple(asked))
            reading = read_reply(form, reply)
            if reading.outcome == "truncated" and not room_given:
                room_given = True
                for name in LIMIT_PARAMETERS:
                    if name in parameters:
                        parameters[name] *= 2
            elif reading.outcome == "unparseable" and not corrected:
                corrected = True
                form = after_mistake(
                    question, reply.text or "(an empty reply)", reading.problem or ""
                )
            else:
                return _ended(reading, reply, asked)

    def _parameters(self, sample: int) -> dict[str, Any]:
        parameters = dict(self.judge.parameters)
        if sample > 1:
            # The first sample is the plain question, so that one more sample costs one more.
            first = parameters.get("seed")
            parameters["seed"] = sample if first is None else first + sample - 1
        return parameters

    async def _reply(self, request: Request) -> Reply:
        kept = self._kept(request)
        if kept is not None:
            return kept
        # The same question may be asked twice at once; the second waits for the first's reply.
        lock = self._under_way.setdefault(request.hash, asyncio.Lock())
        asked_already = lock.locked()
        async with lock:
            kept = self._kept(request) if asked_already else None
            if kept is not None:
                return kept
            async with self._free:
                if self._stopped is not None:
                    raise self._stopped
                return await self.judge.reply(request, self._record)

    def _kept(self, request: Request) -> Reply | None:
        reply = self._journal.get(request.hash) if self._journal else None
        if reply is not None:
            self._note(kept=1)
            if self._ledger and not self._ledger.holds_reply(request.hash):
                self._ledger.append(call_of(self.judge, request, "journal", reply=reply))
        return reply

    def _record(self, call: Call) -> None:
        # The journal first: a reply in the ledger alone would be paid for again.
        if call.source == "judge":
            self._note(sent=1)
        if call.reply is not None and self._journal is not None:
            self._journal.put(
                call.question,
                call.reply,
                model=call.model,
                kind=call.kind,
                outcome=call.outcome,
            )
        replayed = call.source == "recording"
        if self._ledger and not (replayed and self._ledger.holds_reply(call.question)):
            self._ledger.append(call)

    def _note(self, **changes: int) -> None:
        before = self.progress
        self.progress = replace(
            before, **{name: getattr(before, name) + change for name, change in changes.items()}
        )
        if self._on_progress is not None:
            self._on_progress(self.progress)


def _ended(reading: Reading, reply: Reply, asked: list[str]) -> Answered:
    return Answered(
        reading.outcome,
        value=reading.answer,
        text=reply.text,
        detail=reading.problem,
        questions=tuple(asked),
        served_model=reply.model,
    )
