"""Whether a file is still the one that was read, without reading it again."""

from __future__ import annotations

import os
from pathlib import Path

Stamp = tuple[int, int, int, int]
"""Inode, size, and the times of the last write and change: equal stamps, equal files."""


def stamp_of(path: str | Path) -> Stamp | None:
    """The stamp of a file; None where there is none."""
    try:
        found = os.stat(path)  # noqa: PTH116 - it is asked thousands of times for one page
    except OSError:
        return None
    # A write can be hidden from st_mtime with utime, but not from st_ctime.
    return found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns
