"""The journal: every reply by question hash, in a database, so that nothing is paid for twice.

A reply is inserted once and never changed. The journal knows replies only; which attempts led
to them is the ledger's.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError

from grader.errors import GraderError, InputError, RecordError, StorageError
from grader.judge.reply import Outcome, Reply

SCHEMA_VERSION = 1
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
    sa.Column("model", sa.Text, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("outcome", sa.Text, nullable=False),
    sa.Column("reply", sa.Text, nullable=False),
)

_GET = sa.select(_replies.c.reply).where(_replies.c.question == sa.bindparam("question"))


def _insert_once(table: sa.Table) -> sa.TextClause:
    # Core has this clause only per database; the words are the same in SQLite and PostgreSQL.
    names = [column.name for column in table.columns]
    values = ", ".join(f":{name}" for name in names)
    return sa.text(
        f"INSERT INTO {table.name} ({', '.join(names)}) VALUES ({values}) ON CONFLICT DO NOTHING"
    )


_ONCE = {table.name: _insert_once(table) for table in (_about, _replies)}


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
        _metadata.create_all(self._connection)
        self._connection.execute(
            _ONCE["about"], {"name": "schema_version", "value": str(SCHEMA_VERSION)}
        )
        found = self._connection.execute(
            sa.select(_about.c.value).where(_about.c.name == "schema_version")
        ).scalar_one()
        if not found.isdigit() or int(found) > SCHEMA_VERSION:
            raise RecordError(
                f"the journal has schema version {found}, this version of grader reads "
                f"{SCHEMA_VERSION}",
                place=self._place,
                mend="Update grader, or name another journal.",
            )

    def get(self, question: str) -> Reply | None:
        """The reply kept under a question hash, if there is one."""
        try:
            stored = self._connection.execute(_GET, {"question": question}).scalar()
        except DBAPIError as error:
            raise self._in_words(error) from None
        if stored is None:
            return None
        try:
            return Reply.model_validate_json(stored)
        except ValueError:
            raise RecordError(
                f"the journal's reply to question {question[:12]} cannot be read",
                place=self._place,
                mend="It was changed or damaged. Name another journal, or mend this one.",
            ) from None

    def put(self, question: str, reply: Reply, *, model: str, kind: str, outcome: Outcome) -> None:
        """Keep a reply. Where there is one already, that one stays.

        Raises:
            StorageError: the disk is full, or another program holds the journal.
            RecordError: the journal is damaged.
        """
        row: dict[str, Any] = {
            "question": question,
            "model": model,
            "kind": kind,
            "outcome": outcome,
            "reply": reply.model_dump_json(exclude_none=True),
        }
        try:
            self._connection.execute(_ONCE["replies"], row)
        except DBAPIError as error:
            raise self._in_words(error) from None

    def close(self) -> None:
        """Close the database."""
        self._connection.close()
        self._engine.dispose()

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
