"""Every double-quoted span of an analysis, looked for where its sentence says that it stands.

Found; found in the other transcript (misattributed); altered (the nearest passage is shown with
the difference); not found; or not to be found because its source isn't at hand, which is said and
not held against the page. Short spans that nobody is said to have said are the author's own terms.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from grader.archive.checks.attribution import Mention, speaker_of
from grader.archive.checks.pages import Page, Passage, Sentence, Side
from grader.check.findings import Finding, Place
from grader.check.registry import Check
from grader.rubric.difference import word_by_word
from grader.text.folding import fold
from grader.text.nearness import NearText
from grader.text.quotation import locate

CHECKS = (
    Check(
        "quotation-misattributed", "error", "A quotation stands in another transcript than is said."
    ),
    Check("quotation-altered", "error", "A quotation is not what the transcript says."),
    Check("quotation-not-found", "error", "A quotation stands nowhere."),
    Check("quotation-without-list-marks", "note", "A quotation runs over the items of a list."),
    Check("called-absent", "error", "A section is called absent that is there."),
    Check("source-not-at-hand", "note", "The source of a quotation is not at hand."),
)
"""What is looked for here."""


_QUOTED = re.compile(r"\"([^\"]+)\"|“([^”]+)”")
_GAP = re.compile(r"\s*(?:\[?(?:\.\.\.|…|\. \. \.)\]?|\[[^\]]{0,60}\])\s*")
_LIST_MARK = re.compile(r"(?:(?<=\s)|^)(?:\d{1,2}[.)]|[•*-])\s+")

_DENIES = re.compile(
    r"\b(?:not|never|no|nor|neither|without|omits?|omitted|lacks?|lacked|lacking|drops?|dropped"
    r"|absent|missing|fails? to|instead of|rather than|avoids?|nowhere|removes?|removed)\b"
    r"|n['’]t\b",
    re.IGNORECASE,
)
_QUOTES_IT = re.compile(
    r"\b(?:says?|said|saying|reads?|states?|stated|stating|writes?|wrote|calls?|called|calling"
    r"|line|lines|phrase|phrases|phrasing|sentence|words?|wording|passage|quote|quotes|quoting"
    r"|concludes?|opens? with|ends? with|closes? with|begins? with|declares?|asserts?|notes?"
    r"|noted|noting|puts? it|promises?|asks?|offers? to|section|heading|headed|titled|labell?ed)"
    r"\b[^\"“]{0,60}$|[:,]\s*$|\($",
    re.IGNORECASE,
)
_SAYS = re.compile(
    r"\b(?:say(?:s|ing)?|said|reads?|states?|stated|stating|writes?|write|wrote|calls?|called"
    r"|calling|admits?|admitted|admitting|assures?|assuring|promis(?:es?|ing|ed)|explain(?:s|ed|ing)?"
    r"|insists?|adds?|opens?|opening|ends?|ending|closes|closing|begins?|tells?|told|asks?|asking"
    r"|offers?|declares?|asserts?|claims?|notes?|noting|line|phrase|sentence|words?|puts it"
    r"|remarks?|concedes?|conceding|warns?|apologi[sz]es|holds that|reports?)\b"
    r"|^(?:['’]s)?\s*$",
    re.IGNORECASE,
)
_OTHERS_SAY = re.compile(
    r"\b(?:others|critics|readers?|some|many|one|analysts?|we|I|people"
    r"|the (?:study|author|analysts?|readers?|literature|archive|public)) (?:\w+ )?"
    r"(?:call(?:s|ed)?|says?|said|might (?:call|say)|would (?:call|say)|could call|puts? it"
    r"|describes?|described|names?|named)\b",
    re.IGNORECASE,
)
_OWN_TERM_WORDS = 4
"""A span of up to so many words may be the author's own term, unless it is said to be a quote."""

_ALTERED_WORDS = 4
_ALIKE = 82.0
"""How much of a quotation must be alike (rapidfuzz partial ratio) to be called altered."""


@dataclass(frozen=True)
class Quote:
    """A quoted span."""

    text: str
    start: int
    sentence: Sentence

    @property
    def words(self) -> int:
        """How many words it has."""
        return len(re.findall(r"\w+", self.text))


def quotes_in(sentence: Sentence) -> Iterator[Quote]:
    """The double-quoted spans of a sentence. None where marks are left open."""
    if isinstance(sentence, Passage):
        yield Quote(sentence.passage, sentence.text.index("“"), sentence)
        return
    if sentence.text.count('"') % 2:
        return
    for match in _QUOTED.finditer(sentence.text):
        text = match[1] or match[2]
        if any(map(str.isalnum, text)):
            yield Quote(text, match.start(), sentence)


class _Plain(NamedTuple):
    """A turn in small letters, without marks of code: layout, as emphasis is."""

    number: int
    text: str


@dataclass(frozen=True)
class _Text:
    """Something a quotation may be from, in the forms in which it is looked through."""

    who: str
    name: str
    file: str
    turns: tuple[str, ...]

    @cached_property
    def plain(self) -> tuple[_Plain, ...]:
        """As it is written."""
        return tuple(_Plain(n, _in_small(text)) for n, text in enumerate(self.turns, 1))

    @cached_property
    def without_marks(self) -> tuple[_Plain, ...]:
        """Without the marks of lists."""
        return tuple(
            _Plain(n, _in_small(_LIST_MARK.sub("", text))) for n, text in enumerate(self.turns, 1)
        )

    @cached_property
    def near(self) -> tuple[NearText, ...]:
        """Each turn folded, to look for what is alike."""
        return tuple(NearText(fold(text).text) for text in self.turns)


def check_quotations(page: Page) -> Iterator[Finding]:
    """Quotations that do not stand where they are said to stand."""
    texts = _texts(page)
    unchecked: dict[str, list[Quote]] = defaultdict(list)
    for sentence in (*page.sentences, *page.passages):
        for quote in quotes_in(sentence):
            yield from _check(page, quote, texts, unchecked)
    for name, quotes in unchecked.items():
        lines = ", ".join(str(n) for n in sorted({q.sentence.line for q in quotes}))
        noun = "quotation is" if len(quotes) == 1 else "quotations are"
        yield Finding(
            code="source-not-at-hand",
            severity="note",
            message=f"{len(quotes)} {noun} attributed to {name}, which is not at hand, and "
            f"stand nowhere else; they were not checked (lines {lines})",
            mend="Give its page or transcript with --source.",
            place=page.place(quotes[0].sentence.line, quotes[0].text),
        )


def _check(
    page: Page,
    quote: Quote,
    texts: Sequence[_Text],
    unchecked: dict[str, list[Quote]],
) -> Iterator[Finding]:
    treatment = page.own.condition if page.own else "P"
    said = speaker_of(
        quote.sentence.text, quote.start, treatment, quote.start + len(quote.text) + 2
    )
    who = said.who if said else None
    named = [text for text in texts if text.who == who]
    elsewhere = [text for text in texts if text.who != who]
    if said and named and _denied(quote.sentence.text, said, quote.start):
        yield from _there_after_all(page, quote, named[0])
        return
    if any(stands(quote.text, text.plain) for text in named):
        return
    found = [text for text in elsewhere if stands(quote.text, text.plain)]
    if found:
        if named and said is not None and said.end <= quote.start:
            yield from _misattributed(page, quote, named[0], found)
        return
    if _own_term(page, quote, named, said):
        return
    listed = [text for text in (*named, *elsewhere) if stands(quote.text, text.without_marks)]
    if listed:
        yield _without_list_marks(page, quote, listed[0])
    else:
        yield from _nowhere(page, quote, texts, named, said, unchecked)


def _misattributed(
    page: Page, quote: Quote, named: _Text, found: Sequence[_Text]
) -> Iterator[Finding]:
    transcripts = {side.condition for side in page.sides}
    other = next((text for text in found if text.who in transcripts), None)
    if named.who not in transcripts or other is None:
        return
    if quote.words >= _ALTERED_WORDS and not _both(quote):
        yield page.finding(
            "quotation-misattributed",
            "error",
            quote.sentence,
            f'"{quote.text}" is attributed to {named.name} and stands in {other.name}',
            [_place(other, quote.text, page)],
            "Name the transcript in which it stands.",
        )


def _without_list_marks(page: Page, quote: Quote, text: _Text) -> Finding:
    return page.finding(
        "quotation-without-list-marks",
        "note",
        quote.sentence,
        f'"{quote.text}" stands in {text.name} as a list, whose marks are left out',
        [_place(text, quote.text.split(",")[0], page)],
        "Say that it is a list, or quote its items one by one.",
    )


def _nowhere(
    page: Page,
    quote: Quote,
    texts: Sequence[_Text],
    named: Sequence[_Text],
    said: Mention | None,
    unchecked: dict[str, list[Quote]],
) -> Iterator[Finding]:
    """A quotation that stands in no text: altered, not to be found, or its source isn't at hand."""
    near = _nearest(quote, named or texts)
    # Of one who is named and isn't at hand a likeness elsewhere says nothing.
    if near is not None and (named or said is None or any(said.who == t.who for t in texts)):
        text, passage = near
        yield page.finding(
            "quotation-altered",
            "error",
            quote.sentence,
            f'"{quote.text}" is not what {text.name} says: {word_by_word(passage, quote.text)}',
            [_place(text, passage, page)],
            "Quote it as it stands.",
        )
    elif said is None or said.end > quote.start:
        return
    elif not named:
        unchecked[_called(said)].append(quote)
    elif _SAYS.search(quote.sentence.text[said.end : quote.start]):
        yield page.finding(
            "quotation-not-found",
            "error",
            quote.sentence,
            f'"{quote.text}" is attributed to {named[0].name} and stands nowhere in it',
            [Place(file=named[0].file)],
            "Quote what stands there, or take the quotation marks off.",
        )


def _texts(page: Page) -> list[_Text]:
    texts = [
        _Text(side.condition, side.name, side.file, tuple(turn.text for turn in side.turns))
        for side in page.sides
    ]
    for side in page.sides:
        session = side.transcript
        for who, name, said in (
            ("preamble", "the preamble", session.preamble),
            ("system", "the system prompt", session.system_prompt),
            ("task", "the task", session.task_prompt),
        ):
            if said:
                texts.append(_Text(who, name, side.file, (said,)))
    for code, said in page.others:
        who = f"analysis:{code.split('-')[0]}"
        texts.append(_Text(who, f"the analysis of {code}", code, (said,)))
    return texts


def stands(quote: str, turns: Sequence[_Plain]) -> bool:
    """Whether a quotation stands there: as written, in other case, or with its gaps marked."""
    parts = [part.strip(" ,;:") for part in _GAP.split(quote)]
    parts = [part for part in parts if any(map(str.isalnum, part))]
    if len(parts) > 1 and any(len(part.split()) < 2 for part in parts):
        parts = [part for part in parts if len(part.split()) >= 2]
    if not parts:
        # A bracketed slot such as [Insert date] is quoted as a whole.
        parts = [quote]
    whole = [quote] if _GAP.search(quote) else []

    def there(words: str) -> bool:
        # An author may leave the mark of a question out, or put the sentence's own in its place.
        plain = _in_small(_bare(words))
        return any(locate(plain + mark, turns, "control").span is not None for mark in ("", "?"))

    return any(there(words) for words in whole) or all(there(part) for part in parts)


def _in_small(text: str) -> str:
    return text.lower().replace("`", "")


def _bare(quote: str) -> str:
    return quote.strip().rstrip(".,;:!?").strip()


def _denied(text: str, said: Mention, at: int) -> bool:
    return said.end <= at and _DENIES.search(text[said.end : at]) is not None


def _there_after_all(page: Page, quote: Quote, text: _Text) -> Iterator[Finding]:
    """'P has no "Open Questions" section', and there it stands as a heading."""
    before = quote.sentence.text[: quote.start]
    after = quote.sentence.text[quote.start + len(quote.text) + 2 :]
    section = re.match(r"\s*(?:section|heading|part)\b", after)
    direct = re.search(
        r"\b(?:has no|have no|had no|omits?|omitted|lacks?|lacked|drops?|dropped|does not (?:have"
        r"|include|contain)|did not (?:have|include|contain)|doesn['’]t (?:have|include|contain)"
        r"|contains no|includes no|is missing) (?:an? |the |any |its |standalone |separate )*$",
        before,
        re.IGNORECASE,
    )
    if not (section and direct):
        return
    wanted = _bare(quote.text).casefold()
    for turn in text.turns:
        for line in turn.split("\n"):
            head = re.sub(r"^[#\s\d.)]+|[*_:#\s]+$", "", line).casefold()
            if head.strip("*_ ") == wanted:
                yield page.finding(
                    "called-absent",
                    "error",
                    quote.sentence,
                    f'{text.name} is said not to have the section "{quote.text}", and has it',
                    [_place(text, line, page)],
                )
                return


def _both(quote: Quote) -> bool:
    """Whether the sentence speaks of both at once, so that either will do."""
    text = quote.sentence.text if not isinstance(quote.sentence, Passage) else ""
    return re.search(r"\b(?:both|each|neither|either)\b", text, re.I) is not None


def _own_term(page: Page, quote: Quote, named: Sequence[_Text], said: Mention | None) -> bool:
    """Whether the span is the author's or the study's own words, and no quotation."""
    bare = _bare(quote.text).casefold()
    if any(bare in heading for heading in page.headings):
        return True
    before = quote.sentence.text[: quote.start]
    since = before[said.end :] if said and said.end <= quote.start else before
    if _OTHERS_SAY.search(since):
        return True
    if quote.words > _OWN_TERM_WORDS:
        return False
    strong = said is not None and said.end <= quote.start
    return not (named and strong and _QUOTES_IT.search(before) and quote.words >= 2)


def _nearest(quote: Quote, texts: Sequence[_Text]) -> tuple[_Text, str] | None:
    if quote.words < _ALTERED_WORDS:
        return None
    wanted = fold(_bare(quote.text)).text
    best: tuple[float, _Text, str] | None = None
    for text in texts:
        for turn in text.near:
            found = turn.nearest(wanted, above=best[0] if best else _ALIKE)
            if found is not None and (best is None or found[0] > best[0]):
                best = (found[0], text, _widened(turn.text, *found[1:]))
    return (best[1], _trimmed(best[2], wanted)) if best else None


def _trimmed(passage: str, quote: str) -> str:
    """The passage without words at its ends that the quotation doesn't begin or end with."""

    def plain(words: list[str]) -> list[str]:
        return [re.sub(r"\W", "", word).lower() for word in words]

    words, asked = passage.split(), plain(quote.split())
    for _ in range(2):
        if len(words) > 2 and plain(words)[0] != asked[0] == plain(words)[1]:
            words = words[1:]
        if len(words) > 2 and plain(words)[-1] != asked[-1] == plain(words)[-2]:
            words = words[:-1]
    return " ".join(words).strip(",;:")


def _widened(text: str, start: int, end: int) -> str:
    while start > 0 and not text[start - 1].isspace():
        start -= 1
    while end < len(text) and not text[end].isspace():
        end += 1
    return text[start:end].strip()


def _place(text: _Text, passage: str, page: Page) -> Place:
    line = None
    if text.file == str(page.path):
        last = next((s.line for s in page.sentences), None)
        line = page.line_of(_bare(passage), last=last)
    return Place(file=text.file, line=line, quote=passage)


def _called(said: Mention) -> str:
    if said.who.startswith("analysis:"):
        return f"the analysis of {said.who.partition(':')[2]}"
    return {"preamble": "the preamble", "system": "the system prompt", "task": "the task"}.get(
        said.who, said.who
    )


__all__ = ["Quote", "Side", "check_quotations", "quotes_in", "stands"]
