"""Asking: from a question to an answer or an outcome, whatever way the judge is reached.

A question hash has one reply. The walk from question to answer (a cut-off reply is asked for
again with twice the room, one off the schema with what was wrong, each once) is derived from the
replies alone. So a run that was killed walks the same way again, takes from the journal what is
there, and sends only what has no reply yet. Of several processes that share a journal, one asks
and the others wait for its reply.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, replace
from typing import Any

from grader.errors import GraderError
from grader.judge.attempt import call_of
from grader.judge.budget import BudgetStopped
from grader.judge.journal import Journal
from grader.judge.judge import AnswerPending, AttemptsExhausted, Judge, Request
from grader.judge.ledger import Ledger
from grader.judge.parsing import ParsedReply, parse_reply
from grader.judge.reply import Call, Outcome, Usage
from grader.judge.throttle import Halted, Place, Prefixes, Throttle
from grader.questions.answers import Answer
from grader.questions.question import Question
from grader.questions.reask import after_mistake

LIMIT_PARAMETERS = ("max_tokens", "max_completion_tokens")

LOOK_AGAIN_S = 0.1
"""How often one looks for a reply that another process has asked for."""


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
    usd: float = 0.0
    """What this run spent, as far as prices are known."""
    unpriced: int = 0
    """Replies of this run whose price is not known."""
    flow: str = ""
    """Who works on a queue and how fast, for people."""


class ProgressCount:
    """Where all askers of a run write their progress.

    Args:
        on_progress: called after each change.
    """

    def __init__(self, on_progress: Callable[[Progress], None] | None = None) -> None:
        self.progress = Progress()
        self._on_progress = on_progress

    def note(self, **changes: float) -> None:
        """Add to the counts."""
        before = self.progress
        self._change(
            replace(
                before, **{name: getattr(before, name) + change for name, change in changes.items()}
            )
        )

    def flow(self, text: str) -> None:
        """Say who works on a queue and how fast."""
        self._change(replace(self.progress, flow=text))

    def _change(self, progress: Progress) -> None:
        self.progress = progress
        if self._on_progress is not None:
            self._on_progress(self.progress)


class Asker:
    """Asks one judge, for one comparison.

    Args:
        judge: who is asked.
        journal: where replies are kept; None: nowhere. Not used for a recording, which is to
            answer by itself and must not pass for a judge later.
        ledger: where attempts are recorded; None: nowhere.
        throttle: the judge's queue and pace, which askers of several comparisons may share.
        counts: where progress is noted, likewise.
        retry_failed: ask anew where the journal's replies end in a failure.
    """

    def __init__(
        self,
        judge: Judge,
        journal: Journal | None = None,
        ledger: Ledger | None = None,
        *,
        throttle: Throttle | None = None,
        counts: ProgressCount | None = None,
        retry_failed: bool = False,
    ) -> None:
        self.judge = judge
        self.served_models: set[str] = set()
        """Models as the replies name them."""
        self.usages: dict[str, Usage] = {}
        """What the reply to each question took, by hash, whenever it was paid."""
        self.left_out: set[str] = set()
        """Parts of requests that the server refused."""
        self._journal = None if judge.kind == "recorded" else journal
        self._ledger = ledger
        self._throttle = throttle or Throttle()
        self._counts = counts or ProgressCount()
        self._retry_failed = retry_failed
        self._stopped: GraderError | None = None
        self._asked: set[str] = set()

    @property
    def progress(self) -> Progress:
        """Where all askers that share the counts stand."""
        return self._counts.progress

    def turn(self, place: Place, prefixes: Prefixes = ()) -> AbstractAsyncContextManager[None]:
        """A question's turn among all that wait for this judge. See `Throttle.turn`."""
        return self._throttle.turn(place, prefixes)

    async def ask(self, question: Question, *, sample: int = 1) -> Answered:
        """Ask until there is an answer or an outcome. Samples differ by their seed.

        Raises:
            AnswerPending: the reply will come from outside; ask again when it is there.
            Halted: the run was asked to stop before this question was sent.
            JudgeError: the judge cannot be used. Every later question gets the same error.
            StorageError: a reply could not be kept.
        """
        self._note(begun=1)
        try:
            answered = await self._walk(question, sample)
        except AnswerPending:
            self._note(open=1)
            raise
        except Halted:
            if self._stopped is not None:
                raise self._stopped from None
            raise
        except GraderError as error:
            self._stopped = self._stopped or error
            self._throttle.halt()
            raise
        if answered.served_model:
            self.served_models.add(answered.served_model)
        self._note(**{"answered" if answered.outcome == "answered" else "failed": 1})
        return answered

    @property
    def asked(self) -> frozenset[str]:
        """Hashes of all that was asked, also where the journal answered."""
        return frozenset(self._asked)

    async def _walk(self, question: Question, sample: int) -> Answered:
        parameters = self._parameters(sample)
        room_given = corrected = retried = False
        asked: list[str] = []
        form = question
        while True:
            request = Request(form, self.judge.model, tuple(sorted(parameters.items())))
            asked.append(request.hash)
            self._asked.add(request.hash)
            kept = self._kept(request)
            try:
                parsed = kept or await self._reply(request)
                if kept and not retried and self._may_retry(parsed, room_given, corrected):
                    # What led here stays; only the last question is asked anew.
                    retried = True
                    parsed = await self._reply(request, again=True)
            except AttemptsExhausted as failure:
                return Answered("api_error", detail=failure.detail, questions=tuple(asked))
            except BudgetStopped as stop:
                return Answered("budget_stopped", detail=stop.detail, questions=tuple(asked))
            self.usages[request.hash] = parsed.reply.usage
            self.left_out.update(parsed.reply.left_out or ())
            if parsed.outcome == "truncated" and not room_given:
                room_given = True
                for name in LIMIT_PARAMETERS:
                    if name in parameters:
                        parameters[name] *= 2
            elif parsed.outcome == "unparseable" and not corrected:
                corrected = True
                form = after_mistake(
                    question, parsed.reply.text or "(an empty reply)", parsed.problem or ""
                )
            else:
                return _ended(parsed, asked)

    def _may_retry(self, parsed: ParsedReply, room_given: bool, corrected: bool) -> bool:
        leads_on = (parsed.outcome == "truncated" and not room_given) or (
            parsed.outcome == "unparseable" and not corrected
        )
        return self._retry_failed and parsed.outcome != "answered" and not leads_on

    def _parameters(self, sample: int) -> dict[str, Any]:
        parameters = dict(self.judge.parameters)
        if sample > 1:
            # The first sample is the plain question, so that one more sample costs one more.
            first = parameters.get("seed")
            parameters["seed"] = sample if first is None else first + sample - 1
        return parameters

    async def _reply(self, request: Request, *, again: bool = False) -> ParsedReply:
        async with self._throttle.alone(request.hash):
            if (kept := await self._claimed_or_kept(request, again)) is not None:
                return kept
            try:
                if self._stopped is not None:
                    raise self._stopped
                return await self.judge.reply(request, _Recorder(self, again))
            finally:
                if self._journal is not None:
                    self._journal.release(request.hash, server=self.judge.server)

    async def _claimed_or_kept(self, request: Request, again: bool) -> ParsedReply | None:
        """Wait until this process may ask (None), or another one has the reply."""
        if self._journal is None or self.judge.kind != "live":
            return None if again else self._kept(request)
        while not self._journal.claim(request.hash, server=self.judge.server, again=again):
            if not again and (kept := self._kept(request)) is not None:
                return kept
            await self._throttle.pause(LOOK_AGAIN_S)
            if self._throttle.halted:
                raise Halted
        return None

    def _kept(self, request: Request) -> ParsedReply | None:
        journal, server = self._journal, self.judge.server
        reply = journal.get(request.hash, server=server) if journal else None
        if reply is None:
            return None
        parsed = parse_reply(request.question, reply)
        self._counts.note(kept=1)
        if self._ledger and not self._ledger.holds_reply(request.hash):
            self._ledger.append(call_of(self.judge, request, "journal", parsed=parsed))
        return parsed

    def sending(self, question: str, usd_at_most: float | None) -> str | None:
        """Write down that an attempt goes out. Returns its id; None: it is not recorded."""
        if self._ledger is None or usd_at_most is None:
            return None
        return self._ledger.sending(question, usd_at_most)

    def record(self, call: Call, *, again: bool) -> None:
        """Keep an attempt that has ended: its reply in the journal, itself in the ledger."""
        # The journal first: a reply in the ledger alone would be paid for again.
        if call.reply is not None and self._journal is not None:
            self._journal.put(
                call.question,
                call.reply,
                model=call.model,
                kind=call.kind,
                outcome=call.outcome,
                server=call.server,
                again=again,
            )
        if self._ledger and not self._ledger.holds(call):
            self._ledger.append(call)
        if call.source == "judge":
            unpriced = call.reply is not None and call.usd is None
            self._counts.note(sent=1, usd=call.usd or 0.0, unpriced=int(unpriced))

    def _note(self, **changes: int) -> None:
        self._counts.note(**changes)


@dataclass(frozen=True)
class _Recorder:
    """Records attempts for an asker."""

    asker: Asker
    again: bool

    def sending(self, question: str, usd_at_most: float | None) -> str | None:
        return self.asker.sending(question, usd_at_most)

    def __call__(self, call: Call) -> None:
        self.asker.record(call, again=self.again)


def _ended(parsed: ParsedReply, asked: list[str]) -> Answered:
    return Answered(
        parsed.outcome,
        value=parsed.answer,
        text=parsed.reply.text,
        detail=parsed.problem,
        questions=tuple(asked),
        served_model=parsed.reply.model,
    )
