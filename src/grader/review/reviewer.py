"""Who is reviewing: the name that was given, or the user's."""

from __future__ import annotations

import getpass
import shlex
import subprocess
import unicodedata
from pathlib import Path

from grader.errors import InputError


def normalised_name(name: str) -> str:
    """A person's name as it is recorded: one line, no control characters.

    Raises:
        InputError: nothing is left of it.
    """
    name = unicodedata.normalize("NFC", name)
    name = " ".join("".join(c if c.isprintable() else " " for c in name).split())
    if not name:
        raise InputError(
            "a review needs the name of its reviewer", place="--reviewer", mend="Give your name."
        )
    return name


def reviewer_name(given: str | None = None) -> str:
    """The name that was given, else the one git has for the user, else the login name.

    Raises:
        InputError: an empty name was given, or none is known.
    """
    if given is not None:
        return normalised_name(given)
    try:
        done = subprocess.run(
            ["git", "config", "user.name"],
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            timeout=10,
            check=False,
        )
        if done.stdout.strip():
            return normalised_name(done.stdout)
    except (OSError, subprocess.TimeoutExpired):
        pass  # without git the login name will do
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):
        raise InputError(
            "it is not known who reviews", place="--reviewer", mend="Give your name."
        ) from None


def command_as(reviewer: str, verb: str, folder: Path, *options: str) -> str:
    """The command that goes on as this reviewer, with their name where another would be taken."""
    try:
        usual = reviewer_name()
    except InputError:
        usual = ""
    name = ["--reviewer", reviewer] if reviewer != usual else []
    return shlex.join(["grader", verb, str(folder), *options, *name])
