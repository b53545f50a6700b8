"""What all parts of an archive page are made of: its lines and the shapes they have.

A page saved as text has lost its markup, so headings, list items and paragraphs are told apart
by shape alone. The meaning of the lines is left to the modules that read header, turns and footer.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

LIST_ITEM = re.compile(r"\s*(?:[•◦▪‣*·–-]|\d{1,3}[.)])\s+\S")
"""A bullet or a number at the start of a line, then text."""

_CLOSED = re.compile(r"[.,;:!…]['\"’”)]*$")


@dataclass(frozen=True)
class Page:
    """The lines of a page and the line of the file on which each stands."""

    lines: Sequence[str]
    numbers: Sequence[int]

    def number(self, index: int) -> int:
        """Line of the file, from 1, for an index into `lines`; past the end, the last."""
        return self.numbers[min(index, len(self.numbers) - 1)]

    def index(self, number: int) -> int:
        """The first index whose line of the file is `number` or later."""
        for index, line in enumerate(self.numbers):
            if line >= number:
                return index
        return len(self.numbers)

    def next_full(self, index: int) -> int | None:
        """Index of the first line from `index` on that is not blank."""
        for position in range(index, len(self.lines)):
            if self.lines[position].strip():
                return position
        return None

    def text(self, start: int, end: int) -> str:
        """The lines from `start` up to, not including, `end`, blank ends taken off."""
        return "\n".join(self.lines[start:end]).strip("\n").rstrip()


def page_of_text(lines: Sequence[str]) -> Page:
    """The page of a text file, whose lines are numbered through."""
    return Page(lines=lines, numbers=range(1, len(lines) + 1))


def is_title(line: str) -> bool:
    """Whether a line is shaped like a heading: short, capital first, not closed as a sentence."""
    stripped = line.strip()
    return (
        2 < len(stripped) <= 120
        and len(stripped.split()) <= 16
        and (stripped[0].isupper() or stripped[0].isdigit() or stripped[0] in "\"“'‘")
        and not _CLOSED.search(stripped)
        and not LIST_ITEM.match(line)
    )


def is_paragraph(line: str) -> bool:
    """Whether a line is running text: long, or closed like a sentence and not short."""
    stripped = line.strip()
    return len(stripped) >= 120 or (len(stripped) >= 50 and bool(_CLOSED.search(stripped)))
