"""The YAML between two '---' lines at the beginning of a Markdown file."""

from __future__ import annotations

import re
from typing import Any

from grader.errors import InputError
from grader.transcripts.source import Source
from grader.yaml_file import parse_yaml

_LIMIT_LINES = 5_000
_LIMIT_CHARACTERS = 500_000


def front_matter(source: Source) -> tuple[dict[str, Any], int]:
    """The fields, and the index of the first line below them; ({}, 0) where there are none.

    Raises:
        InputError: no closing line, not YAML, no group of fields, or larger than any head of a
            transcript; with the line.
    """
    lines = source.lines
    if lines[0].rstrip() != "---":
        return {}, 0
    end = next(
        (
            i
            for i in range(1, min(len(lines), _LIMIT_LINES))
            if re.match(r"(?:---|\.\.\.)\s*$", lines[i])
        ),
        None,
    )
    if end is None:
        raise InputError(
            "the front matter that '---' opens is not closed",
            place=f"{source.path}:1",
            mend="Close it with a line '---'.",
        )
    text = "\n".join(["", *lines[1:end]])
    if len(text) > _LIMIT_CHARACTERS:
        raise InputError("the front matter is too long", place=f"{source.path}:1")
    value = parse_yaml(text, source.path).data if text.strip() else {}
    if not isinstance(value, dict):
        raise InputError(
            "the front matter holds no fields; 'condition: C' is one",
            place=f"{source.path}:2",
        )
    return value, end + 1
