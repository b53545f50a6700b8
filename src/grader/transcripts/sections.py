"""A conversation out of labelled sections of text, for formats written by hand.

The Markdown and plain text readers find the labels; here the sections become turns, system
prompt, preamble and metadata, and what was written about the session is kept apart.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from grader.errors import InputError
from grader.transcripts.contradictions import contradictions
from grader.transcripts.messages import conversation
from grader.transcripts.metadata import metadata
from grader.transcripts.source import Source
from grader.transcripts.speakers import Part
from grader.transcripts.transcript import PublishedPart, ReadingWarning, Transcript, Turn

_ROLES = {"human": "user", "model": "assistant", "tool": "tool", "system": "system"}


@dataclass(frozen=True)
class Section:
    """What stands under one label."""

    part: Part
    name: str
    text: str
    line: int
    time: str | None = None
    model: str | None = None
    """The model that the label names beside the speaker."""


def transcript_of_sections(
    sections: Sequence[Section],
    about: dict[str, Any],
    source: Source,
    format: str,
    *,
    published: tuple[PublishedPart, ...] = (),
    warnings: Sequence[ReadingWarning] = (),
) -> Transcript:
    """A transcript from its sections in order.

    Raises:
        InputError: the model says nothing, or a fact is of the wrong kind.
    """
    preambles = [section.text for section in sections if section.part == "preamble"]
    if preambles and "preamble" not in about:
        about = {**about, "preamble": "\n\n".join(preambles)}
    facts = metadata(about, source)
    spoken = [section for section in sections if section.part != "preamble"]
    messages = [
        {
            "role": _ROLES[s.part],
            "name": s.name,
            "content": s.text,
            "time": s.time,
            "model": s.model,
        }
        for s in spoken
    ]
    talk = conversation(messages, source, preamble=facts.preamble)
    transcript = facts.transcript(talk, source, format, source.path.stem)
    kept = tuple(
        warning
        for warning in transcript.warnings
        # Under a heading of its own a preamble stands apart from every turn.
        if not (preambles and warning.code == "preamble_not_found")
    )
    transcript = transcript.model_copy(
        update={"turns": _with_lines(transcript.turns, spoken), "published": published}
    )
    return transcript.model_copy(
        update={"warnings": (*warnings, *kept, *contradictions(transcript))}
    )


def _with_lines(turns: tuple[Turn, ...], spoken: Sequence[Section]) -> tuple[Turn, ...]:
    """Turns with the lines of their sections; a preamble sent alone has left no turn."""
    numbered, position = [], 0
    said = [section for section in spoken if section.part != "system"]
    for turn in turns:
        while position < len(said) and not (
            said[position].part == turn.role and said[position].text.endswith(turn.text)
        ):
            position += 1
        line = said[position].line if position < len(said) else None
        numbered.append(turn.model_copy(update={"line": line}))
        position += 1
    return tuple(numbered)


def check_end(ends_at: int | None, first: int, last: int, source: Source) -> None:
    """Refuse an end of the transcript that lies outside of it. Raises InputError."""
    if ends_at is not None and not first <= ends_at <= last:
        raise InputError(
            f"the transcript can't end at line {ends_at}",
            place=source.path,
            mend=f"Give a line from {first} to {last}.",
        )
