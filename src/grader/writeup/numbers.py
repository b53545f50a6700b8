"""Numbers in a judge's sentences, held against what was counted.

Only plain statements are checked: a number, a thing that was counted, and a side. Whatever is
qualified ('action items', 'empty slots') may count something else and is left alone, since a
false alarm costs more trust than a miss. Words inside quotation marks are never read as claims.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from grader.questions.names import quoted_ranges
from grader.text.number_words import count_phrase, counts_of, word_uses
from grader.text.quotation import SIDES, Side
from grader.text.sentences import sentences
from grader.transcripts.measurements import Measurements
from grader.writeup.words import joined

_COUNTED = (
    ("words", r"words?"),
    ("headings", r"(?:headings?|headed sections?|(?:main |top-level )?sections?)"),
    ("list_items", r"(?:list items?|listed items?|bullet points?|bullets|items?)"),
    ("placeholders", r"(?:bracketed |square-bracketed )?(?:placeholders?|slots?|brackets)"),
    ("priority_labels", r"priority (?:labels?|tags?|tiers? labels?)"),
    ("first_person_words", r"first[- ]person (?:words?|pronouns?|forms?)"),
    ("questions", r"(?:questions?|question marks?)"),
    ("closing_offers", r"closing offers?"),
)
# 'three questions about the rollback' counts some of the questions. Only a thing after which the
# clause ends, a comparison begins or a side is named stands for all of its kind.
_UNQUALIFIED = (
    r"(?=\s*(?:[.,;:)?!]|$)|\s+(?:and|while|where|whereas|but|against|to|than|long|in all|in total"
    r"|altogether)\b|\s+(?:in|of|for|from)\s+(?:SIDES))"
)


_THAN = r"(?P<than>(?:more|fewer|less)\s+)?"
_LONGER = r"(?P<longer>\s+(?:longer|shorter|more|fewer|less))?(?P<each>\s+each)?"


@dataclass(frozen=True)
class Counts:
    """What was counted, and the deliverables in which mentions can be counted."""

    measurements: Mapping[Side, Measurements]
    texts: Mapping[Side, str]
    names: Mapping[Side, str]
    """The sides' short names, as they stand in the sentences."""

    def of(self, name: str, side: Side) -> int:
        """One measurement of one side."""
        return int(getattr(self.measurements[side], name))

    def mentions(self, words: str, side: Side) -> int:
        """How often these words stand in a side's deliverable, whatever their case."""
        return count_phrase(self.texts[side], words)


def disagreements(text: str, counts: Counts, side: Side | None = None) -> tuple[str, ...]:
    """What was measured, for each number in a text that says otherwise; one phrase each.

    Args:
        text: with names put back.
        counts: what was counted.
        side: the side that is spoken of where the text names none.
    """
    found: list[str] = []
    for start, sentence in _clauses(text):
        found += _claims(sentence, start, quoted_ranges(text), counts, side)
        found += _word_uses(sentence, counts, side)
    return tuple(dict.fromkeys(found))


def _clauses(text: str) -> Iterator[tuple[int, str]]:
    for start, end in sentences(text):
        for clause in re.finditer(r"[^;\n]+(?:;(?!\s)[^;\n]*)*[;\n]?", text[start:end]):
            yield start + clause.start(), clause.group()


def _claims(
    sentence: str,
    start: int,
    quoted: list[tuple[int, int]],
    counts: Counts,
    side: Side | None,
) -> Iterator[str]:
    sides = "|".join(rf"(?:{re.escape(name)})(?!\w)" for name in counts.names.values())
    after = _LONGER + _UNQUALIFIED.replace("SIDES", sides)
    for claim in counts_of(sentence, _COUNTED, between=_THAN, after=after):
        match, name, stated = claim.match, claim.thing, claim.stated
        place = start + match.start()
        if any(begin <= place < end for begin, end in quoted):
            continue
        # 'one heading', 'one slot each' speak of a certain one, or of one to a thing.
        if stated.value == 1 and name != "closing_offers":
            continue
        if match["each"] and not _both(sentence[: match.start()], counts):
            continue
        spoken_of = _sides(sentence, match.start(), match.end(), counts, side)
        noun = name.replace("_", " ")
        if match["than"] or match["longer"]:
            values = [counts.of(name, each) for each in SIDES]
            measured = abs(values[0] - values[1])
            if not stated.holds(measured):
                yield f"the difference measured is {measured:,} {noun}"
            continue
        # A heading that is the title of the whole is no section.
        titles = (0, 1) if "section" in match.group().lower() else (0,)
        wrong = [
            each
            for each in spoken_of
            if not any(stated.holds(counts.of(name, each) - title) for title in titles)
        ]
        # Where no side is named, the number may speak of either.
        if wrong and (
            len(spoken_of) == 1 or _both(sentence, counts) or len(wrong) == len(spoken_of)
        ):
            yield _measured(noun, {each: counts.of(name, each) for each in wrong}, counts)


def _word_uses(sentence: str, counts: Counts, side: Side | None) -> Iterator[str]:
    for use in word_uses(sentence):
        spoken_of = _sides(sentence, use.start, use.end, counts, side)
        values = {each: counts.mentions(use.word, each) for each in spoken_of}
        wrong = {each: count for each, count in values.items() if not use.times.holds(count)}
        if wrong and (len(spoken_of) == 1 or len(wrong) == len(spoken_of)):
            yield _measured(f"of “{use.word}”", wrong, counts)


def _measured(noun: str, values: Mapping[Side, int], counts: Counts) -> str:
    told = joined(f"{value:,} in {counts.names[side]}" for side, value in values.items())
    return f"measured {noun}: {told}"


def _both(text: str, counts: Counts) -> bool:
    """Whether both sides are spoken of together."""
    return bool(re.search(rf"\b(?:[Bb]oth|[Ee]ach|[Ee]ither)\b|{_pair(counts)}", text))


def _pair(counts: Counts) -> str:
    one, other = (_name(counts, side) for side in SIDES)
    return rf"{one}\s+and\s+{other}|{other}\s+and\s+{one}"


def _sides(
    sentence: str, start: int, end: int, counts: Counts, side: Side | None
) -> tuple[Side, ...]:
    """The sides a claim speaks of: named right after it, else last before it, else both."""
    after = sentence[end:]
    for each in SIDES:
        if re.match(rf"\s+(?:in|of|for|from)\s+{_name(counts, each)}", after):
            return (each,)
    before = [
        (match.start(), each)
        for each in SIDES
        for match in re.finditer(_name(counts, each), sentence[:start])
    ]
    both = [m.start() for m in re.finditer(r"\b(?:[Bb]oth|[Ee]ach)\b", sentence[:start])]
    both += [m.end() for m in re.finditer(_pair(counts), sentence[:start])]
    if before and (not both or max(before)[0] > max(both)):
        return (max(before)[1],)
    if both or side is None:
        return SIDES
    return (side,)


def _name(counts: Counts, side: Side) -> str:
    name = re.escape(counts.names[side])
    if name.startswith("the"):
        name = f"[Tt]{name[1:]}"
    return rf"(?<!\w){name}(?!\w)"
