"""The journal: replies are kept once, survive, and its troubles are told in words."""

from __future__ import annotations

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


def test_a_database_can_be_named_by_url(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/by-url.db"
    journal = Journal(url)
    put(journal, "q")
    journal.close()
    assert (tmp_path / "by-url.db").exists()


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


@pytest.mark.parametrize(
    "url", ["nosuchdatabase://host/x", "postgresql+nosuchdriver://host/x", "sqlite://[bad"]
)
def test_a_url_that_names_no_database_is_told(url: str) -> None:
    with pytest.raises(InputError) as raised:
        Journal(url)
    assert raised.value.mend


def test_a_password_in_a_url_is_not_shown() -> None:
    with pytest.raises(GraderError) as raised:
        Journal("postgresql+nosuchdriver://me:planted-secret@host/x")
    assert "planted-secret" not in str(raised.value)


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


def test_a_claim_lasts_as_long_as_it_is_renewed(tmp_path: Path) -> None:
    ours, theirs = Journal(tmp_path / "journal.db"), Journal(tmp_path / "journal.db")
    assert ours.claim("q", lease_s=-1)
    ours.renew(lease_s=60)
    assert not theirs.claim("q", lease_s=60)
    ours.renew(lease_s=-1)
    assert theirs.claim("q", lease_s=60)
    ours.close()
    theirs.close()


def test_a_journal_of_the_first_version_keeps_its_replies(tmp_path: Path) -> None:
    path = tmp_path / "journal.db"
    with sqlite3.connect(path) as database:
        database.executescript(
            """
            CREATE TABLE about (name TEXT PRIMARY KEY, value TEXT NOT NULL);
            INSERT INTO about VALUES ('schema_version', '1');
            CREATE TABLE replies (question TEXT PRIMARY KEY, model TEXT NOT NULL,
                kind TEXT NOT NULL, outcome TEXT NOT NULL, reply TEXT NOT NULL);
            """
        )
        database.execute(
            "INSERT INTO replies VALUES ('q', 'openai/m', 'verdict', 'answered', ?)",
            (REPLY.model_dump_json(exclude_none=True),),
        )
    database.close()
    for _ in range(2):
        journal = Journal(path)
        assert journal.get("q") == REPLY
        assert journal.get("q", server="http://127.0.0.1:1/v1") is None
        journal.close()
