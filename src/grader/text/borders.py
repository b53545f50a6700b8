"""Where a text may be cut without turning its meaning round: never inside a word or a number.

Decided by Unicode categories and names, so that it holds in any script. A word includes its
apostrophes, hyphens, brackets and combining marks, a number its sign, currency, separators and
unit signs: "can" is no word of "can't", "acceptable" none of "non-acceptable" or "[un]acceptable",
"500" no number of "1,500" and "5" none of "−5" or "5%".
"""

from __future__ import annotations

import html
import re
import unicodedata
from functools import lru_cache
from typing import Literal, NamedTuple

from grader.text.sentences import asks
from grader.text.visible import is_invisible

_UNSPACED = re.compile(
    # Scripts written without blanks between words; every character may begin a quotation.
    "[\u0e00-\u0eff\u0f00-\u0fff\u1000-\u109f\u1780-\u17ff\u1980-\u19df\u2e80-\u2fdf\u3005-\u3007"
    "\u3040-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\ua000-\ua4cf\ua980-\ua9df\uf900-\ufaff"
    "\uff66-\uff9f\U00020000-\U0003ffff]"
)
_ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z]{2,24});")
_TAG = re.compile(r"</?[A-Za-z][^<>\n]{0,200}>")
_LONGEST_ENTITY = 26
_LONGEST_TAG = 204
_CONTRACTED = re.compile(r"\s+n(?P<mark>\S{1,6})t\b")
_HYPHENATED = re.compile(r"\w[-\u2010]\n\s*$")
_LONGEST_INDENT = 40


def in_word(text: str, position: int) -> bool:
    """Whether a cut at this position falls inside a word or number of the text.

    Emphasis, tags, entities and invisible characters don't end a word: "can" is no word of
    "can*not*", "can&#39;t" or "can<b>not</b>".
    """
    if position <= 0 or position >= len(text):
        return False
    if unicodedata.category(text[position])[0] == "M" or _in_entity(text, position):
        return True
    left, right = _neighbours(text, position, -1), _neighbours(text, position, 1)
    if _is_joined(left, right) or _is_signed(left, right):
        return True
    if _is_word(left.first) and text[position].isspace():
        return _is_contraction(text, position)
    if _is_word(right.first) and text[position - 1].isspace():
        return _HYPHENATED.search(text, max(0, position - _LONGEST_INDENT), position) is not None
    return False


def is_asked(text: str, end: int) -> bool:
    """Whether the sentence that is cut at its end there is a question.

    Blanks, closing marks and other end marks may come between the words and the question mark.
    """
    letter = text[end - 1] if end else ""
    while end < len(text) and text[end] != "\n":
        character = text[end]
        if asks(character) or _is_greek_question(letter, character):
            return True
        if not (character.isspace() or _may_follow_a_sentence(character)):
            return False
        end += 1
    return False


# --- what is around a place ------------------------------------------------------------------


class _Around(NamedTuple):
    """The next three characters on one side as they are read; a blank for the edge of the text."""

    first: str
    second: str
    third: str


def _neighbours(text: str, position: int, step: Literal[-1, 1]) -> _Around:
    found: list[str] = []
    at = position if step > 0 else position - 1
    while 0 <= at < len(text) and len(found) < 3:
        length, read = _read(text, at, step)
        found += [read] if read else []
        at += step * length
    return _Around(*(*found, " ", " ", " ")[:3])


def _read(text: str, at: int, step: Literal[-1, 1]) -> tuple[int, str]:
    """How many characters are taken together at a place, and as what they are read."""
    character = text[at]
    if character in "*_" or is_invisible(character):
        return 1, ""
    if character == "~" and "~" in (text[at - 1 : at], text[at + 1 : at + 2]):
        return 1, ""
    if character == "\\" and not text[at + 1 : at + 2].isalnum():
        return 1, ""
    if character == ("&" if step > 0 else ";") and (entity := _taken(_ENTITY, text, at, step)):
        return len(entity), (html.unescape(entity) + " ")[0]
    if character == ("<" if step > 0 else ">") and (tag := _taken(_TAG, text, at, step)):
        return len(tag), ""
    return 1, character


def _taken(pattern: re.Pattern[str], text: str, at: int, step: Literal[-1, 1]) -> str | None:
    """What a pattern takes from a place on, or up to and with it."""
    if step > 0:
        match = pattern.match(text, at)
        return match.group() if match else None
    longest = _LONGEST_ENTITY if pattern is _ENTITY else _LONGEST_TAG
    opening = "&" if pattern is _ENTITY else "<"
    start = text.rfind(opening, max(0, at + 1 - longest), at)
    match = pattern.fullmatch(text, start, at + 1) if start >= 0 else None
    return match.group() if match else None


def _in_entity(text: str, position: int) -> bool:
    start = text.rfind("&", max(0, position - _LONGEST_ENTITY), position)
    match = _ENTITY.match(text, start) if start >= 0 else None
    return match is not None and match.end() > position


# --- words and numbers ----------------------------------------------------------------------


def _is_joined(left: _Around, right: _Around) -> bool:
    """Whether the characters around a cut belong to one word or number."""
    if _is_word(left.first) and _is_word(right.first):
        return (left.first.isdigit() and right.first.isdigit()) or not (
            _UNSPACED.match(left.first) or _UNSPACED.match(right.first)
        )
    if _is_word(left.first):
        return _joins(left.first, right.first, right.second)
    return _is_word(right.first) and _joins(left.second, left.first, right.first)


def _joins(left: str, joint: str, right: str) -> bool:
    if not (_is_word(left) and _is_word(right)):
        return False
    if left.isdigit() and right.isdigit():
        return _joins_digits(joint)
    if _UNSPACED.match(left) or _UNSPACED.match(right):
        return False
    if unicodedata.category(joint) in ("Ps", "Pe"):  # '[un]safe', but not 'the note[3]'
        return left.isalpha() and right.isalpha()
    return _joins_letters(joint)


@lru_cache(maxsize=4_096)
def _joins_letters(joint: str) -> bool:
    category, name = unicodedata.category(joint), unicodedata.name(joint, "")
    if category == "Pd":
        return not _is_long_dash(joint)
    return any(word in name for word in _LETTER_JOINTS)


_LETTER_JOINTS = (
    "APOSTROPHE",
    "SINGLE",
    "PRIME",
    "GRAVE ACCENT",
    "ACUTE ACCENT",
    "MINUS",
    "HYPHEN",
    "MIDDLE DOT",
)


@lru_cache(maxsize=4_096)
def _joins_digits(joint: str) -> bool:
    category = unicodedata.category(joint)
    if category == "Zs":
        return joint != " "
    return category[0] in "PS" and category not in ("Ps", "Pe") and joint not in "|`"


def _is_signed(left: _Around, right: _Around) -> bool:
    """Whether a cut takes a sign off its number or word."""
    if right.first.isdigit():
        if _is_sign(left.first):
            return True
        if _is_dash(left.first) and not _is_word(left.second):
            return True
        # '.5' and '-.5': the number begins with its point.
        return left.first in ".,٫" and not (_is_word(left.second) or left.second in ".,)]'\"”’")
    before_number = right.second.isdigit() and (_is_currency(right.first) or right.first in ".,٫")
    if before_number and (_is_sign(left.first) or _is_dash(left.first)):
        return not _is_word(left.second)
    if left.first.isdigit():
        return _is_unit(right.first)
    return _is_word(right.first) and _negates(left)


def _negates(left: _Around) -> bool:
    """'!safe' and '¬safe'."""
    if "NOT SIGN" in unicodedata.name(left.first, ""):
        return True
    return left.first == "!" and not (_is_word(left.second) or left.second in "!?.")


@lru_cache(maxsize=4_096)
def _is_sign(character: str) -> bool:
    return unicodedata.category(character) in ("Sm", "Sc") and character != "|"


def _is_currency(character: str) -> bool:
    return unicodedata.category(character) == "Sc"


def _is_dash(character: str) -> bool:
    return unicodedata.category(character) == "Pd" and not _is_long_dash(character)


def _is_long_dash(character: str) -> bool:
    """A dash that parts clauses ('well—known'), not words."""
    name = unicodedata.name(character, "")
    return "EM DASH" in name or name == "HORIZONTAL BAR"


@lru_cache(maxsize=4_096)
def _is_unit(character: str) -> bool:
    if character in "|`":
        return False
    category, name = unicodedata.category(character), unicodedata.name(character, "")
    return category in ("Sm", "Sc", "Sk", "So") or "PERCENT" in name or "PER " in name


def _is_word(character: str) -> bool:
    return character.isalnum() or unicodedata.category(character)[0] == "M"


def _is_contraction(text: str, position: int) -> bool:
    """'do n't', as tokenisers write it."""
    match = _CONTRACTED.match(text, position, position + 20)
    mark = html.unescape(match["mark"]) if match else ""
    return len(mark) == 1 and _joins_letters(mark)


# --- the end of a sentence ------------------------------------------------------------------


def _is_greek_question(letter: str, character: str) -> bool:
    """Greek asks with a sign that elsewhere is a semicolon."""
    return character in ";\u037e" and unicodedata.name(letter, "").startswith("GREEK")


@lru_cache(maxsize=4_096)
def _may_follow_a_sentence(character: str) -> bool:
    if character in "*_~`'" or is_invisible(character):
        return True
    category = unicodedata.category(character)
    if category == "Po":
        return character not in ",:"
    return category in ("Pe", "Pf", "Pi", "Mn", "Me")
