"""Who is reviewing: the name that was given, or the user's."""

from __future__ import annotations

import getpass
import shlex
import subprocess
import unicodedata
from collections.abc import Collection
from pathlib import Path

from grader.errors import InputError

_LONGEST = 100


def normalised_name(name: str) -> str:
    """A person's name as it is recorded: one line of at most 100 signs, no control characters.

    Raises:
        InputError: nothing is left of it, or it is longer.
    """
    name = unicodedata.normalize("NFC", name)
    name = " ".join("".join(c if c.isprintable() else " " for c in name).split())
    if not name:
        raise InputError(
            "a review needs the name of its reviewer", place="--reviewer", mend="Give your name."
        )
    if len(name) > _LONGEST:
        raise InputError(
            f"a reviewer's name has at most {_LONGEST} signs",
            place="--reviewer",
            mend="Give a shorter one.",
        )
    return name


def refuse_other_spelling(known: Collection[str], name: str) -> None:
    """Keep one person from counting as two by a slip of the Shift key.

    Args:
        known: the names there are.
        name: the one that is given now.

    Raises:
        InputError: it is new, and one of the others but for capitals.
    """
    other = next((each for each in known if each.casefold() == name.casefold()), name)
    if name not in known and other != name:
        raise InputError(
            f"{other} takes part already, and {name} would count as somebody else",
            place="--reviewer",
            mend=f"Write {other}, or a name that differs by more than capitals.",
        )


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
