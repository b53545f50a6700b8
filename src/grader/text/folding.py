"""Bringing a text into one typography, with a way back to where each character came from.

Equal after folding: Unicode compatibility forms; quotation marks and apostrophes; dashes; white
space; Markdown emphasis and none; invisible characters and none. Nothing else: case, words and
other signs stay, and a sign of Markdown that marks nothing ('*args', '____') stays too.
"""

from __future__ import annotations

import re
import unicodedata
from array import array
from dataclasses import dataclass
from functools import lru_cache

from grader.text.visible import is_invisible

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


_DOUBLE = '"“”„‟«»″❝❞〝〞〟『』'
_SINGLE = "'`‘’‚‛‹›′‵❛❜「」"
_MARKS = str.maketrans(dict.fromkeys(_DOUBLE + _SINGLE, "'") | dict.fromkeys("‐‑‒–—―−⸺⸻", "-"))
_LAYOUT = re.compile(r"[*_]+|--+|\s*[^\S ]\s*|  +")
"""Where the layout may have to change; single blanks stay as they are."""
_PLAIN = re.compile("[\t-\r\x1c-\x7e]+(?![\u0300-\U0010ffff\u00ad])")
_MAX_CLUSTER = 32


def fold(text: str) -> Folded:
    """Bring a text into one typography."""
    characters, starts, ends = _normalized(text)
    emphasis = _emphasis(characters)
    out: list[str] = []
    out_starts, out_ends = array("L"), array("L")
    done = 0
    for run in _LAYOUT.finditer(characters):
        first, last = run.span()
        out.append(characters[done:first])
        out_starts.extend(starts[done:first])
        out_ends.extend(ends[done:first])
        done = last
        kept = _layout(characters, first, last, emphasis)
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


fold_once = lru_cache(maxsize=512)(fold)
"""Each turn is folded once, however many quotations are looked for in it."""


def _layout(text: str, first: int, last: int, emphasis: frozenset[int]) -> str | None:
    """What a run of emphasis marks, blanks or hyphens becomes; None: it stays as it is."""
    if text[first].isspace():
        return " "
    if text[first] != "-":
        return "" if first in emphasis else None
    before, after = _beside(text, first, last)
    # 'a -- b' and 'a--b', but not the option '--force'
    between_blanks = before.isspace() and after.isspace()
    return "-" if between_blanks or (before.isalnum() and after.isalnum()) else None


def _beside(text: str, first: int, last: int) -> tuple[str, str]:
    return text[first - 1] if first else " ", text[last] if last < len(text) else " "


# --- emphasis -------------------------------------------------------------------------------

_RUN = re.compile(r"[*_]+|\n\s*\n")
_LONGEST_RUN = 3
"""Markdown knows no longer run of one mark: '____' is a place to be filled in."""


def _emphasis(text: str) -> frozenset[int]:
    """Where the runs of marks begin that open or close emphasis, as pairs within a paragraph."""
    paired: set[int] = set()
    opened: list[tuple[str, int]] = []
    left: dict[int, int] = {}
    """By run, how many of its marks have no partner yet."""
    for run in _RUN.finditer(text):
        first, last = run.span()
        marks = run.group()
        if marks[0] not in "*_":
            opened.clear()
            continue
        if any(marks.count(mark) > _LONGEST_RUN for mark in "*_"):
            continue
        before, after = _beside(text, first, last)
        closes = not (before.isspace() or after.isalnum())
        opens = not (after.isspace() or before.isalnum())
        partners = _partners(opened, marks) if closes else None
        if partners is not None:
            paired.add(first)
            for partner in partners:
                left[partner] -= 1
                if not left[partner]:
                    paired.add(partner)
        elif opens:
            opened += [(mark, first) for mark in marks]
            left[first] = len(marks)
    return frozenset(paired)


def _partners(opened: list[tuple[str, int]], marks: str) -> list[int] | None:
    """The runs that these marks close, taken off the open ones; None where one closes nothing."""
    rest = list(opened[-_MAX_OPEN:])
    found = []
    for mark in marks:
        while rest and rest[-1][0] != mark:
            rest.pop()
        if not rest:
            return None
        found.append(rest.pop()[1])
    del opened[max(0, len(opened) - _MAX_OPEN) + len(rest) :]
    return found


_MAX_OPEN = 24


# --- Unicode forms --------------------------------------------------------------------------


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
        cluster = "".join(c for c in text[start:at] if not is_invisible(c)).replace("´", "'")
        beside_digit = out[-1][-1:].isdigit() if out else False
        beside_digit = beside_digit or text[at : at + 1].isdigit()
        if not (beside_digit and _is_raised(cluster)):
            cluster = unicodedata.normalize("NFKC", cluster)
        if cluster:
            out.append(cluster.translate(_MARKS))
            starts.extend([start] * len(cluster))
            ends.extend([at] * len(cluster))
    return "".join(out), starts, ends


def _is_raised(cluster: str) -> bool:
    """A number of a form of its own: '10²' is not '102', '1½' not '11⁄2' and '①2' not '12'."""
    if not cluster:
        return False
    tag = unicodedata.decomposition(cluster[0]).partition(" ")[0]
    return tag in ("<super>", "<sub>", "<fraction>") or unicodedata.category(cluster[0]) == "No"


def _cluster_end(text: str, start: int) -> int:
    """The end of a part that normalization treats apart from the rest: a letter and its marks.

    Invisible characters go with what precedes them. A cluster is cut off at a length no writing
    needs, so that a heap of combining marks costs no more than other text.
    """
    at = start + 1
    while at < min(len(text), start + _MAX_CLUSTER):
        character = text[at]
        joined = unicodedata.combining(character) or is_invisible(character)
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


# --- inches and feet ------------------------------------------------------------------------

_AFTER_DIGIT = re.compile(rf"\d\s?([{_DOUBLE}{_SINGLE}])")
_ANY_MARK = re.compile(rf"(?<!\w)[{_DOUBLE}{_SINGLE}]|[{_DOUBLE}{_SINGLE}](?!\w)")


def same_units(quote: str, text: str, start: int, end: int) -> bool:
    """Whether signs behind digits agree: 6" is not 6', where no quotation mark closes there."""
    ours = [mark in _DOUBLE for mark in _AFTER_DIGIT.findall(quote)]
    for mark, ours_double in zip(_AFTER_DIGIT.finditer(text, start, end), ours, strict=False):
        line = text.rfind("\n", 0, mark.start()) + 1
        closes = len(_ANY_MARK.findall(text, line, mark.start(1))) % 2 == 1
        if not closes and (mark[1] in _DOUBLE) != ours_double:
            return False
    return True
