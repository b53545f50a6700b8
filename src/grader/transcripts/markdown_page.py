"""Reads Markdown with a heading for each speaker and, often, YAML front matter.

Headings inside code fences and headings that name no speaker belong to the text. A heading such
as 'Analysis' on the speakers' level ends the transcript.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from grader.transcripts.front_matter import front_matter
from grader.transcripts.reader import Reader
from grader.transcripts.sections import Section, check_end, transcript_of_sections
from grader.transcripts.source import Source
from grader.transcripts.speakers import ABOUT_SESSION, Part, part_of_name
from grader.transcripts.transcript import PublishedPart, ReadingWarning, Transcript

_HEADING = re.compile(r"(#{1,6})\s+(\S.{0,120}?)\s*#*$")
_BOLD = re.compile(r"(?:\*\*|__)([^*_]{2,60})(?:\*\*|__)\s*:?\s*$")
_TIME = re.compile(r"[\s(,·—–-]*(\d{4}-\d{2}-\d{2}(?:[ T]\d{2}:\d{2}(?::\d{2})?Z?)?)\)?$")
_FENCE = re.compile(r" {0,3}(`{3,}|~{3,})([^`]*)$")


@dataclass(frozen=True)
class _Label:
    """A line that names a speaker."""

    index: int
    level: int
    """1 to 6; 7 for a line in bold."""
    part: Part
    name: str
    time: str | None


def recognises(source: Source) -> bool:
    """Markdown in which headings name a human and a model."""
    if source.looks_like_json or not _has_heading(source.lines):
        return False
    labels = _labels(source.lines)
    return {"human", "model"} <= {label.part for label in labels}


def read(source: Source, ends_at: int | None = None) -> tuple[Transcript, ...]:
    """The one session of the file.

    Raises:
        InputError: no speaker's heading, front matter that can't be read, or nothing said by
            the model.
    """
    about, start = front_matter(source)
    lines = source.lines
    labels = [label for label in _labels(lines) if label.index >= start]
    warnings = _hidden_labels(lines)
    first = labels[0].index + 1 if labels else 1
    check_end(ends_at, first, len(lines), source)
    stop = ends_at if ends_at is not None else _about_session(lines, labels, warnings)
    sections = []
    for number, label in enumerate(labels):
        if label.index >= stop:
            break
        end = labels[number + 1].index if number + 1 < len(labels) else len(lines)
        text = "\n".join(lines[label.index + 1 : min(end, stop)]).strip("\n").rstrip()
        sections.append(Section(label.part, label.name, text, label.index + 1, label.time))
    published = _published(lines, start, labels, stop, settled=ends_at is not None)
    return (
        transcript_of_sections(
            sections, about, source, "markdown", published=published, warnings=warnings
        ),
    )


def _published(
    lines: list[str], start: int, labels: list[_Label], stop: int, *, settled: bool
) -> tuple[PublishedPart, ...]:
    """Text above the first speaker and below the last turn."""
    parts = []
    spans = [(start, labels[0].index if labels else start, "other", "Above the first turn")]
    spans.append((stop, len(lines), "other" if settled else "analysis", "Below the last turn"))
    for first, end, kind, title in spans:
        while first < end and not lines[first].strip():
            first += 1
        text = "\n".join(lines[first:end]).strip("\n").rstrip()
        if text:
            parts.append(
                PublishedPart.model_validate(
                    {
                        "kind": kind,
                        "title": title,
                        "text": text,
                        "first_line": first + 1,
                        "last_line": first + text.count("\n") + 1,
                    }
                )
            )
    return tuple(parts)


def _about_session(lines: list[str], labels: list[_Label], warnings: list[ReadingWarning]) -> int:
    """Index of the heading under which somebody writes about the session; else the end."""
    if not labels:
        return len(lines)
    level = min(label.level for label in labels)
    for index, depth, title in _headings(lines):
        if index > labels[0].index and depth <= level and title.lower() in ABOUT_SESSION:
            warnings.append(
                ReadingWarning(
                    code="end_uncertain",
                    message=f"the transcript was taken to end above the heading {title!r}; if the "
                    "model wrote it, say at which line the transcript ends",
                    line=index + 1,
                )
            )
            return index
    return len(lines)


def _labels(lines: list[str]) -> list[_Label]:
    """Every line outside code that names a speaker, all of one kind of heading."""
    found = []
    for index, depth, title in _headings(lines):
        time = _TIME.search(title)
        name = title[: time.start()] if time else title
        part = part_of_name(name)
        if part is not None:
            found.append(_Label(index, depth, part, name.strip().rstrip(":"), time and time[1]))
    if not found:
        return []
    # Only headings as high as the first human's or model's are the page's own.
    level = next((f.level for f in found if f.part in ("human", "model")), found[0].level)
    return [
        label for label in found if label.level == level or label.part in ("system", "preamble")
    ]


def _has_heading(lines: list[str]) -> bool:
    return any(line.startswith(("#", "**", "__")) for line in lines)


def _headings(lines: list[str]) -> list[tuple[int, int, str]]:
    """Index, level and text of each heading outside code; a line in bold has level 7."""
    hidden = _fenced(lines)
    found = []
    for index, line in enumerate(lines):
        if not line.startswith(("#", "**", "__")) or index in hidden:
            continue
        heading, bold = _HEADING.match(line), _BOLD.match(line)
        if heading:
            found.append((index, len(heading[1]), heading[2].strip("*_ ")))
        elif bold:
            found.append((index, 7, bold[1].strip().rstrip(":")))
    return found


def _fenced(lines: list[str]) -> set[int]:
    """Indices of lines inside closed code fences. A fence that is never closed hides nothing."""
    hidden: set[int] = set()
    opened: tuple[int, str] | None = None
    for index, line in enumerate(lines):
        fence = _FENCE.match(line)
        if fence is None:
            continue
        if opened is None:
            opened = (index, fence[1])
        elif (
            fence[1][0] == opened[1][0] and len(fence[1]) >= len(opened[1]) and not fence[2].strip()
        ):
            hidden.update(range(opened[0], index + 1))
            opened = None
    return hidden


def _hidden_labels(lines: list[str]) -> list[ReadingWarning]:
    """Speakers' headings that code fences hide: code about a chat, or a fence left open."""
    hidden = _fenced(lines)
    warnings = []
    for index in sorted(hidden):
        heading = _HEADING.match(lines[index])
        if heading and part_of_name(heading[2]) in ("human", "model"):
            warnings.append(
                ReadingWarning(
                    code="speaker_in_code",
                    message=f"the heading {heading[2]!r} stands inside a code fence and opens no "
                    "turn; is a fence above it left open?",
                    line=index + 1,
                )
            )
    return warnings


READER = Reader(
    name="markdown",
    about="Markdown with a heading for each speaker, with or without YAML front matter",
    recognises=recognises,
    read=read,
)
