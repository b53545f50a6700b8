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
    (b"PAR1", "a Parquet table; save it as JSON Lines or CSV"),
    (b"ARROW1", "an Arrow table; save it as JSON Lines or CSV"),
    (b"{\\rtf", "an RTF document; save its text"),
    (b"7z\xbc\xaf", "a 7z archive; unpack it"),
    (b"\xfd7zXZ", "an xz archive; unpack it"),
    (b"BZh", "a bzip2 archive; unpack it"),
    (b"\x28\xb5\x2f\xfd", "a Zstandard archive; unpack it"),
    (b"RIFF", "a sound or a film"),
    (b"ID3", "a sound"),
)
_FIELDS: tuple[tuple[frozenset[str], str], ...] = (
    (frozenset({"cells", "nbformat"}), "a Jupyter notebook"),
    (frozenset({"question_id", "category", "turns"}), "questions of MT-bench, without answers"),
    (
        frozenset({"custom_id", "method", "url", "body"}),
        "requests of OpenAI's Batch API, without replies",
    ),
    (
        frozenset({"display", "pastedContents", "project"}),
        "the list of prompts that Claude Code keeps, without replies",
    ),
    (
        frozenset({"session_id", "ts", "text"}),
        "the list of prompts that the Codex CLI keeps, without replies",
    ),
    (
        frozenset({"conversation_id", "title", "is_anonymous"}),
        "the list of shared conversations of a ChatGPT export, without messages",
    ),
    (
        frozenset({"uuid", "name", "prompt_template"}),
        "the projects of a Claude export, without messages",
    ),
    (frozenset({"uuid", "full_name"}), "the users of a Claude export, without messages"),
    (frozenset({"run_type", "inputs"}), "a trace of LangSmith; save its messages"),
    (frozenset({"resourceSpans"}), "a trace of OpenTelemetry; save its messages"),
    (frozenset({"traceId", "spanId"}), "a trace of OpenTelemetry; save its messages"),
    (frozenset({"context", "trace_id", "span_id"}), "a trace of spans; save its messages"),
    (frozenset({"instruction", "output_format"}), "instructions without answers"),
)
"""Kinds of JSON known by their fields."""


def seems_binary(data: bytes) -> str | None:
    """What a file that isn't text seems to be, by its first bytes."""
    return next((name for start, name in _SIGNATURES if data.startswith(start)), None)


def seems(source: Source) -> str:
    """What a text file that no reader knows seems to be, in a few words."""
    value = source.json
    if isinstance(value, dict):
        return _object(value)
    if isinstance(value, list):
        return _entries(value, "a JSON list without messages")
    if source.json_lines is not None:
        return _entries([line for _, line in source.json_lines], "JSON Lines without messages")
    text, head = source.text[:200_000], source.beginning
    if re.match(r"\s*(?:<!DOCTYPE|<html|<\?xml|<head|<body|<div)", head, re.IGNORECASE):
        return "an HTML page without a session in it"
    if re.match(r"(?:From|MIME-Version|Date|Subject): .*$", head, re.MULTILINE) and "MIME" in head:
        return "a saved mail or web archive (MIME); save its text"
    if re.search(r"^criteria:", text, re.MULTILINE) and re.search(r"^\s+levels:", text, re.M):
        return "a rubric"
    return _archive_page(source) or _table(source) or "a text without speakers"


def _entries(values: list[object], name: str) -> str:
    """What a list seems to be, by its first object."""
    first = next((value for value in values if isinstance(value, dict)), None)
    if first is None:
        return name
    named = ", ".join(sorted(map(str, first))[:5])
    return _by_fields(first) or (f"{name} (the first one's fields: {named})" if named else name)


def _object(value: dict[str, object]) -> str:
    named = ", ".join(sorted(map(str, value))[:5])
    unknown = f"JSON without messages (its fields: {named})" if named else "an empty JSON object"
    return _by_fields(value) or unknown


def _by_fields(value: dict[str, object]) -> str | None:
    """A kind of JSON that is known by its fields, this program's own ones among them."""
    keys = value.keys()
    if {"criteria", "id"} <= keys:
        return "a rubric saved as JSON"
    if {"control", "treatment"} <= keys or "scorecard" in keys:
        return "a comparison.json of this program"
    if {"question", "attempt", "outcome"} <= keys:
        return "a calls.jsonl of this program"
    if "event" in keys or "previous" in keys:
        return "a reviews.jsonl of this program"
    return next((name for fields, name in _FIELDS if fields <= keys), None)


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
