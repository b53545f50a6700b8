"""Keys reach the server and nothing else; replies of one server are not another's."""

from __future__ import annotations

from pathlib import Path

import pytest

from conftest import Grader, pair
from grader.errors import InputError
from grader.judge.choose import open_judge
from grader.testing import FAULTS, Fault, ScriptedJudge
from judging import Desk, verdict

KEY = "sk-planted-3f9a-never-to-be-seen"
JUDGE = ("--judge", "openai/scripted-judge")


def everything_written() -> bytes:
    return b"".join(path.read_bytes() for path in Path().rglob("*") if path.is_file())


@pytest.mark.parametrize("fault", [None, *(f for f in FAULTS if f != "hang")])
def test_key_is_in_no_file_and_no_message_however_a_run_ends(
    grader: Grader, judge: ScriptedJudge, monkeypatch: pytest.MonkeyPatch, fault: Fault | None
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    if fault is not None:
        # A server that repeats the key in its error.
        message = f"Incorrect API key provided: {KEY}." if fault.isdigit() else None
        judge.fail(fault, times=3, message=message)
    ran = grader(
        "compare", *pair("clinic-postmortem"), *JUDGE, "--base-url", judge.base_url,
        "--depth", "quick", "--record", "run.jsonl",
    )  # fmt: skip
    assert judge.requests[0].headers["authorization"] == f"Bearer {KEY}"
    assert KEY not in ran.out + ran.err
    assert KEY.encode() not in everything_written()
    assert Path("outputs/journal.db").exists()


def test_key_is_not_told_by_doctor_batch_or_journal(
    grader: Grader, judge: ScriptedJudge, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    said = ""
    for command in (
        ("doctor", *JUDGE, "--base-url", judge.base_url),
        ("doctor", "--judge", "openai/x", "--base-url", "http://127.0.0.1:9/v1"),
        ("compare", *pair("clinic-postmortem"), "--judge", "files:batch"),
        ("batch", "submit", "batch", *JUDGE, "--base-url", judge.base_url),
        ("batch", "fetch", "batch", "--wait", "0.1"),
        ("compare", *pair("clinic-postmortem"), "--judge", "files:batch"),
        ("journal", "export", "kept.jsonl"),
    ):
        ran = grader(*command)
        said += ran.out + ran.err
    assert KEY not in said
    assert KEY.encode() not in everything_written()


@pytest.mark.parametrize(
    ("address", "fine"),
    [
        ("http://127.0.0.1:1/v1", True),
        ("http://[::1]:1/v1", True),
        ("http://localhost:1/v1", True),
        ("https://judge.example/v1", True),
        ("http://judge.example/v1", False),
        ("http://192.168.1.5:8000/v1", False),
        ("http://localhost.example/v1", False),
        ("http://127.0.0.1.example/v1", False),
    ],
)
def test_plain_http_leaves_this_machine_only_when_asked_to(address: str, fine: bool) -> None:
    if not fine:
        with pytest.raises(InputError, match="not encrypted") as raised:
            open_judge("any/model", base_url=address)
        assert "--insecure" in raised.value.mend
    open_judge("any/model", base_url=address, insecure=not fine)


@pytest.mark.parametrize("address", ["https://me:secret@host/v1", "https://host/v1?key=secret"])
def test_address_with_a_secret_in_it_is_refused_without_showing_it(address: str) -> None:
    with pytest.raises(InputError) as raised:
        open_judge("any/model", base_url=address)
    assert "secret" not in str(raised.value)


def test_replies_of_one_server_are_not_taken_for_another_servers(tmp_path: Path) -> None:
    with ScriptedJudge() as local, ScriptedJudge() as other:
        Desk(tmp_path, base_url=local.base_url).ask(verdict())
        Desk(tmp_path, base_url=other.base_url).ask(verdict())
        Desk(tmp_path, base_url=local.base_url + "/").ask(verdict())
        assert (len(local.requests), len(other.requests)) == (1, 1)


def test_journal_that_holds_every_answer_needs_no_key(
    grader: Grader, judge: ScriptedJudge, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Filled at another address, then read as the provider's own, as a copied journal would be."""
    import sqlite3

    command = ("compare", *pair("clinic-postmortem"), *JUDGE, "--depth", "quick")
    grader(*command, "--base-url", judge.base_url)
    with sqlite3.connect("outputs/journal.db") as journal:
        journal.execute("UPDATE replies SET server = ''")
    journal.close()
    ran = grader(*command, "--name", "again")
    assert ran.code == 0, ran.err
    with sqlite3.connect("outputs/journal.db") as journal:
        journal.execute("DELETE FROM replies WHERE kind = 'signature'")
    journal.close()
    ran = grader(*command, "--name", "third")
    assert ran.code == 3
    assert "OPENAI_API_KEY is not set" in ran.err


def test_recording_replays_to_the_same_bytes_elsewhere(
    grader: Grader, judge: ScriptedJudge, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    judge.fail("refuse", kind="verdict", times=1)
    judge.fail("invalid_json", kind="contrast", times=2)
    grader(
        "compare", *pair("clinic-postmortem"), *JUDGE, "--base-url", judge.base_url,
        "--record", "run.jsonl",
    )  # fmt: skip
    recording = Path("run.jsonl").read_bytes()
    drafts = []
    for place in ("here", "there"):
        (tmp_path / place).mkdir()
        monkeypatch.chdir(tmp_path / place)
        Path("run.jsonl").write_bytes(recording)
        ran = grader(
            "compare", *pair("clinic-postmortem"), "--judge", "recorded:run.jsonl", "--name", "x"
        )
        assert ran.code == 0, ran.err
        drafts.append(Path("outputs/x/comparison.json").read_bytes())
    assert drafts[0] == drafts[1]
    assert b"refused" in drafts[0]
