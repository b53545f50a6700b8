"""Reads ShareGPT's form: `conversations`, a list of entries with `from` and `value`."""

from __future__ import annotations

from typing import Any

from grader.errors import InputError
from grader.transcripts.reader import Reader
from grader.transcripts.readers import chat_json
from grader.transcripts.readers.own_json import no_end_line
from grader.transcripts.source import Source
from grader.transcripts.transcript import Transcript


def recognises(source: Source) -> bool:
    """An object whose `conversations` have speakers and values."""
    return fits(source.json)


def fits(value: Any) -> bool:
    """Whether a JSON value is one conversation in this form."""
    entries = value.get("conversations") if isinstance(value, dict) else None
    return isinstance(entries, list) and all(
        isinstance(entry, dict) and "from" in entry for entry in entries[:3]
    )


def read(source: Source, ends_at: int | None = None) -> tuple[Transcript, ...]:
    """The one conversation of the file. Raises InputError as `chat_json.read`."""
    if ends_at is not None:
        raise no_end_line(source)
    return of_value(source.json, source, source.path.stem)


def of_value(value: dict[str, Any], source: Source, id: str) -> tuple[Transcript, ...]:
    """The conversations of one object that `fits`. Raises InputError as `chat_json.read`."""
    about = {key: field for key, field in value.items() if key not in ("conversations", "system")}
    messages: list[Any] = []
    if isinstance(value.get("system"), str) and value["system"].strip():
        messages.append({"role": "system", "content": value["system"]})
    for position, entry in enumerate(value["conversations"], start=1):
        if not isinstance(entry, dict) or not isinstance(entry.get("value"), str):
            raise InputError(
                f"conversations[{position}]: an object with 'from' and a text 'value' was "
                f"expected, found {entry!r:.60}",
                place=source.path,
                mend="docs/transcripts.md shows the forms that are read.",
            )
        messages.append({**entry, "role": entry.get("from"), "content": entry["value"]})
    return chat_json.with_replies(about, messages, source, "sharegpt", id)


READER = Reader(
    name="sharegpt",
    about="ShareGPT conversations",
    recognises=recognises,
    read=read,
)
