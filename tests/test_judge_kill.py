"""Killed anywhere, a run goes on where it was: no reply is lost, none is paid for twice."""

from __future__ import annotations

import multiprocessing
import os
import signal
import sqlite3
import time
from pathlib import Path

import pytest

from grader.testing import ScriptedJudge
from judging import Desk, verdict

QUESTIONS = [verdict(number) for number in range(60)]
CONCURRENCY = 6


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
            assert process.pid is not None
            os.kill(process.pid, signal.SIGKILL)
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
