"""Turning blind words back into names: 'Transcript 1' becomes the session it stood for.

Judges speak of Transcript 1 and 2 and must not learn more; people read names. What stands inside
a quotation or code is the transcript's own text and is left as it is. Which side was Transcript 1
is not known here: the caller says it with the order of the names.
"""

from __future__ import annotations

import re

_FLAGS = re.IGNORECASE | re.VERBOSE

# A quotation never runs over a blank line: one forgotten mark must not silence all the rest.
# An apostrophe inside single quotation marks has a letter after it; the closing mark has none.
_QUOTED = re.compile(
    r"""
      (?P<ticks>`+)(?!`) (?: (?!\n[ \t]*\n)[\s\S] )+? (?<!`)(?P=ticks)(?!`)
    | (?<!\w)"  (?: (?!\n[ \t]*\n)[^"]  )* "
    | “         (?: (?!\n[ \t]*\n)[^”]  )* ”
    | „         (?: (?!\n[ \t]*\n)[^“”] )* [“”]
    | «         (?: (?!\n[ \t]*\n)[^»]  )* »
    | ‘         (?: (?!\n[ \t]*\n)(?: [^’] | ’(?=\w) ) )* ’
    | (?<![\w'])'(?=\S) (?: (?!\n[ \t]*\n)(?: [^'] | '(?=\w) ) )* '
    | ^[ \t]*> .*
    """,
    re.VERBOSE | re.MULTILINE,
)

_NUMBER = r"[\s_#-]* (?:no\.\s*)? \#?"
_END = r"(?! \w | [.,]\d )"
_WORDS = r"and|or|nor|vs\.?|versus|than|to|through"
# '3 lists in Transcript 1 and 2 in Transcript 2': there the second 2 counts something.
_NOT_A_COUNT = r"""
    (?! \s+ (?:in|of|for|from|at|on|with|more|fewer|less|other|further|people|children)\b
      | \s+ (?!across\b|always\b|does\b|this\b) \w\w+s\b )
"""
_BLIND = re.compile(
    rf"""
      (?P<the> \bthe\s+ )?
      (?: \b transcripts {_NUMBER} (?P<open> \(\s* )? (?P<first>[12])
             \s* (?P<join> {_WORDS} | , \s* (?:and|or)? | [&/–—-] ) \s*
             (?:transcripts?\s+)? \#? (?P<second>[12]) {_END}
        | \b transcript {_NUMBER} (?P<first_of_two>[12])
             (?: \s+ (?P<join_of_two> {_WORDS}) \s+ | \s*[&/–—-]\s* ) \#?
             (?P<second_of_two>[12]) {_END} {_NOT_A_COUNT}
        | \b transcript {_NUMBER} (?P<single>[12]) {_END}
        | \b transcript \s* \( (?P<bracketed>[12]) \)
        | \b transcripts? \s+ (?P<word>one|two) (?: \s+and\s+ (?P<second_word>one|two) )? \b
      )
    | \b the \s+ (?P<ordinal>first|second)
         (?: \s+and\s+ (?:the\s+)? (?P<second_ordinal>first|second) )? \s+ transcripts? \b
    """,
    _FLAGS,
)
_NUMBERS = {"1": 0, "2": 1, "one": 0, "two": 1, "first": 0, "second": 1}


def put_names_back(text: str, first: str, second: str) -> str:
    """The text with Transcript 1 called `first` and Transcript 2 called `second`.

    Possessives, plurals, ranges and lower case are followed. A name that begins with 'the' or
    'run' gets a capital where a sentence begins. 'both transcripts', and all that stands in
    quotation marks, in backticks or in a quoted line, stays.
    """
    names = (first, second)
    parts: list[str] = []
    end = 0
    for quoted_start, quoted_end in quoted_ranges(text):
        parts += [_named(text, end, quoted_start, names), text[quoted_start:quoted_end]]
        end = quoted_end
    return "".join([*parts, _named(text, end, len(text), names)])


def named_in(text: str) -> list[tuple[int, frozenset[int]]]:
    """Where a text names transcripts outside of quotations, and which: 0 for the first, 1."""
    quoted = quoted_ranges(text)
    return [
        (match.start(), frozenset(_NUMBERS[number] for number in _numbers(match)))
        for match in _BLIND.finditer(text)
        if _names(match) and not any(start <= match.start() < end for start, end in quoted)
    ]


def quoted_ranges(text: str) -> list[tuple[int, int]]:
    """Where quotations and code stand, as `put_names_back` sees them: start and end of each."""
    return [match.span() for match in _QUOTED.finditer(text)]


def _named(text: str, start: int, end: int, names: tuple[str, str]) -> str:
    def name(match: re.Match[str]) -> str:
        group = match.groupdict()
        if not _names(match):
            return match.group()
        join = (group["join"] or group["join_of_two"] or "").lower().strip(", ")
        joined = f" {join} " if join.rstrip(".").isalpha() else " and "
        said = joined.join(names[_NUMBERS[number]] for number in _numbers(match))
        if group["open"]:
            return text[start + match.start() : start + match.end("open")] + said
        if said.startswith("run ") and not group["the"]:
            return ("R" if _begins_sentence(text[: start + match.start()]) else "r") + said[1:]
        if not said.startswith("the "):
            return (group["the"] or "") + said
        if group["the"]:
            return group["the"] + said.removeprefix("the ")
        return ("T" if _begins_sentence(text[: start + match.start()]) else "t") + said[1:]

    return _BLIND.sub(name, text[start:end])


def _names(match: re.Match[str]) -> bool:
    """'the transcript one can read': 'one' is no number there."""
    return not match["word"] or (not match["the"] and match.group().startswith("T"))


def _numbers(match: re.Match[str]) -> list[str]:
    return [value.lower() for value in match.groups() if value and value.lower() in _NUMBERS]


_SENTENCE_BEGINS = re.compile(
    r"""(?: (?: ^ | \n\s*\n | \n(?=\s*[-*+\d]) ) \s* (?: [-*+]\s | \d+[.)]\s )?
      | [.!?…]["”’»)*_]*\s ) \s* $""",
    re.VERBOSE,
)


def _begins_sentence(before: str) -> bool:
    return bool(_SENTENCE_BEGINS.search(before.rstrip("*_([")[-200:]))
