"""One writer at a time: what rests on the lines before it is read and appended under one lock."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from grader.errors import StorageError


@contextmanager
def one_writer(path: Path, *, lock: str = "", wait_s: float = 30.0) -> Iterator[None]:
    """Let nobody else who asks for it write to this file until the block ends.

    Args:
        path: the file.
        lock: name of the lock beside it; '': by the file's own name.
        wait_s: how long to wait for another writer.

    Raises:
        StorageError: another writer doesn't end, or the folder can't be written to.
    """
    held = FileLock(path.with_name(lock or f".{path.name}.lock"), timeout=wait_s)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        held.acquire()
    except Timeout:
        raise StorageError(
            "another program is writing to this file and does not end",
            place=path,
            mend="Close it, then do this again.",
        ) from None
    except OSError as error:
        raise StorageError(
            f"cannot be written: {error.strerror or error}",
            place=path,
            mend="Free some space or check the rights; everything up to here is saved.",
        ) from None
    try:
        yield
    finally:
        held.release()
