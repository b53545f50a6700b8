"""Says what was given where a comparison's folder was expected, and what to give instead."""

from __future__ import annotations

import shlex
from pathlib import Path

from grader.errors import InputError

_FIRST_FEW = 4


def need_comparison(path: Path, command: str) -> None:
    """Let a comparison's folder pass.

    Args:
        path: what was given.
        command: what it was given to, such as 'review'.

    Raises:
        InputError: it is something else, or its run did not end.
    """
    from grader.comparison.folder import CALLS, DRAFT, has_draft, is_unfinished
    from grader.transcripts.folder import ENDINGS

    if has_draft(path):
        return
    if not path.exists():
        raise InputError("no such folder", place=path, mend="Check the path.")
    if not path.is_dir():
        ours = path.name in (DRAFT, CALLS, "comparison.md", "comparison.html")
        mend = f"Give its folder: {shlex.join(['grader', command, str(path.parent)])}"
        raise InputError(
            "this is a file; a comparison is a folder",
            place=path,
            mend=mend if ours else "Give a folder that `grader compare` made.",
        )
    inner = sorted(draft.parent for draft in path.glob(f"*/{DRAFT}"))
    if inner:
        raise InputError(
            f"this is not a comparison's folder, but holds {_count(len(inner), 'comparison')}",
            place=path,
            mend=f"Give one: {_few([str(each) for each in inner])}",
        )
    if is_unfinished(path):
        raise InputError(
            f"there is no {DRAFT} in this folder: its run did not end",
            place=path,
            mend="Run the same `grader compare` again; answers that came are kept.",
        )
    files = sorted(each for each in path.iterdir() if each.suffix.lower() in ENDINGS)
    problem, mend = "", "Give a folder that `grader compare` made, such as outputs/<name>."
    if files:
        problem = f", but {_count(len(files), 'file')} such as {files[0].name}"
        mend = f"To see a transcript: {shlex.join(['grader', 'show', str(files[0])])}"
    raise InputError(f"there is no {DRAFT} in this folder{problem}", place=path, mend=mend)


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'s' * (number != 1)}"


def _few(names: list[str]) -> str:
    more = len(names) - _FIRST_FEW
    return ", ".join(names[:_FIRST_FEW]) + (f" and {more} more" if more > 0 else "")
