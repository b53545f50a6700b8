"""Names what a file seems to be that is no transcript, so that the message can say it."""

from __future__ import annotations

import re

from grader.transcripts.source import Source

_SIGNATURES = (
    (b"%PDF", "a PDF document; save its text"),
    (b"PK\x03\x04", "a zip archive or an office document; unpack it or save its text"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
    (b"GIF8", "a picture"),
    (b"\x1f\x8b", "a gzip archive; unpack it"),
    (b"SQLite format 3", "an SQLite database, such as the journal of replies"),
)


def seems_binary(data: bytes) -> str | None:
    """What a file that isn't text seems to be, by its first bytes."""
    return next((name for start, name in _SIGNATURES if data.startswith(start)), None)


def seems(source: Source) -> str:
    """What a text file that no reader knows seems to be, in a few words."""
    value = source.json
    if isinstance(value, dict):
        return _object(value)
    if isinstance(value, list):
        return "a JSON list without messages"
    text, head = source.text[:200_000], source.beginning
    if re.match(r"\s*(?:<!DOCTYPE|<html|<\?xml|<head|<body|<div)", head, re.IGNORECASE):
        return "an HTML page without a session in it"
    if re.search(r"^criteria:", text, re.MULTILINE) and re.search(r"^\s+levels:", text, re.M):
        return "a rubric"
    return _archive_page(source) or _table(source) or "a text without speakers"


def _object(value: dict[str, object]) -> str:
    keys = value.keys()
    if {"criteria", "id"} <= keys:
        return "a rubric saved as JSON"
    if {"control", "treatment"} <= keys or "scorecard" in keys:
        return "a comparison.json of this program"
    if {"question", "attempt", "outcome"} <= keys:
        return "a calls.jsonl of this program"
    if "event" in keys or "previous" in keys:
        return "a reviews.jsonl of this program"
    named = ", ".join(sorted(map(str, keys))[:5])
    return f"JSON without messages (its fields: {named})" if named else "an empty JSON object"


def _archive_page(source: Source) -> str | None:
    """Pages of a session archive that hold no session."""
    lines = [line[:200].strip() for line in source.lines if line.strip()]
    opening = " ".join(lines[:12]).lower()
    for word, name in (
        ("methodology", "a methodology page"),
        ("ethics", "a page about ethics"),
        ("comparison", "a page of comparisons"),
        ("all sessions", "an index of sessions"),
        ("sessions", "an index of sessions"),
        ("about", "a page about the project"),
    ):
        if re.search(rf"\b{word}\b", opening):
            return f"{name}, which holds no session"
    if sum(bool(re.match(r"\d{1,4}\.\s+[A-Z]\S*-", line)) for line in lines) > 3:
        return "an index of sessions, which holds no session"
    return None


def _table(source: Source) -> str | None:
    counts = {line.count(",") for line in source.lines[:20] if line.strip()}
    return "a table (CSV)" if len(counts) == 1 and counts.pop() >= 2 else None
