"""Reviewers' accounts, for a server that others can reach: names and argon2 hashes in a file.

Only `grader serve` reads them. Sessions and rate limits are in `web.access`.
"""

from __future__ import annotations

import json
from functools import cache, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import Field, ValidationError

from grader.errors import InputError, RecordError
from grader.files.stamp import Stamp, stamp_of
from grader.files.text import read_bytes, write_atomically
from grader.files.writers import one_writer
from grader.records import Record
from grader.review.reviewer import normalised_name, refuse_other_spelling

if TYPE_CHECKING:
    from argon2 import PasswordHasher

ACCOUNTS = "reviewers.json"
MIN_LENGTH = 12


class Accounts(Record):
    """All accounts: argon2 hashes by name."""

    schema_version: int = 1
    hashes: dict[str, str] = Field(default_factory=dict)


def read_accounts(folder: Path) -> Accounts:
    """The accounts of an outputs folder; none when there is no file.

    Raises:
        RecordError: the file cannot be read.
    """
    path = folder / ACCOUNTS
    if not path.is_file():
        return Accounts()
    try:
        return _read(path, stamp_of(path))
    except (ValidationError, InputError) as error:
        raise RecordError(
            f"the reviewers' accounts cannot be read: {type(error).__name__}",
            place=path,
            mend="Take the file away and add the reviewers again.",
        ) from None


@lru_cache(maxsize=8)  # every request of a reviewer asks for them
def _read(path: Path, stamp: Stamp | None) -> Accounts:
    return Accounts.model_validate_json(read_bytes(path))


def add_account(folder: Path, name: str, password: str) -> bool:
    """Add a reviewer, or give them a new password.

    Returns:
        True: new; False: the password was changed.

    Raises:
        InputError: the name is empty or another's but for capitals, or the password too short.
        StorageError: the accounts can't be written.
    """
    name = normalised_name(name)
    if len(password) < MIN_LENGTH:
        raise InputError(
            f"the password is shorter than {MIN_LENGTH} characters",
            mend="Take a longer one: four or five words will do.",
        )
    with one_writer(folder / ACCOUNTS):
        accounts = read_accounts(folder)
        refuse_other_spelling(accounts.hashes, name)
        hashes = {**accounts.hashes, name: _hasher().hash(password)}
        text = json.dumps({"schema_version": 1, "hashes": hashes}, indent=2, ensure_ascii=False)
        write_atomically(folder / ACCOUNTS, text + "\n")
        (folder / ACCOUNTS).chmod(0o600)
    return name not in accounts.hashes


def check_password(accounts: Accounts, name: str, password: str) -> bool:
    """Whether this is the reviewer's password. Takes as long for unknown names."""
    from argon2.exceptions import InvalidHashError, VerificationError

    known = accounts.hashes.get(name)
    try:
        return _hasher().verify(known or _nobody(), password) and known is not None
    except (VerificationError, InvalidHashError):
        return False


@cache
def _hasher() -> PasswordHasher:
    from argon2 import PasswordHasher

    # One lane: a login must not take every processor from the reviewers at work.
    return PasswordHasher(parallelism=1)


@cache
def _nobody() -> str:
    return _hasher().hash("nobody has this password")
