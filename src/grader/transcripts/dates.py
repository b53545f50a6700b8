"""Times as exports write them, in one form."""

from __future__ import annotations

import datetime
from typing import Any

_MILLISECONDS = 1e11
"""Numbers above this are milliseconds since 1970; as seconds they would be after the year 5000."""


def time_text(value: Any) -> str | None:
    """A time as text: seconds or milliseconds since 1970, MongoDB's form, or text as it is.

    None where the value is no time.
    """
    if isinstance(value, dict):
        value = value.get("$date", value)
    if isinstance(value, dict):
        value = value.get("$numberLong")
    if isinstance(value, str) and not (value.isascii() and value.isdigit()):
        return value
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        return None
    try:
        number = float(value)
        seconds = number / 1000 if number > _MILLISECONDS else number
        moment = datetime.datetime.fromtimestamp(seconds, datetime.UTC)
    except (OverflowError, ValueError, OSError):
        return None
    return moment.strftime("%Y-%m-%d %H:%M:%S")
