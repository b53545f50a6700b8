"""The libraries that studies need beyond what grader itself needs."""

from __future__ import annotations

from importlib.util import find_spec

from grader.errors import InputError

NEEDED = ("numpy", "scipy", "statsmodels", "krippendorff")


def need_libraries() -> None:
    """Let a command go on where the statistics libraries are there. Raises InputError."""
    missing = [name for name in NEEDED if find_spec(name) is None]
    if missing:
        raise InputError(
            f"studies need libraries that are not installed: {', '.join(missing)}",
            mend="Install them: pip install '.[study]'.",
        )
