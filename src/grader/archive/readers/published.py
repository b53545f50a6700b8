"""What a page says about a session: findings, analysis, comparisons, footer, part by part.

An essay gives one part for its opening and one for each section, all with the essay's title in
`part_of`. None of it is ever a turn; `grader check` reads it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from grader.archive.readers.end import (
    COMPARISON_HEADING,
    FINDINGS_HEADINGS,
    is_set_phrase,
)
from grader.archive.readers.lines import LIST_ITEM, Page, is_paragraph, is_title
from grader.transcripts.transcript import PublishedPart

_FLAG = re.compile(
    r"\s*(?:[•*-]\s*)?([A-Za-z][A-Za-z]*(?:-[A-Za-z]+)+)\s*(?::|×|x|\()?\s*(\d{1,4})\)?\s*$"
)
"""A flag's name is words joined by hyphens; its count may follow directly."""

_LABEL = re.compile(r"\s*(?:C|P|F|F\+P)\s*vs\s*(?:C|P|F|F\+P)\s*$", re.IGNORECASE)


def published_parts(page: Page, start: int, footer: int) -> tuple[PublishedPart, ...]:
    """Everything from line index `start` to the end of the page, in order, nothing left out."""
    parts: list[PublishedPart] = []
    for kind, first, last in _stretches(page, start, footer):
        if kind == "findings":
            parts.append(_part(page, kind, first, last))
        else:
            parts.extend(_essay(page, kind, first, last))
    if page.text(footer, len(page.lines)).strip():
        parts.append(part(page, "footer", "Footer", footer, len(page.lines)))
    return tuple(parts)


def counted_flags(parts: Iterable[PublishedPart]) -> dict[str, int]:
    """Flags and their counts in the findings: 'shared-pause: 3', 'shared-pause ×3'."""
    return {
        flag[1]: int(flag[2])
        for part in parts
        if part.kind == "findings"
        for line in part.text.split("\n")
        if (flag := _FLAG.match(line))
    }


def part(
    page: Page, kind: str, title: str, first: int, end: int, *, part_of: str | None = None
) -> PublishedPart:
    """A part over the line indices from `first` up to, not including, `end`."""
    while end > first + 1 and not page.lines[end - 1].strip():
        end -= 1
    text = page.text(first, end)
    if text.startswith(title):
        text = text[len(title) :].lstrip("\n")
    return PublishedPart.model_validate(
        {
            "kind": kind,
            "title": title,
            "text": text,
            "first_line": page.number(first),
            "last_line": page.number(end - 1),
            "part_of": part_of,
        }
    )


def _part(page: Page, kind: str, first: int, end: int) -> PublishedPart:
    full = page.next_full(first)
    line = page.lines[full].strip() if full is not None and full < end else ""
    if is_set_phrase(line):
        made = part(page, kind, line.split(" not ")[0], first, end)
        return made.model_copy(update={"text": page.text(first, end)})
    return part(page, kind, line or "Findings", first, end)


def _stretches(page: Page, start: int, stop: int) -> Iterator[tuple[str, int, int]]:
    """Runs of one kind: set phrases, findings, the analysis, each comparison."""
    borders: list[tuple[int, str]] = []
    index = start
    while index < stop:
        line = page.lines[index].strip()
        kind = borders[-1][1] if borders else None
        if is_set_phrase(line):
            borders += [(index, "findings"), (index + 1, "analysis")]
        elif line in FINDINGS_HEADINGS and kind in (None, "analysis"):
            borders.append((index, "findings"))
        elif COMPARISON_HEADING.match(line):
            borders.append((index, "comparison"))
        elif line and (kind is None or (kind == "findings" and _opens_essay(page, index, stop))):
            borders.append((index, "analysis"))
        index += 1
    for number, (first, kind) in enumerate(borders):
        end = borders[number + 1][0] if number + 1 < len(borders) else stop
        if page.text(first, end).strip():
            yield kind, first, end


def _opens_essay(page: Page, index: int, stop: int) -> bool:
    following = page.next_full(index + 1)
    return (
        is_title(page.lines[index])
        and following is not None
        and following < stop
        and len(page.lines[following]) >= 200
    )


def _essay(page: Page, kind: str, start: int, end: int) -> Iterator[PublishedPart]:
    first = page.next_full(start)
    if first is None or first >= end:
        return
    if kind == "comparison":
        opening, first = first, _essay_title(page, first, end)
        if opening < first:
            yield part(page, kind, page.lines[opening].strip(), opening, first)
    title = page.lines[first].strip() if is_title(page.lines[first]) else kind.capitalize()
    heads = [first, *(index for index in range(first + 1, end) if _is_section(page, index, end))]
    for head, stop in zip(heads, [*heads[1:], end], strict=True):
        if head == first:
            yield part(page, kind, title, head, stop)
        else:
            yield part(page, kind, page.lines[head].strip(), head, stop, part_of=title)


def _essay_title(page: Page, first: int, end: int) -> int:
    """Below 'C vs P — …' and its label 'CvsP' stands the essay's own title, if it has one."""
    index = page.next_full(first + 1)
    if index is not None and index < end and _LABEL.match(page.lines[index]):
        index = page.next_full(index + 1)
    if index is not None and index < end and is_title(page.lines[index]):
        return index
    return first


def _is_section(page: Page, index: int, end: int) -> bool:
    following = page.next_full(index + 1)
    return (
        is_title(page.lines[index])
        and following is not None
        and following < end
        and (is_paragraph(page.lines[following]) or bool(LIST_ITEM.match(page.lines[following])))
    )
