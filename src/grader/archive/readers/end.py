"""Where the transcript of an archive page ends and the writing about it begins.

The page doesn't mark the place well. Signs that only a page about a session has are searched for
below the last turn's head: set phrases, the footer, study headings, session codes. Where they
leave a stretch undecided it is given as doubtful: it is kept, told with its line, and not judged.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from grader.archive.readers.footer import find_footer
from grader.archive.readers.lines import Page, is_paragraph, is_title
from grader.transcripts.model_names import FAMILIES

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
_STUDY_BEGINNINGS = (
    "What ", "Deliverable", "Dimension", "Qualitative", "Defense", "Pre-Specified", "Contribution",
    "Position", "Convergence", "C vs", "P vs", "F vs", "F+P vs",
)  # fmt: skip
"""How the headings above begin; looked at first, because most lines begin otherwise."""

_ABOUT_SURELY = re.compile(
    r"\bthe (?:preamble|archive|facilitator|control session|primed session|treatment)\b"
    r"|\b(?:primed|facilitated|cold|preamble) (?:output|condition|session)s?\b"
    r"|\bdefense signature\b|\bthe [CPF] (?:condition|session|output|analysis)\b"
    r"|\b(?:GPT|Claude|Gemini|Opus|Codex)(?:[- ][\d.]{1,5})?(?:'s|’s) (?:output|response|reply"
    r"|answer|turn|deliverable|voice)\b",
    re.IGNORECASE,
)
"""What only someone writing about a session says."""

_ABOUT_PERHAPS = re.compile(
    r"\b(?:the model|this session|the session|the output|the outputs|the deliverable|the response"
    r"|the transcript|the prompt|the conversation)(?:'s|’s)?\b"
    r"|\b(?:GPT|Claude|Gemini|Opus|Codex)\b",
    re.IGNORECASE,
)
"""What someone writing about a session says often, and others now and then."""


_ABOUT_WORDS = (
    "preamble", "archive", "facilitator", "session", "treatment", "condition", "output", "defense",
    "analysis", "gpt", "claude", "gemini", "opus", "codex", "model", "deliverable", "response",
    "transcript", "prompt", "conversation",
)  # fmt: skip
"""One of these is in all that the two patterns above match; looked for first, being quicker."""


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
    return len(line) < 60 and line.strip() in SET_PHRASES


def find_end(page: Page, last_head: int, names: Iterable[str] = ()) -> Ending:
    """The end of the transcript whose last turn opens at line index `last_head`.

    Args:
        page: the page.
        last_head: index of the line that opens the last turn.
        names: the models' names in the page's session codes.
    """
    start, size = last_head + 1, len(page.lines)
    footer = find_footer(page, start)
    phrase = next(
        (i for i in range(start, footer) if is_set_phrase(page.lines[i])),
        footer,
    )
    heading = next((i for i in range(start, phrase) if _is_study_heading(page.lines[i])), phrase)
    sign = _first_code(page, start, heading, names)
    if phrase < footer and heading == phrase:
        if sign == phrase:
            return Ending(said=phrase, published=phrase)
        # The phrase marks the end, and yet the text above it names a session.
        said = _title_above(page, last_head, sign)
        return Ending(
            said=said,
            published=phrase,
            reason=f"line {page.number(sign)} names a session, which the model can't know",
        )
    if sign < footer:
        return _by_sign(page, last_head, sign, heading)
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


def _first_code(page: Page, start: int, stop: int, names: Iterable[str]) -> int:
    """Index of the first line that bears a session code of this study; `stop` without one.

    Only its conditions and the models' names count: 'P-value-05' is no code.
    """
    known = [re.escape(name) for name in names if name] + list(FAMILIES)
    code = re.compile(rf"(?<![\w-])(?:F\+P|FP|[CPF])-(?i:{'|'.join(known)})-\d{{1,3}}(?!\w)")
    text = "\n".join(page.lines[start:stop])
    found = code.search(text)
    return stop if found is None else start + text.count("\n", 0, found.start())


def _is_study_heading(line: str) -> bool:
    """Whether a line is a heading that only writing about a session has."""
    if len(line) > 140 or not line.lstrip().startswith(_STUDY_BEGINNINGS):
        return False
    return bool(
        STUDY_HEADING.match(line)
        or COMPARISON_HEADING.match(line)
        or line.strip() == "Convergence Findings"
    )


def _by_sign(page: Page, last_head: int, sign: int, heading: int) -> Ending:
    """The end where the first sign of writing about the session is no set phrase.

    An essay has a title and an opening before its first study heading, so the border lies above
    the sign. What lies between the border and the sign is doubtful only as far as it doesn't
    stand directly under its heading.
    """
    line = page.lines[sign].strip()
    opens_block = sign == heading and (
        line == "Convergence Findings" or bool(COMPARISON_HEADING.match(line))
    )
    title = sign if opens_block else _title_above(page, last_head, sign, skip=sign == heading)
    doubt = _doubtful_title(page, last_head + 1, title)
    said = title if doubt is None else doubt
    if opens_block and doubt is None:
        return Ending(said=sign, published=sign)
    if sign == heading and not _speaks_about(page.text(title + 1, sign)[:3000]):
        title = sign
    return Ending(
        said=said,
        published=title,
        reason="no line marks the end of the transcript; below the heading "
        f"{page.lines[said].strip()[:60]!r} the text speaks about the session",
    )


def _title_above(page: Page, last_head: int, index: int, *, skip: bool = False) -> int:
    """The nearest heading above a line that speaks about the session; else that line.

    With `skip` the line itself is a heading inside an essay and a higher one is looked for.
    """
    for position in range(index - 1 if skip else index, last_head, -1):
        following = page.next_full(position + 1)
        if (
            is_title(page.lines[position])
            and following is not None
            and following <= index
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
        if is_paragraph(text) and _speaks_about(text[:3000]):
            return index
    return None


def _speaks_about(text: str) -> bool:
    low = text.lower()
    if not any(word in low for word in _ABOUT_WORDS):
        return False
    surely = {match.group().lower() for match in _ABOUT_SURELY.finditer(text)}
    perhaps = {match.group().lower() for match in _ABOUT_PERHAPS.finditer(text)}
    return len(surely) >= 2 or (bool(surely) and bool(perhaps)) or len(perhaps) >= 4
