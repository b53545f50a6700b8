"""What a report is made of: the same blocks become Markdown and HTML."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

Tone = Literal["plain", "lead", "note", "alarm"]


@dataclass(frozen=True)
class Para:
    """A paragraph."""

    text: str
    tone: Tone = "plain"


@dataclass(frozen=True)
class Items:
    """A list."""

    items: tuple[str, ...]


@dataclass(frozen=True)
class Table:
    """A table; the first cell of a row is its head."""

    caption: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    numbers: bool = True
    """Whether all columns but the first are figures."""


@dataclass(frozen=True)
class Picture:
    """A figure by its name, with the sentence that stands for it."""

    name: str
    alt: str
    caption: str


@dataclass(frozen=True)
class Command:
    """A command to be copied."""

    text: str


@dataclass(frozen=True)
class Quote:
    """A quotation from a run."""

    text: str
    place: str


@dataclass(frozen=True)
class Level:
    """One level with what stands behind it."""

    anchor: str
    title: str
    level: str
    rationale: str | None
    quotes: tuple[Quote, ...]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Folded:
    """Levels behind a line that opens."""

    title: str
    levels: tuple[Level, ...]


Block = Para | Items | Table | Picture | Command | Folded


@dataclass(frozen=True)
class Section:
    """One part of the report."""

    id: str
    title: str
    blocks: tuple[Block, ...] = field(default=())
