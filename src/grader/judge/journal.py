"""The journal: every reply by question hash, in a SQLite file, so that nothing is paid for twice.

A reply is inserted once and never changed; a question that is asked again on purpose gets a
further take beside the earlier ones. A claim says that a process of this machine is asking a
question now, so that another one waits for its reply; it ends with the reply or with the process.
Which attempts led to a reply is the ledger's. Several hosts share work through a queue
(`judge.queue`), not through a journal.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import socket
import sqlite3
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from grader.errors import GraderError, InputError, RecordError, StorageError
from grader.judge.reply import Outcome, Reply

SCHEMA_VERSION = 3
BUSY_TIMEOUT_S = 30

_ABOUT = "CREATE TABLE IF NOT EXISTS about (name TEXT PRIMARY KEY, value TEXT NOT NULL)"
# The server is empty for the provider's own address: replies of another one are not its replies.
_REPLIES = """
CREATE TABLE IF NOT EXISTS replies (
    question TEXT NOT NULL, server TEXT NOT NULL, take INTEGER NOT NULL, model TEXT NOT NULL,
    kind TEXT NOT NULL, outcome TEXT NOT NULL, reply TEXT NOT NULL,
    PRIMARY KEY (question, server, take))
"""
_CLAIMS = """
CREATE TABLE IF NOT EXISTS claims (
    question TEXT NOT NULL, server TEXT NOT NULL, owner TEXT NOT NULL,
    PRIMARY KEY (question, server))
"""
_SET_VERSION = "INSERT OR REPLACE INTO about (name, value) VALUES ('schema_version', ?)"
_GET_VERSION = "SELECT value FROM about WHERE name = 'schema_version'"

_PUT = (
    "INSERT INTO replies (question, server, take, model, kind, outcome, reply) "
    "VALUES (:question, :server, 1, :model, :kind, :outcome, :reply) ON CONFLICT DO NOTHING"
)
_PUT_AGAIN = (
    "INSERT INTO replies (question, server, take, model, kind, outcome, reply) "
    "SELECT :question, :server, COALESCE(MAX(take), 0) + 1, :model, :kind, :outcome, :reply "
    "FROM replies WHERE question = :question AND server = :server"
)
_GET = (
    "SELECT reply FROM replies WHERE question = ? AND server = ? "
    "ORDER BY take {order} LIMIT {limit}"
)
_LAST = _GET.format(order="DESC", limit=1)
_TAKES = _GET.format(order="ASC", limit=-1)
_CLAIM = (
    "INSERT INTO claims (question, server, owner) SELECT :question, :server, :owner "
    "WHERE :again OR NOT EXISTS "
    "(SELECT 1 FROM replies WHERE question = :question AND server = :server) "
    "ON CONFLICT DO NOTHING"
)
_OWNER = "SELECT owner FROM claims WHERE question = ? AND server = ?"
_RELEASE = "DELETE FROM claims WHERE question = ? AND server = ? AND owner = ?"


@dataclass(frozen=True)
class Kept:
    """A reply in the journal, with what it belongs to."""

    question: str
    server: str
    take: int
    model: str
    kind: str
    outcome: str
    reply: Reply


class Journal:
    """Replies by question hash.

    Args:
        where: the file; made where there is none.

    Raises:
        InputError: a database is named by URL.
        RecordError: not a journal, damaged, or written by a newer version.
        StorageError: it cannot be opened or created.
    """

    def __init__(self, where: str | Path) -> None:
        check_place(where)
        self._place = str(where)
        self._owner = f"{_this_process()} {secrets.token_hex(4)}"
        self._claimed: set[tuple[str, str]] = set()
        try:
            Path(where).parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise StorageError(
                f"the journal's folder cannot be made: {error.strerror}", place=self._place
            ) from None
        with self._in_words():
            self._database = sqlite3.connect(
                where, timeout=BUSY_TIMEOUT_S, isolation_level=None, cached_statements=32
            )
            try:
                self._open()
            except BaseException:
                self._database.close()
                raise

    def _open(self) -> None:
        self._database.execute("PRAGMA journal_mode = WAL")
        self._database.execute("PRAGMA synchronous = NORMAL")
        self._database.execute(_ABOUT)
        if self._version() != str(SCHEMA_VERSION):
            # Whole or not at all, and by one process only: the version counts under the lock.
            with self._transaction():
                self._bring_up_to_date(self._version())

    def _version(self) -> str | None:
        found = self._database.execute(_GET_VERSION).fetchone()
        return None if found is None else str(found[0])

    def _bring_up_to_date(self, version: str | None) -> None:
        if version not in (None, "1", "2", str(SCHEMA_VERSION)):
            raise RecordError(
                f"the journal has schema version {version}, this version of grader reads "
                f"{SCHEMA_VERSION}",
                place=self._place,
                mend="Update grader, or name another journal.",
            )
        if version == "1":
            self._database.execute("ALTER TABLE replies RENAME TO replies_1")
        if version == "2":
            # Its claims have leases; which processes made them is not known.
            self._database.execute("DROP TABLE IF EXISTS claims")
        self._database.execute(_REPLIES)
        self._database.execute(_CLAIMS)
        if version == "1":
            self._database.execute(
                "INSERT INTO replies (question, server, take, model, kind, outcome, reply) "
                "SELECT question, '', 1, model, kind, outcome, reply FROM replies_1"
            )
            self._database.execute("DROP TABLE replies_1")
        self._database.execute(_SET_VERSION, (str(SCHEMA_VERSION),))

    def get(self, question: str, *, server: str | None = None) -> Reply | None:
        """The last reply kept under a question hash, if there is one.

        Args:
            question: its hash.
            server: the address asked in place of the provider's own; None: its own.
        """
        with self._in_words():
            found = self._database.execute(_LAST, (question, server or "")).fetchone()
        return None if found is None else self._parsed(found[0], question)

    def takes(self, question: str, *, server: str | None = None) -> list[Reply]:
        """All replies kept under a question hash, in the order in which they were asked for."""
        with self._in_words():
            found = self._database.execute(_TAKES, (question, server or "")).fetchall()
        return [self._parsed(stored, question) for (stored,) in found]

    def put(
        self,
        question: str,
        reply: Reply,
        *,
        model: str,
        kind: str,
        outcome: Outcome,
        server: str | None = None,
        again: bool = False,
    ) -> None:
        """Keep a reply. Where there is one already, that one stays. A claim ends with it.

        Args:
            again: the question was asked again on purpose; its earlier replies stay as well, and
                this one counts from now on.

        Raises:
            StorageError: the disk is full, or another program holds the journal.
            RecordError: the journal is damaged.
        """
        key = (question, server or "")
        values = {
            "question": question,
            "server": server or "",
            "model": model,
            "kind": kind,
            "outcome": outcome,
            "reply": reply.model_dump_json(exclude_none=True),
        }
        statement = _PUT_AGAIN if again else _PUT
        with self._in_words():
            if key not in self._claimed:
                self._database.execute(statement, values)
                return
            with self._transaction():
                self._database.execute(statement, values)
                self._database.execute(_RELEASE, (*key, self._owner))
        self._claimed.discard(key)

    def claim(self, question: str, *, server: str | None = None, again: bool = False) -> bool:
        """Say that this process asks a question now.

        Returns False where the question has a reply, or another living process of this machine
        asks it. A claim ends with `put`, with `release`, or with the process.

        Args:
            again: ask it also where it has a reply.
        """
        key = (question, server or "")
        with self._in_words():
            # Who waits for another process only reads.
            if not self._end_dead_claim(key):
                return False
            values = {"question": key[0], "server": key[1], "owner": self._owner, "again": again}
            if self._database.execute(_CLAIM, values).rowcount != 1:
                return False
        self._claimed.add(key)
        return True

    def _end_dead_claim(self, key: tuple[str, str]) -> bool:
        """Remove a claim whose process is gone. False: its process lives."""
        found = self._database.execute(_OWNER, key).fetchone()
        if found is None:
            return True
        if _lives(found[0]):
            return False
        self._database.execute(_RELEASE, (*key, found[0]))
        return True

    def release(self, question: str, *, server: str | None = None) -> None:
        """End a claim of this process, if there still is one."""
        key = (question, server or "")
        if key in self._claimed:
            with self._in_words():
                self._database.execute(_RELEASE, (*key, self._owner))
            self._claimed.discard(key)

    def replies(self) -> Iterator[Kept]:
        """Everything that is kept, by question, server and take."""
        with self._in_words():
            rows = self._database.execute(
                "SELECT question, server, take, model, kind, outcome, reply FROM replies "
                "ORDER BY question, server, take"
            )
            for question, server, take, model, kind, outcome, stored in rows:
                reply = self._parsed(stored, question)
                yield Kept(question, server, take, model, kind, outcome, reply)

    def remove(self, kept: Iterable[Kept]) -> int:
        """Remove these replies; gives how many there were."""
        keys = [(each.question, each.server, each.take) for each in kept]
        with self._in_words(), self._transaction():
            return self._database.executemany(
                "DELETE FROM replies WHERE question = ? AND server = ? AND take = ?", keys
            ).rowcount

    def close(self) -> None:
        """Close the file. Claims of this process end with it."""
        for key in tuple(self._claimed):
            # One that stays ends with this process.
            with contextlib.suppress(GraderError):
                self.release(key[0], server=key[1])
        self._database.close()

    @contextlib.contextmanager
    def _transaction(self) -> Iterator[None]:
        self._database.execute("BEGIN IMMEDIATE")
        try:
            yield
            self._database.execute("COMMIT")
        except BaseException:
            # A full disk may have ended the transaction by itself.
            with contextlib.suppress(sqlite3.Error):
                self._database.execute("ROLLBACK")
            raise

    def _parsed(self, stored: Any, question: str) -> Reply:
        try:
            return Reply.model_validate_json(stored)
        except ValueError:
            raise RecordError(
                f"the journal's reply to question {question[:12]} cannot be read",
                place=self._place,
                mend="It was changed or damaged. Name another journal, or mend this one.",
            ) from None

    @contextlib.contextmanager
    def _in_words(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            raise _error_in_words(error, self._place) from None


def check_place(where: str | Path) -> None:
    """Raise InputError where a database is named by URL instead of a file."""
    scheme, mark, _ = str(where).partition("://")
    if not mark:
        return
    mend = "Name a file, such as outputs/journal.db."
    if scheme.startswith("postgres"):
        mend += (
            " To share replies and a budget between hosts, ask the judge through a queue: "
            "-j 'queue:postgresql://HOST/DB#provider/model' (docs/hosts.md)."
        )
    # The rest of the URL may hold a password.
    raise InputError("the journal is a SQLite file, not a URL", place=f"{scheme}://…", mend=mend)


def _error_in_words(error: sqlite3.Error, place: str) -> GraderError:
    text = " ".join(str(error).split())
    lower = text.lower()
    if any(
        part in lower for part in ("not a database", "malformed", "no such column", "has no column")
    ):
        return RecordError(
            f"this is no journal, or a damaged one: {text}",
            place=place,
            mend="Name another journal, or move this file away.",
        )
    mend = "Check that the file is there and may be written."
    if "full" in lower or "disk i/o" in lower:
        mend = "Free some space and run the same command again; replies kept so far stay."
    elif "locked" in lower or "busy" in lower:
        mend = "Another program holds it. Wait for it to end and run the same command again."
    return StorageError(f"the journal cannot be used: {text}", place=place, mend=mend)


def _this_process() -> str:
    return f"{socket.gethostname()} {os.getpid()} {_started(os.getpid()) or '-'}"


def _started(pid: int) -> str | None:
    """When a process of this machine started, so that a later one under its number is told apart.

    None: there is no such process, or the system has no /proc.
    """
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return None
    # The name in parentheses may hold blanks and parentheses itself; field 22 is the start.
    state, *fields = stat.rpartition(")")[2].split()
    return None if state in ("Z", "X") else fields[18]


def _lives(owner: str) -> bool:
    """Whether the process that made a claim runs on this machine."""
    parts = owner.split(" ")
    if len(parts) != 4 or parts[0] != socket.gethostname() or not parts[1].isdigit():
        # A file that was copied from another machine: nobody there answers into this copy.
        return False
    pid, started = int(parts[1]), parts[2]
    if started != "-":
        return _started(pid) == started
    try:
        os.kill(pid, 0)
    except OSError as error:
        return isinstance(error, PermissionError)
    return True
