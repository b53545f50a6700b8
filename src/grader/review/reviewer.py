"""Who is reviewing, where nobody said."""

from __future__ import annotations

import getpass
import subprocess

from grader.errors import InputError


def reviewer_name() -> str:
    """The name that git has for the user, else the login name.

    Raises:
        InputError: neither is known.
    """
    try:
        done = subprocess.run(
            ["git", "config", "user.name"],
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            timeout=10,
            check=False,
        )
        if name := done.stdout.strip():
            return name
    except (OSError, subprocess.TimeoutExpired):
        pass  # without git the login name will do
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):
        raise InputError(
            "it is not known who reviews", place="--reviewer", mend="Give your name."
        ) from None
