"""Reading and writing text files with errors a user can act on."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from grader.errors import InputError, StorageError

MAX_BYTES = 50_000_000


def read_bytes(path: Path, *, limit: int = MAX_BYTES) -> bytes:
    """The file's bytes.

    Raises:
        InputError: missing, a folder, not readable, or larger than `limit` bytes.
    """
    try:
        if path.is_dir():
            raise InputError("this is a folder, a file was expected", place=path)
        size = path.stat().st_size
        if size > limit:
            raise InputError(f"the file has {size:,} bytes, at most {limit:,} are read", place=path)
        return path.read_bytes()
    except FileNotFoundError:
        raise InputError(
            "no such file", place=path, mend="Check the path; it is taken from this folder."
        ) from None
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        raise InputError(f"cannot be read: {reason}", place=path) from None


def read_text(path: Path, *, limit: int = MAX_BYTES) -> str:
    """The file as UTF-8 text, without a byte order mark.

    Raises:
        InputError: as `read_bytes`, or not UTF-8 (with the offset of the first bad byte).
    """
    return decode_text(read_bytes(path, limit=limit), path)


def decode_text(data: bytes, path: Path) -> str:
    """Bytes as UTF-8 text, a byte order mark dropped. Raises InputError."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(
            f"not UTF-8 text: byte {error.start} cannot be read",
            place=path,
            mend="Save the file as UTF-8.",
        ) from None
    if "\x00" in text:
        raise InputError("not a text file: it holds NUL bytes", place=path)
    return text


def write_atomically(path: Path, text: str) -> None:
    """Write a whole file or nothing: a temporary file beside it, synced, then renamed.

    Raises:
        StorageError: the disk is full, the folder is missing or may not be written.
    """
    temporary: str | None = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).chmod(0o644)
        Path(temporary).replace(path)
    except OSError as error:
        if temporary is not None:
            Path(temporary).unlink(missing_ok=True)
        raise StorageError(
            f"cannot be written: {error.strerror}",
            place=path,
            mend="Free some space or choose another folder; nothing was half-written.",
        ) from None
