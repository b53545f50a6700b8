"""What a queue costs beside asking from one process, in one run.

    python benchmarks/queue_overhead.py [--questions 600] [--concurrency 50] [--latency 2]
        [--workers 1] [--round-trip 0.02]

A scripted judge answers verdict questions on a transcript of 1,700 words so long after each
request, 0.2 s and 2 s where nothing is said. Beside each other: grader from one process with so
many requests at once, and through a queue whose workers have as many together. The database is
PostgreSQL in a temporary folder; with --round-trip client and workers reach it over a link that
takes so long there and back. The ideal is the number of waves times the latency. Imports and
connections are paid before: each way answers 20 questions first.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import multiprocessing
import signal
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from common import MODEL, scripted_judge, verdict_questions
from grader.judge.asking import Asker
from grader.judge.choose import open_judge
from grader.judge.journal import Journal
from grader.judge.judge import Judge
from grader.judge.ledger import Ledger
from grader.judge.options import JudgeOptions
from grader.judge.queue.database import read_url
from grader.judge.queue.status import drain, read_status
from grader.judge.queue.worker import Worker, run_worker
from grader.judge.throttle import Throttle
from grader.questions.question import Question
from grader.testing.postgres import Cluster
from grader.testing.slow_link import SlowLink

FIRST = 20


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--questions", type=int, default=600)
    parser.add_argument("--concurrency", type=int, default=50)
    parser.add_argument("--latency", type=float, action="append")
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--round-trip", type=float, default=0.0)
    options = parser.parse_args()
    at_once = options.concurrency
    print(
        f"{options.questions} questions, {at_once} at once, {options.workers} workers, "
        f"round trip to the database {options.round_trip:g} s"
    )
    questions = verdict_questions(FIRST + options.questions)
    with Cluster() as cluster, _link(cluster, options.round_trip) as port:
        for number, latency_s in enumerate(options.latency or (0.2, 2.0)):
            cluster.create_database(f"q{number}")
            url = cluster.url(f"q{number}", port=port)
            ideal = -(-options.questions // at_once) * latency_s
            print(f"\nlatency {latency_s:g} s, ideal {ideal:.2f} s")
            with scripted_judge(latency_s) as base_url:
                throttle = Throttle(at_once)
                judge = open_judge(MODEL, base_url=base_url, throttle=throttle)
                _tell("one process", asyncio.run(_timed(judge, throttle, questions)), ideal)
                with _workers(url, base_url, at_once // options.workers, options.workers):
                    throttle = Throttle(1000)
                    judge = open_judge(f"queue:{url}#{MODEL}", throttle=throttle)
                    _tell("the queue", asyncio.run(_timed(judge, throttle, questions)), ideal)


def _tell(name: str, measured: tuple[float, float], ideal: float) -> None:
    seconds, cpu_ms = measured
    print(
        f"  {name:<12} {seconds:6.2f} s  {seconds / ideal:5.2f} of the ideal  "
        f"{cpu_ms:5.2f} ms CPU a question in the client",
        flush=True,
    )


async def _timed(
    judge: Judge, throttle: Throttle, questions: list[Question]
) -> tuple[float, float]:
    with tempfile.TemporaryDirectory() as folder:
        journal = Journal(Path(folder) / "journal.db")
        asker = Asker(judge, journal, Ledger(Path(folder)), throttle=throttle)

        async def ask(place: int, question: Question) -> None:
            async with asker.turn((place,)):
                answered = await asker.ask(question)
            assert answered.outcome == "answered", answered

        async def ask_all(some: list[Question]) -> None:
            await asyncio.gather(*(ask(place, each) for place, each in enumerate(some)))

        await ask_all(questions[:FIRST])
        started, cpu = time.perf_counter(), time.process_time()
        await ask_all(questions[FIRST:])
        measured = time.perf_counter() - started, time.process_time() - cpu
        await judge.close()
        journal.close()
        return measured[0], 1000 * measured[1] / (len(questions) - FIRST)


@contextmanager
def _link(cluster: Cluster, round_trip_s: float) -> Iterator[int]:
    if not round_trip_s:
        yield cluster.port
        return
    # In a process of its own, so that its work is not taken for the client's.
    context = multiprocessing.get_context("spawn")
    ports: multiprocessing.Queue[int] = context.Queue()
    process = context.Process(target=_pass_on, args=(cluster.port, round_trip_s / 2, ports))
    process.start()
    try:
        yield ports.get(timeout=60)
    finally:
        process.terminate()
        process.join()


def _pass_on(port: int, one_way_s: float, ports: multiprocessing.Queue[int]) -> None:
    with SlowLink(port, one_way_s=one_way_s) as link:
        ports.put(link.port)
        signal.pause()


@contextmanager
def _workers(url: str, base_url: str, concurrency: int, number: int) -> Iterator[None]:
    context = multiprocessing.get_context("spawn")
    processes = [
        context.Process(target=_serve, args=(url, base_url, concurrency)) for _ in range(number)
    ]
    for process in processes:
        process.start()
    database = read_url(url)
    while sum(worker.alive for worker in read_status(database).workers) < number:
        time.sleep(0.2)
    try:
        yield
    finally:
        drain(database, lambda left: None)
        for process in processes:
            process.join()


def _serve(url: str, base_url: str, concurrency: int) -> None:
    options = JudgeOptions(base_url=base_url, concurrency=concurrency)
    with contextlib.suppress(KeyboardInterrupt):
        run_worker(Worker(read_url(url), options, models=[MODEL], notice=lambda text: None))


if __name__ == "__main__":
    main()
