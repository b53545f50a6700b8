"""What a queue refuses and says before any database is reached."""

from __future__ import annotations

import io
import re
from pathlib import Path

import pytest
from rich.console import Console

from conftest import Grader, pair
from grader.cli.progress import progress_line
from grader.errors import GraderError, JudgeError
from grader.judge.asking import Progress
from grader.judge.queue.database import read_url
from grader.judge.queue.status import Flow, Worker
from grader.judge.record_name import record_name
from judging import NOBODY, verdict
from queueing import Client

WITH_PASSWORD = "postgresql://me:planted-secret@127.0.0.1:1/grader"


@pytest.mark.parametrize(
    "address", [WITH_PASSWORD, "postgresql://127.0.0.1:1/grader?password=planted-secret"]
)
def test_a_password_in_an_address_is_refused_and_stands_nowhere(
    tmp_path: Path, grader: Grader, address: str
) -> None:
    judge = f"queue:{address}#openai/gpt-5.4"
    for command in (
        ("compare", *pair("clinic-postmortem"), "-j", judge),
        ("compare", *pair("clinic-postmortem"), "-j", judge, "-j", judge),
        ("compare", *pair("clinic-postmortem"), "-j", judge, "--dry-run"),
        ("worker", address),
        ("queue", "status", address),
    ):
        ran = grader(*command)
        assert ran.code == 2
        assert "PGPASSWORD" in ran.err
        assert "planted-secret" not in ran.out + ran.err
    written = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert not [path for path in written if b"planted-secret" in path.read_bytes()]
    assert not [path for path in tmp_path.rglob("*") if "planted" in path.name]


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("mysql://host/db", "names no PostgreSQL database"),
        ("postgresql://host", "names no PostgreSQL database"),
        ("postgresql://host:port/db", "cannot be read"),
        ("postgresql://host/db?options=-c", "holds options"),
    ],
)
def test_an_address_that_names_no_database_is_told(address: str, said: str) -> None:
    with pytest.raises(GraderError, match=said) as raised:
        read_url(address)
    assert raised.value.mend


def test_a_worker_without_a_database_is_told_how_to_start_one(grader: Grader) -> None:
    ran = grader("worker")
    assert ran.code == 2
    assert "a worker needs the database of a queue" in ran.err
    assert "apt-get install postgresql" in ran.err
    assert "docker run" in ran.err


def test_a_run_through_a_queue_refuses_what_is_its_workers(grader: Grader) -> None:
    judge = "queue:postgresql://127.0.0.1:1/grader#openai/gpt-5.4"
    for option, said in (
        (("--budget", "1"), "grader queue limit"),
        (("--base-url", NOBODY), "leave --base-url out"),
        (("--retry-failed",), "can't be asked again"),
    ):
        ran = grader("compare", *pair("clinic-postmortem"), "-j", judge, *option)
        assert ran.code == 2
        assert said in ran.err


def test_records_name_host_and_database_of_a_queue_and_nothing_else() -> None:
    address = "postgresql://some-user@db.example:5433/grader?sslrootcert=/home/me/root.crt"
    assert record_name(f"queue:{address}#openai/gpt-5.4") == (
        "queue:postgresql://db.example:5433/grader#openai/gpt-5.4"
    )
    assert read_url("postgresql:///grader?host=/home/me/socket").place == "localhost/grader"
    named = record_name("queue:postgresql://[fd00::2]:5433/grader#openai/gpt-5.4")
    assert record_name(named) == named


def test_an_unreachable_database_is_told(tmp_path: Path) -> None:
    client = Client(tmp_path, "postgresql://127.0.0.1:1/grader")
    with pytest.raises(JudgeError, match="the queue's database cannot be used"):
        client.ask(verdict())


def test_the_line_of_progress_shows_the_hosts_within_80_columns(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    console = Console(file=io.StringIO(), force_terminal=True, width=80)
    monkeypatch.setattr("grader.cli.progress.err", lambda: console)
    workers = [
        Worker(number, f"host{number}", 7, "1", None, [], [], False, False, None, 1.0, 9)
        for number in range(12)
    ]
    flow = Flow(
        under_way=480, cap_usd=None, spent_usd=123.4, reserved_usd=0, most_under_way=None,
        ended_lately=3456,
    )  # fmt: skip
    with progress_line({"verdict": 50000}) as show:
        assert show is not None
        show(Progress(begun=20000, answered=12345, flow=flow.in_short(workers)))
    assert isinstance(console.file, io.StringIO)
    shown = re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", console.file.getvalue())
    assert "12345/50000 12 hosts, 480 out, 115/s, $123 0:00:00" in shown
