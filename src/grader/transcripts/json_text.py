"""Reading JSON that strangers wrote: every mistake is told with its line and column.

Refused: duplicate keys, NaN and Infinity (but for logs whose program writes them, where they are
read as null), lone surrogates, nesting deeper than any transcript,
more values than memory should hold. What the JSON means is left to the readers.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from grader.errors import InputError

MAX_DEPTH = 100
MAX_VALUES = 2_000_000

_SURROGATE = re.compile(r"\\u[dD][89abAB]|\\u[dD][c-fC-F]")
_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[{}\[\]:,]', re.DOTALL)


class _DuplicateKey(ValueError):
    """Carries the key that an object holds twice."""


def parse_json(
    text: str,
    path: Path,
    *,
    first_line: int = 1,
    may_hold_nan: Callable[[Any], bool] = lambda value: False,
) -> Any:
    """One JSON value.

    Args:
        text: the JSON.
        path: named in errors.
        first_line: line of the file on which `text` begins.
        may_hold_nan: whether a value that holds NaN or Infinity is read all the same.

    Raises:
        InputError: as the module says; `place` is `path:line`.
    """
    check_size(text, path)
    constants: list[str] = []
    try:
        value = json.loads(text, object_pairs_hook=_object, parse_constant=constants.append)
    except json.JSONDecodeError as error:
        raise InputError(
            f"not valid JSON: {error.msg} at column {error.colno}",
            place=f"{path}:{first_line + error.lineno - 1}",
            mend="Mend this place, or give the file again as its program wrote it.",
        ) from None
    except _DuplicateKey as error:
        raise InputError(
            f"the key {str(error)!r} is given twice in the same object",
            place=f"{path}:{first_line + _line_of_duplicate(text) - 1}",
            mend="Keep one of the two; which one counts cannot be guessed.",
        ) from None
    except RecursionError:
        raise _too_deep(path) from None
    except ValueError as error:
        raise InputError(f"not valid JSON: {error}", place=path) from None
    if constants and not may_hold_nan(value):
        raise InputError(f"not valid JSON: {constants[0]} is not JSON", place=path)
    if isinstance(value, (dict, list)) and text.count("[") + text.count("{") > MAX_DEPTH:
        _check_depth(value, path)
    if _SURROGATE.search(text):
        _check_surrogates(value, path)
    return value


def check_size(text: str, path: Path) -> None:
    """Refuse JSON of more values than memory should hold. Raises InputError."""
    values = text.count(",") + text.count("[") + text.count("{")
    if values > MAX_VALUES:
        raise InputError(
            f"the JSON holds about {values:,} values, at most {MAX_VALUES:,} are read",
            place=path,
            mend="Split the file.",
        )


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    result = dict(pairs)
    if len(result) < len(pairs):
        seen: set[str] = set()
        for key, _ in pairs:
            if key in seen:
                raise _DuplicateKey(key)
            seen.add(key)
    return result


def _too_deep(path: Path) -> InputError:
    return InputError(
        f"the JSON is nested deeper than {MAX_DEPTH} levels",
        place=path,
        mend="No transcript is; is this the right file?",
    )


def _check_depth(value: Any, path: Path) -> None:
    level = [value]
    for _ in range(MAX_DEPTH):
        level = [
            inner
            for node in level
            for inner in (node.values() if isinstance(node, dict) else node)
            if isinstance(inner, (dict, list))
        ]
        if not level:
            return
    raise _too_deep(path)


def _check_surrogates(value: Any, path: Path) -> None:
    try:
        json.dumps(value, ensure_ascii=False).encode("utf-8")
    except UnicodeEncodeError:
        raise InputError(
            "the JSON holds half of a two-part character (a lone surrogate such as \\ud83d)",
            place=path,
            mend="The text was cut inside an emoji or the like; mend or remove that escape.",
        ) from None


def _line_of_duplicate(text: str) -> int:
    """Line of the first key that its object already holds. Only walked once it is known."""
    objects: list[set[str] | None] = []
    last: re.Match[str] | None = None
    for token in _TOKEN.finditer(text):
        mark = token.group()
        if mark in "{[":
            objects.append(set() if mark == "{" else None)
        elif mark in "}]":
            objects.pop()
        elif mark == ":" and last is not None and objects and objects[-1] is not None:
            key = json.loads(last.group(), strict=False)
            if key in objects[-1]:
                return text.count("\n", 0, last.start()) + 1
            objects[-1].add(key)
        last = token if mark[0] == '"' else None
    return 1
