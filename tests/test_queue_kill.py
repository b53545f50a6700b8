"""Workers and client killed anywhere: nothing is lost, and only what was under way is sent again.

Ten kills here; `GRADER_TEST_KILLS=100` (`make queue-kills`) makes it a hundred.
"""

from __future__ import annotations

import multiprocessing
import os
import random
import re
import signal
import subprocess
import sys
import time
from collections import Counter
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import pytest

from conftest import REPOSITORY
from grader.judge.journal import Journal
from grader.judge.queue.database import read_url
from grader.judge.queue.status import drain
from grader.judge.reply import Call
from grader.testing import ScriptedJudge
from judging import verdict
from queueing import (
    MODEL,
    PRICES,
    Client,
    cluster,
    needs_postgres,
    rows,
    serve,
    status,
    url,
    wait_for,
)

__all__ = ["cluster", "url"]

pytestmark = needs_postgres

# Read before each test gets an empty environment.
KILLS = int(os.environ.get("GRADER_TEST_KILLS", "6"))
CONCURRENCY = 5
FAKETIME = next(Path("/usr/lib").glob("*/faketime/libfaketime.so.1"), None)

Processes = multiprocessing.context.ForkServerContext


@pytest.fixture(scope="module")
def processes() -> Processes:
    """Processes that begin with the libraries loaded, without threads of this one."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["queueing", "grader.judge.openai_compatible"])
    return context


def _ask(folder: Path, url: str, number: int) -> None:
    Client(folder, url).ask(*(verdict(each) for each in range(number)))


def _start_ahead(url: str, base_url: str, prices: Path) -> subprocess.Popen[bytes]:
    """A worker by the command, whose clock is ten minutes ahead where faketime is installed."""
    command = [
        sys.executable, "-m", "grader", "worker", url, "--base-url", base_url, "--model", MODEL,
        "--concurrency", str(CONCURRENCY), "--prices", str(prices),
    ]  # fmt: skip
    environment = {**os.environ, "PYTHONPATH": str(REPOSITORY / "src")}
    if FAKETIME:
        environment |= {
            "LD_PRELOAD": str(FAKETIME), "FAKETIME": "+600s", "DONT_FAKE_MONOTONIC": "1"
        }  # fmt: skip
    return subprocess.Popen(command, env=environment, stderr=subprocess.DEVNULL)


def test_after_kills_of_workers_and_client_nothing_is_lost_and_nothing_answered_twice(
    tmp_path: Path, url: str, processes: Processes
) -> None:
    assert FAKETIME or not os.environ.get("CI"), "faketime is not installed"
    prices = tmp_path / "prices.yaml"
    prices.write_text(PRICES)
    number = KILLS * 12
    chance = random.Random(20)
    with ScriptedJudge(latency_s=0.2) as judge:
        arguments = (url, judge.base_url, CONCURRENCY, prices)

        def start_worker() -> multiprocessing.process.BaseProcess:
            process = processes.Process(target=serve, args=arguments)
            process.start()
            return process

        def start_client() -> multiprocessing.process.BaseProcess:
            process = processes.Process(target=_ask, args=(tmp_path / "client", url, number))
            process.start()
            return process

        ahead = _start_ahead(url, judge.base_url, prices)
        wait_for(partial(_is_served, url), "the worker ahead")
        running = [start_worker(), start_worker(), start_client()]
        for _ in range(KILLS):
            seen = len(judge.requests)
            wait_for(partial(_more_than, judge, seen), "a request")
            time.sleep(chance.random() * 0.2)
            which = chance.randrange(3)
            killed = running[which]
            assert killed.pid is not None
            os.kill(killed.pid, signal.SIGKILL)
            killed.join()
            running[which] = start_client() if which == 2 else start_worker()
        running[2].join(timeout=300)
        assert running[2].exitcode == 0
        wait_for(lambda: status(url).flow.under_way == 0, "the dead workers' requests counted")
        # One that was killed last may count until its time has run out.
        assert drain(read_url(url), lambda left: None) >= 3
        for process in running[:2]:
            process.join(timeout=60)
        assert [process.exitcode for process in running] == [0, 0, 0]
        assert ahead.wait(timeout=60) == 0
        seen_by_server = Counter(_number(received.prompt) for received in judge.requests)

    _check_answers(tmp_path / "client", url, number)
    _check_requests(url, seen_by_server, number)


def _is_served(url: str) -> bool:
    return any(worker.alive for worker in status(url).workers)


def _more_than(judge: ScriptedJudge, seen: int) -> bool:
    return len(judge.requests) > seen


def _check_answers(folder: Path, url: str, number: int) -> None:
    assert rows(url, "SELECT count(*), count(failure) FROM grader_queue.results") == [(number, 0)]
    assert status(url).waiting == status(url).taken == 0
    journal = Journal(folder / "journal.db")
    assert len(list(journal.replies())) == number
    journal.close()
    lines = (folder / "calls.jsonl").read_text(encoding="utf-8").splitlines()
    replies = Counter(call.question for call in map(Call.model_validate_json, lines) if call.reply)
    assert len(replies) == number, "the ledger is whole"
    assert set(replies.values()) == {1}, "none is answered twice"
    if FAKETIME:
        soon = (datetime.now(UTC) + timedelta(minutes=5)).isoformat()
        calls = [Call.model_validate_json(line) for line in lines]
        assert any((call.at or "") > soon for call in calls), "the worker ahead answered, too"


def _check_requests(url: str, seen: Counter[int], number: int) -> None:
    """The record of requests agrees with what the server saw."""
    requests = rows(url, "SELECT question, state, usd, most_usd FROM grader_queue.requests")
    states = Counter(state for _, state, _, _ in requests)
    assert set(states) <= {"ended", "lost"}
    lost = Counter(question for question, state, _, _ in requests if state == "lost")
    assert len(seen) == number
    assert states["ended"] <= seen.total() <= len(requests)
    assert seen.total() - number <= KILLS * CONCURRENCY, "only what was under way is sent again"
    again = Counter(question for question, *_ in requests)
    assert all(count <= 1 + lost[question] + KILLS_OF_ONE for question, count in again.items())
    [(spent, reserved, under_way)] = rows(
        url, "SELECT spent_usd, reserved_usd, under_way FROM grader_queue.budget"
    )
    assert spent == pytest.approx(sum(usd for _, _, usd, _ in requests))
    assert (reserved, under_way) == (0, 0)
    assert all(usd == most for _, state, usd, most in requests if state == "lost")


KILLS_OF_ONE = 1
"""A worker may die between a request's end and the moment its reply is kept."""


def _number(prompt: str) -> int:
    found = re.search(r"Criterion (\d+):", prompt)
    assert found is not None
    return int(found[1])
