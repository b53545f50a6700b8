"""Reads Markdown with a heading for each speaker and, often, YAML front matter.

Headings inside code fences and headings that name no speaker belong to the text. A heading such
as 'Analysis' on the speakers' level ends the transcript.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from grader.transcripts.front_matter import front_matter
from grader.transcripts.reader import Reader
from grader.transcripts.sections import Section, check_end, transcript_of_sections
from grader.transcripts.source import Source
from grader.transcripts.speakers import (
    ABOUT_SESSION,
    Part,
    model_of_name,
    part_of_name,
    used_labels,
)
from grader.transcripts.transcript import PublishedPart, ReadingWarning, Transcript

_HEADING = re.compile(r"(#{1,6})\s+(\S.{0,120}?)\s*#*$")
_BOLD = re.compile(r"_?(?:\*\*|__)([^*_]{2,120})(?:\*\*|__)_?\s*:?\s*$")
_RULE = re.compile(r"\n[ \t]*(?:-{3,}|\*{3,}|_{3,})[ \t]*$")
_TIME = re.compile(r"[\s(,·—–-]*(\d{4}-\d{2}-\d{2}(?:[ T]\d{2}:\d{2}(?::\d{2})?Z?)?)\)?$")
_FENCE = re.compile(r" {0,3}(`{3,}|~{3,})([^`]*)$")


@dataclass(frozen=True)
class _Heading:
    """A line that is a heading by its shape."""

    index: int
    level: int
    """1 to 6; 7 for a line in bold."""
    title: str
    in_code: bool


@dataclass(frozen=True)
class _Label:
    """A line that names a speaker."""

    index: int
    level: int
    part: Part
    name: str
    time: str | None
    model: str | None = None
    """The model that the heading names beside the speaker."""


def recognises(source: Source) -> bool:
    """Markdown in which headings name a human and a model."""
    if source.looks_like_json:
        return False
    labels, _ = _labels(_headings(source))
    return {"human", "model"} <= {label.part for label in labels}


def read(source: Source, ends_at: int | None = None) -> tuple[Transcript, ...]:
    """The one session of the file.

    Raises:
        InputError: no speaker's heading, front matter that can't be read, or nothing said by
            the model.
    """
    about, start = front_matter(source)
    lines = source.lines
    headings = _headings(source)
    labels, in_text = _labels([heading for heading in headings if heading.index >= start])
    warnings = _hidden_labels(headings) + _words_in_text(in_text)
    first = labels[0].index + 1 if labels else 1
    check_end(ends_at, first, len(lines), source)
    stop = ends_at if ends_at is not None else _about_session(lines, headings, labels, warnings)
    sections = []
    for number, label in enumerate(labels):
        if label.index >= stop:
            break
        end = labels[number + 1].index if number + 1 < len(labels) else len(lines)
        text = "\n".join(lines[label.index + 1 : min(end, stop)]).strip("\n").rstrip()
        sections.append(
            Section(label.part, label.name, text, label.index + 1, label.time, label.model)
        )
    sections = _without_rules(sections)
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


def _about_session(
    lines: list[str],
    headings: Sequence[_Heading],
    labels: list[_Label],
    warnings: list[ReadingWarning],
) -> int:
    """Index of the heading under which somebody writes about the session; else the end."""
    if not labels:
        return len(lines)
    level = min(label.level for label in labels)
    for heading in headings:
        if (
            heading.index > labels[0].index
            and heading.level <= level
            and heading.title.lower() in ABOUT_SESSION
            and not heading.in_code
        ):
            warnings.append(
                ReadingWarning(
                    code="end_uncertain",
                    message=f"the transcript was taken to end above the heading {heading.title!r}; "
                    "if the model wrote it, say at which line the transcript ends",
                    line=heading.index + 1,
                )
            )
            return heading.index
    return len(lines)


def _labels(headings: Sequence[_Heading]) -> tuple[list[_Label], list[_Label]]:
    """The headings outside code that open turns, and those that name a speaker in the text."""
    found = []
    for heading in headings:
        if heading.in_code:
            continue
        time = _TIME.search(heading.title)
        name = heading.title[: time.start()] if time else heading.title
        part = part_of_name(name)
        if part is not None:
            bare = name.strip().rstrip(":")
            model = model_of_name(name)
            found.append(_Label(heading.index, heading.level, part, bare, time and time[1], model))
    if not found:
        return [], []
    # Only headings as high as the first human's or model's are the page's own.
    levels = {next((f.level for f in found if f.part in ("human", "model")), found[0].level)}
    if not {"human", "model"} <= {f.part for f in found if f.level in levels}:
        # What is copied from a chat has a level for each of the two.
        levels |= {f.level for f in found if f.name.lower().endswith(" said")}
    own = [f for f in found if f.level in levels or f.part in ("system", "preamble")]
    return used_labels(own)


def _without_rules(sections: list[Section]) -> list[Section]:
    """The sections without the rule that this file draws between turns."""
    if len(sections) < 2 or not all(_RULE.search(f"\n{each.text}") for each in sections[:-1]):
        return sections
    return [
        replace(each, text=_RULE.sub("", f"\n{each.text}").strip("\n").rstrip())
        for each in sections
    ]


def _words_in_text(labels: Sequence[_Label]) -> list[ReadingWarning]:
    return [
        ReadingWarning(
            code="label_in_text",
            message=f"the heading {label.name!r} names a speaker, but not one of this file's; it "
            "was kept as text of the turn above",
            line=label.index + 1,
        )
        for label in labels
    ]


@lru_cache(maxsize=1)
def _headings(source: Source) -> tuple[_Heading, ...]:
    """Every heading of the file; a line in bold has level 7."""
    hidden = _fenced(source.lines)
    found = []
    for index, line in enumerate(source.lines):
        if not line.startswith(("#", "**", "__", "_**")):
            continue
        heading, bold = _HEADING.match(line), _BOLD.match(line)
        if heading:
            title = heading[2].strip("*_ ")
            found.append(_Heading(index, len(heading[1]), title, index in hidden))
        elif bold:
            found.append(_Heading(index, 7, bold[1].strip().rstrip(":"), index in hidden))
    return tuple(found)


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


def _hidden_labels(headings: Sequence[_Heading]) -> list[ReadingWarning]:
    """Speakers' headings that code fences hide: code about a chat, or a fence left open."""
    return [
        ReadingWarning(
            code="speaker_in_code",
            message=f"the heading {heading.title!r} stands inside a code fence and opens no turn; "
            "is a fence above it left open?",
            line=heading.index + 1,
        )
        for heading in headings
        if heading.in_code and part_of_name(heading.title) in ("human", "model")
    ]


READER = Reader(
    name="markdown",
    about="Markdown with a heading for each speaker, with or without YAML front matter",
    recognises=recognises,
    read=read,
    reads_any_text=True,
)
