"""Writing a text in the program that `$VISUAL` or `$EDITOR` names, as git does."""

from __future__ import annotations

import contextlib
import os
import shlex
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

from grader.errors import InputError


def editor() -> list[str] | None:
    """The reviewer's editor as a command; None where none is named."""
    command = os.environ.get("VISUAL") or os.environ.get("EDITOR") or ""
    try:
        return shlex.split(command) or None
    except ValueError:
        return None


def write_in_editor(command: list[str], text: str) -> str:
    """Let the reviewer change a text in their editor; the terminal is the editor's meanwhile.

    Returns:
        What they wrote, without blanks around it.

    Raises:
        InputError: the editor failed, or the text is empty or as it was.
    """
    name = Path(command[0]).name
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "review.md"
        path.write_text(text + "\n", encoding="utf-8")
        try:
            with _ctrl_c_is_the_editors():
                done = subprocess.run([*command, str(path)], check=False)
            written = path.read_text(encoding="utf-8", errors="replace").strip()
        except OSError as error:
            raise InputError(
                f"the editor {name} cannot be opened: {error.strerror}", mend="Type the text here."
            ) from None
    if done.returncode != 0:
        raise InputError(
            f"the editor {name} ended with an error; its text was not taken",
            mend="Nothing was changed.",
        )
    if not written:
        raise InputError("the text was empty", mend="Nothing was changed.")
    if written == text.strip():
        raise InputError("the text was left as it was", mend="Nothing was changed.")
    return written


@contextlib.contextmanager
def _ctrl_c_is_the_editors() -> Iterator[None]:
    """Ctrl-C reaches the whole terminal; only the editor may act on it."""
    before = signal.signal(signal.SIGINT, lambda *_: None)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
