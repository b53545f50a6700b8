"""Writes a transcript as Markdown for people, and reads it back without any loss.

Facts stand in front matter, one to a line, each value as JSON (which is YAML too). Every text
stands under a heading, verbatim; what the heading can't say is in a comment below it.
"""

from __future__ import annotations

import json
import re
from typing import Any

from pydantic import ValidationError

from grader.errors import InputError, RecordError
from grader.files.problems import first_problem
from grader.records import Record
from grader.transcripts.json_text import parse_json
from grader.transcripts.reader import Reader
from grader.transcripts.readers.own_json import checked, no_end_line
from grader.transcripts.source import Source
from grader.transcripts.transcript import Transcript

_MARK = 'grader: "transcript"'
_TEXTS = {"System prompt": "system_prompt", "Preamble": "preamble", "Task prompt": "task_prompt"}
_HEADING = re.compile(r"## (System prompt|Preamble|Task prompt|Turn \d+|Published)(?:: .*)?$")
_ESCAPED = re.compile(rf"\\+(?={_HEADING.pattern})")
_NO_VERBATIM = re.compile(r"[\x00\r]")
"""Characters that a text file can't keep: NUL, and carriage returns, which reading unifies."""

_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
"""Characters that may not stand in a heading, which is for people only."""


def write_markdown(transcript: Transcript) -> str:
    """The transcript as Markdown. `read_transcript` gives the same record back."""
    texts = set(_TEXTS.values())
    facts = transcript.model_dump(
        mode="json", exclude={"turns", "published", "schema_version", *texts}, exclude_defaults=True
    )
    lines = ["---", _MARK, f"schema_version: {transcript.schema_version}"]
    lines += [f"{key}: {_json(value)}" for key, value in facts.items()]
    lines += ["---", "", f"# {_one_line(transcript.id)}", ""]
    task = next((t for t in transcript.turns if t.number == transcript.task_turn), None)
    for title, name in _TEXTS.items():
        text = getattr(transcript, name)
        if text is not None and not (task and name == "task_prompt" and text == task.text):
            lines += _section(title, {}, text)
    for turn in transcript.turns:
        about = _about(turn)
        if turn is task and transcript.task_prompt == turn.text:
            about["task_prompt"] = True
        when = f" ({_one_line(turn.time)})" if turn.time else ""
        title = f"Turn {turn.number}: {_one_line(turn.speaker)}{when}"
        lines += _section(title, about, turn.text)
    for part in transcript.published:
        title = f"Published: {part.kind}, {_one_line(part.title)}"
        lines += _section(title, _about(part), part.text)
    return "\n".join(lines)


def recognises(source: Source) -> bool:
    """Front matter that begins with this program's mark."""
    return source.text.startswith(f"---\n{_MARK}\n")


def read(source: Source, ends_at: int | None = None) -> tuple[Transcript, ...]:
    """The transcript as it was written.

    Raises:
        RecordError: of a newer version, or changed so that it is no transcript any more.
    """
    if ends_at is not None:
        raise no_end_line(source)
    lines = source.lines
    data, start = _facts(source)
    if data.get("schema_version") != 1:
        raise RecordError(
            f"a transcript of version {data.get('schema_version')!r}; this program reads version 1",
            place=source.path,
            mend="Use the newer program that wrote it.",
        )
    data |= {"turns": [], "published": []}
    heads = [i for i in range(start, len(lines)) if _HEADING.match(lines[i])]
    for number, head in enumerate(heads):
        end = heads[number + 1] if number + 1 < len(heads) else len(lines)
        about, text = _content(source, head, end)
        heading = _HEADING.match(lines[head])
        assert heading is not None
        name = heading[1]
        if name in _TEXTS:
            data[_TEXTS[name]] = text
        elif name == "Published":
            data["published"].append({**about, "text": text})
        else:
            if about.pop("task_prompt", False):
                data["task_prompt"] = text
            data["turns"].append({**about, "text": text})
    try:
        return (checked(Transcript.model_validate(data), source),)
    except ValidationError as error:
        raise RecordError(
            f"not a whole transcript: {first_problem(error)}",
            place=source.path,
            mend="Was it edited by hand? Convert the original file again.",
        ) from None


def _section(title: str, about: dict[str, Any], text: str) -> list[str]:
    if _NO_VERBATIM.search(text):
        about = {**about, "text": text}
        text = _NO_VERBATIM.sub("", text)
    comment = _json(about).replace("--", "-\\u002d")
    body = [
        f"\\{line}" if _ESCAPED.match(line) or _HEADING.match(line) else line
        for line in text.split("\n")
    ]
    return [f"## {title}", f"<!-- {comment} -->", "", *body, ""]


def _content(source: Source, head: int, end: int) -> tuple[dict[str, Any], str]:
    """The comment and the text of the section whose heading stands at index `head`."""
    comment = source.lines[head + 1] if head + 1 < end else ""
    if not (comment.startswith("<!-- {") and comment.endswith("} -->")):
        raise RecordError(
            "the comment below this heading is missing",
            place=f"{source.path}:{head + 1}",
            mend="Was it edited by hand? Convert the original file again.",
        )
    about = parse_json(comment[5:-4], source.path, first_line=head + 2)
    body = source.lines[head + 3 : end]
    if body and body[-1] == "":
        body = body[:-1]
    verbatim = about.pop("text", None)
    lines = [line[1:] if _ESCAPED.match(line) else line for line in body]
    return about, verbatim if isinstance(verbatim, str) else "\n".join(lines)


def _facts(source: Source) -> tuple[dict[str, Any], int]:
    """The fields of the front matter and the index of the line below it."""
    data: dict[str, Any] = {}
    for index, line in enumerate(source.lines[2:], start=2):
        if line == "---":
            return data, index + 1
        key, colon, value = line.partition(": ")
        if not colon or key in data:
            raise InputError(
                f"a field with a JSON value was expected, found {line!r:.60}",
                place=f"{source.path}:{index + 1}",
                mend='Values are written as JSON: condition: "C".',
            )
        data[key] = parse_json(value, source.path, first_line=index + 1)
    raise InputError("the front matter is not closed", place=f"{source.path}:1")


def _about(record: Record) -> dict[str, Any]:
    return record.model_dump(mode="json", exclude={"text"}, exclude_defaults=True)


def _json(value: Any) -> str:
    """JSON on one line that is YAML too: characters that end a line there are escaped."""
    text = json.dumps(value, ensure_ascii=False)
    return re.sub(r"[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]", _escape, text)


def _escape(match: re.Match[str]) -> str:
    return f"\\u{ord(match.group()):04x}"


def _one_line(text: str) -> str:
    return " ".join(_UNPRINTABLE.sub(" ", text).split())[:80]


READER = Reader(
    name="grader-markdown",
    about="a transcript that this program wrote as Markdown",
    recognises=recognises,
    read=read,
)
