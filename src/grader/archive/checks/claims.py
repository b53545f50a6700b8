"""Statements of number, length and mention in an analysis, read into values."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from grader.archive.checks.attribution import Mention, mentions
from grader.archive.checks.numbers import NUMBER, ROUGHLY, Stated, number_of
from grader.archive.checks.pages import Page, Sentence

NOUNS: tuple[tuple[str, str], ...] = (
    (r"action items?|corrective actions?|corrective action items?|actions|remediation items?",
     "action"),
    (r"lessons?|takeaways?", "lesson"),
    (r"(?:major |top-level |main )?sections?|headings?", "section"),
    (r"placeholders?(?: fields?)?|bracketed (?:slots?|fields?)", "placeholder"),
    (r"questions?", "question"),
    (r"words?", "word"),
    (r"bullet points?|bullets|list items?", "item"),
)  # fmt: skip
_ANY_NOUN = "|".join(f"(?P<n{place}>{words})" for place, (words, _) in enumerate(NOUNS))
_HAS = (
    r"(?:lists?|listed|delivers?|delivered|has|had|have|contains?|contained|includes?|included"
    r"|offers?|offered|gives?|gave|presents?|presented|holds?|held|distills?|distilled|provides?"
    r"|provided|poses?|posed|asks?|asked|uses?|used|runs? to|ran to|comes? to|came to|counts?"
    r"|totals?|spans?|closes with|ends with|identified|names|named|produces?|produced|is|was"
    r"|leaves?|left|keeps?|kept|shows?|showed|carries|carried|retains?|retained)"
)
_COUNT = re.compile(
    rf"\b{_HAS}\s+(?P<rough>{ROUGHLY}\s+)?(?P<number>{NUMBER})\s+"
    rf"(?:(?!{NUMBER}\b)(?:[a-z]+[a-z-]*)\s+){{0,2}}?(?:{_ANY_NOUN})\b(?P<after>[^.;]*)",
    re.IGNORECASE,
)
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
class CountClaim:
    """'P lists fifteen action items.'"""

    who: str
    noun: str
    stated: Stated
    said: str
    sentence: Sentence


def count_claims(page: Page) -> Iterator[CountClaim]:
    """Statements that a side has so many of something."""
    treatment = page.own.condition if page.own else "P"
    for sentence in page.sentences:
        text = _unquoted(sentence.text)
        named = mentions(text, treatment)
        for match in _COUNT.finditer(text):
            said = _before(named, match.start())
            if said is None or len(said.who) > 3 or _supposed(text, match.start()):
                continue
            between = text[said.end : match.start("number")]
            if _PARTIAL.search(between) or _SCOPED.match(match["after"]):
                continue
            if re.search(r"\b(?:not|no|never|nor|both|each|every)\b|n['’]t\b|[;:]", between, re.I):
                continue
            if _neither_alone(text, said):
                continue
            noun = next(name for place, (_, name) in enumerate(NOUNS) if match[f"n{place}"])
            yield CountClaim(
                who=said.who,
                noun=noun,
                stated=Stated(number_of(match["number"]), bool(match["rough"])),
                said=match.group()[: match.start("after") - match.start()].strip(),
                sentence=sentence,
            )


def _neither_alone(text: str, said: Mention) -> bool:
    """'C and P have', 'both C and P have': said of two at once."""
    near = text[max(0, said.start - 14) : said.start]
    return re.search(r"\b(?:and|or|nor|both|neither)\s+(?:the\s+)?$", near, re.I) is not None


def _before(named: list[Mention], at: int) -> Mention | None:
    found = [mention for mention in named if mention.end <= at]
    return found[-1] if found else None


_SUPPOSED = re.compile(
    r"\b(?:if|would|could|might|should|unless|whether|had (?:it|they|P|C|F)|need(?:s|ed)? to"
    r"|ought to|suppose|imagine)\b",
    re.IGNORECASE,
)


def _supposed(text: str, at: int) -> bool:
    """Whether what stands there is only supposed: 'if P asked five questions'."""
    return _SUPPOSED.search(text[:at]) is not None


def _unquoted(text: str) -> str:
    """Quoted words are not the author's statements; their places are kept."""
    return re.sub(r"\"[^\"]*\"|“[^”]*”", lambda m: "\u00b7" * len(m.group()), text)


# --- labels ---------------------------------------------------------------------------------

_LABELS = re.compile(
    rf"\b(?P<number>{NUMBER})\s+(?P<label>P[0-4])\s+(?:items?|actions?|action items?|labels?"
    r"|priorities|entries)\b",
)


@dataclass(frozen=True)
class LabelClaim:
    """'P marks six P0 items.'"""

    who: str
    label: str
    stated: Stated
    said: str
    sentence: Sentence


def label_claims(page: Page) -> Iterator[LabelClaim]:
    """Statements that a side gives a priority label so often."""
    treatment = page.own.condition if page.own else "P"
    for sentence in page.sentences:
        text = _unquoted(sentence.text)
        for match in _LABELS.finditer(text):
            said = _before(mentions(text, treatment), match.start())
            between = text[said.end : match.start()] if said else ""
            if said is None or len(said.who) > 3 or _PARTIAL.search(between):
                continue
            if _supposed(text, match.start()):
                continue
            yield LabelClaim(
                said.who,
                match["label"],
                Stated(number_of(match["number"]), bool(re.search(ROUGHLY, between, re.I))),
                match.group(),
                sentence,
            )


# --- lengths --------------------------------------------------------------------------------

_RELATIVE = re.compile(
    rf"\b(?:(?P<rough>{ROUGHLY})\s+)?(?:(?P<number>{NUMBER})\s+words?\s+|(?P<percent>\d{{1,3}})"
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


@dataclass(frozen=True)
class LengthClaim:
    """'P is about 600 words shorter than C.'"""

    who: str
    than: str
    way: str
    """'shorter', 'longer' or 'same'."""
    by: Stated | None
    slight: bool
    said: str
    sentence: Sentence


def length_claims(page: Page) -> Iterator[LengthClaim]:
    """Statements that compare the lengths of two sides."""
    treatment = page.own.condition if page.own else "P"
    for sentence in page.sentences:
        text = _unquoted(sentence.text)
        named = [mention for mention in mentions(text, treatment) if len(mention.who) <= 3]
        for match in _RELATIVE.finditer(text):
            who = _before(named, match.start())
            than = next((m for m in named if 0 <= m.start - match.end() <= 12), None)
            if who is None or than is None or who.who == than.who:
                continue
            if _supposed(text, match.start()):
                continue
            if _OF_A_PART.search(text[who.start : match.start()]):
                continue
            by = (
                Stated(number_of(match["number"]), bool(match["rough"]))
                if match["number"]
                else None
            )
            yield LengthClaim(
                who.who,
                than.who,
                match["way"].lower(),
                by,
                (match["how"] or "").lower() in _SLIGHT,
                match.group(),
                sentence,
            )
        for match in _ALIKE.finditer(text):
            who = _before(named, match.start() + 1)
            than = next((m for m in named if m.start >= match.end()), None)
            if who is None or re.search(
                r"\bnot\b|n['’]t\b|appendix|section", text[: match.start()]
            ):
                continue
            if re.match(
                r"[^.;]*\b(?:only|if|unless|once|except|apart from)\b", text[match.end() :]
            ):
                continue
            if _supposed(text, match.start()):
                continue
            other = than.who if than else ("C" if who.who != "C" else treatment)
            if other != who.who:
                yield LengthClaim(who.who, other, "same", None, False, match.group(), sentence)


_SIZE = re.compile(
    r"\b(?P<thing>document|text|output|transcript|post-mortem|memo|entry|answer|response"
    r"|deliverable|piece)\s+of\s+(?:(?P<vague>several|a few|many|some)\s+(?P<unit>thousand|hundred)"
    rf"|(?P<rough>{ROUGHLY}\s+)?(?P<number>{NUMBER}))(?:\s+words)?\b",
    re.IGNORECASE,
)
_VAGUE = {
    ("several", "thousand"): (2000, None),
    ("a few", "thousand"): (2000, None),
    ("many", "thousand"): (3000, None),
    ("several", "hundred"): (200, 1200),
    ("a few", "hundred"): (150, 900),
}


@dataclass(frozen=True)
class SizeClaim:
    """'in a document of several thousand'."""

    who: str | None
    least: int
    most: int | None
    said: str
    sentence: Sentence


def size_claims(page: Page) -> Iterator[SizeClaim]:
    """Statements of a document's length in round words."""
    treatment = page.own.condition if page.own else "P"
    for sentence in page.sentences:
        text = _unquoted(sentence.text)
        for match in _SIZE.finditer(text):
            if match["vague"]:
                bounds = _VAGUE.get((match["vague"].lower(), match["unit"].lower()))
                if bounds is None:
                    continue
                least, most = bounds
            elif match.group().lower().endswith("words"):
                stated = Stated(number_of(match["number"]), bool(match["rough"]))
                room = 0.2 if stated.rough else 0.05
                least, most = int(stated.value * (1 - room)), int(stated.value * (1 + room))
            else:
                continue
            named = {
                m.who for m in mentions(text[: match.end() + 30], treatment) if len(m.who) <= 3
            }
            who = named.pop() if len(named) == 1 else None
            if len(named) > 0:
                continue
            yield SizeClaim(who, least, most, match.group(), sentence)


# --- mentions -------------------------------------------------------------------------------

_TIMES = rf"(?P<times>once|twice|thrice|(?:{NUMBER})\s+times(?! or so| or more| at least))"
_MENTIONS = re.compile(
    r"\b(?:mentions?|mentioned|names?|named|refers? to|referred to)\s+"
    rf"(?P<what>[^,.;:\"“]{{2,60}}?)\s+(?:exactly |only |just )?{_TIMES}\b",
    re.IGNORECASE,
)
_WORD_TIMES = re.compile(
    r"\b(?:uses?|used|has|repeats?|repeated|says?|writes?|mentions?)\s+(?:the\s+(?:word|term|phrase)"
    rf"\s+)?[\"“](?P<word>[^\"”]{{2,60}})[\"”]\s+(?:exactly |only |just )?{_TIMES}\b"
    r"|\b(?:the\s+(?:word|term|phrase)\s+)[\"“](?P<word2>[^\"”]{2,60})[\"”]\s+"
    r"(?:appears?|occurs?|stands?|is used)\s+(?:exactly |only |just )?"
    rf"(?P<times2>once|twice|thrice|(?:{NUMBER})\s+times)\s+in\s+",
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


@dataclass(frozen=True)
class MentionClaim:
    """'P mentions the new engineer three times.'"""

    who: str
    what: str
    """In small letters, without its article."""
    times: int
    said: str
    sentence: Sentence


@dataclass(frozen=True)
class WordClaim:
    """'P uses the word "staging" twelve times.'"""

    who: str
    word: str
    times: int
    said: str
    sentence: Sentence


def mention_claims(page: Page) -> Iterator[MentionClaim]:
    """Statements that a side mentions someone or something so often, or in so many places."""
    treatment = page.own.condition if page.own else "P"
    for sentence in page.sentences:
        text = re.sub(r"\([^()]*\)", lambda m: " " * len(m.group()), _unquoted(sentence.text))
        for match in _MENTIONS.finditer(text):
            who = _before(mentions(text, treatment), match.start() + 1)
            what = _what(match["what"], sentence)
            if who and what and len(who.who) <= 3 and not _supposed(text, match.start()):
                times = match["times"].lower().removesuffix("times").strip()
                yield MentionClaim(who.who, what, number_of(times), match.group(), sentence)
        for match in _PLACES.finditer(text):
            who = _before(mentions(text, treatment), match.start() + 1)
            what = _what(match["what"], sentence)
            if who and what and len(who.who) <= 3 and not _MENTIONS.search(text):
                places = re.split(r",\s+(?:and\s+)?in\s+|\s+and\s+in\s+", match["places"])
                yield MentionClaim(who.who, what, len(places), match.group(), sentence)


def _what(said: str, sentence: Sentence) -> str | None:
    plain = re.sub(r"^(?:the|a|an|their|its)\s+", "", " ".join(said.lower().split()))
    if plain not in _PRONOUNS:
        return plain
    subject = _SUBJECT.match(sentence.before)
    return subject["what"].lower() if subject else None


def word_claims(page: Page) -> Iterator[WordClaim]:
    """Statements of how often a side uses a quoted word."""
    treatment = page.own.condition if page.own else "P"
    for sentence in page.sentences:
        for match in _WORD_TIMES.finditer(sentence.text):
            named = mentions(sentence.text, treatment)
            who = _before(named, match.start() + 1)
            if match["word2"]:
                who = next((m for m in named if m.start >= match.end()), None)
            times = (match["times"] or match["times2"]).lower().removesuffix("times").strip()
            if who and len(who.who) <= 3 and not _supposed(sentence.text, match.start()):
                word = match["word"] or match["word2"]
                yield WordClaim(who.who, word, number_of(times), match.group(), sentence)
