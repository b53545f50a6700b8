"""`calls.jsonl`: only appended to, repaired after a kill, and never silently misread."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from conftest import pair
from grader.errors import InputError, RecordError, StorageError
from grader.judge.ledger import Ledger, read_calls, spent_in
from grader.judge.reply import Call
from grader.testing import ScriptedJudge
from grader.testing.server import HttpReply, HttpRequest, HttpServer
from judging import Desk, verdict


@pytest.fixture
def whole(tmp_path: Path) -> Path:
    """A `calls.jsonl` of three lines."""
    with ScriptedJudge() as server:
        Desk(tmp_path, base_url=server.base_url).ask(verdict(1), verdict(2), verdict(3))
    return tmp_path / "calls.jsonl"


@pytest.mark.parametrize("cut", [1, 2, 40, 300], ids=lambda n: f"{n} bytes short")
def test_a_line_torn_by_a_kill_is_cut_off_and_written_again(whole: Path, cut: int) -> None:
    before = whole.read_bytes()
    server = next(read_calls(whole)).server
    whole.write_bytes(before[:-cut])
    desk = Desk(whole.parent, base_url=server)
    desk.ask(verdict(1), verdict(2), verdict(3))

    assert whole.read_bytes().startswith(b"".join(before.splitlines(keepends=True)[:2]))
    assert len(desk.calls) == 3
    assert len({call.question for call in desk.calls}) == 3


def test_a_file_that_holds_only_a_torn_line_becomes_empty(tmp_path: Path) -> None:
    (tmp_path / "calls.jsonl").write_text('{"schema_version": 1, "quest')
    Ledger(tmp_path).close()
    assert (tmp_path / "calls.jsonl").read_bytes() == b""


def test_a_broken_line_in_the_middle_is_named_and_left_alone(whole: Path) -> None:
    lines = whole.read_text().split("\n")
    lines[1] = lines[1][:50]
    whole.write_text("\n".join(lines))
    before = whole.read_bytes()
    with pytest.raises(RecordError, match=r"calls\.jsonl:2: this line is not a call"):
        Ledger(whole.parent)
    assert whole.read_bytes() == before


def test_a_line_of_a_newer_version_is_told(whole: Path) -> None:
    whole.write_text(whole.read_text().replace('"schema_version":1', '"schema_version":2'))
    with pytest.raises(RecordError, match="schema_version") as raised:
        list(read_calls(whole))
    assert "update grader" in raised.value.mend


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no such file"):
        list(read_calls(tmp_path / "calls.jsonl"))


def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "calls.jsonl").mkdir()
    with pytest.raises(StorageError, match="cannot be written"):
        Ledger(tmp_path)


def call(question: str, *, sent: str, usd: float) -> Call:
    """A call that has ended."""
    return Call(
        question=question, kind="verdict", label="v", prompt="", judge="any/m", model="any/m",
        parameters={}, source="judge", attempt=1, outcome="api_error", sent=sent, usd=usd,
    )  # fmt: skip


def test_what_is_under_way_counts_until_its_end_is_recorded(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path)
    ended, open_ = ledger.sending("a" * 64, 0.25), ledger.sending("b" * 64, 0.5)
    assert spent_in(tmp_path) == 0.75
    ledger.append(call("a" * 64, sent=ended, usd=0.01))
    assert spent_in(tmp_path) == pytest.approx(0.51)
    ledger.close()
    # As after a kill: what has no end stays, whoever opens the folder next.
    again = Ledger(tmp_path)
    assert spent_in(tmp_path) == pytest.approx(0.51)
    again.append(call("b" * 64, sent=open_, usd=0.02))
    again.close()
    assert spent_in(tmp_path) == pytest.approx(0.03)
    assert not (tmp_path / "sent.jsonl").exists()


def test_a_line_torn_by_a_kill_is_no_attempt_and_a_changed_one_is_told(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path)
    ledger.sending("a" * 64, 0.25)
    path = tmp_path / "sent.jsonl"
    whole = path.read_text("utf-8")
    path.write_text(whole + whole[:20], "utf-8")
    assert spent_in(tmp_path) == 0.25
    path.write_text(whole.replace("0.25", "-9"), "utf-8")
    with pytest.raises(InputError, match=r"sent\.jsonl"):
        spent_in(tmp_path)


def test_a_kill_with_requests_under_way_does_not_lift_the_cap(tmp_path: Path) -> None:
    arrived = threading.Event()

    def handle(request: HttpRequest) -> HttpReply:
        if request.method == "POST":
            arrived.set()
        return HttpReply(manner="hang")

    (tmp_path / "prices.yaml").write_text("models: {any/m: {input: 1, output: 10}}", "utf-8")
    server = HttpServer(handle)
    command = [
        sys.executable, "-m", "grader", "compare", *pair("clinic-postmortem"),
        "--judge", "any/m", "--base-url", f"http://127.0.0.1:{server.start()}/v1",
        "--depth", "quick", "--name", "it", "--prices", "prices.yaml", "--budget", "1",
        "--outputs", "out",
    ]  # fmt: skip
    run = subprocess.Popen([*map(str, command)], cwd=tmp_path, stderr=subprocess.DEVNULL)
    try:
        assert arrived.wait(60)
    finally:
        run.kill()
        run.wait()
        server.stop()
    lines = (tmp_path / "out/it/sent.jsonl").read_text("utf-8").splitlines()
    most = sum(json.loads(line)["usd_at_most"] for line in lines)
    assert most > 0
    assert spent_in(tmp_path / "out/it") == pytest.approx(most)
