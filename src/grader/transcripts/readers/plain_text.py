"""Reads plain text in which a label opens each turn: 'User:', 'Assistant:', '[HUMAN]'.

Facts may stand above the first label as 'condition: C'. Where all other labels follow a blank
line, one that doesn't is taken for a line of the text.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from grader.transcripts.reader import Reader
from grader.transcripts.sections import Section, check_end, transcript_of_sections
from grader.transcripts.source import Source
from grader.transcripts.speakers import ABOUT_SESSION, Part, part_of_name, used_labels
from grader.transcripts.transcript import PublishedPart, ReadingWarning, Transcript

_TIME = (
    r"(?:\s*[\[(]?(\d{4}-\d{2}-\d{2}(?:[ T]\d{2}:\d{2}(?::\d{2})?Z?)?|\d{1,2}:\d{2}(?::\d{2})?)"
    r"[\])]?)?"
)
_LABEL = re.compile(rf"([A-Za-z][\w. -]{{0,38}}?){_TIME}\s*:(?:\s+(.*))?$")
_BOLD = re.compile(
    rf"(?:\*\*|__)([A-Za-z][\w. -]{{0,38}}?)(?:{_TIME}\s*:(?:\*\*|__)|(?:\*\*|__)\s*:)\s+(\S.*)$"
)
"""A label in bold with the text on its line: '**User:** Write.'"""

_TAG = re.compile(rf"\[([A-Za-z][\w. -]{{0,38}})\]{_TIME}\s*:?(?:\s+(.*))?$")
_SAID = re.compile(r"([A-Z][\w. ]{1,30} said):?\s*$")
"""A label without a colon, as chats put it into what is copied from them."""

_FACT = re.compile(r"([A-Za-z][A-Za-z _-]{0,30}):\s*(\S.*)$")
_RULE = re.compile(r"\s*(?:-{3,}|={3,}|\*{3,})\s*$")
_FACT_NAMES = frozenset(
    {
        "id",
        "condition",
        "task",
        "replicate",
        "model",
        "date",
        "mode",
        "context_mode",
        "session_code",
        "provenance",
        "preamble",
        "prompt",
        "title",
        "note",
    }
)


@dataclass(frozen=True)
class _Label:
    """A line that opens a turn."""

    index: int
    part: Part
    name: str
    time: str | None
    rest: str


def recognises(source: Source) -> bool:
    """Text in which labels name a human and a model, one of them near the beginning."""
    if source.looks_like_json or source.beginning.startswith("<"):
        return False
    labels, _ = used_labels(_labels(source.lines))
    if not {"human", "model"} <= {label.part for label in labels}:
        return False
    return sum(1 for line in source.lines[: labels[0].index] if line.strip()) <= 40


def read(source: Source, ends_at: int | None = None) -> tuple[Transcript, ...]:
    """The one session of the file.

    Raises:
        InputError: nothing said by the model, or a fact of the wrong kind.
    """
    lines = source.lines
    warnings: list[ReadingWarning] = []
    labels, in_text = used_labels(_labels(lines))
    labels = _after_blank_lines(labels, lines, warnings)
    warnings += map(_word_in_text, in_text)
    first = labels[0].index + 1 if labels else 1
    check_end(ends_at, first, len(lines), source)
    stop = ends_at if ends_at is not None else _about_session(lines, labels, warnings)
    sections = []
    for number, label in enumerate(labels):
        if label.index >= stop:
            break
        end = labels[number + 1].index if number + 1 < len(labels) else len(lines)
        body = [label.rest, *lines[label.index + 1 : min(end, stop)]]
        text = "\n".join(body).strip("\n").rstrip()
        sections.append(Section(label.part, label.name, text, label.index + 1, label.time))
    about, published = _head(lines[: first - 1], warnings)
    tail = "\n".join(lines[stop:]).strip("\n").rstrip()
    if tail:
        published.append(
            PublishedPart(
                kind="other" if ends_at is not None else "analysis",
                title="Below the last turn",
                text=tail,
                first_line=stop + 1,
                last_line=len(lines),
            )
        )
    return (
        transcript_of_sections(
            sections,
            about,
            source,
            "plain-text",
            published=tuple(published),
            warnings=warnings,
        ),
    )


def _labels(lines: list[str]) -> list[_Label]:
    found = []
    start = _facts_end(lines)
    for index, line in enumerate(lines[start:], start):
        match = _TAG.match(line) if line.startswith("[") else None
        if match is None and line.startswith(("**", "__")):
            match = _BOLD.match(line)
        if match is None and ":" in line[:70]:
            match = _LABEL.match(line)
        if match is None:
            said = _SAID.match(line) if " said" in line[:40] else None
            if said is not None and part_of_name(said[1]) is not None:
                found.append(_Label(index, _part(said[1]), said[1], None, ""))
            continue
        part = part_of_name(match[1])
        if part is not None:
            found.append(_Label(index, part, match[1].strip(), match[2], match[3] or ""))
    return found


def _part(name: str) -> Part:
    part = part_of_name(name)
    assert part is not None
    return part


def _word_in_text(label: _Label) -> ReadingWarning:
    return ReadingWarning(
        code="label_in_text",
        message=f"'{label.name}:' names a speaker, but not one of this file's; it was kept as text "
        "of the turn above",
        line=label.index + 1,
    )


def _facts_end(lines: list[str]) -> int:
    """Index below a first paragraph of nothing but facts: 'model: gpt-5.4' is no turn there."""
    names = []
    for line in lines:
        fact = _FACT.match(line)
        if not line.strip():
            break
        names.append(_fact_name(fact[1]) if fact else "")
    # 'Prompt: …' alone is how some begin a conversation.
    facts = _FACT_NAMES.issuperset(names) and set(names) - {"prompt"}
    return len(names) if facts else 0


def _fact_name(label: str) -> str:
    return re.sub(r"[ -]", "_", label.strip().lower())


def _after_blank_lines(
    labels: list[_Label], lines: list[str], warnings: list[ReadingWarning]
) -> list[_Label]:
    """The labels that open turns, by the habit the file shows at its second label."""
    if len(labels) < 2 or lines[labels[1].index - 1].strip():
        return labels
    kept: list[_Label] = []
    for label in labels:
        if not kept or not lines[label.index - 1].strip():
            kept.append(label)
        else:
            warnings.append(
                ReadingWarning(
                    code="label_in_text",
                    message=f"'{label.name}:' follows no blank line, unlike the other labels; it "
                    "was kept as text of the turn above",
                    line=label.index + 1,
                )
            )
    return kept


def _about_session(lines: list[str], labels: list[_Label], warnings: list[ReadingWarning]) -> int:
    """Index of a rule or line below which somebody writes about the session; else the end."""
    if not labels:
        return len(lines)
    for index in range(labels[0].index + 1, len(lines)):
        line = lines[index].strip().strip("#*_= ").rstrip(":").lower()
        if line in ABOUT_SESSION and not lines[index - 1].strip():
            above = index - 1
            while above > labels[0].index and not lines[above].strip():
                above -= 1
            start = above if _RULE.match(lines[above]) else index
            warnings.append(
                ReadingWarning(
                    code="end_uncertain",
                    message=f"the transcript was taken to end above the line {line!r}; if the "
                    "model wrote it, say at which line the transcript ends",
                    line=index + 1,
                )
            )
            return start
    return len(lines)


def _head(
    lines: list[str], warnings: list[ReadingWarning]
) -> tuple[dict[str, Any], list[PublishedPart]]:
    """Facts above the first label; other text there is kept as a part of its own."""
    about: dict[str, Any] = {}
    rest: list[str] = []
    for line in lines:
        fact = _FACT.match(line)
        key = _fact_name(fact[1]) if fact else ""
        if fact and key in _FACT_NAMES:
            value = fact[2].strip()
            about[key] = int(value) if key == "replicate" and value.isdecimal() else value
        elif line.strip() and not _RULE.match(line):
            rest.append(line)
    if not rest:
        return about, []
    warnings.append(
        ReadingWarning(
            code="text_before_first_turn",
            message="text above the first speaker's label was kept apart; it is no turn",
            line=lines.index(rest[0]) + 1,
        )
    )
    return about, [
        PublishedPart(
            kind="other",
            title="Above the first turn",
            text="\n".join(rest),
            first_line=lines.index(rest[0]) + 1,
            last_line=len(lines),
        )
    ]


READER = Reader(
    name="plain-text",
    about="plain text with a label before each turn",
    recognises=recognises,
    read=read,
    reads_any_text=True,
)
