"""Characters that a reader can't see, or that change how the text around them is shown.

One definition, by Unicode category, for reviewers, writeups, terminals, warnings and the search
for quotations. Hostile or broken transcripts contain such characters; nothing they contain may
reach a person or a terminal unseen.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator
from functools import lru_cache

REPLACEMENT = "\ufffd"

_UNSEEN = frozenset({"Cc", "Cf", "Zl", "Zp", "Cs"})
"""Controls, formats, separators of lines and paragraphs, lone surrogates."""

# Unicode's property Default_Ignorable_Code_Point, as far as no category tells it: fillers,
# variation selectors and code points that stay reserved for such characters.
_IGNORABLE = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2065\u3164\ufe00-\ufe0f\uffa0\ufff0-\ufff8"
    "\U000e0000-\U000e0fff]"
)
# Formats that have a glyph: signs written before a number, and those that join hieroglyphs.
_SEEN_FORMATS = re.compile(
    "[\u0600-\u0605\u06dd\u070f\u0890\u0891\u08e2\U000110bd\U000110cd\U00013430-\U0001343f]"
)
_SELECTORS = re.compile("[\u180b-\u180d\u180f\ufe00-\ufe0f\U000e0100-\U000e01ef]")
_PLAIN = bytes([9, 10, *range(32, 127)])
"""Tab, line feed and the printable characters of ASCII, none of which is hidden."""

_JOINERS = frozenset("\u200c\u200d")
_SHOWN = re.compile(r"⟨U\+((?:10|[0-9A-F])?[0-9A-F]{4})⟩")
_LINE_ENDS = re.compile("\r\n?|[\x85\u2028\u2029]")


@lru_cache(maxsize=4_096)
def is_hidden(character: str) -> bool:
    """Whether a character isn't seen or steers how others are shown. Tab and line feed don't."""
    if character in "\t\n":
        return False
    if unicodedata.category(character) in _UNSEEN:
        return not _SEEN_FORMATS.match(character)
    return _IGNORABLE.match(character) is not None


@lru_cache(maxsize=4_096)
def is_invisible(character: str) -> bool:
    """Whether a character takes no room at all, so that a text reads the same without it."""
    return (
        is_hidden(character) and not character.isspace() and unicodedata.category(character) != "Cs"
    )


def hidden_places(text: str) -> Iterator[int]:
    """Where hidden characters are that the writing doesn't need.

    A joiner between letters that join, and one variation selector behind a visible character,
    are part of the writing (of Persian, Hindi and many emoji) and left out.
    """
    hidden = hidden_in(text)
    if not hidden:
        return
    for match in re.finditer(f"[{re.escape(''.join(sorted(hidden)))}]", text):
        if not _is_needed(text, match.start()):
            yield match.start()


def hidden_in(text: str) -> set[str]:
    """The different hidden characters of a text."""
    if text.isascii() and text.isprintable():
        return set()
    # Most of a text are plain ASCII letters; taken out as bytes, they needn't be looked at.
    rest = text.encode("utf-8", "surrogatepass").translate(None, _PLAIN)
    return {c for c in set(rest.decode("utf-8", "surrogatepass")) if is_hidden(c)}


def with_line_feeds(text: str) -> str:
    """The text with every line end as a line feed."""
    # Looked for one by one: that is many times quicker than the pattern, which mostly finds none.
    return _LINE_ENDS.sub("\n", text) if any(end in text for end in "\r\x85\u2028\u2029") else text


def visible(text: str) -> str:
    """The text with hidden characters written as '⟨U+202E⟩' and every line end as a line feed."""
    if not hidden_in(text):
        return text
    return _replaced(with_line_feeds(text), lambda character: f"⟨U+{ord(character):04X}⟩")


def as_written(text: str) -> str:
    """The reverse of `visible`, for words that were copied from what was shown."""
    return _SHOWN.sub(lambda match: chr(int(match[1], 16)), text)


def visible_in_place(text: str) -> str:
    """The text with one sign in place of each hidden character, so that all places stay right."""
    return _replaced(text, lambda character: REPLACEMENT)


def _replaced(text: str, sign: Callable[[str], str]) -> str:
    parts, done = [], 0
    for at in hidden_places(text):
        parts += [text[done:at], sign(text[at])]
        done = at + 1
    return "".join([*parts, text[done:]]) if parts else text


def _is_needed(text: str, at: int) -> bool:
    before = text[at - 1] if at else ""
    if not before:
        return False
    if _SELECTORS.match(text[at]):
        return not (before.isspace() or is_hidden(before))
    if text[at] not in _JOINERS:
        return False
    # Where a joiner changes the letters (RFC 5892, appendix A): behind a virama, or between
    # letters that join. An emoji is joined too, behind its selector or its colour.
    after = text[at + 1] if at + 1 < len(text) else ""
    if unicodedata.combining(before) == 9:
        return True
    if text[at] == "\u200d" and after and _is_pictured(before) and _is_pictured(after):
        return True
    around = {unicodedata.bidirectional(before), after and unicodedata.bidirectional(after)}
    return around <= _JOINING


_JOINING = frozenset({"AL", "NSM"})


def _is_pictured(character: str) -> bool:
    category = unicodedata.category(character)
    return category in ("So", "Sk", "Cn") or _SELECTORS.match(character) is not None
