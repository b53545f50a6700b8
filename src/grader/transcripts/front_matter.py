"""The YAML between two '---' lines at the beginning of a Markdown file."""

from __future__ import annotations

import re
from typing import Any

from grader.errors import InputError
from grader.transcripts.facts_text import parse_facts
from grader.transcripts.source import Source

_END = re.compile(r"(?:---|\.\.\.)\s*$")
_LIMIT_LINES = 2_000


def front_matter(source: Source) -> tuple[dict[str, Any], int]:
    """The fields, and the index of the first line below them; ({}, 0) where there are none.

    Raises:
        InputError: no closing line, or not usable as facts; with the line.
    """
    lines = source.lines
    if lines[0].rstrip() != "---":
        return {}, 0
    near = range(1, min(len(lines), _LIMIT_LINES))
    end = next((index for index in near if _END.match(lines[index])), None)
    if end is None:
        raise InputError(
            "the front matter that '---' opens is not closed",
            place=f"{source.path}:1",
            mend="Close it with a line '---'.",
        )
    # The empty line keeps the numbers of lines in messages.
    text = "\n".join(["", *lines[1:end]])
    return (parse_facts(text, source.path) if text.strip() else {}), end + 1
