"""Verdict words read into levels; tallies recounted; one criterion judged in two places."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from grader.archive.checks.attribution import mentions
from grader.archive.checks.pages import Page, Sentence, cells_of
from grader.check.findings import Finding
from grader.check.registry import Check
from grader.rubric.scale import Level, level_name
from grader.text.number_words import NUMBER, number_of

CHECKS = (
    Check("tally-differs", "error", "A tally is not what the verdicts give."),
    Check("criterion-judged-twice", "error", "A criterion is judged in two ways."),
)
"""What is looked for here."""


_VERDICT = (
    r"(?P<word>not met|unmet|not (?:yet )?addressed|not satisfied|fully met|met in full"
    r"|fully satisfied|partially met|partly met|met in part|partially addressed|partly addressed"
    r"|partially satisfied|marginally addressed|marginally met|marginally|met|satisfied)"
)
_LEVELS: tuple[tuple[str, Level], ...] = (
    (r"not|unmet", "not_met"),
    (r"partial|partly|in part|marginal", "partially_met"),
    (r"met|satisf", "met"),
)
ROW = re.compile(
    rf"^(?:\*\*)?Criterion\s+(?P<number>\d{{1,2}}|{NUMBER})\s*(?:[:.—–-])\s*(?P<title>.+)", re.I
)
_ROW_VERDICT = re.compile(
    rf"^(?:verdict:?\s*)?{_VERDICT}(?:\s*(?P<hedge>at best|at most))?\s*[.;:—–-]?$", re.I
)
_TABLE_ROW = re.compile(r"(\d{1,2})\. \S")
_TABLE_VERDICT = re.compile(r"(?P<word>not met|partially met|met)(?=$|°|: “| \()")
_IN_TEXT = (
    re.compile(
        rf"\bCriteri(?:on|a)\s+(?P<numbers>\d{{1,2}}(?:\s*(?:,|and|&)\s*\d{{1,2}})*)\s+"
        rf"(?:\([^)]*\)\s+)?(?:is|are|was|were|remains?|stays?)\s+"
        rf"(?:(?:still|thus|therefore|clearly|also|again|here|only|just|at best|both|likewise"
        rf"|simply|judged|rated)\s+)*{_VERDICT}\b(?!\s*(?:by|with)\b)",
        re.IGNORECASE,
    ),
    re.compile(
        r"\b(?P<how>fully|partially|partly|marginally|only partially)?\s*"
        r"(?P<act>addresses|meets|satisfies|fails|misses)\s+Criteri(?:on|a)\s+"
        r"(?P<numbers>\d{1,2}(?:\s*(?:,|and|&)\s*\d{1,2})*)\b",
        re.IGNORECASE,
    ),
)
_NEGATED = re.compile(r"\b(?:not|never|no|nor|neither|cannot)\b|n['’]t\b", re.IGNORECASE)
_HYPOTHETICAL = re.compile(
    r"\b(?:would|could|might|may|should|if|whether|unless|need(?:s|ed)? to|to be)\b", re.IGNORECASE
)


@dataclass(frozen=True)
class Judged:
    """A level given to a criterion somewhere on a page."""

    criterion: int
    level: Level
    word: str
    condition: str
    sentence: Sentence
    row: bool
    """Whether it stands in a list of criteria, or in running text."""


def level_of(word: str) -> Level:
    """The level that a verdict word means."""
    plain = word.lower()
    return next(level for pattern, level in _LEVELS if re.search(pattern, plain))


def read_verdicts(page: Page) -> list[Judged]:
    """Every level the page gives to a numbered criterion, in its order."""
    treatment = page.own.condition if page.own else "P"
    found = list(_table(page))
    for place, sentence in enumerate(page.sentences):
        row = ROW.match(sentence.text)
        following = page.sentences[place + 1] if place + 1 < len(page.sentences) else None
        if row and following is not None and following.paragraph == sentence.paragraph:
            verdict = _ROW_VERDICT.match(following.text.strip())
            if verdict:
                found.append(
                    Judged(
                        criterion=number_of(row["number"]),
                        level=level_of(verdict["word"]),
                        word=verdict.group().strip(" ."),
                        condition=treatment,
                        sentence=following,
                        row=True,
                    )
                )
                continue
        found += _in_text(sentence, treatment)
    return found


def _table(page: Page) -> Iterator[Judged]:
    """The levels in the scorecard of a writeup of our own: a row a criterion, a column a side."""
    conditions: list[str] = []
    for number, line in enumerate(page.lines, 1):
        cells = cells_of(line)
        if not cells:
            conditions = []
        elif cells[0] == "Criterion":
            conditions = cells[1:3]
        elif conditions and (title := _TABLE_ROW.match(cells[0])):
            place = Sentence(line, number, essay=-1, section="", paragraph=-1)
            for condition, cell in zip(conditions, cells[1:], strict=False):
                if (verdict := _TABLE_VERDICT.match(cell)) is not None:
                    word = verdict["word"]
                    yield Judged(int(title[1]), level_of(word), word, condition, place, row=True)


def _in_text(sentence: Sentence, treatment: str) -> Iterator[Judged]:
    text = re.sub(r"\"[^\"]*\"|“[^”]*”", lambda m: " " * len(m.group()), sentence.text)
    named = {mention.who for mention in mentions(text, treatment) if len(mention.who) <= 3}
    condition = named.pop() if len(named) == 1 else treatment
    if named:
        # More than one side is spoken of; whose level it is can't be told.
        return
    for pattern in _IN_TEXT:
        for match in pattern.finditer(text):
            before = text[max(0, match.start() - 60) : match.start()]
            if _HYPOTHETICAL.search(before):
                continue
            group = match.groupdict()
            if group.get("word"):
                level, word = level_of(group["word"]), group["word"]
                if _NEGATED.search(before[-12:]):
                    continue
            else:
                how, act = (group.get("how") or "").lower(), group["act"].lower()
                if _NEGATED.search(before[-25:]) or (not how and act == "addresses"):
                    continue
                word = match.group().strip()
                level = (
                    "not_met"
                    if act in ("fails", "misses")
                    else "partially_met"
                    if how and how != "fully"
                    else "met"
                )
            for number in re.findall(r"\d+", group["numbers"]):
                yield Judged(int(number), level, word, condition, sentence, row=False)


def check_scorecards(page: Page) -> Iterator[Finding]:
    """Tallies that don't add up, and criteria judged in two ways."""
    judged = read_verdicts(page)
    yield from _twice(page, judged)
    for essay in range(len(page.essays)):
        rows = [j for j in judged if j.row and j.sentence.essay == essay]
        if len(rows) >= 2:
            yield from _tallies(page, rows, essay)


def _twice(page: Page, judged: Sequence[Judged]) -> Iterator[Finding]:
    told: set[tuple[int, str, int, int]] = set()
    for place, later in enumerate(judged):
        for earlier in judged[:place]:
            same = earlier.criterion == later.criterion and earlier.condition == later.condition
            key = (later.criterion, later.condition, earlier.sentence.line, later.sentence.line)
            if not same or earlier.level == later.level or key in told:
                continue
            told.add(key)
            one, other = earlier.word.strip(), later.word.strip()
            yield page.finding(
                "criterion-judged-twice",
                "error",
                later.sentence,
                f'Criterion {later.criterion} is "{other}" ({level_name(later.level)}) here '
                f'and "{one}" ({level_name(earlier.level)}) there',
                [page.place(earlier.sentence.line, earlier.sentence.text)],
                "Give one verdict, or say why the two differ.",
            )
            break


# --- tallies --------------------------------------------------------------------------------

_LEVEL_PHRASE = (
    r"(?P<level>not met|unmet|fully met|met in full|partially met|partly met|met in part"
    r"|marginally addressed|partially addressed|met)"
)
_TALLY = re.compile(
    rf"\b(?P<count>{NUMBER}|none|all)(?:\s+(?:of|out of)\s+(?:the\s+)?(?P<total>{NUMBER}))?"
    rf"(?:\s+(?:pre-specified\s+)?criteri(?:on|a))?\s+(?:(?:is|are|was|were)\s+)?{_LEVEL_PHRASE}\b"
    rf"(?P<names>\s*\(\s*criteri(?:on|a)\s+[^)]*\))?",
    re.IGNORECASE,
)
_NAMED = re.compile(r"\bcriteri(?:on|a)\s+(?:\d{1,2}\s*(?:,|and|&)\s*)*$", re.IGNORECASE)
_ESTABLISHED = re.compile(
    rf"\b(?P<count>{NUMBER})\s+(?:pre-specified\s+)?criteria\s+(?:were|was|are|have been)\s+"
    r"(?:established|set|specified|defined|fixed|derived|drawn)",
    re.IGNORECASE,
)


def _tallies(page: Page, rows: Sequence[Judged], essay: int) -> Iterator[Finding]:
    total = len({row.criterion for row in rows})
    by_number = {row.criterion: row for row in rows}
    for sentence in page.sentences:
        if sentence.essay != essay or ROW.match(sentence.text):
            continue
        for match in _ESTABLISHED.finditer(sentence.text):
            stated = number_of(match["count"])
            if stated != total:
                yield page.finding(
                    "tally-differs",
                    "error",
                    sentence,
                    f"{match['count']} criteria are announced, {total} are judged",
                    [page.place(rows[0].sentence.line, rows[0].sentence.text)],
                    "Count again.",
                )
        if _HYPOTHETICAL.search(sentence.text) or "criteri" not in sentence.text.lower():
            continue
        for match in _TALLY.finditer(sentence.text):
            if _NAMED.search(sentence.text[: match.start()]):
                continue  # 'Criterion 4 is met' counts nothing
            yield from _tally(page, sentence, match, by_number, total)


def _tally(
    page: Page,
    sentence: Sentence,
    match: re.Match[str],
    rows: dict[int, Judged],
    total: int,
) -> Iterator[Finding]:
    word = match["count"].lower()
    level = level_of(match["level"])
    counted = [row for row in rows.values() if row.level == level]
    stated = total if word == "all" else 0 if word == "none" else number_of(word)
    places = [page.place(row.sentence.line, f"Criterion {row.criterion}: {row.word}")
              for row in rows.values()]  # fmt: skip
    if match["total"] and number_of(match["total"]) != total:
        yield page.finding(
            "tally-differs",
            "error",
            sentence,
            f"'{match.group()}' speaks of {match['total']} criteria, {total} are judged",
            places,
            "Count again.",
        )
    if stated != len(counted):
        yield page.finding(
            "tally-differs",
            "error",
            sentence,
            f"'{match.group()}' says {stated}, the verdicts give {len(counted)} "
            f"{level_name(level)}",
            places,
            "Count again.",
        )
    elif match["names"]:
        named = {int(n) for n in re.findall(r"\d+", match["names"].split(",")[0])}
        there = {row.criterion for row in counted}
        if named and named != there and len(named) == stated:
            yield page.finding(
                "tally-differs",
                "error",
                sentence,
                f"'{match.group()}' names criterion {_listed(named)}; {level_name(level)} is "
                f"{_listed(there)}",
                places,
                "Count again.",
            )


def _listed(numbers: set[int]) -> str:
    return ", ".join(map(str, sorted(numbers))) or "none"
