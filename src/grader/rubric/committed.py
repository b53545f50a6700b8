"""Which git commit added a file, and whether the file is still as it was committed.

A commit's date is the committer's own clock. It becomes evidence once the commit was seen by
others: pushed to a server, or built upon.
"""

from __future__ import annotations

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

from grader.errors import InputError
from grader.files.text import read_bytes

_TIMEOUT_S = 20


@dataclass(frozen=True)
class Commit:
    """The commit that added a file."""

    id: str
    author: str
    at: str
    """Committer date, ISO 8601 with its zone."""
    unchanged: bool
    """Whether the file has the same bytes now."""


def commit_that_added(path: Path) -> Commit | None:
    """The last commit that added this file; None outside git or where none did."""
    output = _git(path, "log", "-1", "--diff-filter=A", "--format=%H%x00%an <%ae>%x00%cI")
    if not output:
        return None
    id, author, at = output.decode("utf-8", "replace").strip().split("\x00")
    committed = _git(path, "show", f"{id}:./{path.name}", by_name=False)
    try:
        unchanged = committed == read_bytes(path)
    except InputError:
        unchanged = False
    return Commit(id=id, author=author, at=at, unchanged=unchanged)


def git_author(folder: Path) -> str | None:
    """Name and address as git knows them for a folder; None where it knows no name."""
    name = _git(folder / "x", "config", "user.name", by_name=False)
    address = _git(folder / "x", "config", "user.email", by_name=False)
    if not name or not name.strip():
        return None
    name_text = name.decode("utf-8", "replace").strip()
    return f"{name_text} <{address.decode('utf-8', 'replace').strip()}>" if address else name_text


def _git(path: Path, *arguments: str, by_name: bool = True) -> bytes | None:
    """The output of a git command about a file; None where git fails or is missing."""
    command = ["git", "-C", str(path.resolve().parent), *arguments]
    if by_name:
        command += ["--", path.name]
    try:
        ran = subprocess.run(
            command,
            capture_output=True,
            timeout=_TIMEOUT_S,
            check=False,
            env={**os.environ, "GIT_OPTIONAL_LOCKS": "0", "LC_ALL": "C"},
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return ran.stdout if ran.returncode == 0 else None
