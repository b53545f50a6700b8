"""Where a quotation stands in a transcript, exactly, or that it does not stand there.

Pure functions over turns and texts. A quotation is located verbatim or after folding typography;
never by likeness, never over an ellipsis, never across turns, never from the middle of a word.
`near_miss` looks for something alike, for a person to see; nothing may count on it.
What a quotation proves is not decided here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Literal, Protocol

from pydantic import Field

from grader.records import Record
from grader.text.borders import in_word, is_asked
from grader.text.folding import fold, fold_once, same_units
from grader.text.sentences import asks, is_end_mark

Side = Literal["control", "treatment"]
SIDES: tuple[Side, ...] = ("control", "treatment")


class NumberedText(Protocol):
    """A turn, as far as a quotation is looked for in it."""

    @property
    def number(self) -> int:
        """Its number in the transcript, from 1."""
        ...

    @property
    def text(self) -> str:
        """What was written, verbatim."""
        ...


class Span(Record):
    """Where a quotation stands."""

    transcript: Side
    turn: int = Field(ge=1)
    start: int = Field(ge=0, description="First character, counted in the turn's text from 0.")
    end: int = Field(description="One past the last character.")


class Evidence(Record):
    """A quotation as the judge or reviewer gave it, and where it was found, if it was."""

    quote: str
    side: Side = Field(description="The transcript it is attributed to.")
    span: Span | None = Field(None, description="None: not found; kept and counted, not used.")
    match: Literal["exact", "folded"] | None = None


MIN_LETTERS = 2
"""Letters and digits a quotation must have: 'I' or '[ ]' stand everywhere and show nothing."""


# --- locating -------------------------------------------------------------------------------


def locate(quote: str, turns: Sequence[NumberedText], side: Side) -> Evidence:
    """Find a quotation in the turns of the transcript it is attributed to.

    Exactly first, in any of the turns; then folded (see `folding`). Of several places the first
    is taken. Surrounding blanks are never part of the quotation. Quotation marks or emphasis around
    the whole, and one end mark such as a full stop, may be the judge's own and are left out where
    the transcript does not have them. A place counts only where the text may be cut: not inside a
    word or number (see `borders`), and not between a question and its mark.

    Returns:
        The evidence, with span and kind of match, or without both when the quotation does not
        stand there. The span counts characters of the turn's text as it is stored.
    """
    bare = quote.strip()
    if sum(map(str.isalnum, bare)) >= MIN_LETTERS:
        for turn in turns:
            for start, end in _exact_places(bare, turn.text):
                return _found(quote, turn, side, start, end, "exact")
        forms = _forms(bare)
        for turn in turns:
            for start, end in _folded_places(bare, forms, turn.text):
                return _found(quote, turn, side, start, end, "folded")
    return Evidence(quote=_storable(quote), side=side, span=None, match=None)


def _found(
    quote: str,
    turn: NumberedText,
    side: Side,
    start: int,
    end: int,
    match: Literal["exact", "folded"],
) -> Evidence:
    span = Span(transcript=side, turn=turn.number, start=start, end=end)
    return Evidence(quote=_storable(quote), side=side, span=span, match=match)


def _storable(quote: str) -> str:
    """A lone surrogate can be in a Python text but in no file."""
    return quote.encode("utf-8", "replace").decode("utf-8")


def _exact_places(quote: str, text: str) -> Iterator[tuple[int, int]]:
    start = text.find(quote)
    while start >= 0:
        end = start + len(quote)
        if _may_be_cut(text, start, end):
            yield start, end
        start = text.find(quote, start + 1)


def _folded_places(quote: str, forms: Sequence[str], text: str) -> Iterator[tuple[int, int]]:
    folded = fold_once(text)
    for form in forms:
        at = folded.text.find(form)
        while at >= 0:
            place = folded.original(at, at + len(form))
            if place is not None and _may_be_cut(text, *place) and same_units(quote, text, *place):
                yield place
            at = folded.text.find(form, at + 1)


def _may_be_cut(text: str, start: int, end: int) -> bool:
    if in_word(text, start) or in_word(text, end):
        return False
    # A question without its mark is a statement.
    return any(map(asks, text[max(start, end - 3) : end])) or not is_asked(text, end)


_AROUND = re.compile(r"('|[*_]{1,3})(.+)\1", re.DOTALL)
"""Quotation marks or emphasis around the whole, which may be the judge's own."""


@lru_cache(maxsize=512)
def _forms(quote: str) -> tuple[str, ...]:
    """A quotation folded, as it is and without what the judge may have put around it."""
    forms = [fold(quote).text.strip()]
    for _ in range(3):  # quotation marks, an end mark and emphasis, in any order
        for form in list(forms):
            forms.append(_without_final_mark(form).strip())
            if inside := _AROUND.fullmatch(form):
                forms.append(inside[2].strip())
    return tuple(form for form in dict.fromkeys(forms) if form)


def _without_final_mark(quote: str) -> str:
    """One end mark less. Of several none is taken: dots say that words were left out."""
    before = quote[-2:-1]
    if not before or not is_end_mark(quote[-1]) or is_end_mark(before) or asks(before):
        return quote
    return quote[:-1]


# --- for people -----------------------------------------------------------------------------

_ALIKE = 70.0
_LONGEST_LOOKED_FOR = 2_000


def near_miss(quote: str, turns: Sequence[NumberedText]) -> str | None:
    """The passage most like a quotation that was not found, to show to a person.

    Likeness is not evidence: the passage may say the opposite. None when nothing is alike.
    """
    from rapidfuzz import fuzz

    wanted = quote.strip()[:_LONGEST_LOOKED_FOR]
    if not any(map(str.isalnum, wanted)):
        return None
    best: tuple[float, str] | None = None
    for turn in turns:
        found = fuzz.partial_ratio_alignment(wanted, turn.text, score_cutoff=_ALIKE)
        if found is not None and (best is None or found.score > best[0]):
            best = found.score, _whole_words(turn.text, found.dest_start, found.dest_end)
    return best[1] if best and best[1] else None


def _whole_words(text: str, start: int, end: int) -> str:
    while start > 0 and in_word(text, start):
        start -= 1
    while end < len(text) and in_word(text, end):
        end += 1
    return text[start:end].strip()
