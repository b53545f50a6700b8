"""The budget: a hard cap in US dollars, also with many requests under way at once.

Before a request goes out, the most it can cost is set aside; when it ends, what it did cost takes
the place of that. So what was spent and what is set aside never pass the cap together.
"""

from __future__ import annotations

import asyncio


class BudgetStopped(Exception):
    """The question was not sent: with it the budget could be passed."""

    def __init__(self, detail: str) -> None:
        self.detail = detail
        super().__init__(detail)


class Budget:
    """What may still be spent by all judges of a run together.

    Args:
        cap_usd: the cap.
        spent_usd: what earlier runs of the same comparison spent of it.
    """

    def __init__(self, cap_usd: float, spent_usd: float = 0.0) -> None:
        self.cap_usd = cap_usd
        self.spent_usd = spent_usd
        self.stopped = False
        """Whether a question was held back. From then on every one is."""
        self._reserve: dict[int, float] = {}
        self._number = 0
        self._settled: asyncio.Event | None = None

    async def reserve(self, most_usd: float) -> int:
        """Set money aside for one attempt; gives the number to settle it by.

        Waits while attempts under way may still turn out cheaper.

        Raises:
            BudgetStopped: it doesn't fit, whatever the ones under way will cost.
        """
        while not self.stopped:
            if self._taken() + most_usd <= self.cap_usd:
                self._number += 1
                self._reserve[self._number] = most_usd
                return self._number
            if not self._reserve:
                self.stopped = True
                break
            self._settled = self._settled or asyncio.Event()
            await self._settled.wait()
        raise BudgetStopped(
            f"${self.spent_usd:.4f} of the budget of ${self.cap_usd:.2f} are spent, and this "
            f"question may cost up to ${most_usd:.4f}"
        )

    def settle(self, number: int, usd: float) -> None:
        """Put what an attempt did cost in the place of what was set aside for it."""
        del self._reserve[number]
        self.spent_usd += usd
        if self._settled is not None:
            self._settled.set()
            self._settled = None

    def _taken(self) -> float:
        return self.spent_usd + sum(self._reserve.values())
