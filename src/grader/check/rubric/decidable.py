"""Can a judge who sees one criterion or one marker alone decide it?

Each rule came from what judges asked about: levels that name no condition, ids that mean nothing
to them, markers that join two things, and exemptions that hold for one level only.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from snowballstemmer import stemmer  # type: ignore[import-untyped]

from grader.check.findings import Finding
from grader.check.registry import Check
from grader.check.rubric.levels import says_nothing
from grader.check.rubric.passages import RubricFile, seen_by_judge, seen_of_signatures
from grader.rubric import Criterion

CHECKS = (
    Check(
        "level-without-condition",
        "warning",
        "A level names no condition that decides when it holds.",
    ),
    Check("exemption-in-one-level", "warning", "An exemption stands in one level only."),
    Check("id-in-text", "warning", "A text names an id that the judge does not see."),
    Check("marker-joins-place-and-content", "warning", "A marker joins a place and a content."),
    Check("marker-compound", "warning", "A marker names several signs at once."),
)
"""What is looked for here."""


_GRADES = frozenset(
    re.findall(
        r"\w+",
        "good ok okay bad poor fair excellent great weak strong high medium low moderate average "
        "acceptable unacceptable satisfactory unsatisfactory sufficient insufficient complete "
        "incomplete some none much little few many very quite rather fully partly entirely "
        "mostly somewhat best worst better worse yes no maybe perfect terrible adequate "
        "inadequate",
    )
)
_FEWEST_WORDS = 3
_STEM = stemmer("english").stemWord
_COUNTS_CONDITIONS = re.compile(
    r"\b(?:both|neither|none|no|all|each|either|exactly|at least|at most|one|two|three)\b.*"
    r"\b(?:hold|holds|apply|applies|is there|are there|true|appear|appears|\([a-h]\))\b|\([a-h]\)",
    re.IGNORECASE | re.DOTALL,
)
_EXEMPTS = re.compile(
    r"(?<!there )\b(?:is|are) (?:no|not an?) (?P<what>[a-z]{4,}(?: [a-z]+){0,2}?)(?=[.;,)]|$)"
    r"|\b(?:is|are) not (?P<kind>[a-z]+(?:ions?|ments?|ness|ity|facts?|names?))(?=[.;,)]|$)"
    r"|\bnot count as (?:an? )?(?P<as>[a-z]{4,}(?: [a-z]+){0,2}?)(?=[.;,)]|$)"
)
"""'X is no Y', 'is not invention', 'does not count as Y'; not 'it is not there'."""
_ENUMERATED = re.compile(r",\s[^,]{1,40}(?:,)? and\s\w+|,\s[^,]{1,40},\s")
_JOINED = re.compile(r"\band (?:(?:an?|the|no)\b|(?!this\b|its\b|his\b)\w+s (?:an?|the|to|that)\b)")
_PLACE_AND_CONTENT = re.compile(
    r"^(?:an?|the) (?:opening|closing|first|last|final|introductory|concluding)\b[\w\s-]*?"
    r"\b(?:that|which|with|about|on|for|of|to|\w+ing)\b",
    re.IGNORECASE,
)
_QUOTED = re.compile(r"[\"“„«‘][^\"”“»’]*[\"”“»’]|\([^)]*\)")


def check_decidable(file: RubricFile) -> Iterator[Finding]:
    """Levels without conditions, ids and exemptions that don't reach, markers of two things."""
    for number, criterion in enumerate(file.rubric.criteria):
        yield from _without_condition(file, number, criterion)
        yield from _exempted_once(file, number, criterion)
    yield from _ids_in_texts(file)
    for number, signature in enumerate(file.rubric.signatures):
        for place, marker in enumerate(signature.markers):
            yield from _marker(file, ("signatures", number, "markers", place), marker)


def _without_condition(file: RubricFile, number: int, criterion: Criterion) -> Iterator[Finding]:
    for level, text in criterion.scale.root.items():
        words = re.findall(r"[^\W_]+", text.lower())
        graded = all(word in _GRADES or word.isdecimal() for word in words)
        short = len(words) < _FEWEST_WORDS and not _COUNTS_CONDITIONS.search(text)
        if words and (graded or short) and not says_nothing(text):
            yield file.finding(
                "level-without-condition",
                "warning",
                ("criteria", number, "levels", level),
                "this level names a grade and no condition: nothing in a transcript decides it",
                "Say what must stand in a transcript, as conditions (a), (b) that hold or don't.",
                text,
            )


def _exempted_once(file: RubricFile, number: int, criterion: Criterion) -> Iterator[Finding]:
    """What one level sets aside and another, which names the same thing, does not."""
    texts = criterion.scale.root
    defined = " ".join(texts.values()).lower()
    exempted = {level: dict(_exemptions(text)) for level, text in texts.items()}
    for level, things in exempted.items():
        for thing, words in things.items():
            if re.search(rf"\ban? (?:\w+ )?{re.escape(thing)}\w* (?:is|means)\b", defined):
                continue  # the word is defined once, and the definition holds for every level
            for other, text in texts.items():
                if other == level or thing in exempted[other] or thing not in _stems(text):
                    continue
                yield file.finding(
                    "exemption-in-one-level",
                    "warning",
                    ("criteria", number, "levels", other),
                    f"'{level.replace('_', ' ')}' sets something aside ('{words}'), and this "
                    "level speaks of the same thing without that",
                    "Say it in each level, or define the word once.",
                    text,
                    (file.place(("criteria", number, "levels", level), texts[level]),),
                )


def _exemptions(text: str) -> Iterator[tuple[str, str]]:
    """The stem of what a level says something is not, and the words that say it."""
    for match in _EXEMPTS.finditer(text.lower()):
        yield (
            _STEM((match["what"] or match["kind"] or match["as"]).split()[-1]),
            match.group().strip(),
        )


def _stems(text: str) -> set[str]:
    return {_STEM(word) for word in re.findall(r"[a-z]+", text.lower())}


def _ids_in_texts(file: RubricFile) -> Iterator[Finding]:
    """A judge sees one criterion at a time and no ids."""
    rubric = file.rubric
    ids = {each.id for each in rubric.criteria} | {each.id for each in rubric.signatures}
    ids = {id for id in ids if "-" in id}  # one without may be a plain word
    passages = [
        passage
        for number, criterion in enumerate(rubric.criteria)
        for passage in seen_by_judge(number, criterion)
    ]
    for passage in (*passages, *seen_of_signatures(rubric)):
        for id in sorted(ids):
            if re.search(rf"(?<![\w-]){re.escape(id)}(?![\w-])", passage.text):
                yield file.finding(
                    "id-in-text",
                    "warning",
                    passage.location,
                    f"'{id}' is an id, and the judge knows no ids: each criterion is asked alone",
                    "Say in words what is meant.",
                    passage.text,
                )


def _marker(file: RubricFile, location: tuple[str | int, ...], marker: str) -> Iterator[Finding]:
    plain = _QUOTED.sub("", marker)
    if _PLACE_AND_CONTENT.search(plain):
        yield file.finding(
            "marker-joins-place-and-content",
            "warning",
            location,
            "the marker joins a place with a content: where only the place differs, it is lost",
            "Name the content alone, and the place as a marker of its own if it matters.",
            marker,
        )
    elif _ENUMERATED.search(plain) or _JOINED.search(plain):
        yield file.finding(
            "marker-compound",
            "warning",
            location,
            "the marker asks for several things at once: where some are there, it is hard to say",
            "Make each of them a marker of its own.",
            marker,
        )
