"""Where the transcript of an archive page ends and the writing about it begins.

The page doesn't mark the place well. Signs that only a page about a session has are searched for
below the last turn's head: set phrases, the footer, study headings, session codes. Where they
leave a stretch undecided it is given as doubtful: it is kept, told with its line, and not judged.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from grader.transcripts.archive_footer import find_footer
from grader.transcripts.archive_header import CODE
from grader.transcripts.archive_lines import Page, is_paragraph, is_title

SET_PHRASES = frozenset(
    {
        "Findings not yet available.",
        "Findings not yet available",
        "Analysis not yet available.",
        "Analysis not yet available",
        "Comparison not yet available.",
        "Comparisons not yet available.",
    }
)
"""Lines the page's own program prints; no model ends its reply with them."""

FINDINGS_HEADINGS = frozenset({"Convergence Findings", "Convergence Flags", "Findings"})
COMPARISON_HEADING = re.compile(
    r"\s*(C|P|F|F\+P)\s+vs\.?\s+(C|P|F|F\+P)\b(?:\s*[—–:-]\s*.{0,80})?\s*$"
)
STUDY_HEADING = re.compile(
    r"\s*(?:What Changed from [CPF](?:\+P)?\b.{0,20}"
    r"|What Did Not Change from [CPF](?:\+P)?\b.{0,20}"
    r"|What (?:C|P|F|F\+P|the Other|Other|Further)\b.{0,50}Needs? to Show\b.{0,40}"
    r"|Deliverable Orientation(?: Comparison)?"
    r"|Dimension of Most Difference(?::.{0,80})?"
    r"|Qualitative or Quantitative Difference"
    r"|Defense Signature(?: Assessment)?"
    r"|Pre-Specified Criteria(?: Assessment)?"
    r"|Contribution to Study Hypotheses"
    r"|Position in the Archive)\s*$"
)
_ABOUT = re.compile(
    r"\b(?:the (?:model|session|preamble|output|deliverable|archive|facilitat(?:or|ion)|control"
    r"|study)(?:'s|’s)?|this session|(?:primed|facilitated|control|cold) (?:output|condition"
    r"|session)|defense signature|(?:C|P|F|F\+P) (?:condition|session|output|analysis)s?)\b"
    r"|\b(?:GPT|Claude|Gemini|Opus|Codex)(?:[- ][\d.]+)?(?:'s|’s)?\s+(?:\w+ed|\w+s)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Ending:
    """Line indices: the last turn stops before `said`, published parts begin at `published`.

    Between the two lies what is doubtful, if anything.
    """

    said: int
    published: int
    reason: str | None = None
    """Why the end is uncertain. None: the page's structure marks it."""


def is_set_phrase(line: str) -> bool:
    """Whether a line is one the page's program prints in place of a missing part."""
    return line.strip() in SET_PHRASES


def find_end(page: Page, last_head: int) -> Ending:
    """The end of the transcript whose last turn opens at line index `last_head`."""
    start, size = last_head + 1, len(page.lines)
    footer = find_footer(page, start)
    phrase = next((i for i in range(start, footer) if is_set_phrase(page.lines[i])), footer)
    sign = next((i for i in range(start, phrase) if _is_sign(page.lines[i])), phrase)
    if sign < phrase:
        return _by_sign(page, last_head, sign, phrase)
    if phrase < footer:
        return Ending(said=phrase, published=phrase)
    doubt = _doubtful_title(page, start, footer)
    if doubt is not None:
        return Ending(
            said=doubt,
            published=footer,
            reason="a heading is followed by a paragraph that speaks about the session, and no "
            "line marks the end of the transcript",
        )
    if footer < size:
        return Ending(said=footer, published=footer)
    return Ending(
        said=size,
        published=size,
        reason="the page stops without findings, analysis or footer; the copy may be cut off",
    )


def _is_sign(line: str) -> bool:
    """Whether only writing about a session holds such a line."""
    return bool(
        STUDY_HEADING.match(line)
        or COMPARISON_HEADING.match(line)
        or line.strip() == "Convergence Findings"
        or CODE.search(line)
    )


def _by_sign(page: Page, last_head: int, sign: int, stop: int) -> Ending:
    """The end where writing about the session stands above any set phrase."""
    heading = page.lines[sign].strip()
    if heading == "Convergence Findings" or COMPARISON_HEADING.match(heading):
        doubt = _doubtful_title(page, last_head + 1, sign)
        if doubt is None:
            return Ending(said=sign, published=sign)
        return Ending(
            said=doubt,
            published=sign,
            reason="a heading above the findings is followed by a paragraph that speaks about "
            "the session",
        )
    title = sign if STUDY_HEADING.match(heading) else _title_above(page, last_head, sign)
    doubt = _doubtful_title(page, last_head + 1, title)
    if doubt is None and STUDY_HEADING.match(heading):
        # An essay has a title and a paragraph before its first section.
        doubt = _title_above(page, last_head, sign)
        if doubt == sign:
            doubt = None
    said = title if doubt is None else doubt
    return Ending(
        said=said,
        published=title,
        reason="no line marks the end of the transcript; it was taken to end above the heading "
        f"{page.lines[said].strip()[:60]!r}, below which the text speaks about the session",
    )


def _title_above(page: Page, last_head: int, index: int) -> int:
    """The nearest heading above a line that speaks about the session; else that line."""
    for position in range(index, last_head, -1):
        following = page.next_full(position + 1)
        if (
            is_title(page.lines[position])
            and following is not None
            and following <= index + 1
            and is_paragraph(page.lines[following])
        ):
            return position
    return index


def _doubtful_title(page: Page, start: int, stop: int) -> int | None:
    """The first heading whose next paragraph speaks about a session as an analyst would."""
    for index in range(start, stop):
        if not is_title(page.lines[index]):
            continue
        following = page.next_full(index + 1)
        if following is None or following >= stop:
            return None
        text = page.lines[following]
        if is_paragraph(text) and len({m.group().lower() for m in _ABOUT.finditer(text)}) >= 2:
            return index
    return None
