"""Reading and writing text files with errors a user can act on."""

from __future__ import annotations

import os
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from grader.errors import InputError, StorageError

MAX_BYTES = 50_000_000
_CHUNK = 1 << 24


def read_bytes(path: Path, *, limit: int = MAX_BYTES) -> bytes:
    """The file's bytes.

    Raises:
        InputError: missing, not readable, more than `limit` bytes, or no regular file: a folder,
            or a pipe, device or socket, which may never end.
    """
    try:
        # Without waiting: opening a pipe that nobody writes to would never return.
        handle = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0))
        try:
            size = _regular_size(handle, path)
            # The stated size can be wrong: a file may grow, and some systems state 0 for all.
            with os.fdopen(handle, "rb", closefd=False) as file:
                data = file.read(min(size, limit) + 1)
                while len(data) <= limit and (
                    more := file.read(min(_CHUNK, limit + 1 - len(data)))
                ):
                    data += more
        finally:
            os.close(handle)
    except FileNotFoundError:
        raise InputError(
            "no such file", place=path, mend="Check the path; it is taken from this folder."
        ) from None
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        raise InputError(f"cannot be read: {reason}", place=path) from None
    if len(data) > limit:
        raise InputError(
            f"the file has {max(size, len(data)):,} bytes, at most {limit:,} are read", place=path
        )
    return data


def _regular_size(handle: int, path: Path) -> int:
    found = os.fstat(handle)
    if stat.S_ISDIR(found.st_mode):
        raise InputError("this is a folder, a file was expected", place=path)
    if not stat.S_ISREG(found.st_mode):
        raise InputError(
            "this is a pipe, device or socket, and only regular files are read",
            place=path,
            mend="Write its content to a file and give that.",
        )
    return found.st_size


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
        raise InputError("not a text file: it contains NUL bytes", place=path)
    return text


def write_atomically(path: Path, content: str | bytes) -> None:
    """Write a whole file or nothing: a temporary file beside it, synced, then renamed.

    Raises:
        StorageError: the disk is full, the folder is missing or may not be written.
    """
    data = content.encode() if isinstance(content, str) else content
    with replacing(path) as temporary:
        temporary.write_bytes(data)


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """A temporary file beside `path` that takes its place at the end, synced, or is removed.

    Raises:
        StorageError: it can't be written; what was at `path` is left as it was.
    """
    temporary: Path | None = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        os.close(handle)
        temporary = Path(name)
        yield temporary
        _sync(temporary)
        temporary.chmod(0o644)
        temporary.replace(path)
        temporary = None
    except OSError as error:
        raise StorageError(
            f"cannot be written: {error.strerror or error}",
            place=path,
            mend="Free some space or choose another folder; nothing was half-written.",
        ) from None
    finally:
        if temporary is not None:
            temporary.unlink(missing_ok=True)


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDWR)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
