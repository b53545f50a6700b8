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

from grader.archive.checks.attribution import Mention, speaker_of
from grader.archive.checks.pages import Page, Sentence, Side
from grader.check.findings import Finding, Place
from grader.rubric.difference import word_by_word
from grader.text.folding import fold
from grader.text.quotation import locate
from grader.transcripts.transcript import Turn

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
    if sentence.text.count('"') % 2:
        return
    for match in _QUOTED.finditer(sentence.text):
        text = match[1] or match[2]
        if any(map(str.isalnum, text)):
            yield Quote(text, match.start(), sentence)


@dataclass(frozen=True)
class _Text:
    """Something a quotation may be from."""

    who: str
    name: str
    file: str
    turns: tuple[Turn, ...]


def check_quotations(page: Page) -> Iterator[Finding]:
    """Quotations that do not stand where they are said to stand."""
    texts = _texts(page)
    unchecked: dict[str, list[Quote]] = defaultdict(list)
    for sentence in page.sentences:
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
    sentence = quote.sentence
    said = speaker_of(sentence.text, quote.start, treatment)
    who = said.who if said else None
    named = [text for text in texts if text.who == who]
    elsewhere = [text for text in texts if text.who != who]
    if said and named and _denied(sentence.text, said, quote.start):
        yield from _there_after_all(page, quote, named[0])
        return
    if any(stands(quote.text, text.turns) for text in named):
        return
    found = [text for text in elsewhere if stands(quote.text, text.turns)]
    transcripts = {side.condition for side in page.sides}
    strong = said is not None and said.end <= quote.start
    if named and strong and who in transcripts:
        other = next((text for text in found if text.who in transcripts), None)
        if other is not None and quote.words >= _ALTERED_WORDS and not _both(page, quote):
            yield page.finding(
                "quotation-misattributed",
                "error",
                sentence,
                f'"{quote.text}" is attributed to {named[0].name} and stands in {other.name}',
                [_place(other, quote.text, page)],
                "Name the transcript in which it stands.",
            )
            return
    if found:
        return
    if _own_term(page, quote, named, said):
        return
    marked = [text for text in (*named, *elsewhere) if stands(quote.text, _without_marks(text))]
    if marked:
        yield page.finding(
            "quotation-without-list-marks",
            "note",
            sentence,
            f'"{quote.text}" stands in {marked[0].name} as a list, whose marks are left out',
            [_place(marked[0], quote.text.split(",")[0], page)],
            "Say that it is a list, or quote its items one by one.",
        )
        return
    near = _nearest(quote, named or texts)
    if near is not None and (named or said is None or who not in _absent(page, texts, said)):
        text, passage = near
        yield page.finding(
            "quotation-altered",
            "error",
            sentence,
            f'"{quote.text}" is not what {text.name} says: {word_by_word(passage, quote.text)}',
            [_place(text, passage, page)],
            "Quote it as it stands.",
        )
    elif named and strong and _SAYS.search(sentence.text[said.end if said else 0 : quote.start]):
        yield page.finding(
            "quotation-not-found",
            "error",
            sentence,
            f'"{quote.text}" is attributed to {named[0].name} and stands nowhere in it',
            [Place(file=named[0].file)],
            "Quote what stands there, or take the quotation marks off.",
        )
    elif not named and said is not None and strong:
        unchecked[_called(said, page)].append(quote)


def _texts(page: Page) -> list[_Text]:
    texts = [_Text(side.condition, side.name, side.file, side.turns) for side in page.sides]
    for side in page.sides:
        session = side.transcript
        for who, name, said in (
            ("preamble", "the preamble", session.preamble),
            ("system", "the system prompt", session.system_prompt),
            ("task", "the task", session.task_prompt),
        ):
            if said:
                texts.append(_Text(who, name, side.file, (_turn(said),)))
    for code, said in page.others:
        who = f"analysis:{code.split('-')[0]}"
        texts.append(_Text(who, f"the analysis of {code}", code, (_turn(said),)))
    return texts


def _turn(text: str) -> Turn:
    return Turn(number=1, role="model", speaker="page", text=text)


def stands(quote: str, turns: Sequence[Turn]) -> bool:
    """Whether a quotation stands there: as written, in other case, or with its gaps marked."""
    parts = [part.strip(" ,;:") for part in _GAP.split(quote)]
    parts = [part for part in parts if any(map(str.isalnum, part))]
    if len(parts) > 1 and any(len(part.split()) < 2 for part in parts):
        parts = [part for part in parts if len(part.split()) >= 2]
    if not parts:
        # A bracketed slot such as [Insert date] is quoted as a whole.
        parts = [quote]
    whole = [quote] if _GAP.search(quote) else []
    # Marks of code are layout, as emphasis is: a page may have lost them.
    lowered = [_plain(turn) for turn in turns]

    def there(words: str) -> bool:
        # An author may leave the mark of a question out, or put the sentence's own in its place.
        plain = _bare(words).lower().replace("`", "")
        return any(locate(plain + mark, lowered, "control").span is not None for mark in ("", "?"))

    return any(there(words) for words in whole) or all(there(part) for part in parts)


def _plain(turn: Turn) -> Turn:
    return turn.model_copy(update={"text": turn.text.lower().replace("`", "")})


def _bare(quote: str) -> str:
    return quote.strip().rstrip(".,;:!?").strip()


def _without_marks(text: _Text) -> tuple[Turn, ...]:
    return tuple(
        turn.model_copy(update={"text": _LIST_MARK.sub("", turn.text)}) for turn in text.turns
    )


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
        for line in turn.text.split("\n"):
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


def _both(page: Page, quote: Quote) -> bool:
    """Whether the sentence speaks of both at once, so that either will do."""
    return re.search(r"\b(?:both|each|neither|either)\b", quote.sentence.text, re.I) is not None


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


def _absent(page: Page, texts: Sequence[_Text], said: Mention) -> frozenset[str]:
    """Who is named and isn't at hand: a likeness elsewhere says nothing of them."""
    return frozenset({said.who} - {text.who for text in texts})


def _nearest(quote: Quote, texts: Sequence[_Text]) -> tuple[_Text, str] | None:
    from rapidfuzz import fuzz

    wanted = fold(_bare(quote.text)).text
    if quote.words < _ALTERED_WORDS:
        return None
    best: tuple[float, _Text, str] | None = None
    for text in texts:
        for turn in text.turns:
            there = fold(turn.text).text
            found = fuzz.partial_ratio_alignment(wanted.lower(), there.lower(), score_cutoff=_ALIKE)
            if found is not None and (best is None or found.score > best[0]):
                best = (found.score, text, _widened(there, found.dest_start, found.dest_end))
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


def _called(said: Mention, page: Page) -> str:
    if said.who.startswith("analysis:"):
        return f"the analysis of {said.who.partition(':')[2]}"
    return {"preamble": "the preamble", "system": "the system prompt", "task": "the task"}.get(
        said.who, said.who
    )


__all__ = ["Quote", "Side", "check_quotations", "quotes_in", "stands"]
