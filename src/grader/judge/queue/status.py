"""What stands in a queue: its workers, open and failed questions, and what was spent."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from grader.judge.queue.database import Database, database_errors, in_words, open_pool
from grader.judge.queue.schema import SCHEMA, install

ALIVE_S = 15
"""A worker whose last sign of life is older counts as dead."""

SHOWN_S = 24 * 60 * 60
"""A worker whose last sign of life is older is not shown any more."""

RATE_S = 30
"""Over so many seconds the rate is counted."""

_WORKERS = f"""
SELECT id, host, pid, version, address, serves, refuses, draining, ended, problem,
    extract(epoch FROM now() - last_sign)::float AS silent_s,
    (SELECT count(*) FROM {SCHEMA}.requests r WHERE r.worker = w.id AND r.state = 'sent')
        AS under_way
FROM {SCHEMA}.workers w
WHERE last_sign > now() - interval '{SHOWN_S} s'
    AND (NOT $1 OR (NOT ended AND last_sign > now() - interval '{ALIVE_S} s'))
ORDER BY id
"""
_FLOW = f"""
SELECT under_way, cap_usd, spent_usd, reserved_usd, most_under_way,
    (SELECT count(*) FROM {SCHEMA}.requests WHERE ended_at > now() - interval '{RATE_S} s')
        AS ended_lately
FROM {SCHEMA}.budget
"""
_QUESTIONS = f"""
SELECT (SELECT count(*) FROM {SCHEMA}.jobs WHERE status = 'queued') AS waiting,
    (SELECT count(*) FROM {SCHEMA}.jobs WHERE status = 'picked') AS taken,
    (SELECT count(*) FROM {SCHEMA}.results WHERE failure IS NULL) AS answered,
    (SELECT count(*) FROM {SCHEMA}.results WHERE failure IS NOT NULL) AS failed
"""

_LIMIT = f"""
UPDATE {SCHEMA}.budget SET
    cap_usd = COALESCE($1, CASE WHEN $3 THEN NULL ELSE cap_usd END),
    most_under_way = COALESCE($2, CASE WHEN $3 THEN NULL ELSE most_under_way END)
"""

T = TypeVar("T")


@dataclass(frozen=True)
class Worker:
    """A worker, by what it said of itself."""

    id: int
    host: str
    pid: int
    version: str
    address: str | None
    serves: list[str]
    refuses: list[str]
    draining: bool
    ended: bool
    problem: str | None
    silent_s: float
    under_way: int

    @property
    def alive(self) -> bool:
        """Whether it gave a sign of life lately."""
        return not self.ended and self.silent_s < ALIVE_S

    def serves_model(self, model: str) -> bool:
        """Whether it asks this model."""
        return any(entrypoint.startswith(f"{model} ") for entrypoint in self.serves)


@dataclass(frozen=True)
class Flow:
    """What goes through the queue, over all hosts."""

    under_way: int
    cap_usd: float | None
    spent_usd: float
    reserved_usd: float
    most_under_way: int | None
    ended_lately: int

    @property
    def per_second(self) -> float:
        """Requests that ended, a second."""
        return self.ended_lately / RATE_S

    def in_short(self, workers: list[Worker]) -> str:
        """For a line of progress, where it must leave room for the bar in 80 columns."""
        hosts = len({worker.host for worker in workers})
        rate = f"{self.per_second:.0f}" if self.per_second >= 10 else f"{self.per_second:.1f}"
        usd = f"{self.spent_usd:.0f}" if self.spent_usd >= 10 else f"{self.spent_usd:.2f}"
        plural = "s" if hosts != 1 else ""
        return f"{hosts} host{plural}, {self.under_way} out, {rate}/s, ${usd}"


@dataclass(frozen=True)
class Status:
    """Everything that `grader queue status` tells."""

    workers: list[Worker]
    flow: Flow
    waiting: int
    taken: int
    answered: int
    failed: int


async def read_workers(pool: Any, *, alive: bool = True) -> list[Worker]:
    """The workers, by number; with `alive` those that gave a sign of life lately."""
    return [Worker(**row) for row in await pool.fetch(_WORKERS, alive)]


async def read_flow(pool: Any) -> Flow:
    """What goes through the queue now."""
    return Flow(**await pool.fetchrow(_FLOW))


def read_status(database: Database) -> Status:
    """Workers, questions and spend of a queue. Raises JudgeError, InputError, RecordError."""

    async def read(pool: Any) -> Status:
        questions = await pool.fetchrow(_QUESTIONS)
        return Status(await read_workers(pool, alive=False), await read_flow(pool), **questions)

    return _with_pool(database, read)


def set_limits(
    database: Database, *, usd: float | None, under_way: int | None, lift: bool = False
) -> Flow:
    """Set what all hosts together may spend, and how many requests they may have under way.

    Args:
        database: where the queue is.
        usd: the cap in US dollars; None leaves it.
        under_way: the number of requests; None leaves it.
        lift: take both limits away first.
    """

    async def write(pool: Any) -> Flow:
        await pool.execute(_LIMIT, usd, under_way, lift)
        return await read_flow(pool)

    return _with_pool(database, write)


def drain(database: Database, on_wait: Callable[[list[Worker]], None]) -> int:
    """Ask every worker to end, and wait until all have; gives how many there were.

    Args:
        database: where the queue is.
        on_wait: told, now and then, which workers have not ended yet.
    """

    async def wait(pool: Any) -> int:
        first = await read_workers(pool)
        await pool.execute(f"UPDATE {SCHEMA}.workers SET draining = true WHERE NOT ended")
        while left := await read_workers(pool):
            on_wait(left)
            await asyncio.sleep(0.5)
        return len(first)

    return _with_pool(database, wait)


def _with_pool(database: Database, action: Callable[[Any], Awaitable[T]]) -> T:
    async def run() -> T:
        pool = await open_pool(database, 2)
        try:
            async with pool.acquire() as connection:
                await install(connection, database)
            return await action(pool)
        except database_errors() as error:
            raise in_words(database, error) from None
        finally:
            pool.terminate()

    return asyncio.run(run())
