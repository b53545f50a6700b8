"""The queue's database: its address, its connections, and its database_errors in words."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, TypeVar
from urllib.parse import parse_qsl, urlsplit

from grader.errors import GraderError, InputError, JudgeError
from grader.judge.choose import environment_value

SCHEMES = ("postgresql", "postgres")
SETTINGS = frozenset({"host", "sslmode", "sslrootcert", "sslcert", "sslkey"})
"""What may stand behind the '?' of an address: none of these is a secret."""

CONNECT_TIMEOUT_S = 10.0
STATEMENT_TIMEOUT_S = 60.0
AGAIN_AFTER_S = 0.5
"""How long after a failure the database is tried again."""

T = TypeVar("T")


@dataclass(frozen=True)
class Database:
    """Where a queue is."""

    url: str
    place: str
    """Host, port and name, for messages and records."""


def read_url(url: str) -> Database:
    """The database that a URL names.

    Raises:
        InputError: it is no such URL, or holds a password, which would stand in the shell's
            history, in the list of processes and in records.
    """
    form = "Write it as postgresql://HOST/DATABASE, such as postgresql://db.example/grader."
    try:
        parts = urlsplit(url)
        port, name = parts.port, parts.path.removeprefix("/")
        query = dict(parse_qsl(parts.query, keep_blank_values=True))
    except ValueError:
        raise InputError("the queue's address cannot be read", mend=form) from None
    if parts.password is not None or "password" in query:
        raise InputError(
            "the queue's address holds a password",
            mend="Leave it out of the address; put it into PGPASSWORD (in the environment or in a "
            ".env file in this folder) or into ~/.pgpass.",
        )
    if parts.scheme not in SCHEMES or not name or "/" in name or parts.fragment:
        raise InputError("the queue's address names no PostgreSQL database", mend=form)
    if unknown := sorted(query.keys() - SETTINGS):
        raise InputError(
            f"the queue's address holds {', '.join(unknown)}",
            mend=f"Behind '?' may stand {', '.join(sorted(SETTINGS))}.",
        )
    host = parts.hostname or query.get("host") or "localhost"
    if host.startswith("/"):
        # A socket's folder, which is this machine's own business.
        host = "localhost"
    host = f"[{host}]" if ":" in host else host
    return Database(url, f"{host}:{port}/{name}" if port else f"{host}/{name}")


async def open_pool(database: Database, size: int) -> Any:
    """Connections to the database.

    Raises:
        InputError: the drivers are not installed.
        JudgeError: it cannot be reached, or refuses.
    """
    asyncpg = driver()
    failures: tuple[type[BaseException], ...] = (ValueError, *database_errors())
    try:
        return await asyncpg.create_pool(
            database.url,
            password=environment_value("PGPASSWORD") or None,
            min_size=1,
            max_size=size,
            timeout=CONNECT_TIMEOUT_S,
            command_timeout=STATEMENT_TIMEOUT_S,
            server_settings={"application_name": "grader"},
            reset=_nothing,
        )
    except failures as error:
        raise in_words(database, error) from None


async def _nothing(connection: Any) -> None:
    """In place of a statement after each use: no statement here leaves anything behind."""


def driver() -> Any:
    """The module asyncpg. Raises InputError where the extra `queue` is not installed."""
    try:
        import asyncpg
        import pgqueuer  # noqa: F401
    except ModuleNotFoundError:
        raise InputError(
            "a queue needs two packages that are not installed",
            mend="Install them with: pip install '.[queue]'",
        ) from None
    # Both write tracebacks on a lost connection, which is told in a sentence instead.
    for name in ("asyncpg", "pgqueuer"):
        logging.getLogger(name).setLevel(logging.CRITICAL + 1)
    return asyncpg


def connection_errors() -> tuple[type[BaseException], ...]:
    """Errors that say: the connection is gone, and may come back."""
    asyncpg = driver()
    return (
        OSError,
        TimeoutError,
        asyncpg.InterfaceError,
        asyncpg.PostgresConnectionError,
        asyncpg.CannotConnectNowError,
        asyncpg.AdminShutdownError,
        asyncpg.CrashShutdownError,
        asyncpg.TooManyConnectionsError,
    )


def database_errors() -> tuple[type[BaseException], ...]:
    """Every error that the database or its connection raises."""
    return (*connection_errors(), driver().PostgresError)


def in_words(database: Database, error: BaseException) -> GraderError:
    """A trouble of the database as an error for the user."""
    asyncpg = driver()
    text = " ".join(str(error).split()) or type(error).__name__
    if isinstance(error, asyncpg.InvalidAuthorizationSpecificationError):
        mend = "Put the password into PGPASSWORD or ~/.pgpass, and check the user in the address."
    elif isinstance(error, asyncpg.InvalidCatalogNameError):
        mend = "Create the database first, such as with: createdb " + database.place.split("/")[1]
    elif isinstance(error, asyncpg.InsufficientPrivilegeError):
        mend = "The user of the queue must be allowed to create a schema in this database."
    else:
        mend = "Check that the database runs and may be reached from here; see docs/hosts.md."
    return JudgeError(
        f"the queue's database cannot be used: {text}", place=database.place, mend=mend
    )


async def keep_trying(action: Callable[[], Awaitable[T]]) -> T:
    """Do something with the database, again and again while it fails: a reply is never given up."""
    while True:
        try:
            return await action()
        except database_errors():
            await asyncio.sleep(AGAIN_AFTER_S)
