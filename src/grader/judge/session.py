"""One session of asking: judges with their journal, ledgers, budget, pace and Ctrl-C.

Everything that asks a judge goes through a session. It opens the judges, lets pieces of work ask
them in one event loop, and turns how these ended into one result or one error. The first Ctrl-C
lets what is under way end and keeps it; the second one stops at once.
"""

from __future__ import annotations

import asyncio
import contextlib
import signal
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from grader.errors import GraderError, InputError, Interrupted, WaitingForAnswers
from grader.judge.asking import Answered, Asker, Progress, ProgressCount
from grader.judge.budget import Budget
from grader.judge.choose import is_live, is_queue, open_judge, to_stderr
from grader.judge.journal import Journal
from grader.judge.judge import AnswerPending, Judge
from grader.judge.ledger import Ledger, spent_in
from grader.judge.options import JudgeOptions, end_notice, end_of, price_of
from grader.judge.prices import Price, Prices, read_prices
from grader.judge.refusals import read_rules
from grader.judge.settings import JudgeSettings
from grader.judge.throttle import Halted, Throttle
from grader.questions.question import Question

AT_ONCE = 100
"""So many pieces of work ask at a time; more wait, so that memory and open files stay few."""

AHEAD = 1000
"""So many questions at a time go into a queue: what is under way is its workers'."""

NAMED = 3
"""So many pieces of work are named that could not be done; of more, the number is told."""

GO_ON = "Every answer that came is kept. Run the same command again to go on."

T = TypeVar("T")
OnProgress = Callable[[Progress], None]


@dataclass
class OpenedJudge:
    """A judge with what all that ask it share."""

    judge: Judge
    throttle: Throttle
    price: Price | None


class JudgeSession:
    """Judges, opened; nothing is sent before `run`.

    Args:
        specs: the judges, as in `open_judge`.
        options: how they are asked.
        journal: file or URL of the journal; None: replies are kept nowhere.
        settings: sampling parameters and patience; None: those of the options.
        paid: folders of ledgers; what was spent by them counts against the budget.
        notice: called with a sentence where something is odd that can be passed over.

    Raises:
        InputError: a judge, price table or budget that can't be used.
        JudgeError: no key, and no journal that could answer without one.
    """

    def __init__(
        self,
        specs: Sequence[str],
        options: JudgeOptions,
        *,
        journal: str | Path | None,
        settings: JudgeSettings | None = None,
        paid: Sequence[Path] = (),
        notice: Callable[[str], None] = to_stderr,
    ) -> None:
        self._options = options
        self._notice = notice
        self._rules = read_rules(options.server_errors) if options.server_errors else None
        self._where = journal
        self._journal: Journal | None = None
        self._settings = settings or options.settings()
        prices = read_prices(options.prices)
        budget = _budget(specs, options, prices, paid)
        self.judges = [self._open(spec, prices, budget) for spec in specs]
        self._counts = ProgressCount()
        self._asked: dict[str, set[str]] = {each.judge.spec: set() for each in self.judges}
        self._halted = False

    def _open(self, spec: str, prices: Prices, budget: Budget | None) -> OpenedJudge:
        options = self._options
        live = is_live(spec)
        throttle = Throttle(
            # The pace of a queue is its workers'.
            AHEAD if is_queue(spec) else options.concurrency,
            requests_per_minute=options.requests_per_minute,
            tokens_per_minute=options.tokens_per_minute,
            warm_prefix=options.warm_prefix,
        )
        price = price_of(spec, options, prices) if live else None
        if live and (end := end_of(spec, options, prices)):
            self._notice(end_notice(spec, end))
        judge = open_judge(
            spec,
            base_url=options.base_url,
            settings=self._settings,
            judge_model=options.judge_model,
            throttle=throttle,
            price=price,
            budget=budget,
            rules=self._rules,
            notice=self._notice,
            insecure=options.insecure,
            key_needed_now=self._where is None or not _exists(self._where),
            on_flow=lambda text: self._counts.flow(text),
        )
        if not live:
            price = prices.of(judge.model, own_server=(judge.server or "").startswith("http"))
        if options.retry_failed and not live:
            raise InputError(
                f"{spec} can't be asked again",
                place="--retry-failed",
                mend="Only a judge that is asked directly can. Other replies stay in the journal.",
            )
        return OpenedJudge(judge, throttle, price)

    @property
    def prices(self) -> dict[str, Price | None]:
        """What each judge's tokens cost, by spec; None: not known."""
        return {each.judge.spec: each.price for each in self.judges}

    @contextlib.contextmanager
    def askers(self, folder: Path | None) -> Iterator[list[Asker]]:
        """One asker for each judge, in a run of the session.

        Args:
            folder: of the ledger in which attempts are recorded; None: nowhere.
        """
        with contextlib.ExitStack() as stack:
            ledger = None
            if folder is not None:
                ledger = stack.enter_context(contextlib.closing(Ledger(folder)))
            askers = [
                Asker(
                    each.judge,
                    self._journal,
                    ledger,
                    throttle=each.throttle,
                    counts=self._counts,
                    retry_failed=self._options.retry_failed,
                )
                for each in self.judges
            ]
            try:
                yield askers
            finally:
                for asker in askers:
                    self._asked[asker.judge.spec] |= asker.asked

    def ask(
        self,
        questions: Sequence[Question],
        folder: Path | None,
        *,
        on_halt: OnProgress | None = None,
    ) -> list[Answered]:
        """Ask the session's first judge, all questions at once; answers in their order.

        Raises:
            as `run`.
        """

        async def all_of_them() -> list[Answered]:
            with self.askers(folder) as [asker, *_]:

                async def one(place: int, question: Question) -> Answered:
                    async with asker.turn((place,)):
                        return await asker.ask(question)

                return await all_or_pending(
                    [one(place, question) for place, question in enumerate(questions)]
                )

        return self.run([("", all_of_them)], on_halt=on_halt)[0]

    def run(
        self,
        work: Sequence[tuple[str, Callable[[], Awaitable[T]]]],
        *,
        noun: str = "questions",
        on_progress: OnProgress | None = None,
        on_halt: OnProgress | None = None,
    ) -> list[T]:
        """Do pieces of work that ask the judges, together, in an event loop of their own.

        Args:
            work: each with its name; it opens its `askers`.
            noun: what the pieces are, for messages: 'comparisons'.
            on_progress: called after each change.
            on_halt: called when Ctrl-C was pressed once.

        Returns:
            What each piece of work gave, in their order.

        Raises:
            JudgeError: the judge can't be used; answers so far are kept.
            WaitingForAnswers: a `files:` judge awaits replies.
            Interrupted: Ctrl-C; what was under way is kept.
            StorageError: something can't be written.
        """
        self._counts = ProgressCount(on_progress)
        try:
            return asyncio.run(self._run(work, noun, on_halt))
        except KeyboardInterrupt:
            raise Interrupted("stopped at once", mend=GO_ON) from None

    async def _run(
        self,
        work: Sequence[tuple[str, Callable[[], Awaitable[T]]]],
        noun: str,
        on_halt: OnProgress | None,
    ) -> list[T]:
        places = asyncio.Semaphore(AT_ONCE)

        async def one(piece: Callable[[], Awaitable[T]]) -> T:
            async with places:
                return await piece()

        def halt() -> None:
            self._halted = True
            if on_halt is not None:
                on_halt(self._counts.progress)
            for each in self.judges:
                each.throttle.halt()

        self._journal = Journal(self._where) if self._where is not None else None
        try:
            with _on_first_interrupt(halt):
                ended = await asyncio.gather(
                    *(one(piece) for _, piece in work), return_exceptions=True
                )
            await self._raise_gravest([name for name, _ in work], ended, noun)
            return [each for each in ended if not isinstance(each, BaseException)]
        finally:
            for each in self.judges:
                await each.judge.close()
            if self._journal is not None:
                self._journal.close()

    async def _raise_gravest(
        self, names: Sequence[str], ended: Sequence[T | BaseException], noun: str
    ) -> None:
        """Raise what is to be said of how the work ended, the gravest first."""
        failed = [
            (name, each)
            for name, each in zip(names, ended, strict=True)
            if isinstance(each, BaseException)
        ]
        if not failed:
            return
        failures = [failure for _, failure in failed]
        open_ = [isinstance(failure, AnswerPending) for failure in failures]
        waiting = await self._end_round(all_asked=all(open_)) if any(open_) else None
        for failure in failures:
            if isinstance(failure, GraderError):
                raise _with_names(failure, [name for name, _ in failed], len(names), noun)
            if not isinstance(failure, (AnswerPending, Halted)):
                raise failure
        if self._halted:
            raise Interrupted("stopped; what was under way has ended and is kept", mend=GO_ON)
        raise waiting or failures[0]

    async def _end_round(self, *, all_asked: bool) -> WaitingForAnswers | None:
        """Let every judge write out what is open, also where other work failed."""
        waiting = []
        for each in self.judges:
            try:
                await each.judge.end_round(self._asked[each.judge.spec] if all_asked else None)
            except WaitingForAnswers as error:
                waiting.append(error)
        return waiting[0] if waiting else None


async def all_or_pending(awaitables: Sequence[Awaitable[T]]) -> list[T]:
    """All results in order, or AnswerPending or Halted once every awaitable has come to its end.

    Questions that can go on do so before the wait is reported, so that one round of a `files:`
    judge contains as many questions as possible, and a halted run keeps what is under way. Any
    other error stops the rest at once.
    """
    stopped: AnswerPending | Halted | None = None

    async def settle(awaitable: Awaitable[T]) -> T | None:
        nonlocal stopped
        try:
            return await awaitable
        except (AnswerPending, Halted) as error:
            stopped = error
            return None

    tasks = [asyncio.ensure_future(settle(each)) for each in awaitables]
    try:
        results = await asyncio.gather(*tasks)
    except BaseException:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        raise
    if stopped is not None:
        raise stopped
    return [result for result in results if result is not None]


def _with_names(failure: GraderError, names: Sequence[str], of: int, noun: str) -> GraderError:
    """The same error, with the names of the work that was not done."""
    if of == 1:
        return failure
    more = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
    kept = "; the others are kept" if len(names) < of else ""
    return type(failure)(
        f"{failure.problem}\n  Not made: {len(names)} of {of} {noun} "
        f"({', '.join(names[:NAMED])}{more}){kept}.",
        mend=failure.mend,
        place=failure.place,
    )


def _budget(
    specs: Sequence[str], options: JudgeOptions, prices: Prices, paid: Sequence[Path]
) -> Budget | None:
    if options.budget_usd is None:
        return None
    for spec in specs:
        if is_queue(spec):
            raise InputError(
                "a queue's budget belongs to all who use it",
                place="--budget",
                mend="Set it with: grader queue limit URL --usd USD",
            )
        if is_live(spec) and price_of(spec, options, prices) is None:
            raise InputError(
                f"no price is known for {spec}, so a budget can't be kept",
                place="--budget",
                mend="Write its price into a file and give it with --prices; see docs/judges.md.",
            )
    return Budget(options.budget_usd, sum(spent_in(folder) for folder in paid))


def _exists(journal: str | Path) -> bool:
    return "://" in str(journal) or Path(journal).is_file()


@contextlib.contextmanager
def _on_first_interrupt(halt: Callable[[], None]) -> Iterator[None]:
    """Call `halt` at the first Ctrl-C; from the second one on cancel everything."""
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
