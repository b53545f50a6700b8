"""Reads the chat history that aider keeps as Markdown (`.aider.chat.history.md`).

A prompt stands behind '#### ', aider's own words behind '> ', the rest is the model's. The file
goes on over many sessions; each is a transcript.
"""

from __future__ import annotations

import re
from typing import Any

from grader.errors import InputError
from grader.transcripts.branches import with_warnings
from grader.transcripts.reader import Reader
from grader.transcripts.readers.own_json import no_end_line
from grader.transcripts.sections import Section, transcript_of_sections
from grader.transcripts.source import Source
from grader.transcripts.transcript import ReadingWarning, Transcript

_START = re.compile(r"# aider chat started at (\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2})")
_MODEL = re.compile(r"> (?:Main model|Model): (\S+)(?: with .*)?\s*$")
_ASKS = re.compile(r"/(?:ask|code|architect|context|help)\s+\S")
_OWN_WORDS = re.compile(
    r"> (?:Aider v|Main model|Model:|Weak model|Editor model|Git repo|Repo-map|Use /help|Tokens:"
    r"|Cost:|Applied edit|Commit |Added |Add |Removed |Running |Only \d|Did not apply|You can "
    r"|Warning|Note:|https?://|Allow |Create |Edit the files|Loaded |Restored |Scraping |\^C)"
)


def recognises(source: Source) -> bool:
    """Markdown with the heading that aider puts above each session."""
    return any(_START.match(line) for line in source.beginning.split("\n"))


def read(source: Source, ends_at: int | None = None) -> tuple[Transcript, ...]:
    """A transcript for each session in which the model says something.

    Raises:
        InputError: nothing said by the model in any session.
    """
    if ends_at is not None:
        raise no_end_line(source)
    lines = source.lines
    starts = [index for index, line in enumerate(lines) if _START.match(line)]
    spaced = any(line.startswith("> ") and line.endswith("  ") for line in lines)
    found = []
    for number, start in enumerate(starts, start=1):
        end = starts[number] if number < len(starts) else len(lines)
        session = _Session(lines, start, end, spaced=spaced)
        if not any(section.part == "model" for section in session.sections):
            continue
        begun = _START.match(lines[start])
        assert begun is not None
        about: dict[str, Any] = {"date": begun[1], "model": session.model}
        if len(starts) > 1:
            about["id"] = f"{source.path.stem.lstrip('.')}-{number}"
        transcript = transcript_of_sections(session.sections, about, source, "aider-markdown")
        found.append(with_warnings(transcript, session.warnings))
    if not found:
        raise InputError("the model says nothing in this chat history", place=source.path)
    return tuple(found)


class _Session:
    """The lines of one session, sorted."""

    def __init__(self, lines: list[str], start: int, end: int, *, spaced: bool) -> None:
        self.sections: list[Section] = []
        self.model: str | None = None
        self._spaced = spaced
        self._apart = 0
        self._said: list[str] = []
        self._first = start
        for index in range(start + 1, end):
            self._take(index, lines[index])
        self._close()

    def _take(self, index: int, line: str) -> None:
        if line.startswith("#### ") or line == "####":
            self._close()
            self._prompt(index, line[5:].rstrip())
        elif self._is_aiders(line):
            model = _MODEL.match(line)
            self.model = model[1] if model else self.model
            self._apart += 1
        else:
            if not self._said and line.strip():
                self._first = index
            self._said.append(line)

    def _prompt(self, index: int, text: str) -> None:
        last = self.sections[-1] if self.sections else None
        if last is not None and last.part == "human" and last.line == index - last.text.count("\n"):
            self.sections[-1] = Section("human", "user", f"{last.text}\n{text}", last.line)
        elif text.startswith("/") and not _ASKS.match(text):
            self._apart += 1
        else:
            self.sections.append(Section("human", "user", text, index + 1))

    def _close(self) -> None:
        text = "\n".join(self._said).strip("\n").rstrip()
        if text.strip():
            self.sections.append(Section("model", "assistant", text, self._first + 1))
        self._said = []

    def _is_aiders(self, line: str) -> bool:
        if not line.startswith(">"):
            return False
        return line.endswith("  ") if self._spaced else _OWN_WORDS.match(line) is not None

    @property
    def warnings(self) -> list[ReadingWarning]:
        """What was kept apart."""
        if not self._apart:
            return []
        message = (
            f"{self._apart} lines are aider's own words and commands to it; they were kept apart"
        )
        return [ReadingWarning(code="interface_words", message=message)]


READER = Reader(
    name="aider-markdown",
    about="the chat history that aider keeps",
    recognises=recognises,
    read=read,
)
