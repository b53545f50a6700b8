"""Facts about a session written by hand: YAML or JSON in a file beside it or in front of it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from grader.errors import InputError
from grader.files.yaml import parse_yaml
from grader.transcripts.json_text import parse_json

MAX_CHARACTERS = 20_000
"""Of YAML. A preamble and a long prompt fit in; what the parser can't end in time does not."""

_MOST_BRACKETS = 200
_DEEPEST = 60


def parse_facts(text: str, path: Path, *, json: bool = False) -> dict[str, Any]:
    """The fields of a group of facts.

    Raises:
        InputError: not YAML or JSON, no group of fields, or longer than facts are; with the line.
    """
    if json:
        value = parse_json(text, path)
    else:
        deepest = max(
            (len(run) for run in re.findall(r"^(?:[-?:]? )+", text, re.MULTILINE)), default=0
        )
        too_long = len(text) > MAX_CHARACTERS
        if too_long or text.count("[") + text.count("{") > _MOST_BRACKETS or deepest > _DEEPEST:
            raise InputError(
                f"facts have at most {MAX_CHARACTERS:,} characters, {_MOST_BRACKETS} brackets and "
                "few levels",
                place=path,
                mend="Keep what describes the session; leave the rest out.",
            )
        value = parse_yaml(text, path).data if text.strip() else {}
    if not isinstance(value, dict):
        raise InputError(
            "a group of fields was expected, such as 'condition: C'",
            place=path,
            mend="docs/transcripts.md lists the fields.",
        )
    return value
