"""A worker: asks the queue's questions of the judges that this host reaches, and keeps the replies.

PgQueuer gives out the jobs and takes over those of a dead worker. Everything that compares times
is done by the database, so the clocks of the hosts don't matter.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import socket
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from grader.errors import EXIT_INTERRUPTED, GraderError, JudgeError
from grader.judge.budget import BudgetStopped
from grader.judge.choose import find_key, open_judge, own_server, provider_of
from grader.judge.judge import AttemptList, AttemptsExhausted, Judge, Request
from grader.judge.options import JudgeOptions, price_of
from grader.judge.prices import Price, read_prices
from grader.judge.providers import PROVIDERS, provider
from grader.judge.queue.budget import QueueBudget, end_workers, question_asked
from grader.judge.queue.database import (
    Database,
    connection_errors,
    database_errors,
    in_words,
    keep_trying,
    open_pool,
)
from grader.judge.queue.jobs import known_entrypoints, prompt_hash, request_of
from grader.judge.queue.schema import CHANNEL, RESULTS_CHANNEL, SCHEMA, install, queries
from grader.judge.refusals import read_rules
from grader.judge.reply import Call
from grader.judge.throttle import Halted, Throttle
from grader.version import __version__

HEARTBEAT = timedelta(seconds=10)
"""A job without a sign of life for so long is taken over by another worker."""

SIGN_S = 1.0
"""How often a worker gives a sign of life and looks what there is to be served."""

SILENT = timedelta(seconds=15)
"""A worker without a sign for so long is dead."""

GRACE_S = HEARTBEAT.total_seconds() / 2
"""How long after a lost connection nothing is taken over: all hosts were silent meanwhile."""

CONNECTIONS = 8
UNPRICED = Price(input=0, cached_input=None, output=0, up_to=None, read=None, source=None)

_REGISTER_WORKER = f"""
INSERT INTO {SCHEMA}.workers (host, pid, version, address) VALUES ($1, $2, $3, $4) RETURNING id
"""
_SIGN = f"""
UPDATE {SCHEMA}.workers SET last_sign = now(), serves = $2, refuses = $3, ended = false
WHERE id = $1 RETURNING draining
"""
_SORTS = f"SELECT entrypoint, model, prompt, prompt_hash FROM {SCHEMA}.sorts"
_ANSWERED = f"SELECT 1 FROM {SCHEMA}.results WHERE question = $1 AND failure IS NULL"
# One statement, so one transaction and one round trip.
_END_JOB = f"""
WITH ended AS (DELETE FROM {SCHEMA}.jobs WHERE id = $1),
kept AS (
    INSERT INTO {SCHEMA}.results AS before (question, model, calls, failure, detail, worker)
    SELECT $2, $3, $4, $5, $6, $7 WHERE $4::text IS NOT NULL
    ON CONFLICT (question) DO UPDATE SET calls = excluded.calls, failure = excluded.failure,
        detail = excluded.detail, worker = excluded.worker, at = now()
    WHERE before.failure IS NOT NULL)
SELECT pg_notify('{RESULTS_CHANNEL}', $2)
"""


@dataclass
class _Served:
    """A model that this worker asks."""

    judge: Judge
    budget: QueueBudget
    priced: bool


class Worker:
    """Serves a queue until it is stopped.

    Args:
        database: where the queue is.
        options: how judges are asked: address, number at once, prices.
        models: serve these only; empty: every model of the queue that this host reaches.
        notice: told, in a sentence, what the user should know.
    """

    def __init__(
        self,
        database: Database,
        options: JudgeOptions,
        *,
        models: Sequence[str] = (),
        notice: Callable[[str], None],
    ) -> None:
        self.database = database
        self.options = options
        self._models = frozenset(models)
        self._notice = notice
        self._pool: Any = None
        self._number = 0
        self._manager: Any = None
        self._served: dict[str, _Served | None] = {}
        self._serves: set[str] = set()
        self._refuses: set[str] = set()
        self._failure: GraderError | None = None
        self._stopping = asyncio.Event()
        self._connected = False

    async def run(self) -> None:
        """Serve until `stop`, or until the queue is drained.

        Raises:
            InputError: an address or price table that can't be used.
            JudgeError: the database or the judge can't be used. The jobs stay in the queue.
        """
        address = self._address()
        self._pool = await open_pool(self.database, CONNECTIONS)
        try:
            try:
                async with self._pool.acquire() as connection:
                    await install(connection, self.database)
                self._number = await self._pool.fetchval(
                    _REGISTER_WORKER, socket.gethostname(), os.getpid(), __version__, address
                )
                await self._look()
                sign = asyncio.create_task(self._give_signs())
                try:
                    await self._serve()
                finally:
                    sign.cancel()
            except GraderError as error:
                self._failure = error
            except database_errors() as error:
                self._failure = in_words(self.database, error)
            finally:
                await self._end()
        finally:
            self._pool.terminate()
        if self._failure is not None:
            raise self._failure

    @property
    def stopping(self) -> bool:
        """Whether it takes no more jobs."""
        return self._stopping.is_set()

    def stop(self) -> None:
        """Take no more jobs; those under way end, and `run` returns."""
        self._stopping.set()
        if self._manager is not None:
            self._manager.shutdown.set()

    def _address(self) -> str | None:
        # Told now, and not with the first question.
        read_prices(self.options.prices)
        if self.options.server_errors:
            read_rules(self.options.server_errors)
        return own_server("any", self.options.base_url) if self.options.base_url else None

    # --- what this host serves --------------------------------------------------------------

    async def _give_signs(self) -> None:
        while True:
            await asyncio.sleep(SIGN_S)
            try:
                await self._look()
                if self._connected:
                    await end_workers(self._pool, silent_for=SILENT)
            except connection_errors():
                # What is under way goes on; the queue is looked at again when it is back.
                self._connected = False
            except Exception as error:
                self._failure = (
                    error if isinstance(error, GraderError) else in_words(self.database, error)
                )
                self.stop()
                return

    async def _look(self) -> None:
        """Give a sign of life, and begin to serve sorts of questions that are new."""
        for row in await self._pool.fetch(_SORTS):
            if row["entrypoint"] not in self._serves | self._refuses:
                await self._look_at(row["entrypoint"], row["model"], row["prompt"], row)
        draining = await self._pool.fetchval(
            _SIGN, self._number, sorted(self._serves), sorted(self._refuses)
        )
        if draining and not self._stopping.is_set():
            self._notice("the queue is being drained: no more questions are taken")
            self.stop()

    async def _look_at(self, entrypoint: str, model: str, prompt: str, row: Any) -> None:
        if not await self._reaches(model) or entrypoint in self._serves:
            return
        if prompt_hash(prompt) != row["prompt_hash"]:
            self._refuses.add(entrypoint)
            self._notice(
                f"questions of the prompt {prompt} are left to others: grader {__version__} has "
                "another one under this name, or none. Use the same version on every host."
            )
            return
        self._register(entrypoint)

    async def _reaches(self, model: str) -> bool:
        if self._models and model not in self._models:
            return False
        if model not in self._served:
            self._served[model] = await self._opened(model)
            if self._served[model] is not None:
                self._notice(f"serving {model}")
                # Those that nobody has asked yet, too: their first questions need not wait.
                for entrypoint in known_entrypoints(model):
                    self._register(entrypoint)
        return self._served[model] is not None

    async def _opened(self, model: str) -> _Served | None:
        options = self.options
        name = provider_of(model)
        if options.base_url is None:
            if name not in PROVIDERS:
                return None
            chosen = provider(name)
            if chosen.key_variables and find_key(chosen) is None:
                self._notice(
                    f"questions for {model} are left to others: {chosen.key_variables[0]} is not "
                    "set here"
                )
                return None
        price = price_of(model, options, read_prices(options.prices))
        budget = QueueBudget(self._pool, self._number, priced=price is not None)
        judge: Any = open_judge(
            model,
            base_url=options.base_url,
            settings=options.settings(),
            throttle=Throttle(
                options.concurrency,
                requests_per_minute=options.requests_per_minute,
                tokens_per_minute=options.tokens_per_minute,
            ),
            price=price or UNPRICED,
            budget=budget,
            rules=read_rules(options.server_errors) if options.server_errors else None,
            notice=self._notice,
            insecure=options.insecure,
        )
        if options.base_url is not None and not self._models:
            listed = await judge.models()
            if listed and judge.served_name not in listed:
                await judge.close()
                self._notice(
                    f"questions for {model} are left to others: the server here does not list this "
                    f"model; --model {model} serves it all the same"
                )
                return None
        return _Served(judge, budget, priced=price is not None)

    # --- jobs -------------------------------------------------------------------------------

    async def _serve(self) -> None:
        """Take jobs until told to stop, also over losses of the connection."""
        first = True
        while not self._stopping.is_set():
            try:
                if not first:
                    await self._pool.fetchval("SELECT 1")
                    await asyncio.sleep(GRACE_S)
                first = False
                self._connected = True
                await self._take_jobs()
            except connection_errors() as error:
                self._connected = False
                self._notice(f"{in_words(self.database, error).problem}; trying again")
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(1.0):
                        await self._stopping.wait()

    async def _take_jobs(self) -> None:
        from pgqueuer.core.qm import QueueManager
        from pgqueuer.domain.types import Channel

        manager = self._manager = QueueManager(queries(self._pool), Channel(CHANNEL))
        if self._stopping.is_set():
            return
        for entrypoint in self._serves:
            manager.entrypoint(entrypoint)(self._do)
        # More than are asked at once, so that a reply is kept while the next request is out.
        at_once = max(2, self.options.concurrency + self.options.concurrency // 2)
        try:
            await manager.run(
                dequeue_timeout=timedelta(seconds=SIGN_S),
                batch_size=max(1, min(at_once // 2, 50)),
                max_concurrent_tasks=at_once,
                heartbeat_timeout=HEARTBEAT,
                log_aggregation_interval=timedelta(0),
            )
        finally:
            self._manager = None

    def _register(self, entrypoint: str) -> None:
        if entrypoint not in self._serves:
            self._serves.add(entrypoint)
            if self._manager is not None:
                self._manager.entrypoint(entrypoint)(self._do)

    async def _do(self, job: Any) -> None:
        """Ask one question and keep what came of it, in the transaction that ends the job."""
        from pgqueuer.errors import RetryRequested

        request = request_of(job.payload)
        if await keep_trying(lambda: self._pool.fetchval(_ANSWERED, request.hash)):
            await self._end_job(job.id, request)
            return
        question_asked.set(request.hash)
        served = self._served[request.model]
        assert served is not None
        calls = AttemptList()
        failure = detail = None
        try:
            await served.judge.reply(request, calls)
        except AttemptsExhausted as error:
            failure, detail = "api_error", error.detail
        except BudgetStopped as error:
            failure, detail = "budget_stopped", error.detail
        except (JudgeError, Halted) as error:
            # Nothing can be asked from here any more: others may have better luck.
            self._failure = self._failure or (error if isinstance(error, JudgeError) else None)
            self.stop()
            raise RetryRequested(timedelta(0)) from None
        except Exception as error:
            failure, detail = "api_error", f"the worker failed: {type(error).__name__}"
        text = _as_text(calls, priced=served.priced)
        await self._end_job(job.id, request, text, failure, detail)

    async def _end_job(
        self,
        job: int,
        request: Request,
        calls: str | None = None,
        failure: str | None = None,
        detail: str | None = None,
    ) -> None:
        """End a job and keep what came of it, if anything did, and tell the clients."""
        values = (job, request.hash, request.model, calls, failure, detail, self._number)
        await keep_trying(lambda: self._pool.execute(_END_JOB, *values))

    async def _end(self) -> None:
        for served in self._served.values():
            if served is not None:
                await served.budget.flushed()
                await served.judge.close()
        problem = self._failure.problem if self._failure is not None else None
        with contextlib.suppress(*connection_errors()):
            await end_workers(self._pool, silent_for=SILENT, ended=self._number, problem=problem)


def _as_text(calls: list[Call], *, priced: bool) -> str:
    """The attempts as JSON that any database takes: no character outside ASCII."""
    records = [call.model_dump(exclude_none=True) for call in calls]
    if not priced:
        records = [_without_cost(record) for record in records]
    return json.dumps(records)


def _without_cost(record: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in record.items() if not name.startswith("usd")}


def run_worker(worker: Worker) -> None:
    """Serve until drained or stopped: a first Ctrl-C lets what is under way end.

    Raises:
        as `Worker.run`.
    """

    async def main() -> None:
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, on_signal)
        await worker.run()

    def on_signal() -> None:
        if worker.stopping:
            # As a kill would: other workers take the jobs over, and none is marked as ended.
            os._exit(EXIT_INTERRUPTED)
        worker.stop()

    asyncio.run(main())
