"""Killed anywhere, a run goes on where it was: no reply is lost, none is paid for twice."""

from __future__ import annotations

import multiprocessing
import os
import random
import signal
import sqlite3
import time
from pathlib import Path

import pytest

from grader.testing import ScriptedJudge
from judging import Desk, verdict

QUESTIONS = [verdict(number) for number in range(60)]
CONCURRENCY = 6

# Read before each test gets an empty environment.
KILLS = int(os.environ.get("GRADER_TEST_KILLS", "10"))


def _run(folder: Path, base_url: str) -> None:
    Desk(folder, base_url=base_url, concurrency=CONCURRENCY).ask(*QUESTIONS)


@pytest.fixture(scope="module")
def processes() -> multiprocessing.context.ForkServerContext:
    """Processes that begin with the libraries loaded, without threads of this one."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["judging", "grader.judge.openai_compatible"])
    return context


def test_after_kills_in_mid_run_only_what_was_under_way_is_asked_again(
    tmp_path: Path, processes: multiprocessing.context.ForkServerContext
) -> None:
    kills = (3, 17, 31, 44)
    with ScriptedJudge(latency_s=0.03) as server:
        server.fail("invalid_json", when=lambda r: "Criterion 7:" in r.prompt and len(r.texts) == 2)
        for seen in kills:
            process = processes.Process(target=_run, args=(tmp_path, server.base_url))
            process.start()
            deadline = time.monotonic() + 60
            while len(server.asked) < seen and time.monotonic() < deadline:
                time.sleep(0.001)
            process.kill()  # the last one may be done already
            process.join()
        with sqlite3.connect(tmp_path / "journal.db") as journal:
            kept = {row[0] for row in journal.execute("SELECT question FROM replies")}
        journal.close()
        before = len(server.requests)
        desk = Desk(tmp_path, base_url=server.base_url, concurrency=CONCURRENCY)
        answers = desk.ask(*QUESTIONS)
        asked_last = len(server.requests) - before
        asked = server.asked

    assert [a.outcome for a in answers] == ["answered"] * len(QUESTIONS)
    needed = {question for answer in answers for question in answer.questions}
    assert asked_last == len(needed - kept)
    assert asked.total() <= len(needed) + len(kills) * CONCURRENCY
    replies = [call.question for call in desk.calls if call.reply]
    assert set(replies) == needed, "the ledger is whole"
    assert len(replies) == len(needed)


def test_kills_at_random_moments_lose_nothing_and_ask_nothing_twice(
    tmp_path: Path, processes: multiprocessing.context.ForkServerContext
) -> None:
    """Ten kills here; `GRADER_TEST_KILLS=100` (`make kills`) makes it a hundred."""
    kills = KILLS
    chance = random.Random(20)
    questions = [verdict(number) for number in range(kills * 8)]
    with ScriptedJudge(latency_s=0.03) as server:
        for _ in range(kills):
            seen = len(server.requests)
            process = processes.Process(target=_run_all, args=(tmp_path, server.base_url, kills))
            process.start()
            deadline = time.monotonic() + 60
            while (
                process.is_alive() and len(server.requests) == seen and time.monotonic() < deadline
            ):
                time.sleep(0.001)
            time.sleep(chance.random() * 0.1)
            process.kill()  # it may have come to its end by itself
            process.join()
        with sqlite3.connect(tmp_path / "journal.db") as journal:
            kept = {row[0] for row in journal.execute("SELECT question FROM replies")}
        journal.close()
        before = len(server.requests)
        desk = Desk(tmp_path, base_url=server.base_url, concurrency=CONCURRENCY)
        answers = desk.ask(*questions)
        asked_last = len(server.requests) - before
        asked = server.asked

    needed = {question for answer in answers for question in answer.questions}
    assert [a.outcome for a in answers] == ["answered"] * len(questions)
    assert asked_last == len(needed - kept), "what had a reply is not asked again"
    assert asked.total() <= len(needed) + kills * CONCURRENCY
    assert len([call for call in desk.calls if call.reply]) == len(needed), "the ledger is whole"


def _run_all(folder: Path, base_url: str, kills: int) -> None:
    questions = [verdict(number) for number in range(kills * 8)]
    Desk(folder, base_url=base_url, concurrency=CONCURRENCY).ask(*questions)


def _run_beside(folder: Path, journal: str, base_url: str) -> None:
    desk = Desk(folder, base_url=base_url, concurrency=CONCURRENCY, journal=journal)
    desk.ask(*QUESTIONS)


@pytest.fixture
def journal(tmp_path: Path) -> str:
    """Where several processes keep their replies."""
    return str(tmp_path / "shared.db")


def test_two_processes_ask_each_question_once_between_them(
    tmp_path: Path, journal: str, processes: multiprocessing.context.ForkServerContext
) -> None:
    with ScriptedJudge(latency_s=0.03) as server:
        started = [
            processes.Process(target=_run_beside, args=(tmp_path / name, journal, server.base_url))
            for name in ("one", "two", "three")
        ]
        for process in started:
            process.start()
        for process in started:
            process.join(timeout=120)
        assert [process.exitcode for process in started] == [0, 0, 0]
        assert len(server.asked) == len(QUESTIONS)
        assert max(server.asked.values()) == 1


def test_what_a_killed_process_was_asking_is_taken_over_at_once(
    tmp_path: Path, journal: str, processes: multiprocessing.context.ForkServerContext
) -> None:
    with ScriptedJudge() as server:
        server.fail("hang", times=CONCURRENCY)
        process = processes.Process(
            target=_run_beside, args=(tmp_path / "killed", journal, server.base_url)
        )
        process.start()
        deadline = time.monotonic() + 60
        while len(server.requests) < CONCURRENCY and time.monotonic() < deadline:
            time.sleep(0.001)
        process.kill()
        process.join()
        desk = Desk(tmp_path / "next", base_url=server.base_url, journal=journal)
        answers = desk.ask(*QUESTIONS)
    assert {answer.outcome for answer in answers} == {"answered"}


def test_a_run_stopped_by_ctrl_c_keeps_what_came(
    tmp_path: Path, processes: multiprocessing.context.ForkServerContext
) -> None:
    with ScriptedJudge(latency_s=0.03) as server:
        process = processes.Process(target=_run, args=(tmp_path, server.base_url))
        process.start()
        while len(server.asked) < 20:
            time.sleep(0.001)
        assert process.pid is not None
        os.kill(process.pid, signal.SIGINT)
        process.join()
        before = len(server.asked)
        Desk(tmp_path, base_url=server.base_url).ask(*QUESTIONS)
        again = sum(count - 1 for count in server.asked.values())

    assert process.exitcode != 0
    assert before < len(QUESTIONS)
    assert again <= CONCURRENCY
