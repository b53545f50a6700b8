"""Where a quotation stands in a transcript, exactly, or that it does not stand there.

Pure functions over turns and texts. A quotation is located verbatim or after folding typography;
never by likeness, never over an ellipsis, never across turns, never from the middle of a word.
`near_miss` looks for something alike, for a person to see; nothing may count on it.
What a quotation proves is not decided here.
"""

from __future__ import annotations

import re
import unicodedata
from array import array
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal, Protocol

from pydantic import Field

from grader.records import Record

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

    Exactly first, in any of the turns; then folded (see `fold`). Of several places the first is
    taken. Surrounding blanks are never part of the quotation. A pair of quotation marks around
    the whole, and one full stop, comma, colon, semicolon or exclamation mark at its end, may be
    the judge's own and are left out where the transcript does not have them.

    Returns:
        The evidence, with span and kind of match, or without both when the quotation does not
        stand there. The span counts characters of the turn's text as it is stored.
    """
    bare = quote.strip()
    if sum(map(str.isalnum, bare)) >= MIN_LETTERS:
        for turn in turns:
            for start, end in _exact_places(bare, turn.text):
                return _found(quote, turn, side, start, end, "exact")
        forms = _forms(fold(bare).text.strip())
        for turn in turns:
            for start, end in _folded_places(forms, turn.text):
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
        if not (in_word(text, start) or in_word(text, end)):
            yield start, end
        start = text.find(quote, start + 1)


def _folded_places(forms: Sequence[_Form], text: str) -> Iterator[tuple[int, int]]:
    folded = _fold_once(text)
    for form in forms:
        at = folded.text.find(form.text)
        while at >= 0:
            place = folded.original(at, at + len(form.text))
            if place is not None:
                start, end = place
                inside = in_word(text, start) or in_word(text, end)
                asked = form.mark_dropped and _ASKED.match(text, end)
                if not (inside or asked):
                    yield start, end
            at = folded.text.find(form.text, at + 1)


@dataclass(frozen=True)
class _Form:
    """One way to read a folded quotation, without what the judge may have put around it."""

    text: str
    mark_dropped: bool = False


_FINAL_MARK = re.compile(r"(?<=[^.,;:!?。])[.,;:!。]$")
_ASKED = re.compile(r"[*_'\"’”»)\]]*[?？]")
"""A statement is not made of a question by exchanging its mark."""


def _forms(quote: str) -> list[_Form]:
    forms = [_Form(quote)]
    for _ in range(2):  # marks inside and outside of added quotation marks
        for form in list(forms):
            without_mark = _FINAL_MARK.sub("", form.text)
            dropped = form.mark_dropped or without_mark != form.text
            forms.append(_Form(without_mark.strip(), dropped))
            if len(form.text) > 2 and form.text[0] == form.text[-1] == "'":
                forms.append(_Form(form.text[1:-1].strip(), form.mark_dropped))
    return [form for form in dict.fromkeys(forms) if form.text]


# --- where words begin and end ---------------------------------------------------------------

_SKIPPED = re.compile(
    # Characters that show nothing (Unicode: default ignorable) and marks of Markdown emphasis.
    "[*_\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e"
    "\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\U000e0000-\U000e0fff]"
)
_UNSPACED = re.compile(
    # Scripts written without blanks between words; every character may begin a quotation.
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u2e80-\u2fdf\u3005-\u3007\u3040-\u30ff"
    "\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uff66-\uff9f\U00020000-\U0003ffff]"
)
_APOSTROPHES_AND_HYPHENS = frozenset("'’‘ʼ＇`´-‐‑\u00ad")
_BETWEEN_DIGITS = frozenset(".,:–−/")
_MINUS = frozenset("-−‑")


def in_word(text: str, position: int) -> bool:
    """Whether a cut at this position falls inside a word of the text.

    A word includes its apostrophes, hyphens and combining marks, and a number its sign and
    separators: "can" does not stand in "can't", "acceptable" not in "non-acceptable" or
    "unacceptable", "1" not in "1,000", "5" not in "-5". Emphasis and invisible characters do
    not end a word: "can" does not stand in "can*not*".
    """
    if position <= 0 or position >= len(text):
        return False
    if unicodedata.category(text[position])[0] == "M":
        return True
    before, after = _neighbours(text, position, -1), _neighbours(text, position, 1)
    left, right = before[0], after[0]
    if _UNSPACED.match(left) or _UNSPACED.match(right):
        return False
    if _is_word(left):
        return _is_word(right) or (_joins(left, right, after[1]) and not _UNSPACED.match(after[1]))
    if not _is_word(right):
        return False
    if left in _MINUS and right.isdigit() and not _is_word(before[1]):
        return True
    return _joins(before[1], left, right)


def _neighbours(text: str, position: int, step: Literal[-1, 1]) -> tuple[str, str]:
    """The next two visible characters on one side; a blank stands for the edge of the text."""
    found: list[str] = []
    at = position if step > 0 else position - 1
    while 0 <= at < len(text) and len(found) < 2:
        if not _SKIPPED.match(text[at]):
            found.append(text[at])
        at += step
    return (*found, " ", " ")[0], (*found, " ", " ")[1]


def _is_word(character: str) -> bool:
    return character.isalnum() or unicodedata.category(character)[0] == "M"


def _joins(left: str, joint: str, right: str) -> bool:
    if joint in _APOSTROPHES_AND_HYPHENS:
        return _is_word(left) and _is_word(right)
    return joint in _BETWEEN_DIGITS and left.isdigit() and right.isdigit()


# --- folding --------------------------------------------------------------------------------


@dataclass(frozen=True)
class Folded:
    """A text in one typography, and where each of its characters comes from."""

    text: str
    starts: array[int]
    """For each folded character, where its source begins in the original text."""
    ends: array[int]
    """For each folded character, one past where its source ends."""

    def original(self, start: int, end: int) -> tuple[int, int] | None:
        """The original place of a part; None if it would take only a part of a character."""
        if start > 0 and self.starts[start] == self.starts[start - 1]:
            return None
        if end < len(self.text) and self.starts[end] == self.starts[end - 1]:
            return None
        return self.starts[start], self.ends[end - 1]


_MARKS = str.maketrans(
    dict.fromkeys("\"'`‘’‚‛“”„‟‹›«»′‵″❛❜❝❞〝〞〟「」『』", "'") | dict.fromkeys("‐‑‒–—―−⸺⸻", "-")
)
_LAYOUT = re.compile(r"[*_]+|\s+|--+")
_INVISIBLE = re.compile(_SKIPPED.pattern.replace("*_", "", 1))
_PLAIN = re.compile("[\x00-\x7f]+(?![\u0300-\U0010ffff\u00ad])")
_MAX_CLUSTER = 32


def fold(text: str) -> Folded:
    """Bring a text into one typography, remembering where each character came from.

    Equal afterwards: Unicode compatibility forms (NFKC); all quotation marks and apostrophes;
    all dashes, and '--' where it stands for one; any run of white space; Markdown emphasis and
    none; invisible characters and none. Nothing else: case, words and other signs stay.
    """
    characters, starts, ends = _normalized(text)
    out: list[str] = []
    out_starts, out_ends = array("L"), array("L")
    done = 0
    for run in _LAYOUT.finditer(characters):
        first, last = run.span()
        out.append(characters[done:first])
        out_starts.extend(starts[done:first])
        out_ends.extend(ends[done:first])
        done = last
        kept = _layout(characters, first, last)
        if kept is None:
            out.append(characters[first:last])
            out_starts.extend(starts[first:last])
            out_ends.extend(ends[first:last])
        elif kept:
            out.append(kept)
            out_starts.append(starts[first])
            out_ends.append(ends[last - 1])
    out.append(characters[done:])
    out_starts.extend(starts[done:])
    out_ends.extend(ends[done:])
    return Folded("".join(out), out_starts, out_ends)


_fold_once = lru_cache(maxsize=512)(fold)
"""Each turn is folded once, however many quotations are looked for in it."""


def _layout(text: str, first: int, last: int) -> str | None:
    """What a run of emphasis marks, blanks or hyphens becomes; None: it stays as it is."""
    if text[first].isspace():
        return " "
    before = text[first - 1] if first else " "
    after = text[last] if last < len(text) else " "
    between_blanks = before.isspace() and after.isspace()
    between_words = before.isalnum() and after.isalnum()
    if text[first] == "-":  # 'a -- b' and 'a--b', but not the option '--force'
        return "-" if between_blanks or between_words else None
    return None if between_blanks or between_words else ""  # not '2 * 3', not snake_case


def _normalized(text: str) -> tuple[str, array[int], array[int]]:
    """NFKC and one sign for quotation marks and dashes, cluster by cluster."""
    out: list[str] = []
    starts, ends = array("L"), array("L")
    at = 0
    while at < len(text):
        plain = _PLAIN.match(text, at)
        if plain:  # most of most texts, taken at once
            start, at = at, plain.end()
            out.append(plain.group().translate(_MARKS))
            starts.extend(range(start, at))
            ends.extend(range(start + 1, at + 1))
            continue
        start, at = at, _cluster_end(text, at)
        cluster = _INVISIBLE.sub("", text[start:at]).replace("´", "'")
        after_digit = bool(out) and out[-1][-1:].isdigit()
        if not (after_digit and _is_raised(cluster)):
            cluster = unicodedata.normalize("NFKC", cluster)
        if cluster:
            out.append(cluster.translate(_MARKS))
            starts.extend([start] * len(cluster))
            ends.extend([at] * len(cluster))
    return "".join(out), starts, ends


def _is_raised(cluster: str) -> bool:
    """'10²' is not '102' and '1½' is not '11⁄2'."""
    tag = unicodedata.decomposition(cluster[0]).partition(" ")[0] if cluster else ""
    return tag in ("<super>", "<sub>", "<fraction>")


def _cluster_end(text: str, start: int) -> int:
    """The end of a part that normalization treats apart from the rest: a letter and its marks.

    Invisible characters go with what precedes them. A cluster is cut off at a length no writing
    needs, so that a heap of combining marks costs no more than other text.
    """
    at = start + 1
    while at < min(len(text), start + _MAX_CLUSTER):
        character = text[at]
        joined = unicodedata.combining(character) or _INVISIBLE.match(character)
        if not joined and not _composes(text[start:at], character):
            break
        at += 1
    return at


def _composes(cluster: str, character: str) -> bool:
    if cluster.isascii() or character.isascii():
        return False  # only marks combine with ASCII
    together = unicodedata.normalize("NFKC", cluster + character)
    apart = unicodedata.normalize("NFKC", cluster) + unicodedata.normalize("NFKC", character)
    return together != apart


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
