"""One run of the judges over one or many planned comparisons, in one event loop.

Opens judges, journal and ledgers, asks, and hands each draft over as it is done. The first
Ctrl-C lets what is under way end and keeps it; the second one stops at once.
"""

from __future__ import annotations

import asyncio
import contextlib
import signal
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from grader.comparison.comparison import Comparison
from grader.comparison.draft import draft_with_judges
from grader.comparison.plan import Plan
from grader.errors import GraderError, InputError, Interrupted, WaitingForAnswers
from grader.judge.asking import Asker, Board, Progress
from grader.judge.budget import Budget
from grader.judge.choose import is_live, open_judge
from grader.judge.journal import Journal, check_place
from grader.judge.judge import AnswerPending, Judge
from grader.judge.ledger import Ledger, spent_in
from grader.judge.options import JudgeOptions, price_of
from grader.judge.prices import Price, Prices, read_prices
from grader.judge.settings import JudgeSettings
from grader.judge.throttle import Halted, Throttle

PAIRS_AT_ONCE = 100
"""So many pairs share the judges' queue; more wait, so that memory and open files stay few."""


NAMED = 3
"""So many comparisons are named that could not be made; of more, the number is told."""


@dataclass(frozen=True)
class Job:
    """One comparison to be asked for."""

    plan: Plan
    folder: Path


@dataclass
class _Opened:
    """A judge with what its askers share."""

    judge: Judge
    throttle: Throttle
    price: Price | None


class JudgeRun:
    """The judges of a run, opened; nothing is sent before `draft`.

    Args:
        specs: as in `open_judge`.
        asking: how they are asked.
        samples: how often each verdict is asked.
        journal: file of the journal.
        folders: of all comparisons of the run: what was spent on them counts.

    Raises:
        InputError: a judge, price table or budget that can't be used.
        JudgeError: no key, and no journal that could answer without one.
    """

    def __init__(
        self,
        specs: Sequence[str],
        asking: JudgeOptions,
        *,
        samples: int,
        journal: str | Path,
        folders: Sequence[Path] = (),
    ) -> None:
        check_place(journal)
        self._asking = asking
        self._journal = journal
        prices = read_prices(asking.prices)
        budget = _budget(specs, asking, prices, folders)
        # At temperature 0 repeats would repeat themselves: samples keep the provider's own.
        settings = JudgeSettings(
            temperature=0.0 if samples == 1 else None,
            reasoning_effort=asking.reasoning_effort,
            timeout_s=asking.timeout_s,
        )
        self._judges = [
            self._open(spec, prices, budget, settings, key_needed=not Path(journal).is_file())
            for spec in specs
        ]

    def _open(
        self,
        spec: str,
        prices: Prices,
        budget: Budget | None,
        settings: JudgeSettings,
        *,
        key_needed: bool,
    ) -> _Opened:
        asking = self._asking
        throttle = Throttle(
            asking.concurrency,
            requests_per_minute=asking.requests_per_minute,
            tokens_per_minute=asking.tokens_per_minute,
            warm_prefix=asking.warm_prefix,
        )
        live = is_live(spec)
        price = price_of(spec, asking, prices) if live else None
        judge = open_judge(
            spec,
            base_url=asking.base_url,
            settings=settings,
            judge_model=asking.judge_model,
            throttle=throttle,
            price=price,
            budget=budget,
            insecure=asking.insecure,
            key_needed_now=key_needed,
        )
        if not live:
            price = prices.of(judge.model, own_server=judge.server not in (None, "files"))
        if asking.retry_failed and not live:
            raise InputError(
                f"{spec} can't be asked again",
                place="--retry-failed",
                mend="Only a live judge can. What came as files is kept in the journal.",
            )
        return _Opened(judge, throttle, price)

    def draft(
        self,
        jobs: Sequence[Job],
        on_draft: Callable[[Job, Comparison], None],
        *,
        hold: Callable[[Job], contextlib.AbstractContextManager[None]],
        on_progress: Callable[[Progress], None] | None = None,
        on_halt: Callable[[Progress], None] | None = None,
    ) -> None:
        """Ask for all comparisons; each draft is handed over as it is done.

        Args:
            jobs: the comparisons.
            on_draft: takes each one, one after the other, in a thread of its own.
            hold: holds the place of a comparison while it is asked for.
            on_progress: called after each change.
            on_halt: called when Ctrl-C was pressed once.

        Raises:
            JudgeError: the judge can't be used; answers so far are kept.
            WaitingForAnswers: a `files:` judge awaits replies.
            Interrupted: Ctrl-C; what was under way is kept.
            StorageError: something can't be written.
        """
        board = Board(on_progress)
        try:
            asyncio.run(self._draft_all(jobs, on_draft, hold, board, on_halt))
        except KeyboardInterrupt:
            raise Interrupted("stopped at once", mend=GO_ON) from None

    async def _draft_all(
        self,
        jobs: Sequence[Job],
        on_draft: Callable[[Job, Comparison], None],
        hold: Callable[[Job], contextlib.AbstractContextManager[None]],
        board: Board,
        on_halt: Callable[[Progress], None] | None,
    ) -> None:
        journal = Journal(self._journal)
        places = asyncio.Semaphore(PAIRS_AT_ONCE)
        writing = asyncio.Lock()
        asked: dict[str, set[str]] = {each.judge.spec: set() for each in self._judges}
        prices = {each.judge.spec: each.price for each in self._judges}

        async def one(job: Job) -> None:
            async with places:
                with hold(job):
                    with contextlib.closing(Ledger(job.folder)) as ledger:
                        askers = [
                            self._asker(each, journal, ledger, board) for each in self._judges
                        ]
                        try:
                            draft = await draft_with_judges(job.plan, askers, prices)
                        finally:
                            for asker in askers:
                                asked[asker.judge.spec] |= asker.asked
                    # In a thread: nothing would be sent while a writeup is rendered. One at a
                    # time, so that whoever takes the drafts needs no lock.
                    async with writing:
                        thread = asyncio.ensure_future(asyncio.to_thread(on_draft, job, draft))
                        try:
                            await asyncio.shield(thread)
                        finally:
                            # A thread can't be cancelled: the place is held until it has ended.
                            await asyncio.wait([thread])

        halted = False

        def halt() -> None:
            nonlocal halted
            halted = True
            if on_halt is not None:
                on_halt(board.progress)
            for each in self._judges:
                each.throttle.halt()

        try:
            with _on_first_interrupt(halt):
                ended = await asyncio.gather(*map(one, jobs), return_exceptions=True)
            await self._tell(jobs, ended, asked, halted)
        finally:
            for each in self._judges:
                await each.judge.close()
            journal.close()

    def _asker(self, each: _Opened, journal: Journal, ledger: Ledger, board: Board) -> Asker:
        return Asker(
            each.judge,
            journal,
            ledger,
            throttle=each.throttle,
            board=board,
            retry_failed=self._asking.retry_failed,
        )

    async def _tell(
        self,
        jobs: Sequence[Job],
        ended: Sequence[BaseException | None],
        asked: Mapping[str, set[str]],
        halted: bool,
    ) -> None:
        """Raise what is to be told of how the comparisons ended, the gravest first."""
        failed = [(job, each) for job, each in zip(jobs, ended, strict=True) if each]
        if not failed:
            return
        failures = [failure for _, failure in failed]
        open_ = [isinstance(failure, AnswerPending) for failure in failures]
        waiting = await self._end_round(asked if all(open_) else None) if any(open_) else None
        for failure in failures:
            if isinstance(failure, GraderError):
                raise _with_names(failure, [job.plan.slug for job, _ in failed], len(jobs))
            if not isinstance(failure, (AnswerPending, Halted)):
                raise failure
        if halted:
            raise Interrupted("stopped; what was under way has ended and is kept", mend=GO_ON)
        raise waiting or failures[0]

    async def _end_round(self, asked: Mapping[str, set[str]] | None) -> WaitingForAnswers | None:
        """Let every judge write out what is open, also where other comparisons failed."""
        waiting = []
        for each in self._judges:
            try:
                await each.judge.end_round(asked[each.judge.spec] if asked else None)
            except WaitingForAnswers as error:
                waiting.append(error)
        return waiting[0] if waiting else None


GO_ON = "Every answer that came is kept. Run the same command again to go on."


def _with_names(failure: GraderError, slugs: Sequence[str], of: int) -> GraderError:
    """The same error, with the names of the comparisons that were not made."""
    if of == 1:
        return failure
    more = f" and {len(slugs) - NAMED} more" if len(slugs) > NAMED else ""
    kept = "; the others are kept" if len(slugs) < of else ""
    return type(failure)(
        f"{failure.problem}\n  Not made: {len(slugs)} of {of} comparisons "
        f"({', '.join(slugs[:NAMED])}{more}){kept}.",
        mend=failure.mend,
        place=failure.place,
    )


def _budget(
    specs: Sequence[str], asking: JudgeOptions, prices: Prices, folders: Sequence[Path]
) -> Budget | None:
    if asking.budget_usd is None:
        return None
    for spec in specs:
        if is_live(spec) and price_of(spec, asking, prices) is None:
            raise InputError(
                f"no price is known for {spec}, so a budget can't be kept",
                place="--budget",
                mend="Write its price into a file and give it with --prices; see docs/judges.md.",
            )
    return Budget(asking.budget_usd, sum(spent_in(folder) for folder in folders))


@contextlib.contextmanager
def _on_first_interrupt(halt: Callable[[], None]) -> Iterator[None]:
    """Call `halt` at the first Ctrl-C; from the second one on it cancels everything."""
    loop = asyncio.get_running_loop()
    task = asyncio.current_task()
    assert task is not None
    pressed = 0

    def on_signal() -> None:
        nonlocal pressed
        pressed += 1
        if pressed == 1:
            halt()
        else:
            task.cancel()

    try:
        loop.add_signal_handler(signal.SIGINT, on_signal)
    except (NotImplementedError, RuntimeError, ValueError):
        # Not the main thread, or no such system: Ctrl-C then is as it always is.
        yield
        return
    try:
        yield
    except asyncio.CancelledError:
        if pressed > 1:
            raise KeyboardInterrupt from None
        raise
    finally:
        loop.remove_signal_handler(signal.SIGINT)
