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
from grader.text.quotation import SIDES, Side
from grader.text.sentences import sentences
from grader.transcripts.measurements import Measurements
from grader.writeup.words import joined

_WORDS = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen "
    "fifteen sixteen seventeen eighteen nineteen twenty"
)
_NUMBERS = {word: value for value, word in enumerate(_WORDS.split())}
_NUMBERS |= {"no": 0, "a single": 1, "a dozen": 12, "once": 1, "twice": 2}
_NUMBERS |= {"thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "a hundred": 100}

_NUMBER = r"(?:\d{1,3}(?:,\d{3})+|\d+|" + "|".join(sorted(_NUMBERS, key=len, reverse=True)) + r")"
_LIMIT = (
    r"(?:(?P<limit>more than|over|at least|fewer than|less than|under|at most|up to|only|just|"
    r"about|around|roughly|nearly|almost|some|approximately)\s+)?"
)
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
_THING = "|".join(f"(?P<{name}>{pattern})" for name, pattern in _COUNTED)
# 'three questions about the rollback' counts some of the questions. Only a thing after which the
# clause ends, a comparison begins or a side is named stands for all of its kind.
_UNQUALIFIED = (
    r"(?=\s*(?:[.,;:)?!]|$)|\s+(?:and|while|where|whereas|but|against|to|than|long|in all|in total"
    r"|altogether)\b|\s+(?:in|of|for|from)\s+(?:SIDES))"
)


def _claim_pattern(names: Mapping[Side, str]) -> re.Pattern[str]:
    sides = "|".join(f"(?:{re.escape(name)})(?!\\w)" for name in names.values())
    return re.compile(
        rf"\b{_LIMIT}(?P<number>{_NUMBER})\s+(?P<than>(?:more|fewer|less)\s+)?(?:{_THING})\b"
        r"(?P<longer>\s+(?:longer|shorter|more|fewer|less))?(?P<each>\s+each)?"
        + _UNQUALIFIED.replace("SIDES", sides),
        re.IGNORECASE,
    )


_QUOTED_WORD = r"[\"“'‘`](?P<{name}>[^\"”“‘`\n]{{1,60}}?)[\"”'’`]"
_TIMES = rf"(?P<times>once|twice|{_NUMBER}\s+times)"
_MENTIONS = (
    re.compile(
        _QUOTED_WORD.format(name="thing")
        + r"\s+(?:appears?|occurs?|is (?:used|mentioned|named)|stands|comes up)\s+"
        + _LIMIT
        + _TIMES,
        re.IGNORECASE,
    ),
    re.compile(
        r"\b(?:mentions?|names?|uses?|says?|repeats?)\s+"
        + _QUOTED_WORD.format(name="thing")
        + r"\s+"
        + _LIMIT
        + _TIMES,
        re.IGNORECASE,
    ),
    re.compile(
        rf"\b{_LIMIT}(?P<times>{_NUMBER})\s+(?:mentions?|uses?|occurrences?)\s+of\s+"
        + r"(?:the word\s+)?"
        + _QUOTED_WORD.format(name="thing"),
        re.IGNORECASE,
    ),
)
_ABOUT = ("about", "around", "roughly", "nearly", "almost", "some", "approximately")


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
        pattern = r"\s+".join(map(re.escape, words.split()))
        return len(re.findall(rf"(?<!\w){pattern}(?!\w)", self.texts[side], re.IGNORECASE))


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
        found += _mention_claims(sentence, counts, side)
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
    for match in _claim_pattern(counts.names).finditer(sentence):
        place = start + match.start()
        if any(begin <= place < end for begin, end in quoted):
            continue
        name = next(name for name, _ in _COUNTED if match[name])
        said, limit = _value(match["number"]), (match["limit"] or "").lower()
        # 'one heading', 'one slot each' speak of a certain one, or of one to a thing.
        if said == 1 and name != "closing_offers":
            continue
        if match["each"] and not _both(sentence[: match.start()], counts):
            continue
        spoken_of = _sides(sentence, match.start(), match.end(), counts, side)
        noun = name.replace("_", " ")
        if match["than"] or match["longer"]:
            values = [counts.of(name, each) for each in SIDES]
            measured = abs(values[0] - values[1])
            if not _holds(said, limit, measured):
                yield f"the difference measured is {measured:,} {noun}"
            continue
        # A heading that is the title of the whole is no section.
        titles = (0, 1) if "section" in match.group().lower() else (0,)
        wrong = [
            s
            for s in spoken_of
            if not any(_holds(said, limit, counts.of(name, s) - title) for title in titles)
        ]
        # Where no side is named, the number may speak of either.
        if wrong and (
            len(spoken_of) == 1 or _both(sentence, counts) or len(wrong) == len(spoken_of)
        ):
            yield _measured(noun, {s: counts.of(name, s) for s in wrong}, counts)


def _mention_claims(sentence: str, counts: Counts, side: Side | None) -> Iterator[str]:
    for pattern in _MENTIONS:
        for match in pattern.finditer(sentence):
            words = match["thing"]
            said = _value(re.sub(r"\s+times$", "", match["times"], flags=re.IGNORECASE))
            limit = (match["limit"] or "").lower()
            spoken_of = _sides(sentence, match.start(), match.end(), counts, side)
            values = {s: counts.mentions(words, s) for s in spoken_of}
            wrong = {s: n for s, n in values.items() if not _holds(said, limit, n)}
            if wrong and (len(spoken_of) == 1 or len(wrong) == len(spoken_of)):
                yield _measured(f"of “{words}”", wrong, counts)


def _measured(noun: str, values: Mapping[Side, int], counts: Counts) -> str:
    told = joined(f"{value:,} in {counts.names[side]}" for side, value in values.items())
    return f"measured {noun}: {told}"


def _value(word: str) -> int:
    return _NUMBERS.get(word.lower()) or int(word.replace(",", "") if word[0].isdigit() else 0)


def _holds(said: int, limit: str, measured: int) -> bool:
    match limit:
        case "more than" | "over":
            return measured > said
        case "at least":
            return measured >= said
        case "fewer than" | "less than" | "under":
            return measured < said
        case "at most" | "up to":
            return measured <= said
    if limit in _ABOUT:
        return abs(measured - said) <= max(1, round(said * 0.1))
    return measured == said


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
