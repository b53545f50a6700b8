"""One run of the judges over one or many planned comparisons."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from grader.comparison.comparison import Comparison
from grader.comparison.draft import draft_with_judges
from grader.comparison.plan import Plan
from grader.judge.session import JudgeSession, OnProgress


@dataclass(frozen=True)
class Job:
    """One comparison to be asked for."""

    plan: Plan
    folder: Path


def draft_all(
    session: JudgeSession,
    jobs: Sequence[Job],
    on_draft: Callable[[Job, Comparison], None],
    *,
    hold: Callable[[Job], contextlib.AbstractContextManager[None]],
    on_progress: OnProgress | None = None,
    on_halt: OnProgress | None = None,
) -> None:
    """Ask for all comparisons; `on_draft` is called with each draft as it is done.

    Args:
        session: the judges.
        jobs: the comparisons.
        on_draft: called one after the other, in a thread of its own.
        hold: locks the folder of a comparison while it is asked for.
        on_progress: called after each change.
        on_halt: called when Ctrl-C was pressed once.

    Raises:
        as `JudgeSession.run`.
    """
    writing = asyncio.Lock()

    async def one(job: Job) -> None:
        with hold(job):
            with session.askers(job.folder) as askers:
                draft = await draft_with_judges(job.plan, askers, session.prices)
            # In a thread: nothing would be sent while a writeup is rendered. One at a time, so
            # that `on_draft` needs no lock.
            async with writing:
                thread = asyncio.ensure_future(asyncio.to_thread(on_draft, job, draft))
                try:
                    await asyncio.shield(thread)
                finally:
                    # A thread can't be cancelled: the folder stays locked until it has ended.
                    await asyncio.wait([thread])

    session.run(
        [(job.plan.slug, partial(one, job)) for job in jobs],
        noun="comparisons",
        on_progress=on_progress,
        on_halt=on_halt,
    )
