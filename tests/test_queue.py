"""The judge `queue:`: questions in a database that workers answer, once each, for everyone."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from conftest import Grader
from grader.errors import JudgeError
from grader.judge.queue.database import read_url
from grader.judge.queue.status import set_limits
from grader.testing import ScriptedJudge
from grader.testing.postgres import Cluster
from grader.testing.slow_link import SlowLink
from judging import verdict
from queueing import (
    MODEL,
    PRICES,
    Client,
    cluster,
    needs_postgres,
    rows,
    status,
    url,
    with_workers,
    worker,
)

__all__ = ["cluster", "url"]

pytestmark = needs_postgres

# Read before each test gets an empty environment.
OUTAGE_S = float(os.environ.get("GRADER_TEST_OUTAGE_S", "1"))


def test_workers_answer_what_a_client_puts_into_the_queue(
    tmp_path: Path, url: str, judge: ScriptedJudge
) -> None:
    judge.fail("invalid_json", when=lambda r: "Criterion 2:" in r.prompt and len(r.texts) == 2)
    client = Client(tmp_path, url)
    workers = [worker(url, judge.base_url) for _ in range(2)]
    questions = [verdict(number) for number in range(12)]
    answers = with_workers(workers, lambda: client.asked(*questions))

    assert [answer.outcome for answer in answers] == ["answered"] * 12
    assert len(answers[2].questions) == 2, "asked again, as with any judge"
    assert judge.asked.total() == len(judge.asked) == 13
    calls = (tmp_path / "calls.jsonl").read_text()
    assert calls.count('"source":"judge"') == 13
    place = read_url(url).place
    assert calls.count(f'"server":"queue:{place}"') == 13
    assert client.ask(*questions) == answers, "the client's own journal answers the second time"


def test_a_reply_is_there_for_everyone_and_paid_for_once(
    tmp_path: Path, url: str, judge: ScriptedJudge
) -> None:
    (tmp_path / "prices.yaml").write_text(PRICES)
    first, second = Client(tmp_path / "one", url), Client(tmp_path / "two", url)
    priced = worker(url, judge.base_url, prices=tmp_path / "prices.yaml")
    answers = with_workers([priced], lambda: first.asked(verdict()))
    assert second.ask(verdict()) == answers, "no worker is needed for it"

    assert len(judge.requests) == 1
    assert '"usd":' in (tmp_path / "one/calls.jsonl").read_text()
    shared = (tmp_path / "two/calls.jsonl").read_text()
    assert '"source":"queue"' in shared
    assert '"usd":' not in shared
    assert '"label":"criterion-1 on control"' in shared, "the record is the client's own"


def test_over_a_slow_link_all_is_as_ever(
    tmp_path: Path, url: str, cluster: Cluster, judge: ScriptedJudge
) -> None:
    with SlowLink(cluster.port, one_way_s=0.01) as link:
        far = cluster.url("grader", port=link.port)
        client = Client(tmp_path, far)
        questions = [verdict(number) for number in range(10)]
        answers = with_workers([worker(far, judge.base_url)], lambda: client.asked(*questions))
    assert [answer.outcome for answer in answers] == ["answered"] * 10
    assert judge.asked.total() == 10


def test_two_clients_that_ask_the_same_at_once_share_one_request(
    tmp_path: Path, url: str, judge: ScriptedJudge
) -> None:
    clients = [Client(tmp_path / name, url) for name in ("one", "two")]

    async def both() -> object:
        return await asyncio.gather(*(client.asked(verdict()) for client in clients))

    one, two = with_workers([worker(url, judge.base_url)], both)
    assert one == two
    assert len(judge.requests) == 1


def test_a_question_that_could_not_be_asked_is_asked_again_by_the_next_run(
    tmp_path: Path, url: str, judge: ScriptedJudge
) -> None:
    judge.fail("400", times=1)
    client = Client(tmp_path, url)
    run: Callable[[], Awaitable[object]] = lambda: client.asked(verdict())  # noqa: E731
    [failed] = with_workers([worker(url, judge.base_url)], run)
    assert failed.outcome == "api_error"
    assert status(url).failed == 1
    [answered] = with_workers([worker(url, judge.base_url)], run)
    assert answered.outcome == "answered"
    assert status(url).failed == 0


def test_a_worker_whose_server_refuses_the_key_gives_its_questions_back(
    tmp_path: Path, url: str, judge: ScriptedJudge
) -> None:
    judge.fail("401", times=1)
    client = Client(tmp_path, url)

    async def first_one_then_another() -> object:
        asking = asyncio.create_task(client.asked(verdict()))
        with pytest.raises(JudgeError, match="refused the key"):
            await worker(url, judge.base_url).run()
        other = worker(url, judge.base_url)
        serving = asyncio.create_task(other.run())
        [answered] = await asking
        other.stop()
        await serving
        return answered.outcome

    assert asyncio.run(first_one_then_another()) == "answered"
    assert "refused the key" in (status(url).workers[0].problem or "")


# --- limits of all hosts together ---------------------------------------------------------------


def test_the_budget_is_never_passed_by_three_workers_with_fifty_under_way(
    tmp_path: Path, url: str
) -> None:
    (tmp_path / "prices.yaml").write_text(PRICES)
    cap = 1.5
    client = Client(tmp_path, url)
    questions = [verdict(number) for number in range(150)]
    with ScriptedJudge(latency_s=0.1) as judge:
        # One question may cost up to 0.34 dollars, and costs 0.014.
        set_limits(read_url(url), usd=cap, under_way=None)
        workers = [
            worker(url, judge.base_url, concurrency=50, prices=tmp_path / "prices.yaml")
            for _ in range(3)
        ]
        answers = with_workers(workers, lambda: client.asked(*questions))
        cost = judge.usage["prompt_tokens"] * 100 + judge.usage["completion_tokens"] * 40

    outcomes = {answer.outcome for answer in answers}
    assert outcomes == {"answered", "budget_stopped"}
    flow = status(url).flow
    assert flow.spent_usd <= cap
    assert flow.spent_usd == pytest.approx(cost / 1_000_000), "as the server counted it"
    assert flow.spent_usd > cap - 1, "nearly all of it was used"
    assert (flow.reserved_usd, flow.under_way) == (0, 0)


def test_no_more_requests_are_under_way_than_allowed_over_all_workers(
    tmp_path: Path, url: str
) -> None:
    with ScriptedJudge(latency_s=0.1) as judge:
        set_limits(read_url(url), usd=None, under_way=5)
        workers = [worker(url, judge.base_url, concurrency=8) for _ in range(3)]
        client = Client(tmp_path, url)
        with_workers(workers, lambda: client.asked(*(verdict(n) for n in range(40))))
        assert 1 < judge.most_at_once <= 5


def test_without_a_price_no_cap_can_be_kept_and_nothing_is_sent(
    tmp_path: Path, url: str, judge: ScriptedJudge
) -> None:
    set_limits(read_url(url), usd=100.0, under_way=None)
    client = Client(tmp_path, url)
    [answer] = with_workers([worker(url, judge.base_url)], lambda: client.asked(verdict()))
    assert answer.outcome == "budget_stopped"
    assert "knows no price" in (answer.detail or "")
    assert not judge.requests


# --- what a worker doesn't know, and what is not there ------------------------------------------


def test_a_worker_leaves_questions_of_another_version_alone_and_both_ends_are_told(
    tmp_path: Path, url: str, judge: ScriptedJudge, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = Client(tmp_path, url)
    told: list[str] = []
    serving = worker(url, judge.base_url)
    serving._notice = told.append

    async def until_told() -> None:
        asking = asyncio.create_task(client.asked(verdict()))
        while not (client.notices and told[1:]):
            await asyncio.sleep(0.05)
        asking.cancel()

    # The client is of a version whose prompt of this name is another one.
    monkeypatch.setattr("grader.judge.queue.judge.prompt_hash", lambda prompt: "another")
    monkeypatch.setattr("grader.judge.queue.judge.entrypoint_of", lambda r: f"{r.model} another")
    with_workers([serving], until_told)
    assert "does not know the prompt" in client.notices[0]
    assert "prompt verdict@2 are left to others" in told[1]
    assert not judge.requests
    assert status(url).waiting == 1


def test_a_client_is_told_that_no_worker_serves_its_model(
    tmp_path: Path, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("grader.judge.queue.judge.LOOK_S", 0.1)
    client = Client(tmp_path, url)

    async def until_told() -> None:
        asking = asyncio.create_task(client.asked(verdict()))
        while not client.notices:
            await asyncio.sleep(0.05)
        asking.cancel()

    with_workers([], until_told)
    assert client.notices == [
        f"no worker serves {MODEL} in the queue at {read_url(url).place}; start one with: "
        "grader worker URL"
    ]


def test_progress_tells_hosts_requests_under_way_rate_and_spend(tmp_path: Path, url: str) -> None:
    client = Client(tmp_path, url)
    with ScriptedJudge(latency_s=0.05) as judge:
        with_workers([worker(url, judge.base_url)], lambda: client.asked(verdict()))
    assert client.flows
    assert client.flows[-1].startswith(("0 hosts, ", "1 host, "))
    assert "/s, $0.00" in client.flows[-1]


def test_a_database_that_fails_for_a_while_stops_nobody(
    tmp_path: Path, url: str, cluster: Cluster
) -> None:
    client = Client(tmp_path, url)
    questions = [verdict(number) for number in range(30)]
    with ScriptedJudge(latency_s=0.2) as judge:

        async def with_an_outage() -> object:
            asking = asyncio.create_task(client.asked(*questions))
            while len(judge.requests) < 6:
                await asyncio.sleep(0.01)
            await asyncio.to_thread(cluster.stop)
            await asyncio.sleep(OUTAGE_S)
            await asyncio.to_thread(cluster.start)
            return await asking

        workers = [worker(url, judge.base_url, concurrency=3) for _ in range(2)]
        answers = with_workers(workers, with_an_outage)
        assert [answer.outcome for answer in answers] == ["answered"] * 30
        assert judge.asked.total() == 30, "what was under way is not asked again"


# --- secrets ------------------------------------------------------------------------------------


def test_neither_keys_nor_sides_reach_the_database(
    tmp_path: Path, url: str, monkeypatch: pytest.MonkeyPatch, judge: ScriptedJudge
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "planted-secret-key")
    judge.fail("500", times=1, message="the key planted-secret-key was seen")
    client = Client(tmp_path, url)

    async def until_it_waits() -> None:
        asking = asyncio.create_task(client.asked(verdict()))
        while not (await asyncio.to_thread(status, url)).waiting:
            pass
        asking.cancel()

    with_workers([], until_it_waits)
    everything = [_everything_in(url)]
    with_workers([worker(url, judge.base_url)], lambda: client.asked(verdict()))
    everything.append(_everything_in(url))

    assert judge.requests[0].headers["authorization"] == "Bearer planted-secret-key"
    assert b"nobody looked at it before the morning" in everything[0]
    assert b"the key" in everything[1], "the failed attempt is there"
    for found in everything:
        assert b"planted-secret-key" not in found
        assert b"on control" not in found


def _everything_in(url: str) -> bytes:
    tables = rows(
        url, "SELECT schemaname || '.' || tablename FROM pg_tables WHERE schemaname !~ '^(pg_|inf)'"
    )
    found = [str(row) for (table,) in tables for row in rows(url, f"SELECT t FROM {table} t")]
    return "".join(found).encode()


# --- commands -----------------------------------------------------------------------------------


def test_a_queue_tells_its_workers_questions_and_limits(
    tmp_path: Path, url: str, judge: ScriptedJudge, grader: Grader
) -> None:
    client = Client(tmp_path, url)
    with_workers([worker(url, judge.base_url)], lambda: client.asked(verdict(1), verdict(2)))
    assert "$3.00 spent" in grader("queue", "limit", url, "--usd", "3", "--under-way", "9").out
    told = grader("queue", "status", url).out
    assert "ended  last sign" in told
    assert "no worker is alive" in told
    assert "0 questions wait, 0 are taken by workers; 2 are answered, 0 failed" in told
    assert "$0.0000 of $3.00 spent; 0 of 9 requests under way" in told
    document = grader("queue", "status", url, "--json").json
    assert document["answered"] == 2
    assert document["workers"][0]["serves"]
    assert "no cap" in grader("queue", "limit", url, "--lift").out
    seen = grader("doctor", "-j", f"queue:{url}#{MODEL}")
    assert "can be used" in seen.out
    assert f"none serves {MODEL} now" in seen.out
