"""How much goes out at once: turns, backing off together, limits a minute, halting."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

import pytest

from grader.judge.asking import Asker
from grader.judge.choose import open_judge
from grader.judge.throttle import Halted, Throttle
from grader.testing import ScriptedJudge
from judging import QUICK, Desk, verdict


def test_questions_take_their_turn_in_the_order_of_their_places() -> None:
    async def run() -> list[int]:
        throttle, seen = Throttle(1), []

        async def one(place: int) -> None:
            async with throttle.turn((place,)):
                seen.append(place)
                await asyncio.sleep(0)

        await asyncio.gather(*(one(place) for place in (9, 8, 3, 7, 1, 2)))
        return seen

    # The first two found the queue empty; the others stood in it.
    assert asyncio.run(run()) == [9, 8, 1, 2, 3, 7]


def test_no_more_requests_are_under_way_than_allowed_and_none_is_forgotten() -> None:
    async def run() -> tuple[int, int]:
        throttle = Throttle(3)
        at_once = most = ended = 0

        async def one() -> None:
            nonlocal at_once, most, ended
            async with throttle.sending():
                at_once += 1
                most = max(most, at_once)
                await asyncio.sleep(0)
                at_once -= 1
                ended += 1

        await asyncio.gather(*(one() for _ in range(50)))
        return most, ended

    assert asyncio.run(run()) == (3, 50)


def test_requests_slow_down_together_and_once_for_what_was_sent_before() -> None:
    async def run() -> list[float]:
        throttle, seen = Throttle(16), []
        sent_at = asyncio.get_running_loop().time()
        for _ in range(5):
            throttle.too_much(sent_at, None)
            seen.append(throttle.at_once)
            await asyncio.sleep(0.001)
        throttle.too_much(asyncio.get_running_loop().time(), None)
        seen.append(throttle.at_once)
        for _ in range(200):
            throttle.went_well()
        return [*seen, throttle.at_once]

    assert asyncio.run(run()) == [8, 8, 8, 8, 8, 4, 16]


def test_halted_traffic_lets_nothing_out_and_what_is_under_way_end() -> None:
    async def run() -> tuple[list[str], float]:
        throttle, told = Throttle(1), []

        async def one(name: str) -> None:
            try:
                async with throttle.turn((0,)), throttle.sending():
                    await asyncio.sleep(0.01)
                    told.append(f"{name} ended")
            except Halted:
                told.append(f"{name} held")

        tasks = [asyncio.create_task(one(name)) for name in "abcd"]
        await asyncio.sleep(0.001)
        throttle.halt()
        await asyncio.gather(*tasks)
        started = time.monotonic()
        await throttle.pause(60)
        return told, time.monotonic() - started

    told, waited = asyncio.run(run())
    assert sorted(told) == ["a ended", "b held", "c held", "d held"]
    assert waited < 5


def test_server_that_bears_four_at_once_answers_all_of_fifty(tmp_path: Path) -> None:
    with ScriptedJudge(latency_s=0.02, at_most_at_once=4) as server:
        desk = Desk(tmp_path, base_url=server.base_url, concurrency=32)
        answers = desk.ask(*(verdict(n) for n in range(50)))
        refused = server.refused
    assert {answer.outcome for answer in answers} == {"answered"}
    # Without slowing down, 28 of the first 32 alone would be refused again and again.
    assert 0 < refused < 100


@pytest.mark.parametrize("limit", ["requests", "tokens"])
def test_limits_a_minute_space_the_requests(tmp_path: Path, limit: str) -> None:
    tokens = sum(len(m.content) for m in verdict(1).messages) // 4

    async def run(base_url: str) -> None:
        throttle = (
            Throttle(8, requests_per_minute=60 / 0.05)
            if limit == "requests"
            else Throttle(8, tokens_per_minute=tokens * 60 / 0.05)
        )
        judge = open_judge("openai/m", base_url=base_url, settings=QUICK, throttle=throttle)
        asker = Asker(judge, throttle=throttle)
        await asyncio.gather(*(asker.ask(verdict(n)) for n in range(7)))
        await judge.close()

    with ScriptedJudge() as server:
        started = time.monotonic()
        asyncio.run(run(server.base_url))
        took = time.monotonic() - started
    assert took >= 6 * 0.05 * 0.95, "seven requests have six gaps between them"


def test_first_question_on_a_beginning_goes_ahead_of_the_others() -> None:
    async def run() -> list[str]:
        throttle, seen = Throttle(8, warm_prefix=True), []

        async def one(prefix: str, number: int) -> None:
            async with throttle.turn((number,), [prefix]):
                seen.append(f"{prefix}{number} out")
                await asyncio.sleep(0.001)
                seen.append(f"{prefix}{number} in")

        await asyncio.gather(*(one(p, n) for n in range(3) for p in "ab"))
        return seen

    seen = asyncio.run(run())
    assert seen[:4] == ["a0 out", "b0 out", "a0 in", "b0 in"]
    assert len(seen) == 12


def test_question_waits_for_the_beginning_of_its_beginning() -> None:
    """A signature's first question is served the transcript that a verdict brought along."""

    async def run() -> list[str]:
        throttle, seen = Throttle(8, warm_prefix=True), []

        async def one(name: str, *prefixes: str) -> None:
            async with throttle.turn((), prefixes):
                seen.append(f"{name} out")
                await asyncio.sleep(0.001)
                seen.append(f"{name} in")

        await asyncio.gather(
            one("verdict 1", "text"),
            one("verdict 2", "text"),
            one("signature 1", "text", "signatures on text"),
            one("signature 2", "text", "signatures on text"),
        )
        return seen

    seen = asyncio.run(run())
    assert seen[:2] == ["verdict 1 out", "verdict 1 in"]
    assert set(seen[2:4]) == {"verdict 2 out", "signature 1 out"}
    assert seen.index("signature 1 in") < seen.index("signature 2 out")
