"""The budget and the number under way that all hosts share: one row, one conditional update.

Before a request goes out, the most it can cost is reserved and it counts as under way; afterwards
what it did cost takes the place of that. Where a worker died, what it had reserved counts as spent.
"""

from __future__ import annotations

import asyncio
from contextvars import ContextVar
from datetime import timedelta
from functools import partial
from typing import Any

from grader.judge.budget import Budget, BudgetStopped
from grader.judge.queue.database import keep_trying
from grader.judge.queue.schema import SCHEMA

LOOK_AGAIN_S = 0.05
"""How often one request of a worker looks whether it may go out now."""

question_asked: ContextVar[str] = ContextVar("question_asked")
"""The hash of the question that the current task asks."""

_RESERVE = f"""
WITH reserved AS (
    UPDATE {SCHEMA}.budget
    SET reserved_usd = reserved_usd + $3, under_way = under_way + 1
    WHERE (cap_usd IS NULL OR ($4 AND spent_usd + reserved_usd + $3 <= cap_usd))
      AND (most_under_way IS NULL OR under_way < most_under_way)
    RETURNING 1)
INSERT INTO {SCHEMA}.requests (question, worker, most_usd) SELECT $1, $2, $3 FROM reserved
RETURNING id
"""
# A worker that was taken for dead and lives after all puts the real cost in place of the most.
_SETTLE = f"""
WITH given AS (SELECT * FROM unnest($1::bigint[], $2::double precision[]) AS given (id, usd)),
before AS (
    SELECT requests.id, given.usd, requests.most_usd, requests.state = 'sent' AS sent
    FROM {SCHEMA}.requests JOIN given USING (id)
    WHERE state IN ('sent', 'lost') ORDER BY id FOR UPDATE OF requests),
ended AS (
    UPDATE {SCHEMA}.requests SET state = 'ended', usd = before.usd, ended_at = now()
    FROM before WHERE requests.id = before.id),
total AS (
    SELECT COALESCE(sum(usd), 0) AS spent,
        COALESCE(sum(most_usd) FILTER (WHERE sent), 0) AS reserved,
        COALESCE(sum(most_usd) FILTER (WHERE NOT sent), 0) AS counted_before,
        count(*) FILTER (WHERE sent) AS number
    FROM before)
UPDATE {SCHEMA}.budget SET
    spent_usd = GREATEST(spent_usd + spent - counted_before, 0),
    reserved_usd = CASE WHEN under_way <= number THEN 0
        ELSE GREATEST(reserved_usd - reserved, 0) END,
    under_way = GREATEST(under_way - number, 0)
FROM total
"""
_END = f"""
WITH gone AS (
    UPDATE {SCHEMA}.workers SET ended = true,
        problem = CASE WHEN id = $1 THEN $2 ELSE 'gave no sign of life' END
    WHERE NOT ended AND (id = $1 OR last_sign < now() - $3::interval) RETURNING id),
lost AS (
    UPDATE {SCHEMA}.requests SET state = 'lost', usd = most_usd, ended_at = now()
    WHERE state = 'sent' AND worker IN (SELECT id FROM gone) RETURNING most_usd),
total AS (SELECT COALESCE(sum(most_usd), 0) AS most, count(*) AS number FROM lost)
UPDATE {SCHEMA}.budget SET
    spent_usd = spent_usd + most,
    reserved_usd = CASE WHEN under_way <= number THEN 0 ELSE GREATEST(reserved_usd - most, 0) END,
    under_way = GREATEST(under_way - number, 0)
FROM total WHERE number > 0
"""


class QueueBudget(Budget):
    """What the workers of all hosts may still spend and send together.

    Args:
        pool: connections to the queue's database.
        worker: the number of the worker that spends.
        priced: whether the cost of a request is known; without a price no cap can be kept.
    """

    def __init__(self, pool: Any, worker: int, *, priced: bool) -> None:
        super().__init__(0.0)
        self._pool = pool
        self._worker = worker
        self._priced = priced
        self._ended: list[tuple[int, float]] = []
        self._turn = asyncio.Lock()
        self._flushing: asyncio.Task[None] | None = None

    async def reserve(self, most_usd: float) -> int:
        """Reserve money for one request and count it as under way; gives its number.

        Waits while as many are under way as may be, or while those may still turn out cheaper.

        Raises:
            BudgetStopped: it doesn't fit, whatever the ones under way will cost.
        """
        if not self._turn.locked():
            number = await keep_trying(lambda: self._reserved(most_usd))
            if number is not None:
                return number
        # Where it is full, one request of this worker looks and the others wait behind it.
        async with self._turn:
            while True:
                number = await keep_trying(lambda: self._reserved(most_usd))
                if number is not None:
                    return number
                await asyncio.sleep(LOOK_AGAIN_S)

    async def _reserved(self, most_usd: float) -> int | None:
        number: int | None = await self._pool.fetchval(
            _RESERVE, question_asked.get(), self._worker, most_usd, self._priced
        )
        if number is not None:
            return number
        row = await self._pool.fetchrow(f"SELECT * FROM {SCHEMA}.budget")
        cap = row["cap_usd"]
        if cap is not None and not self._priced:
            raise BudgetStopped(
                "the worker knows no price (--prices), so the budget of the queue can't be kept"
            )
        over = cap is not None and row["spent_usd"] + row["reserved_usd"] + most_usd > cap
        if over and row["under_way"] == 0:
            raise BudgetStopped(
                f"${row['spent_usd']:.4f} of the queue's budget of ${cap:.2f} are spent, and this "
                f"question may cost up to ${most_usd:.4f}"
            )
        return None

    def settle(self, number: int, usd: float) -> None:
        """Put what a request did cost in the place of what was reserved for it, very soon."""
        self._ended.append((number, usd))
        if self._flushing is None or self._flushing.done():
            self._flushing = asyncio.get_running_loop().create_task(self._flush())

    async def flushed(self) -> None:
        """Wait until everything that was settled stands in the database."""
        while self._flushing is not None and not self._flushing.done():
            await self._flushing

    async def _flush(self) -> None:
        while self._ended:
            ended, self._ended = self._ended, []
            numbers, costs = [number for number, _ in ended], [usd for _, usd in ended]
            await keep_trying(partial(self._pool.execute, _SETTLE, numbers, costs))


async def end_workers(
    pool: Any, *, silent_for: timedelta, ended: int | None = None, problem: str | None = None
) -> None:
    """End one worker, and those without a sign of life; what they had reserved counts as spent.

    Args:
        pool: connections to the queue's database.
        silent_for: without a sign for so long, by the database's clock, a worker is dead.
        ended: the number of the worker that ends by itself.
        problem: why it ends, where that is a failure.
    """
    await pool.execute(_END, ended, problem, silent_for)
