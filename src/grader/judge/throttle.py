"""How much goes out at once to one judge: a queue for questions, a pace for requests.

Questions take their turn in the order that the plan gives them, so that hundreds of pairs can
share one judge. Requests keep to a number at once that falls when the server says that it is too
much and grows again while it is content, and to the user's limits a minute. Halting lets nothing
more out, and what is under way end.
"""

from __future__ import annotations

import asyncio
import heapq
import itertools
from collections import deque
from collections.abc import AsyncIterator, Hashable, Sequence
from contextlib import asynccontextmanager
from weakref import WeakValueDictionary

Place = tuple[int, ...]
"""Where a question stands in the order of questions; the least goes first."""

Prefixes = Sequence[Hashable]
"""Names of the beginnings that a question shares with others, each holding the one before."""

SLOWER = 0.5
"""What remains of the number at once after a server said that it was too much."""

TURNS = 2
"""Questions at work for each request that may be under way: some wait, some are being read."""


class Halted(Exception):
    """The run was asked to stop; nothing more goes out."""


class Throttle:
    """One judge's queue and pace.

    Args:
        concurrency: the most requests under way at once.
        requests_per_minute: the user's limit; None: none.
        tokens_per_minute: likewise, counted as estimated before sending.
        warm_prefix: let the first question on a shared beginning go ahead of the others, so
            that the provider's cache holds the beginning when they come.
    """

    def __init__(
        self,
        concurrency: int = 8,
        *,
        requests_per_minute: float | None = None,
        tokens_per_minute: float | None = None,
        warm_prefix: bool = False,
    ) -> None:
        self.concurrency = concurrency
        self.at_once = float(concurrency)
        """Requests that may be under way now; falls and grows."""
        self.halted = False
        self._per_request_s = 60 / requests_per_minute if requests_per_minute else 0.0
        self._per_token_s = 60 / tokens_per_minute if tokens_per_minute else 0.0
        self._warm_prefix = warm_prefix
        self._warming: dict[Hashable, asyncio.Event] = {}
        self._turns = concurrency * TURNS
        self._queue: list[tuple[Place, int, asyncio.Future[None]]] = []
        self._numbers = itertools.count()
        self._under_way = 0
        self._waiting: deque[asyncio.Future[None]] = deque()
        self._not_before = 0.0
        self._slowed_at = float("-inf")
        self._next_at = 0.0
        self._halt: asyncio.Event | None = None
        self._alone: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    # --- questions ------------------------------------------------------------------------------

    @asynccontextmanager
    async def turn(self, place: Place = (), prefixes: Prefixes = ()) -> AsyncIterator[None]:
        """Wait for a question's turn, and have it until its answer is there. Raises Halted.

        Args:
            place: where it stands in the order of questions.
            prefixes: where the run warms them up, it waits for who goes ahead on each, and goes
                ahead itself on those that nobody asked with yet.
        """
        ahead: list[asyncio.Event] = []
        try:
            for prefix in prefixes if self._warm_prefix else ():
                await self._go_ahead_or_wait(prefix, ahead)
            await self._take_turn(place)
            try:
                yield
            finally:
                self._give_turn()
        finally:
            for warming in ahead:
                warming.set()

    def alone(self, question: str) -> asyncio.Lock:
        """A lock for one question hash: who asks it too waits for the first one's reply."""
        return self._alone.setdefault(question, asyncio.Lock())

    async def _go_ahead_or_wait(self, prefix: Hashable, ahead: list[asyncio.Event]) -> None:
        warming = self._warming.get(prefix)
        if warming is None:
            warming = self._warming[prefix] = asyncio.Event()
            ahead.append(warming)
        else:
            await warming.wait()

    async def _take_turn(self, place: Place) -> None:
        self._check()
        if self._turns > 0 and not self._queue:
            self._turns -= 1
            return
        future = asyncio.get_running_loop().create_future()
        heapq.heappush(self._queue, (place, next(self._numbers), future))
        # A turn may be free while others are still being woken; nobody is passed over.
        self._wake_turns()
        try:
            await future
        except asyncio.CancelledError:
            if future.done() and not future.cancelled() and future.exception() is None:
                self._give_turn()
            raise

    def _give_turn(self) -> None:
        self._turns += 1
        self._wake_turns()

    def _wake_turns(self) -> None:
        while self._queue and self._turns > 0:
            _, _, future = heapq.heappop(self._queue)
            if not future.done():
                self._turns -= 1
                future.set_result(None)

    # --- requests -------------------------------------------------------------------------------

    @asynccontextmanager
    async def sending(self, tokens: int = 0) -> AsyncIterator[None]:
        """Wait until one more request may be under way. Raises Halted.

        Args:
            tokens: how many it will count against the limit a minute, as far as is known.
        """
        await self._take_slot()
        try:
            await self._keep_pace(tokens)
            yield
        finally:
            self._under_way -= 1
            self._wake_slots()

    async def _take_slot(self) -> None:
        self._check()
        if self._under_way < int(self.at_once) and not self._waiting:
            self._under_way += 1
            return
        future = asyncio.get_running_loop().create_future()
        self._waiting.append(future)
        try:
            await future
        except asyncio.CancelledError:
            if future.done() and not future.cancelled() and future.exception() is None:
                self._under_way -= 1
                self._wake_slots()
            raise

    def _wake_slots(self) -> None:
        while self._waiting and self._under_way < int(self.at_once):
            future = self._waiting.popleft()
            if not future.done():
                self._under_way += 1
                future.set_result(None)

    async def _keep_pace(self, tokens: int) -> None:
        loop = asyncio.get_running_loop()
        now = loop.time()
        share = max(self._per_request_s, tokens * self._per_token_s)
        at = max(now, self._next_at)
        self._next_at = at + share
        while (wait := max(at, self._not_before) - loop.time()) > 0:
            await self.pause(wait)
            self._check()

    async def pause(self, seconds: float) -> None:
        """Sleep, but no longer than until the run is halted."""
        self._halt = self._halt or asyncio.Event()
        if self.halted:
            return
        try:
            async with asyncio.timeout(seconds):
                await self._halt.wait()
        except TimeoutError:
            pass

    def went_well(self) -> None:
        """A reply came: after as many as may be under way, one more may."""
        if self.at_once < self.concurrency:
            self.at_once = min(self.concurrency, self.at_once + 1 / self.at_once)
            self._wake_slots()

    def too_much(self, sent_at: float, retry_after_s: float | None) -> None:
        """The server said that it is too much; all requests together back off.

        Args:
            sent_at: when the refused request went out, by the event loop's clock. What was sent
                before the last slowing down says nothing new.
            retry_after_s: the pause that the server asks for; nothing goes out before its end.
        """
        now = asyncio.get_running_loop().time()
        if retry_after_s:
            self._not_before = max(self._not_before, now + retry_after_s)
        if sent_at >= self._slowed_at:
            self._slowed_at = now
            self.at_once = max(1.0, self.at_once * SLOWER)

    # --- halting --------------------------------------------------------------------------------

    def halt(self) -> None:
        """Let nothing more out. What waits gets Halted, what is under way goes on."""
        self.halted = True
        if self._halt is not None:
            self._halt.set()
        waiting = [*self._waiting, *(future for _, _, future in self._queue)]
        self._waiting.clear()
        self._queue.clear()
        for future in waiting:
            if not future.done():
                future.set_exception(Halted())
        for warming in self._warming.values():
            warming.set()

    def _check(self) -> None:
        if self.halted:
            raise Halted
