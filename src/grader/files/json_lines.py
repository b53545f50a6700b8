"""Files of lines that are only ever appended to, one JSON value a line.

A line counts when its line end is on the disk. What a killed program left behind the last line
end is cut off before the next line is written.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from types import TracebackType
from typing import Self

from grader.errors import StorageError

_BLOCK = 65_536


def numbered_lines(text: str) -> Iterator[tuple[int, str]]:
    """The lines with something in them and their numbers, from 1.

    Only a line feed ends a line: a text inside JSON may contain other line separators.
    """
    for number, line in enumerate(text.split("\n"), start=1):
        if line.strip():
            yield number, line


def append_lines(path: Path, lines: Iterable[str], *, kept: int | None = None) -> bytes:
    """Append whole lines; they are on the disk when this returns. Returns the bytes added.

    Args:
        path: the file, made where there is none.
        lines: each without its line end.
        kept: as in `LineAppender`.

    Raises:
        StorageError: it can't be written; the file is left as it was.
        UnicodeEncodeError: a line contains what is no character; the file is not touched.
    """
    data = [line.encode() for line in lines]
    with LineAppender(path, kept=kept) as file:
        return file.append(*data)


class LineAppender:
    """Appends whole lines to a file, which it makes where there is none.

    Args:
        path: the file; its folder is made too.
        kept: bytes of the file that stay, where the caller has read it; None: all up to the last
            line end. What comes after them is cut off.
        sync: whether lines are on the disk when `append` returns. Without it they are with the
            operating system: a killed program loses nothing, a power failure may.
        mend: what a user can do where the file can't be written.

    Raises:
        StorageError: the file can't be opened or written.
    """

    def __init__(
        self,
        path: Path,
        *,
        kept: int | None = None,
        sync: bool = True,
        mend: str = "Free some space or check the rights; everything up to here is saved.",
    ) -> None:
        self.path = path
        self._sync = sync
        self._mend = mend
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            new = not path.exists()
            self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o644)
            try:
                self._cut_to(_end_of_lines(self._file) if kept is None else kept)
                if new and sync:
                    _sync_folder(path.parent)
            except OSError:
                os.close(self._file)
                raise
        except OSError as error:
            raise self._in_words(error) from None

    def append(self, *lines: bytes) -> bytes:
        """Write lines, each given without its line end. Returns the bytes that were added.

        Raises:
            StorageError: the disk is full; the file is left as it was.
        """
        data = b"".join(line + b"\n" for line in lines)
        if not data:
            return data
        try:
            end = os.fstat(self._file).st_size
            if end and os.pread(self._file, 1, end - 1) != b"\n":
                data = b"\n" + data
            try:
                self._write(data)
            except OSError:
                self._cut_to(end)
                raise
        except OSError as error:
            raise self._in_words(error) from None
        return data

    def close(self) -> None:
        """Close the file."""
        with contextlib.suppress(OSError):
            os.close(self._file)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _write(self, data: bytes) -> None:
        written = 0
        while written < len(data):
            written += os.write(self._file, data[written:])
        if self._sync:
            os.fsync(self._file)

    def _cut_to(self, size: int) -> None:
        if os.fstat(self._file).st_size > size:
            os.ftruncate(self._file, size)

    def _in_words(self, error: OSError) -> StorageError:
        return StorageError(
            f"cannot be written: {error.strerror or error}", place=self.path, mend=self._mend
        )


def _end_of_lines(file: int) -> int:
    """Bytes up to the last line end."""
    position = os.fstat(file).st_size
    while position > 0:
        start = max(0, position - _BLOCK)
        found = os.pread(file, position - start, start).rfind(b"\n")
        if found >= 0:
            return start + found + 1
        position = start
    return 0


def _sync_folder(folder: Path) -> None:
    """A new file's name is on disk only when its folder is."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
