"""Statements of number, length and mention in an analysis, read into values."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from grader.archive.checks.attribution import Mention, mentions
from grader.archive.checks.pages import Page, Sentence
from grader.text.number_words import (
    ABOUT,
    NUMBER,
    TIMES,
    Stated,
    counts_of,
    number_of,
    stated,
    word_uses,
)

THINGS: tuple[tuple[str, str], ...] = (
    ("action",
     r"action items?|corrective actions?|corrective action items?|actions|remediation items?"),
    ("lesson", r"lessons?|takeaways?"),
    ("section", r"(?:major |top-level |main )?sections?|headings?"),
    ("placeholder", r"placeholders?(?: fields?)?|bracketed (?:slots?|fields?)"),
    ("question", r"questions?"),
    ("word", r"words?"),
    ("item", r"bullet points?|bullets|list items?"),
)  # fmt: skip
_HAS = (
    r"(?:lists?|listed|delivers?|delivered|has|had|have|contains?|contained|includes?|included"
    r"|offers?|offered|gives?|gave|presents?|presented|holds?|held|distills?|distilled|provides?"
    r"|provided|poses?|posed|asks?|asked|uses?|used|runs? to|ran to|comes? to|came to|counts?"
    r"|totals?|spans?|closes with|ends with|identified|names|named|produces?|produced|is|was"
    r"|leaves?|left|keeps?|kept|shows?|showed|carries|carried|retains?|retained)"
)
_ADJECTIVES = rf"(?:(?!{NUMBER})(?:[a-z]+[a-z-]*)\s+){{0,2}}?"
_SCOPED = re.compile(
    r"^\s*(?:absent|that|which|for|about|under|on|in(?! (?:all|total|its (?:plan|list|text))\b)"
    r"|not|devoted|concerning|missing|per|each|longer|shorter|more|fewer|less|later|earlier|apart|between|into|shy|too|over|below"
    r"|above|of)\b",
    re.IGNORECASE,
)
_PARTIAL = re.compile(
    r"\b(?:adds?|added|introduces?|new|other|extra|additional|further|first|last|only|at least"
    r"|at most|more than|fewer than|less than|up to|over|under|between|another|of (?:its|the"
    r"|these|those)|drops?|difference|shorter|longer)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Claim:
    """A statement about one side."""

    who: str
    said: str
    sentence: Sentence


@dataclass(frozen=True)
class CountClaim(Claim):
    """'P lists fifteen action items.'"""

    thing: str
    stated: Stated


@dataclass(frozen=True)
class LabelClaim(Claim):
    """'P marks six P0 items.'"""

    label: str
    stated: Stated


@dataclass(frozen=True)
class LengthClaim(Claim):
    """'P is about 600 words shorter than C.'"""

    than: str
    way: str
    """'shorter', 'longer' or 'same'."""
    by: Stated | None
    slight: bool


@dataclass(frozen=True)
class SizeClaim:
    """'in a document of several thousand', of no side in particular."""

    least: int
    most: int | None
    said: str
    sentence: Sentence


@dataclass(frozen=True)
class MentionClaim(Claim):
    """'P mentions the new engineer three times.'"""

    what: str
    """In small letters, without its article."""
    times: int


@dataclass(frozen=True)
class WordClaim(Claim):
    """'P uses the word "staging" twelve times.'"""

    word: str
    times: Stated


# --- who is spoken of -----------------------------------------------------------------------

_SUPPOSED = re.compile(
    r"\b(?:if|would|could|might|should|unless|whether|had (?:it|they|P|C|F)|need(?:s|ed)? to"
    r"|ought to|suppose|imagine)\b",
    re.IGNORECASE,
)
_LONGEST_CONDITION = 3
"""Letters of a condition such as 'F+P'; longer names are of the task, a prompt or an analysis."""


def _texts(page: Page) -> Iterator[tuple[Sentence, str]]:
    """Each sentence, and its text with quoted words blanked: they are not the author's own."""
    for sentence in page.sentences:
        yield (
            sentence,
            re.sub(r"\"[^\"]*\"|“[^”]*”", lambda m: "\u00b7" * len(m.group()), sentence.text),
        )


def _sides(page: Page, text: str) -> list[Mention]:
    treatment = page.own.condition if page.own else "P"
    return [m for m in mentions(text, treatment) if len(m.who) <= _LONGEST_CONDITION]


def _side_before(page: Page, text: str, at: int) -> Mention | None:
    """The side that a statement at this place is about; None where it is about something else."""
    treatment = page.own.condition if page.own else "P"
    found = [mention for mention in mentions(text, treatment) if mention.end <= at]
    if not found or len(found[-1].who) > _LONGEST_CONDITION or _is_supposed(text, at):
        return None
    return found[-1]


def _is_supposed(text: str, at: int) -> bool:
    """Whether what stands there is only supposed: 'if P asked five questions'."""
    return _SUPPOSED.search(text[:at]) is not None


def _of_two_at_once(text: str, side: Mention) -> bool:
    """'C and P have', 'both C and P have'."""
    near = text[max(0, side.start - 14) : side.start]
    return re.search(r"\b(?:and|or|nor|both|neither)\s+(?:the\s+)?$", near, re.I) is not None


# --- numbers of things ----------------------------------------------------------------------


def count_claims(page: Page) -> Iterator[CountClaim]:
    """Statements that a side has so many of something."""
    for sentence, text in _texts(page):
        for count in counts_of(
            text, THINGS, before=rf"{_HAS}\s+", between=_ADJECTIVES, after=r"(?P<after>[^.;]*)"
        ):
            match = count.match
            side = _side_before(page, text, match.start())
            if side is None or count.stated.bound not in ("exactly", "about"):
                continue
            between = text[side.end : match.start("number")]
            if _PARTIAL.search(between) or _SCOPED.match(match["after"]):
                continue
            if re.search(r"\b(?:not|no|never|nor|both|each|every)\b|n['’]t\b|[;:]", between, re.I):
                continue
            if match["number"].lower() == "no" or _of_two_at_once(text, side):
                continue
            said = match.group()[: match.start("after") - match.start()].strip()
            yield CountClaim(side.who, said, sentence, count.thing, count.stated)


_LABELS = re.compile(
    rf"\b(?P<number>{NUMBER})\s+(?P<label>P[0-4])\s+(?:items?|actions?|action items?|labels?"
    r"|priorities|entries)\b",
)


def label_claims(page: Page) -> Iterator[LabelClaim]:
    """Statements that a side gives a priority label so often."""
    for sentence, text in _texts(page):
        for match in _LABELS.finditer(text):
            side = _side_before(page, text, match.start())
            between = text[side.end : match.start()] if side else ""
            if side is None or _PARTIAL.search(between):
                continue
            rough = "about" if re.search(rf"\b(?:{ABOUT})\b", between, re.I) else None
            yield LabelClaim(
                side.who, match.group(), sentence, match["label"], stated(match["number"], rough)
            )


# --- lengths --------------------------------------------------------------------------------

_RELATIVE = re.compile(
    rf"\b(?:(?P<rough>{ABOUT})\s+)?(?:(?P<number>{NUMBER})\s+words?\s+|(?P<percent>\d{{1,3}})"
    r"\s?(?:%|percent|per cent)\s+|(?P<how>slightly|somewhat|a little|marginally|much|far"
    r"|considerably|significantly|noticeably|substantially|clearly)\s+)?"
    r"(?P<way>shorter|longer)\s+than\b",
    re.IGNORECASE,
)
_ALIKE = re.compile(
    r"\b(?:is|are|was|were|has|have|of|at|runs?|stays?|remains?)\s+(?:of\s+)?(?:approximately|about"
    r"|roughly|nearly|almost|practically|virtually|exactly|essentially|broadly)?\s*(?:the\s+)?"
    r"(?:same|identical|equal|comparable|similar|unchanged)\s+(?:in\s+)?length\b",
    re.IGNORECASE,
)
_OF_A_PART = re.compile(
    r"\bnot\b|n['’]t\b|appendix|section|paragraph|\bline\b|note\b|sentence|summary|offer|title",
    re.IGNORECASE,
)
_SLIGHT = frozenset({"slightly", "somewhat", "a little", "marginally"})


def length_claims(page: Page) -> Iterator[LengthClaim]:
    """Statements that compare the lengths of two sides."""
    for sentence, text in _texts(page):
        sides = _sides(page, text)
        yield from _longer_or_shorter(sentence, text, sides)
        yield from _alike(page, sentence, text, sides)


def _longer_or_shorter(
    sentence: Sentence, text: str, sides: list[Mention]
) -> Iterator[LengthClaim]:
    for match in _RELATIVE.finditer(text):
        who = next((m for m in reversed(sides) if m.end <= match.start()), None)
        than = next((m for m in sides if 0 <= m.start - match.end() <= 12), None)
        if who is None or than is None or who.who == than.who:
            continue
        if _is_supposed(text, match.start()) or _OF_A_PART.search(text[who.start : match.start()]):
            continue
        by = stated(match["number"], match["rough"]) if match["number"] else None
        slight = (match["how"] or "").lower() in _SLIGHT
        way = match["way"].lower()
        yield LengthClaim(who.who, match.group(), sentence, than.who, way, by, slight)


def _alike(
    page: Page, sentence: Sentence, text: str, sides: list[Mention]
) -> Iterator[LengthClaim]:
    treatment = page.own.condition if page.own else "P"
    for match in _ALIKE.finditer(text):
        who = next((m for m in reversed(sides) if m.end <= match.start() + 1), None)
        than = next((m for m in sides if m.start >= match.end()), None)
        before, after = text[: match.start()], text[match.end() :]
        if who is None or re.search(r"\bnot\b|n['’]t\b|appendix|section", before):
            continue
        if re.match(r"[^.;]*\b(?:only|if|unless|once|except|apart from)\b", after):
            continue
        other = than.who if than else ("C" if who.who != "C" else treatment)
        if other != who.who and not _is_supposed(text, match.start()):
            yield LengthClaim(who.who, match.group(), sentence, other, "same", None, False)


_SIZE = re.compile(
    r"\b(?P<thing>document|text|output|transcript|post-mortem|memo|entry|answer|response"
    r"|deliverable|piece)\s+of\s+(?:(?P<vague>several|a few|many|some)\s+(?P<unit>thousand|hundred)"
    rf"|(?P<rough>{ABOUT}\s+)?(?P<number>{NUMBER}))(?:\s+words)?\b",
    re.IGNORECASE,
)
_VAGUE = {
    ("several", "thousand"): (2000, None),
    ("a few", "thousand"): (2000, None),
    ("many", "thousand"): (3000, None),
    ("several", "hundred"): (200, 1200),
    ("a few", "hundred"): (150, 900),
}


def size_claims(page: Page) -> Iterator[SizeClaim]:
    """Statements of a document's length in round words, where no side is named."""
    for sentence, text in _texts(page):
        for match in _SIZE.finditer(text):
            if match["vague"]:
                bounds = _VAGUE.get((match["vague"].lower(), match["unit"].lower()))
                if bounds is None:
                    continue
                least, most = bounds
            elif match.group().lower().endswith("words"):
                value, room = number_of(match["number"]), 0.2 if match["rough"] else 0.05
                least, most = int(value * (1 - room)), int(value * (1 + room))
            else:
                continue
            if not _sides(page, text[: match.end() + 30]):
                yield SizeClaim(least, most, match.group(), sentence)


# --- mentions -------------------------------------------------------------------------------

_MENTIONS = re.compile(
    r"\b(?:mentions?|mentioned|names?|named|refers? to|referred to)\s+"
    rf"(?P<what>[^,.;:\"“]{{2,60}}?)\s+(?:exactly |only |just )?(?P<times>{TIMES})\b",
    re.IGNORECASE,
)
_PLACES = re.compile(
    r"\b(?:mentions?|mentioned|names?|refers? to)\s+(?P<what>[^,.;:\"“(]{2,60}?)\s+in\s+"
    r"(?P<places>[^.;]*,\s+(?:and\s+)?in\s+[^.;]*)",
    re.IGNORECASE,
)
_PRONOUNS = frozenset({"them", "him", "her", "it", "this person", "that person"})
_SUBJECT = re.compile(
    r"^(?:the|a|an|their|its|this)\s+(?P<what>(?:[a-z-]+\s+){0,2}[a-z-]+?)(?:['’]s)?\s+(?:remains?"
    r"|is|are|was|were|appears?|stays?|has|have|gets?|keeps?|stands?|figures?|comes?)\b",
    re.IGNORECASE,
)


def mention_claims(page: Page) -> Iterator[MentionClaim]:
    """Statements that a side mentions someone or something so often, or in so many places."""
    for sentence, unquoted in _texts(page):
        text = re.sub(r"\([^()]*\)", lambda m: " " * len(m.group()), unquoted)
        for match in _MENTIONS.finditer(text):
            side = _side_before(page, text, match.start() + 1)
            what = _what(match["what"], sentence)
            if side and what:
                times = number_of(match["times"])
                yield MentionClaim(side.who, match.group(), sentence, what, times)
        for match in _PLACES.finditer(text):
            side = _side_before(page, text, match.start() + 1)
            what = _what(match["what"], sentence)
            if side and what and not _MENTIONS.search(text):
                places = re.split(r",\s+(?:and\s+)?in\s+|\s+and\s+in\s+", match["places"])
                yield MentionClaim(side.who, match.group(), sentence, what, len(places))


def _what(said: str, sentence: Sentence) -> str | None:
    plain = re.sub(r"^(?:the|a|an|their|its)\s+", "", " ".join(said.lower().split()))
    if plain not in _PRONOUNS:
        return plain
    subject = _SUBJECT.match(sentence.before)
    return subject["what"].lower() if subject else None


def word_claims(page: Page) -> Iterator[WordClaim]:
    """Statements of how often a side uses a quoted word."""
    for sentence in page.sentences:
        text = sentence.text
        for use in word_uses(text):
            side = _side_before(page, text, use.start + 1)
            if not use.names_user_before:
                named = re.match(r"\s+in\s+", text[use.end :]) and not _is_supposed(text, use.start)
                after = [m for m in _sides(page, text) if m.start >= use.end] if named else []
                side = after[0] if after else None
            if side:
                yield WordClaim(side.who, use.said, sentence, use.word, use.times)
