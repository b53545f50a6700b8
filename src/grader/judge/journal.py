"""The journal: every reply by question hash, in a database, so that nothing is paid for twice.

A reply is inserted once and never changed; a question that is asked again on purpose gets a
further take beside the earlier ones. A claim says that a process is asking a question now, so
that another one waits for its reply. Which attempts led to a reply is the ledger's.
"""

from __future__ import annotations

import os
import secrets
import socket
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError

from grader.errors import GraderError, InputError, RecordError, StorageError
from grader.judge.reply import Outcome, Reply

SCHEMA_VERSION = 2
BUSY_TIMEOUT_S = 30

_metadata = sa.MetaData()
_about = sa.Table(
    "about",
    _metadata,
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("value", sa.Text, nullable=False),
)
_replies = sa.Table(
    "replies",
    _metadata,
    sa.Column("question", sa.Text, primary_key=True),
    # Empty for the provider's own address: replies of another server are not its replies.
    sa.Column("server", sa.Text, primary_key=True),
    sa.Column("take", sa.Integer, primary_key=True),
    sa.Column("model", sa.Text, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("outcome", sa.Text, nullable=False),
    sa.Column("reply", sa.Text, nullable=False),
)
_claims = sa.Table(
    "claims",
    _metadata,
    sa.Column("question", sa.Text, primary_key=True),
    sa.Column("server", sa.Text, primary_key=True),
    sa.Column("owner", sa.Text, nullable=False),
    sa.Column("until", sa.Float, nullable=False),
)

# Core has "on conflict" only per database; these words are the same in SQLite and PostgreSQL.
_ABOUT_ONCE = sa.text(
    "INSERT INTO about (name, value) VALUES (:name, :value) ON CONFLICT DO NOTHING"
)
_PUT = sa.text(
    "INSERT INTO replies (question, server, take, model, kind, outcome, reply) "
    "VALUES (:question, :server, 1, :model, :kind, :outcome, :reply) ON CONFLICT DO NOTHING"
)
_PUT_AGAIN = sa.text(
    "INSERT INTO replies (question, server, take, model, kind, outcome, reply) "
    "SELECT :question, :server, COALESCE(MAX(take), 0) + 1, :model, :kind, :outcome, :reply "
    "FROM replies WHERE question = :question AND server = :server"
)
_GET = sa.text(
    "SELECT reply FROM replies WHERE question = :question AND server = :server "
    "ORDER BY take DESC LIMIT 1"
)
_CLAIM = sa.text(
    "INSERT INTO claims (question, server, owner, until) "
    "VALUES (:question, :server, :owner, :until) "
    "ON CONFLICT (question, server) DO UPDATE SET owner = excluded.owner, until = excluded.until "
    "WHERE claims.until < :now OR claims.owner = :owner"
)
_RENEW = sa.text("UPDATE claims SET until = :until WHERE owner = :owner")
_RELEASE = sa.text(
    "DELETE FROM claims WHERE question = :question AND server = :server AND owner = :owner"
)
_FROM_VERSION_1 = (
    "ALTER TABLE replies RENAME TO replies_1",
    "INSERT INTO replies (question, server, take, model, kind, outcome, reply) "
    "SELECT question, '', 1, model, kind, outcome, reply FROM replies_1",
    "DROP TABLE replies_1",
    "UPDATE about SET value = '2' WHERE name = 'schema_version'",
)


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
        where: a file for SQLite, or any SQLAlchemy URL.

    Raises:
        InputError: the URL names no known database.
        RecordError: not a journal, damaged, or written by a newer version.
        StorageError: it cannot be opened or created.
    """

    def __init__(self, where: str | Path) -> None:
        self._place = str(where)
        self._owner = f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(4)}"
        try:
            if "://" in self._place:
                url = sa.make_url(self._place)
                self._place = url.render_as_string(hide_password=True)
            else:
                Path(where).parent.mkdir(parents=True, exist_ok=True)
                url = sa.URL.create("sqlite", database=str(where))
            options = {"timeout": BUSY_TIMEOUT_S} if url.get_backend_name() == "sqlite" else {}
            self._engine = sa.create_engine(
                url, connect_args=options, isolation_level="AUTOCOMMIT", poolclass=sa.NullPool
            )
        except OSError as error:
            raise StorageError(
                f"the journal's folder cannot be made: {error.strerror}", place=self._place
            ) from None
        except (ArgumentError, NoSuchModuleError, ModuleNotFoundError) as error:
            raise InputError(
                f"no database can be reached by this: {error}",
                place=self._place,
                mend="Give a file, or an SQLAlchemy URL whose driver is installed.",
            ) from None
        try:
            self._connection = self._engine.connect()
            self._open()
        except DBAPIError as error:
            raise self._in_words(error) from None

    def _open(self) -> None:
        if self._engine.dialect.name == "sqlite":
            self._connection.exec_driver_sql("PRAGMA journal_mode = WAL")
            self._connection.exec_driver_sql("PRAGMA synchronous = NORMAL")
        self._create(_about)
        if self._version() == "1":
            self._convert()
        self._create(_replies, _claims)
        self._connection.execute(
            _ABOUT_ONCE, {"name": "schema_version", "value": str(SCHEMA_VERSION)}
        )
        found = self._version() or ""
        if not found.isdigit() or int(found) > SCHEMA_VERSION:
            raise RecordError(
                f"the journal has schema version {found}, this version of grader reads "
                f"{SCHEMA_VERSION}",
                place=self._place,
                mend="Update grader, or name another journal.",
            )

    def _create(self, *tables: sa.Table) -> None:
        # Another process may be creating them, too.
        for table in tables:
            self._connection.execute(sa.schema.CreateTable(table, if_not_exists=True))

    def _version(self) -> str | None:
        return self._connection.execute(
            sa.select(_about.c.value).where(_about.c.name == "schema_version")
        ).scalar()

    def _convert(self) -> None:
        # Whole or not at all, and by one process only: the lock is taken before the version counts.
        begin = "BEGIN IMMEDIATE" if self._engine.dialect.name == "sqlite" else "BEGIN"
        self._connection.exec_driver_sql(begin)
        try:
            if self._version() == "1":
                rename, fill, *rest = _FROM_VERSION_1
                self._connection.exec_driver_sql(rename)
                self._create(_replies)
                for statement in (fill, *rest):
                    self._connection.exec_driver_sql(statement)
            self._connection.exec_driver_sql("COMMIT")
        except BaseException:
            self._connection.exec_driver_sql("ROLLBACK")
            raise

    def get(self, question: str, *, server: str | None = None) -> Reply | None:
        """The last reply kept under a question hash, if there is one.

        Args:
            question: its hash.
            server: the address asked in place of the provider's own; None: its own.
        """
        stored = self._run(_GET, question=question, server=server or "").scalar()
        return None if stored is None else self._parsed(stored, question)

    def takes(self, question: str, *, server: str | None = None) -> list[Reply]:
        """All replies kept under a question hash, in the order in which they were asked for."""
        rows = self._run(
            sa.select(_replies.c.reply)
            .where(_replies.c.question == question, _replies.c.server == (server or ""))
            .order_by(_replies.c.take)
        )
        return [self._parsed(stored, question) for (stored,) in rows]

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
        """Keep a reply. Where there is one already, that one stays.

        Args:
            again: the question was asked again on purpose; its earlier replies stay as well, and
                this one counts from now on.

        Raises:
            StorageError: the disk is full, or another program holds the journal.
            RecordError: the journal is damaged.
        """
        self._run(
            _PUT_AGAIN if again else _PUT,
            question=question,
            server=server or "",
            model=model,
            kind=kind,
            outcome=outcome,
            reply=reply.model_dump_json(exclude_none=True),
        )

    def claim(self, question: str, *, server: str | None = None, lease_s: float) -> bool:
        """Say that this process asks a question now. False: another one does.

        A claim ends with `release`, after its lease, or with the life of a process of this
        machine.
        """
        now = time.time()
        values = {"question": question, "server": server or "", "owner": self._owner}
        for _ in range(2):
            if self._run(_CLAIM, **values, now=now, until=now + lease_s).rowcount == 1:
                return True
            held = self._run(
                sa.select(_claims.c.owner).where(
                    _claims.c.question == question, _claims.c.server == values["server"]
                )
            ).scalar()
            if held is not None and not _is_dead(held):
                return False
            if held is not None:
                self._run(_RELEASE, **{**values, "owner": held})
        return False

    def renew(self, *, lease_s: float) -> None:
        """Let every claim of this process last for another lease from now on."""
        self._run(_RENEW, owner=self._owner, until=time.time() + lease_s)

    def release(self, question: str, *, server: str | None = None) -> None:
        """Give a claim of this process up."""
        self._run(_RELEASE, question=question, server=server or "", owner=self._owner)

    def replies(self) -> Iterator[Kept]:
        """Everything that is kept, by question, server and take."""
        rows = self._run(
            sa.select(_replies).order_by(_replies.c.question, _replies.c.server, _replies.c.take)
        )
        for row in rows:
            yield Kept(
                question=row.question,
                server=row.server,
                take=row.take,
                model=row.model,
                kind=row.kind,
                outcome=row.outcome,
                reply=self._parsed(row.reply, row.question),
            )

    def remove(self, kept: Iterator[Kept] | list[Kept]) -> int:
        """Remove these replies; gives how many there were."""
        return sum(
            self._run(
                sa.delete(_replies).where(
                    _replies.c.question == each.question,
                    _replies.c.server == each.server,
                    _replies.c.take == each.take,
                )
            ).rowcount
            for each in list(kept)
        )

    def close(self) -> None:
        """Close the database."""
        self._connection.close()
        self._engine.dispose()

    def _run(self, statement: Any, **values: Any) -> Any:
        try:
            return self._connection.execute(statement, values)
        except DBAPIError as error:
            raise self._in_words(error) from None

    def _parsed(self, stored: str, question: str) -> Reply:
        try:
            return Reply.model_validate_json(stored)
        except ValueError:
            raise RecordError(
                f"the journal's reply to question {question[:12]} cannot be read",
                place=self._place,
                mend="It was changed or damaged. Name another journal, or mend this one.",
            ) from None

    def _in_words(self, error: DBAPIError) -> GraderError:
        said = " ".join(str(error.orig).split())
        lower = said.lower()
        if "not a database" in lower or "malformed" in lower or "no such column" in lower:
            return RecordError(
                f"this is no journal, or a damaged one: {said}",
                place=self._place,
                mend="Name another journal, or move this file away.",
            )
        mend = "Check that the database is there and may be written."
        if "full" in lower or "disk i/o" in lower:
            mend = "Free some space and run the same command again; replies kept so far stay."
        elif "locked" in lower or "busy" in lower:
            mend = "Another program holds it. Wait for it to end and run the same command again."
        return StorageError(f"the journal cannot be used: {said}", place=self._place, mend=mend)


def _is_dead(owner: str) -> bool:
    """Whether a claim's process ran on this machine and is gone."""
    host, _, rest = owner.rpartition(":")[0].rpartition(":")
    if host != socket.gethostname() or not rest.isdigit():
        return False
    try:
        os.kill(int(rest), 0)
    except ProcessLookupError:
        return True
    except OSError:
        return False
    return False
