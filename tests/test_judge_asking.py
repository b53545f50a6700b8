"""The walk from a question to an answer: what is asked once, again, and never again."""

from __future__ import annotations

import asyncio
import shutil
from pathlib import Path

import pytest

from grader.errors import JudgeError
from grader.judge.asking import Asker, Progress
from grader.judge.choose import open_judge
from grader.testing import ScriptedJudge
from judging import QUICK, Desk, verdict


def test_a_second_run_asks_nothing(tmp_path: Path) -> None:
    with ScriptedJudge() as server:
        server.fail("invalid_json", each=1, when="Criterion 2")
        desk = Desk(tmp_path, base_url=server.base_url)
        first = desk.ask(verdict(1), verdict(2))
        sent = len(server.requests)
        second = desk.ask(verdict(1), verdict(2))

        assert second == first
        assert len(server.requests) == sent


def test_the_journal_answers_without_a_server_or_a_key(tmp_path: Path) -> None:
    with ScriptedJudge() as server:
        desk = Desk(tmp_path, base_url=server.base_url)
        first = desk.ask(verdict())
    assert desk.ask(verdict()) == first


def test_another_folder_with_the_same_journal_gets_a_whole_record_of_its_own(
    tmp_path: Path,
) -> None:
    with ScriptedJudge() as server:
        server.fail("truncate", times=1)
        first = Desk(tmp_path / "one", base_url=server.base_url)
        first.ask(verdict(1), verdict(2))
        (tmp_path / "two").mkdir()
        shutil.copy(tmp_path / "one/journal.db", tmp_path / "two/journal.db")
        second = Desk(tmp_path / "two", base_url=server.base_url)
        second.ask(verdict(1), verdict(2))
        second.ask(verdict(1), verdict(2))

    assert [call.source for call in second.calls] == ["journal"] * 3
    by_question = {call.question: call.reply for call in first.calls if call.reply}
    assert {call.question: call.reply for call in second.calls} == by_question


def test_two_equal_questions_at_once_are_asked_once(tmp_path: Path) -> None:
    with ScriptedJudge(latency_s=0.05) as server:
        first, second = Desk(tmp_path, base_url=server.base_url).ask(verdict(), verdict())
        assert len(server.requests) == 1
    assert first == second


def test_samples_are_different_questions_told_apart_by_their_seed(tmp_path: Path) -> None:
    with ScriptedJudge() as server:
        desk = Desk(tmp_path, base_url=server.base_url)
        hashes = [desk.ask(verdict(), sample=n)[0].questions[0] for n in (1, 2, 3)]
        seeds = [received.body.get("seed") for received in server.requests]

    assert seeds == [None, 2, 3], "the first sample is the plain question"
    assert len(set(hashes)) == 3


def test_a_given_seed_is_the_first_samples_and_others_count_from_it(tmp_path: Path) -> None:
    settings = QUICK.model_copy(update={"seed": 40})
    with ScriptedJudge() as server:
        desk = Desk(tmp_path, base_url=server.base_url, settings=settings)
        for sample in (1, 2, 3):
            desk.ask(verdict(), sample=sample)
        assert [received.body["seed"] for received in server.requests] == [40, 41, 42]


def test_no_more_requests_are_under_way_than_allowed(tmp_path: Path) -> None:
    with ScriptedJudge(latency_s=0.02) as server:
        desk = Desk(tmp_path, base_url=server.base_url, concurrency=3)
        desk.ask(*(verdict(n) for n in range(20)))
        assert server.most_at_once == 3


def test_progress_counts_what_was_begun_ended_sent_and_kept(tmp_path: Path) -> None:
    with ScriptedJudge() as server:
        server.fail("refuse", when="Criterion 1:")
        server.fail("500", when="Criterion 2", times=1)
        desk = Desk(tmp_path, base_url=server.base_url)
        desk.ask(verdict(1), verdict(2), verdict(3))
        assert desk.asker.progress == Progress(begun=3, answered=2, failed=1, sent=4, unpriced=3)
        desk.ask(verdict(1), verdict(2), verdict(3))
        assert desk.asker.progress == Progress(begun=3, answered=2, failed=1, kept=3)


def test_after_a_fatal_error_every_later_question_gets_it_without_being_sent() -> None:
    async def ask_one_after_the_other(base_url: str) -> list[str]:
        judge = open_judge("openai/test-model", base_url=base_url, settings=QUICK)
        asker = Asker(judge)
        errors = []
        for number in range(5):
            try:
                await asker.ask(verdict(number))
            except JudgeError as error:
                errors.append(str(error))
        await judge.close()
        return errors

    with ScriptedJudge() as server:
        server.fail("401")
        errors = asyncio.run(ask_one_after_the_other(server.base_url))
        assert len(server.requests) == 1
    assert len(errors) == 5
    assert len(set(errors)) == 1


def test_replies_that_came_before_a_fatal_error_are_kept(tmp_path: Path) -> None:
    with ScriptedJudge() as server:
        server.fail("401", when="Criterion 9")
        desk = Desk(tmp_path, base_url=server.base_url, concurrency=1)
        with pytest.raises(JudgeError):
            desk.ask(verdict(1), verdict(2), verdict(9), verdict(3))
        sent = len(server.requests)
        desk.ask(verdict(1), verdict(2))
        assert len(server.requests) == sent


def test_half_surrogates_in_a_reply_do_not_stop_the_run(tmp_path: Path) -> None:
    raw = (
        '{"evidence": [], "looked_for_in_vain": [], "speaks_to_the_judge": [], '
        '"rationale": "odd \\ud83d end", "level": "met"}'
    )
    with ScriptedJudge() as server:
        server.answer(raw)
        desk = Desk(tmp_path, base_url=server.base_url)
        [answered] = desk.ask(verdict())
        again = desk.ask(verdict())

    assert again == [answered]
    assert answered.outcome in ("answered", "unparseable")


def test_nul_characters_and_markup_in_a_reply_are_kept_as_they_are(tmp_path: Path) -> None:
    with ScriptedJudge() as server:
        server.answer(
            {
                "evidence": [],
                "looked_for_in_vain": [],
                "speaks_to_the_judge": [],
                "rationale": "a\x00b <script>{{ 1 }}</script> \u2028 c",
                "level": "met",
            }
        )
        desk = Desk(tmp_path, base_url=server.base_url)
        [answered] = desk.ask(verdict())
        assert desk.ask(verdict()) == [answered]

    assert answered.value is not None
    assert "\x00b <script>{{ 1 }}" in answered.value.model_dump()["rationale"]
    assert len(desk.calls) == 1
