"""The judge `queue:postgresql://HOST/DB#provider/model`: questions in, replies out, by a database.

Workers on any host ask the model. Each question is in the queue once, whoever asks it; its reply
stays there by question hash for everyone.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any

from grader.errors import GraderError
from grader.judge.budget import BudgetStopped
from grader.judge.judge import AttemptsExhausted, JudgeKind, Recorder, Request
from grader.judge.parsing import ParsedReply, parse_reply
from grader.judge.queue.database import (
    AGAIN_AFTER_S,
    Database,
    connection_errors,
    database_errors,
    in_words,
    open_pool,
)
from grader.judge.queue.jobs import entrypoint_of, payload_of, prompt_hash
from grader.judge.queue.schema import RESULTS_CHANNEL, SCHEMA, install, queries
from grader.judge.queue.status import Worker, read_flow, read_workers
from grader.judge.record_name import record_name
from grader.judge.reply import Call
from grader.judge.throttle import Halted, Throttle

LOOK_S = 2.0
"""How often replies are looked for that no notice told of, and who works on the queue."""

PATIENCE = 3
"""So many looks in a row find no worker before the user is told: one may just be starting."""

OUTAGE_S = 600.0
"""So long a lost database is waited for."""

AT_A_TIME = 200
"""So many questions go into one statement."""

CONNECTIONS = 3

_RESULTS = f"SELECT question, calls, failure, detail FROM {SCHEMA}.results WHERE question = ANY($1)"
_FORGET = f"DELETE FROM {SCHEMA}.results WHERE question = ANY($1) AND failure IS NOT NULL"
_SORT = f"""
INSERT INTO {SCHEMA}.sorts (entrypoint, model, prompt, prompt_hash) VALUES ($1, $2, $3, $4)
ON CONFLICT DO NOTHING
"""
_QUEUED = f"SELECT dedupe_key FROM {SCHEMA}.jobs WHERE dedupe_key = ANY($1)"


@dataclass
class _Waiting:
    """A question whose reply is awaited."""

    request: Request
    result: asyncio.Future[Any]
    queued: bool = False
    """Whether it was put into the queue: then its reply is paid for by this run."""


class QueueJudge:
    """Asks one model through a queue.

    Args:
        database: where the queue is.
        model: who is to answer, as provider/model.
        spec: as the user named the judge.
        parameters: sampling parameters, by the names the server knows.
        throttle: tells when the run is to stop.
        notice: told, in a sentence, what the user should know.
        on_flow: told, in a few words, who works on the queue and how fast.
    """

    kind: JudgeKind = "live"

    def __init__(
        self,
        database: Database,
        model: str,
        *,
        spec: str,
        parameters: dict[str, Any],
        throttle: Throttle,
        notice: Callable[[str], None],
        on_flow: Callable[[str], None] | None = None,
    ) -> None:
        self.spec = record_name(spec)
        self.model = model
        self.server: str | None = f"queue:{database.place}"
        self.parameters = parameters
        self._database = database
        self._throttle = throttle
        self._notice = notice
        self._on_flow = on_flow
        self._waiting: dict[str, _Waiting] = {}
        self._new: list[str] = []
        self._notified: set[str] = set()
        self._sorts: set[str] = set()
        self._noticed: set[str] = set()
        self._unserved = 0
        self._wake: asyncio.Event | None = None
        self._task: asyncio.Task[None] | None = None
        self._failure: GraderError | None = None

    async def reply(self, request: Request, record: Recorder) -> ParsedReply:
        """The reply, when a worker gave it. See `Judge.reply`."""
        if self._failure is not None:
            raise self._failure
        if self._throttle.halted:
            raise Halted
        if self._wake is None:
            self._wake = asyncio.Event()
            self._task = asyncio.create_task(self._exchange())
        waiting = _Waiting(request, asyncio.get_running_loop().create_future())
        self._waiting[request.hash] = waiting
        self._new.append(request.hash)
        self._wake.set()
        try:
            row = await waiting.result
        finally:
            del self._waiting[request.hash]
        return self._take(request, row, record, paid=waiting.queued)

    async def end_round(self, asked: Collection[str] | None) -> None:
        """Nothing is open: every reply is waited for."""

    async def close(self) -> None:
        """Close the connections. Questions that were put into the queue stay there."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    def _take(self, request: Request, row: Any, record: Recorder, *, paid: bool) -> ParsedReply:
        calls = [self._own(Call.model_validate(each), request) for each in json.loads(row["calls"])]
        parsed = None
        for call in calls:
            if call.reply is not None:
                parsed = parse_reply(request.question, call.reply)
                call = call.model_copy(update={"outcome": parsed.outcome})
            if paid:
                record(call)
        if row["failure"] == "budget_stopped":
            raise BudgetStopped(row["detail"] or "")
        if parsed is None:
            raise AttemptsExhausted(row["detail"] or "no reply")
        if not paid:
            # It was there before: paid for by another run.
            free = {"source": "queue", "attempt": 1, "outcome": parsed.outcome}
            record(calls[-1].model_copy(update={**free, "usd": None, "usd_at_most": None}))
        return parsed

    def _own(self, call: Call, request: Request) -> Call:
        """A worker's record of an attempt as this judge's."""
        question = request.question
        return call.model_copy(
            update={
                "judge": self.spec,
                "server": self.server,
                "kind": question.kind,
                "label": question.label,
                "prompt": question.prompt,
            }
        )

    # --- beside the questions ---------------------------------------------------------------

    async def _exchange(self) -> None:
        """Put questions into the queue and take replies out, until cancelled."""
        try:
            pool = await open_pool(self._database, CONNECTIONS)
        except GraderError as error:
            self._fail(error)
            return
        loop = asyncio.get_running_loop()
        lost_at: float | None = None
        try:
            while self._failure is None:
                try:
                    async with pool.acquire() as connection:
                        await install(connection, self._database)
                        lost_at = None
                        await self._follow(pool, connection)
                except connection_errors() as error:
                    lost_at = lost_at or loop.time()
                    failure = in_words(self._database, error)
                    if loop.time() - lost_at > OUTAGE_S:
                        self._fail(failure)
                    self._notice_once(f"{failure.problem}; trying again")
                    await asyncio.sleep(AGAIN_AFTER_S)
                    if self._throttle.halted:
                        self._halt()
        except GraderError as error:
            self._fail(error)
        except database_errors() as error:
            self._fail(in_words(self._database, error))
        finally:
            pool.terminate()

    async def _follow(self, pool: Any, connection: Any) -> None:
        assert self._wake is not None
        wake = self._wake

        def on_result(*args: Any) -> None:
            if args[-1] in self._waiting:
                self._notified.add(args[-1])
                wake.set()

        await connection.add_listener(RESULTS_CHANNEL, on_result)
        try:
            while True:
                await self._look(pool)
                deadline = asyncio.get_running_loop().time() + LOOK_S
                while (left := deadline - asyncio.get_running_loop().time()) > 0:
                    if self._throttle.halted:
                        self._halt()
                    with contextlib.suppress(TimeoutError):
                        async with asyncio.timeout(min(left, 0.25)):
                            await wake.wait()
                    wake.clear()
                    await self._put_new(pool)
                    notified, self._notified = self._notified, set()
                    await self._fetch(pool, notified)
        finally:
            with contextlib.suppress(Exception):
                await connection.remove_listener(RESULTS_CHANNEL, on_result)

    async def _put_new(self, pool: Any) -> None:
        while self._new:
            some = self._new[:AT_A_TIME]
            # What was answered before is not asked again; what had failed is.
            await self._fetch(pool, some)
            await pool.execute(_FORGET, some)
            await self._put(pool, [each for h in some if (each := self._waiting.get(h))])
            del self._new[: len(some)]

    async def _put(self, pool: Any, waiting: list[_Waiting]) -> None:
        requests = [each.request for each in waiting if not each.result.done()]
        for request in requests:
            entrypoint = entrypoint_of(request)
            if entrypoint not in self._sorts:
                prompt = request.question.prompt
                await pool.execute(_SORT, entrypoint, self.model, prompt, prompt_hash(prompt))
                self._sorts.add(entrypoint)
        if requests:
            await queries(pool).enqueue(
                [entrypoint_of(request) for request in requests],
                [payload_of(request) for request in requests],
                [0] * len(requests),
                dedupe_key=[request.hash for request in requests],
                on_conflict="skip",
            )
        for each in waiting:
            each.queued = not each.result.done()

    async def _fetch(self, pool: Any, questions: Collection[str]) -> None:
        if not questions:
            return
        for row in await pool.fetch(_RESULTS, list(questions)):
            waiting = self._waiting.get(row["question"])
            # A failure from before counts only where the question was put again since.
            if waiting and not waiting.result.done() and (waiting.queued or not row["failure"]):
                waiting.result.set_result(row)

    async def _look(self, pool: Any) -> None:
        """Look for replies without a notice, for questions that are gone, and who works."""
        queued = [h for h, each in self._waiting.items() if each.queued]
        for some in _batches(queued):
            await self._fetch(pool, some)
            there = {row["dedupe_key"] for row in await pool.fetch(_QUEUED, some)}
            missing = [h for h in some if h not in there]
            # Ended since the first look, or removed by hand.
            await self._fetch(pool, missing)
            gone = [each for h in missing if (each := self._waiting.get(h))]
            await self._put(pool, [each for each in gone if not each.result.done()])
        workers = await read_workers(pool)
        if self._waiting:
            self._notice_unserved(workers)
        if self._on_flow is not None:
            self._on_flow((await read_flow(pool)).in_short(workers))

    def _notice_unserved(self, workers: list[Worker]) -> None:
        wanted = {entrypoint_of(each.request) for each in self._waiting.values() if each.queued}
        served = {entrypoint for worker in workers for entrypoint in worker.serves}
        refused = [worker for worker in workers if wanted & {*worker.refuses} - served]
        for worker in refused:
            self._notice_once(
                f"the worker on {worker.host} (grader {worker.version}) does not know the prompt "
                "of some questions; use the same version of grader on every host"
            )
        self._unserved = self._unserved + 1 if wanted - served and not refused else 0
        if self._unserved > PATIENCE:
            self._notice_once(
                f"no worker serves {self.model} in the queue at {self._database.place}; start "
                "one with: grader worker URL"
            )

    def _notice_once(self, text: str) -> None:
        if text not in self._noticed:
            self._noticed.add(text)
            self._notice(text)

    def _halt(self) -> None:
        for each in self._waiting.values():
            if not each.result.done():
                each.result.set_exception(Halted())

    def _fail(self, error: GraderError) -> None:
        self._failure = error
        for each in self._waiting.values():
            if not each.result.done():
                each.result.set_exception(error)


def _batches(questions: Collection[str]) -> Iterator[list[str]]:
    rest = iter(questions)
    while some := list(islice(rest, AT_A_TIME)):
        yield some
