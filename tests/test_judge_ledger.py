"""`calls.jsonl`: only appended to, repaired after a kill, and never silently misread."""

from __future__ import annotations

from pathlib import Path

import pytest

from grader.errors import InputError, RecordError, StorageError
from grader.judge.ledger import Ledger, read_calls
from grader.testing import ScriptedJudge
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
