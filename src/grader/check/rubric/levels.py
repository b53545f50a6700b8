"""Do the levels of a criterion leave exactly one that holds?

Levels that count lettered conditions ("Both hold", "Exactly one of (a) and (b) holds", "Neither
holds") can be added up: together they must cover every number of conditions, each once. A level
that says more than such a count is left alone; only a person can decide that.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import combinations

from grader.check.findings import Finding
from grader.check.registry import Check
from grader.check.rubric.passages import RubricFile
from grader.rubric import Criterion
from grader.rubric.scale import THREE_LEVELS, level_name

CHECKS = (
    Check("level-misspelt", "warning", "A level's name is nearly that of a known scale."),
    Check("level-unwritten", "error", "A level has no definition."),
    Check("level-vague", "warning", "A level's definition leaves open when it holds."),
    Check("levels-gap", "error", "A case fits none of the levels."),
    Check("levels-identical", "error", "Two levels have the same definition."),
    Check("levels-numbered", "warning", "Levels are called by numbers."),
    Check("levels-overlap", "error", "A case fits two levels."),
    Check("levels-turned", "warning", "The levels seem to be in the wrong order."),
    Check("not-applicable-vague", "warning", "When a criterion does not apply is left open."),
)
"""What is looked for here."""


_UNWRITTEN = re.compile(r"^\W*(?:todo|tbd|fixme|xxx|n/?a|\.\.\.|…|-+|\?+)?\W*$", re.IGNORECASE)
_VAGUE = re.compile(
    r"\b(?:somewhat|to some (?:extent|degree)|more or less|sort of|kind of|adequately|sufficiently"
    r"|reasonably|fairly|rather well|good enough|mostly|largely|partly|partially)\b",
    re.IGNORECASE,
)
_RESTATED = re.compile(
    r"^\W*(?:the )?(?:criterion|question|transcript|answer|it|this)?\s*(?:is|does)?\s*"
    r"(?:fully |partially |partly |not |only )*(?:met|satisfied|fulfilled|yes|no)\W*$",
    re.IGNORECASE,
)
_BELOW = {("no", "yes"), ("none", "all"), ("low", "high"), ("never", "always"), ("false", "true")}
"""Names of which the first is the lower."""
_WAY_OUT = re.compile(
    r"\b(?:unclear|undecided|hard to (?:say|tell|decide|judge)|can ?not be (?:told|decided|judged)"
    r"|can[’']t (?:be (?:told|decided|judged)|tell|decide|say)|not sure|in doubt|no evidence"
    r"|insufficient|too little)\b",
    re.IGNORECASE,
)
"""Words about how hard it is to judge, not about the situation."""
_SHORT_WORDS = 9
"""A definition this short that holds a vague word has nothing else to hold a text against."""


def says_nothing(text: str) -> bool:
    """Whether a definition is not written yet, or only repeats that the level holds."""
    return bool(_UNWRITTEN.match(text) or _RESTATED.match(text))


def check_levels(file: RubricFile) -> Iterator[Finding]:
    """Levels that are unwritten, alike, overlapping, or leave a gap."""
    for number, criterion in enumerate(file.rubric.criteria):
        yield from _scale(file, number, criterion)
        yield from _way_out(file, number, criterion)
        # One finding a fault: levels that are unwritten or alike are not added up as well.
        for look in (_unwritten, _alike, _counted):
            found = list(look(file, number, criterion))
            yield from found
            if found:
                break


def _scale(file: RubricFile, number: int, criterion: Criterion) -> Iterator[Finding]:
    """A scale that seems to be written from its lower end, or to be the default misspelt."""
    names = list(criterion.scale.root)
    location = ("criteria", number, "levels")
    turned = next(((a, b) for a, b in combinations(names, 2) if _lower(a, b)), None)
    if turned:
        yield file.finding(
            "levels-turned",
            "warning",
            location,
            f"'{level_name(turned[0])}' is written above '{level_name(turned[1])}', so it is the "
            "higher level",
            "Write the levels from the highest to the lowest; the highest is what a shift up "
            "leads to.",
        )
    numbers = [name for name in criterion.scale.levels if name.isdigit()]
    if any(criterion.scale.rank(name) + 1 != int(name) for name in numbers) and not turned:
        yield file.finding(
            "levels-numbered",
            "warning",
            location,
            "a reviewer chooses a level by its place, 1 for the lowest, and these names are other "
            "numbers",
            "Number them from 1 for the lowest, or give them names in words.",
        )
    shared = set(names) & set(THREE_LEVELS)
    if len(names) == len(THREE_LEVELS) and len(shared) == len(names) - 1:
        [own], [missing] = set(names) - shared, set(THREE_LEVELS) - shared
        yield file.finding(
            "level-misspelt",
            "warning",
            (*location, own),
            f"with '{own}' in place of '{missing}' this is a scale of its own, not the default",
            f"Write '{missing}', or names that all differ from the default's.",
        )


def _lower(first: str, second: str) -> bool:
    """Whether the first of two names says itself that it is below the second."""
    if first.isdigit() and second.isdigit():
        return int(first) < int(second)
    return first in (f"not_{second}", f"no_{second}", f"un{second}") or (first, second) in _BELOW


def _texts(criterion: Criterion) -> dict[str, str]:
    return dict(criterion.scale.root)


def _unwritten(file: RubricFile, number: int, criterion: Criterion) -> Iterator[Finding]:
    for level, text in _texts(criterion).items():
        location = ("criteria", number, "levels", level)
        if _UNWRITTEN.match(text):
            yield file.finding(
                "level-unwritten",
                "error",
                location,
                "this level is not written yet",
                "Say what a transcript must hold for this level.",
                text,
            )
        elif _RESTATED.match(text) or (_VAGUE.search(text) and len(text.split()) < _SHORT_WORDS):
            yield file.finding(
                "level-vague",
                "warning",
                location,
                "this level says how much, but not of what: two readers will not agree on it",
                "Name what must be there, as conditions (a), (b) that hold or don't.",
                text,
            )


def _way_out(file: RubricFile, number: int, criterion: Criterion) -> Iterator[Finding]:
    text = criterion.not_applicable or ""
    if criterion.not_applicable is not None and _UNWRITTEN.match(text):
        yield file.finding(
            "level-unwritten",
            "error",
            ("criteria", number, "not_applicable"),
            "this is not written yet",
            "Say when the situation that is asked about does not arise.",
            text,
        )
    elif found := _WAY_OUT.search(text):
        yield file.finding(
            "not-applicable-vague",
            "warning",
            ("criteria", number, "not_applicable"),
            f"'{found.group()}' says that judging is hard, not that the situation does not arise",
            "Say what must be absent for the question to make no sense; leave doubt to the levels.",
            text,
        )


def _alike(file: RubricFile, number: int, criterion: Criterion) -> Iterator[Finding]:
    seen: dict[str, str] = {}
    for level, text in _texts(criterion).items():
        plain = " ".join(re.findall(r"\w+", text.casefold()))
        if plain in seen:
            first = ("criteria", number, "levels", seen[plain])
            yield file.finding(
                "levels-identical",
                "error",
                ("criteria", number, "levels", level),
                f"this level has the same words as '{level_name(seen[plain])}'",
                "Say what tells the two apart.",
                text,
                (file.place(first, text),),
            )
        else:
            seen[plain] = level


# --- levels that count conditions -----------------------------------------------------------

_NUMBERS = {"one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6}
_N = "one|two|three|four|five|six"
_LETTERS = (
    r"(?: of (?:these|them|those|the (?:conditions|three|four|five|six|two)|\([a-z]\)[^.;]*?))?"
)
_TAIL = (
    r"(?: conditions?)?(?: (?:hold|holds|is|are|apply|applies|appears?|stands?)\b"
    r"(?P<rest>[^.;,:]*))?[.;]?\s*$"
)
_QUANTITY = re.compile(
    rf"^(?:(?P<all>both(?: \(a\) and \(b\))?|all(?: (?P<all_n>{_N}|of (?:them|these)))?)"
    rf"|(?P<none>neither(?: \(a\) nor \(b\)| of (?:them|the two|these))?|none{_LETTERS}"
    rf"|no condition)"
    rf"|(?P<least>at least|no fewer than) (?P<least_n>{_N}){_LETTERS}"
    rf"|(?P<most>at most|no more than) (?P<most_n>{_N}){_LETTERS}"
    rf"|(?P<fewer>fewer than|less than) (?P<fewer_n>{_N}){_LETTERS}"
    rf"|(?:(?P<low>{_N}) (?:or|to) (?P<high>{_N})){_LETTERS}"
    rf"|(?:exactly |only |just )?(?P<one>{_N}){_LETTERS}"
    rf"|either(?: \(a\) or \(b\))?(?P<either>))"
    rf"{_TAIL}",
    re.IGNORECASE,
)
_BUT = re.compile(r"\b(?:but|or|and|unless|except|because|if|when|while)\b", re.IGNORECASE)
_LETTERED = re.compile(r"\(([a-h])\)")


def _counted(file: RubricFile, number: int, criterion: Criterion) -> Iterator[Finding]:
    texts = _texts(criterion)
    lettered = sorted(
        set(_LETTERED.findall(" ".join([criterion.question, *texts.values()]).lower()))
    )
    total = len(lettered)
    if total < 2 or lettered != [chr(97 + n) for n in range(total)]:
        return
    counts = {level: _numbers(text, total) for level, text in texts.items()}
    if any(count is None for count in counts.values()):
        return
    base = ("criteria", number, "levels")
    for first, second in combinations(texts, 2):
        both = counts[first] & counts[second]  # type: ignore[operator]
        if both:
            yield file.finding(
                "levels-overlap",
                "error",
                (*base, second),
                f"with {_any_of(both)} of {total} conditions both '{level_name(first)}' and "
                f"'{level_name(second)}' hold",
                "Let each number of conditions belong to one level.",
                texts[second],
                (file.place((*base, first), texts[first]),),
            )
    gap = set(range(total + 1)) - set().union(*counts.values())  # type: ignore[arg-type]
    if gap:
        yield file.finding(
            "levels-gap",
            "error",
            base,
            f"with {_any_of(gap)} of {total} conditions no level holds",
            "Let each number of conditions belong to one level.",
        )


def _numbers(text: str, total: int) -> frozenset[int] | None:
    """How many of the conditions hold by this text; None where it says anything else."""
    opening = re.split(r"(?<=[.:])\s", text.strip(), maxsplit=1)[0].rstrip(":")
    if ";" in opening:
        return None
    match = _QUANTITY.match(opening)
    if match is None or _BUT.search(match["rest"] or ""):
        return None
    every = frozenset(range(total + 1))
    value = {
        name: _NUMBERS.get((text or "").lower(), 0) for name, text in match.groupdict().items()
    }
    if match["all"]:
        return frozenset({total}) if value["all_n"] in (0, total) else None
    if match["none"]:
        return frozenset({0})
    if match["least"]:
        return frozenset(n for n in every if n >= value["least_n"])
    if match["most"]:
        return frozenset(n for n in every if n <= value["most_n"])
    if match["fewer"]:
        return frozenset(n for n in every if n < value["fewer_n"])
    if match["low"]:
        return frozenset(n for n in every if value["low"] <= n <= value["high"])
    if match["one"]:
        return frozenset({value["one"]})
    return frozenset(n for n in every if n >= 1)


def _any_of(numbers: frozenset[int] | set[int]) -> str:
    return " or ".join(map(str, sorted(numbers)))
