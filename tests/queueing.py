"""What the tests of the queue share: a database server of their own, workers and clients."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from grader.judge.asking import Answered, Asker
from grader.judge.choose import open_judge
from grader.judge.journal import Journal
from grader.judge.judge import Judge
from grader.judge.ledger import Ledger
from grader.judge.options import JudgeOptions
from grader.judge.queue.database import read_url
from grader.judge.queue.schema import SCHEMA
from grader.judge.queue.status import Status, read_status
from grader.judge.queue.worker import Worker, run_worker
from grader.judge.throttle import Throttle
from grader.questions.question import Question
from grader.testing.postgres import Cluster, server_programs
from judging import QUICK

MODEL = "openai/test-model"
PRICES = "models: {openai/test-model: {input: 100, output: 40}}\n"

needs_postgres = pytest.mark.skipif(
    server_programs() is None and not os.environ.get("CI"),
    reason="PostgreSQL's server is not installed",
)


@pytest.fixture(scope="module")
def cluster() -> Iterator[Cluster]:
    """A PostgreSQL server in a temporary folder."""
    with Cluster() as running:
        running.create_database("grader")
        yield running


@pytest.fixture
def url(cluster: Cluster) -> str:
    """A database in which no queue is."""
    address = cluster.url("grader")
    rows(address, f"DROP SCHEMA IF EXISTS {SCHEMA} CASCADE")
    return address


def wait_for(condition: Callable[[], Any], what: str, *, seconds: float = 120) -> None:
    """Wait until a condition holds, and fail where it doesn't in time."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"waited in vain for: {what}"
        time.sleep(0.02)


@dataclass
class Client:
    """A folder with journal and ledger, and questions put into a queue from it."""

    folder: Path
    url: str
    notices: list[str] = field(default_factory=list)
    flows: list[str] = field(default_factory=list)

    def ask(self, *questions: Question) -> list[Answered]:
        """Ask all at once, and wait for the answers."""
        return asyncio.run(self.asked(*questions))

    async def asked(self, *questions: Question) -> list[Answered]:
        """The same within an event loop."""
        judge = self.judge()
        journal, ledger = Journal(self.folder / "journal.db"), Ledger(self.folder)
        asker = Asker(judge, journal, ledger)
        try:
            return await asyncio.gather(*(asker.ask(question) for question in questions))
        finally:
            await judge.close()
            ledger.close()
            journal.close()

    def judge(self) -> Judge:
        """The judge that puts questions into the queue."""
        return open_judge(
            f"queue:{self.url}#{MODEL}",
            settings=QUICK,
            throttle=Throttle(1000),
            notice=self.notices.append,
            on_flow=self.flows.append,
        )


def worker(url: str, base_url: str, **options: Any) -> Worker:
    """A worker for the scripted judge, to be run in an event loop."""
    return Worker(
        read_url(url),
        JudgeOptions(base_url=base_url, **options),
        models=[MODEL],
        notice=lambda text: None,
    )


def serve(url: str, base_url: str, concurrency: int, prices: Path | None) -> None:
    """What a process of a worker does until it is killed or drained."""
    run_worker(worker(url, base_url, concurrency=concurrency, prices=prices))


def with_workers(workers: list[Worker], client: Callable[[], Any]) -> Any:
    """Run workers and a client's coroutine in one event loop; the workers end with it."""

    async def run() -> Any:
        async with asyncio.timeout(120):
            serving = [asyncio.create_task(each.run()) for each in workers]
            try:
                return await client()
            finally:
                for each in workers:
                    each.stop()
                await asyncio.gather(*serving)

    return asyncio.run(run())


def status(url: str) -> Status:
    """What `grader queue status` would tell."""
    return read_status(read_url(url))


def rows(url: str, statement: str) -> list[Any]:
    """What a statement finds in the queue's database."""

    async def fetch() -> list[Any]:
        import asyncpg

        connection = await asyncpg.connect(url)
        try:
            found: list[Any] = await connection.fetch(statement)
            return found
        finally:
            await connection.close()

    return asyncio.run(fetch())
