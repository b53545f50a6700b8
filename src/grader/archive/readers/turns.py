"""The turns of an archive page: which lines open a turn, and whose.

A tag in brackets opens a turn only when it names a speaker the page knows, because bodies hold
brackets too ('[Insert date]'). Where the last turn ends is decided in `archive_end`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from grader.archive.readers.lines import Page
from grader.transcripts.model_names import FAMILIES, speaker_key
from grader.transcripts.transcript import ReadingWarning

HUMANS = frozenset({"HUMAN", "FACILITATOR", "USER"})

_TAG = re.compile(
    r"\[([^\[\]\n]{2,60})\]"
    r"(?:\s*(\d{4}-\d{2}-\d{2}[ T]\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:?\d{2})?))?"
    r"(?:\s+(.*))?$"
)
ROUND = re.compile(r"\s*(?:[-—=]+\s*)?Round\s+\d{1,3}\s*(?:[-—=]+)?\s*$")


@dataclass(frozen=True)
class TurnHead:
    """A line that opens a turn."""

    index: int
    speaker: str
    time: str | None
    rest: str
    """Text of the turn on the same line."""

    @property
    def is_human(self) -> bool:
        """Whether the human side speaks."""
        return self.speaker.upper() in HUMANS


def known_speakers(names: Iterable[str]) -> frozenset[str]:
    """The names that may open a turn: the human side and every model the page names."""
    return HUMANS | {speaker_key(name) for name in names if name.strip()}


def find_heads(page: Page, known: frozenset[str]) -> tuple[list[TurnHead], list[ReadingWarning]]:
    """All lines that open a turn, in order, and what looked like one and was not taken."""
    heads: list[TurnHead] = []
    warnings: list[ReadingWarning] = []
    for index, line in enumerate(page.lines):
        if not line.startswith("["):
            continue
        tag = _TAG.match(line)
        if tag is None or tag[1] != tag[1].upper() or not any(c.isalpha() for c in tag[1]):
            continue
        name, time = tag[1].strip(), tag[2]
        if not _accepted(name, time, known):
            if time:
                warnings.append(
                    ReadingWarning(
                        code="unknown_speaker",
                        message=f"'[{name}] {time}' looks like the start of a turn, but the page "
                        "names no such speaker; it was kept as text of the turn above",
                        line=page.number(index),
                    )
                )
            continue
        if heads and heads[0].time and not time:
            warnings.append(
                ReadingWarning(
                    code="tag_without_time",
                    message=f"'[{name}]' without a time stamp stands in a page whose turns have "
                    "them; it was kept as text of the turn above",
                    line=page.number(index),
                )
            )
            continue
        heads.append(TurnHead(index=index, speaker=name, time=time, rest=(tag[3] or "").strip()))
    if not heads:
        heads = _bare_heads(page, known)
    return heads, warnings


def _accepted(name: str, time: str | None, known: frozenset[str]) -> bool:
    key = speaker_key(name)
    if key in known:
        return True
    family = key.split("-")[0]
    return family in FAMILIES and (time is not None or key == family)


def _bare_heads(page: Page, known: frozenset[str]) -> list[TurnHead]:
    """Older pages: 'Round 1', then 'HUMAN' or 'CLAUDE' on a line of its own."""
    first = next((i for i, line in enumerate(page.lines) if ROUND.match(line)), None)
    if first is None:
        return []
    return [
        TurnHead(index=index, speaker=page.lines[index].strip(), time=None, rest="")
        for index in range(first + 1, len(page.lines))
        if (name := page.lines[index].strip())
        and name == name.upper()
        and (speaker_key(name) in known or name in FAMILIES)
    ]


def turn_text(page: Page, head: TurnHead, end: int) -> str:
    """The words of a turn that ends before line index `end`."""
    while end > head.index + 1 and (
        not page.lines[end - 1].strip() or ROUND.match(page.lines[end - 1])
    ):
        end -= 1
    lines = [head.rest] if head.rest else []
    lines += page.lines[head.index + 1 : end]
    return "\n".join(lines).strip("\n").rstrip()
