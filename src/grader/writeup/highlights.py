"""A turn's text cut into lines and pieces, so that quoted spans can be marked where they stand.

Spans may overlap, nest and run over line ends. Every character of the text comes out once.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from grader.text.spans import cut

LineKind = Literal["heading", "table", "code", "text"]

_HEADING = re.compile(r"#{1,6}\s")
_FENCE = re.compile(r"\s{0,3}(`{3,}|~{3,})")


@dataclass(frozen=True)
class Piece:
    """A run of characters covered by the same spans."""

    text: str
    spans: tuple[int, ...]
    """Keys of the spans that cover it."""
    begins: tuple[int, ...]
    """Keys of the spans that begin with it."""
    ends: tuple[int, ...]
    """Keys of the spans that end with it."""

    @property
    def own(self) -> int | None:
        """The span whose anchor the mark of this piece itself is; others need one of their own."""
        return self.begins[0] if self.begins else None


@dataclass(frozen=True)
class Line:
    """One line of a turn."""

    kind: LineKind
    pieces: tuple[Piece, ...]


def lines_of(text: str, spans: Mapping[int, tuple[int, int]]) -> tuple[Line, ...]:
    """The lines of a text with its spans, given by key as start and end.

    A span that is empty or leaves the text is cut to what lies inside; nothing is raised.
    """
    inside = {
        key: (max(0, start), min(len(text), end))
        for key, (start, end) in spans.items()
        if max(0, start) < min(len(text), end)
    }
    lines = []
    fence: str | None = None
    position = 0
    for line in text.split("\n"):
        end = position + len(line)
        opening = _FENCE.match(line)
        kind: LineKind
        if fence is not None or opening:
            kind = "code"
        elif _HEADING.match(line):
            kind = "heading"
        else:
            kind = "table" if line.lstrip().startswith("|") else "text"
        if opening:
            mark = opening.group(1)
            if fence is None:
                fence = mark
            elif mark.startswith(fence) and not line.strip().strip(mark[0]):
                fence = None
        lines.append(Line(kind, _pieces(text, position, end, inside)))
        position = end + 1
    return tuple(lines)


def in_parts(lines: Iterable[Line]) -> frozenset[int]:
    """Keys of the spans that are not one mark with their own anchor, and nothing else."""
    return frozenset(
        key for line in lines for each in line.pieces for key in each.spans if key != each.own
    )


def _pieces(
    text: str, start: int, end: int, spans: Mapping[int, tuple[int, int]]
) -> tuple[Piece, ...]:
    """The pieces of one line. A span begins or ends in it also where only line ends are between."""
    pieces = []
    for first, last, keys in cut(spans, start, end):
        begins = tuple(
            key
            for key in keys
            if max(start, spans[key][0]) == first and not text[spans[key][0] : start].strip("\n")
        )
        ends = tuple(
            key
            for key in keys
            if min(end, spans[key][1]) == last and not text[end : spans[key][1]].strip("\n")
        )
        pieces.append(Piece(text[first:last], keys, begins, ends))
    return tuple(pieces)
