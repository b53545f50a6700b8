"""The journal: replies are kept once, survive, and its troubles are told in words."""

from __future__ import annotations

import contextlib
import multiprocessing
import resource
import sqlite3
from pathlib import Path

import pytest

from grader.errors import GraderError, InputError, RecordError, StorageError
from grader.judge.journal import Journal
from grader.judge.reply import Reply, Usage

REPLY = Reply(
    text='{"a": "ä – “x” \U0001f600"}',
    finish_reason="stop",
    model="m",
    usage=Usage(prompt_tokens=5, cached_tokens=0),
    latency_s=1.25,
    at="2026-01-02T03:04:05.678+00:00",
)


def put(journal: Journal, question: str, reply: Reply = REPLY) -> None:
    journal.put(question, reply, model="openai/m", kind="verdict", outcome="answered")


def test_a_reply_comes_back_as_it_was(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "deep" / "journal.db")
    assert journal.get("q") is None
    put(journal, "q")
    journal.close()

    reopened = Journal(tmp_path / "deep" / "journal.db")
    assert reopened.get("q") == REPLY
    reopened.close()


def test_the_first_reply_to_a_question_stays(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "journal.db")
    put(journal, "q")
    put(journal, "q", REPLY.model_copy(update={"text": "another"}))
    assert journal.get("q") == REPLY
    journal.close()


def _broken(path: Path) -> None:
    path.write_text("this is a letter, not a database. " * 50)


def _newer(path: Path) -> None:
    Journal(path).close()
    with sqlite3.connect(path) as database:
        database.execute("UPDATE about SET value = '99'")
    database.close()


def _another_programs(path: Path) -> None:
    with sqlite3.connect(path) as database:
        database.execute("CREATE TABLE replies (something TEXT)")
    database.close()


@pytest.mark.parametrize(
    ("make", "error", "said"),
    [
        (_broken, RecordError, "no journal, or a damaged one"),
        (_newer, RecordError, "schema version 99"),
        (_another_programs, RecordError, "no journal, or a damaged one"),
        (Path.mkdir, StorageError, "cannot be used"),
    ],
    ids=["a text file", "of a newer version", "of another program", "a folder"],
)
def test_a_file_that_is_no_journal_is_named(
    tmp_path: Path, make: object, error: type[GraderError], said: str
) -> None:
    path = tmp_path / "journal.db"
    assert callable(make)
    make(path)
    with pytest.raises(error, match=said) as raised:
        journal = Journal(path)
        journal.get("q")
    assert str(path) in str(raised.value)
    assert raised.value.mend


def test_a_reply_changed_by_hand_is_not_used(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "journal.db")
    put(journal, "q")
    journal.close()
    with sqlite3.connect(tmp_path / "journal.db") as database:
        database.execute("UPDATE replies SET reply = '{\"txt\": 1}'")
    database.close()
    reopened = Journal(tmp_path / "journal.db")
    with pytest.raises(RecordError, match="question q"):
        reopened.get("q")
    reopened.close()


@pytest.mark.parametrize("scheme", ["postgresql", "postgresql+psycopg", "postgres"])
def test_a_database_named_by_url_leads_to_the_queue(scheme: str) -> None:
    with pytest.raises(InputError) as raised:
        Journal(f"{scheme}://me:planted-secret@host/x")
    assert "queue:postgresql://" in (raised.value.mend or "")
    assert "planted-secret" not in str(raised.value)


def test_a_url_of_sqlite_is_told_to_be_a_file() -> None:
    with pytest.raises(InputError, match="a SQLite file, not a URL") as raised:
        Journal("sqlite:///outputs/journal.db")
    assert "queue" not in (raised.value.mend or "")


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StorageError):
        Journal(tmp_path / "file" / "journal.db")


def _fill_a_small_disk(path: Path, said: multiprocessing.Queue[str]) -> None:
    journal = Journal(path)
    put(journal, "before")
    # As a full disk: no file may grow beyond this.
    resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, 200_000))
    try:
        for number in range(1000):
            put(journal, f"q{number}", REPLY.model_copy(update={"text": "x" * 5000}))
    except StorageError as error:
        said.put(str(error))
    else:
        said.put("nothing was raised")


def test_a_full_disk_is_told_and_nothing_kept_is_lost(tmp_path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    said: multiprocessing.Queue[str] = context.Queue()
    process = context.Process(target=_fill_a_small_disk, args=(tmp_path / "journal.db", said))
    process.start()
    message = said.get(timeout=60)
    process.join()

    assert "Free some space" in message
    journal = Journal(tmp_path / "journal.db")
    assert journal.get("before") == REPLY
    journal.close()


def _put_many(path: Path, name: str) -> None:
    journal = Journal(path)
    for number in range(100):
        put(journal, f"q{number}", REPLY.model_copy(update={"text": name}))
    journal.close()


def test_a_journal_that_another_program_holds_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("grader.judge.journal.BUSY_TIMEOUT_S", 0)
    journal = Journal(tmp_path / "journal.db")
    with contextlib.closing(sqlite3.connect(tmp_path / "journal.db")) as holder:
        holder.execute("BEGIN EXCLUSIVE")
        with pytest.raises(StorageError, match="cannot be used") as raised:
            put(journal, "q")
    assert "Another program holds it" in raised.value.mend
    put(journal, "q")
    journal.close()


def test_several_processes_write_at_once_and_agree(tmp_path: Path) -> None:
    path = tmp_path / "journal.db"
    context = multiprocessing.get_context("spawn")
    processes = [context.Process(target=_put_many, args=(path, name)) for name in ("a", "b", "c")]
    for process in processes:
        process.start()
    for process in processes:
        process.join()

    assert [process.exitcode for process in processes] == [0, 0, 0]
    with sqlite3.connect(path) as database:
        assert database.execute("SELECT count(*) FROM replies").fetchone() == (100,)
        assert database.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    database.close()


def test_one_of_two_claims_a_question_until_its_reply_is_there(tmp_path: Path) -> None:
    ours, theirs = Journal(tmp_path / "journal.db"), Journal(tmp_path / "journal.db")
    assert ours.claim("q")
    assert not theirs.claim("q")
    assert theirs.claim("q", server="http://127.0.0.1:1/v1"), "of another server"
    put(ours, "q")
    assert not theirs.claim("q"), "it has a reply"
    assert theirs.claim("q", again=True)
    ours.close()
    theirs.close()


def test_a_claim_given_up_can_be_made_by_another(tmp_path: Path) -> None:
    ours, theirs = Journal(tmp_path / "journal.db"), Journal(tmp_path / "journal.db")
    assert ours.claim("q")
    ours.release("q")
    assert theirs.claim("q")
    ours.release("q")
    assert not ours.claim("q"), "what another one claimed is not released"
    ours.close()
    theirs.close()


@pytest.mark.parametrize(
    "owner",
    [
        "{host} 4194305 17 ab",
        "{host} {pid} 17 ab",
        "another.{host} {pid} {started} ab",
        "{host}:{pid}:ab",
    ],
    ids=["no such process", "a later process under its number", "of another host", "unreadable"],
)
def test_a_claim_whose_process_is_gone_does_not_count(tmp_path: Path, owner: str) -> None:
    journal = Journal(tmp_path / "journal.db")
    assert journal.claim("q")
    with sqlite3.connect(tmp_path / "journal.db") as database:
        [(made,)] = database.execute("SELECT owner FROM claims")
        host, pid, started, _ = made.split(" ")
        owner = owner.format(host=host, pid=pid, started=started)
        database.execute("UPDATE claims SET owner = ?", (owner,))
    database.close()
    assert journal.claim("q")
    journal.close()


VERSION_1 = """
    CREATE TABLE about (name TEXT PRIMARY KEY, value TEXT NOT NULL);
    INSERT INTO about VALUES ('schema_version', '1');
    CREATE TABLE replies (question TEXT PRIMARY KEY, model TEXT NOT NULL,
        kind TEXT NOT NULL, outcome TEXT NOT NULL, reply TEXT NOT NULL);
    INSERT INTO replies VALUES ('q', 'openai/m', 'verdict', 'answered', '{reply}');
"""
VERSION_2 = """
    CREATE TABLE about (name TEXT PRIMARY KEY, value TEXT NOT NULL);
    INSERT INTO about VALUES ('schema_version', '2');
    CREATE TABLE replies (question TEXT NOT NULL, server TEXT NOT NULL, take INTEGER NOT NULL,
        model TEXT NOT NULL, kind TEXT NOT NULL, outcome TEXT NOT NULL, reply TEXT NOT NULL,
        PRIMARY KEY (question, server, take));
    INSERT INTO replies VALUES ('q', '', 1, 'openai/m', 'verdict', 'refused', '{{}}');
    INSERT INTO replies VALUES ('q', '', 2, 'openai/m', 'verdict', 'answered', '{reply}');
    CREATE TABLE claims (question TEXT NOT NULL, server TEXT NOT NULL, owner TEXT NOT NULL,
        until FLOAT NOT NULL, PRIMARY KEY (question, server));
    INSERT INTO claims VALUES ('open', '', 'somewhere:1:ab', 99999999999);
"""


@pytest.mark.parametrize(
    ("script", "takes"), [(VERSION_1, 1), (VERSION_2, 2)], ids=["version 1", "version 2"]
)
def test_a_journal_of_an_earlier_version_keeps_its_replies(
    tmp_path: Path, script: str, takes: int
) -> None:
    path = tmp_path / "journal.db"
    with sqlite3.connect(path) as database:
        database.executescript(script.format(reply=REPLY.model_dump_json(exclude_none=True)))
    database.close()
    for _ in range(2):
        journal = Journal(path)
        assert journal.get("q") == REPLY
        assert len(journal.takes("q")) == takes
        assert journal.get("q", server="http://127.0.0.1:1/v1") is None
        assert not journal.claim("q")
        assert journal.claim("open")
        journal.close()
