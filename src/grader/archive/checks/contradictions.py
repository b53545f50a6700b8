"""Two statements of one page that can't both be true, as far as rules can tell."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import combinations

from grader.archive.checks.claims import LengthClaim, count_claims, length_claims, mention_claims
from grader.archive.checks.countable import count
from grader.archive.checks.pages import Page, Sentence
from grader.check.findings import Finding
from grader.check.registry import Check

CHECKS = (
    Check("counts-contradict", "error", "Two statements give different numbers."),
    Check("kinds-contradict", "error", "Two statements give different kinds of difference."),
    Check("lengths-contradict", "error", "Two statements give different lengths."),
    Check("mentions-contradict", "error", "Two statements give different numbers of mentions."),
)
"""What is looked for here."""


_MEND = "One of the two is wrong; look at the transcripts."
_NOTABLE = 0.1
"""A difference in length of more than this share is not 'approximately the same'."""


def check_contradictions(page: Page) -> Iterator[Finding]:
    """Lengths, numbers, mentions and kinds of difference that two statements give otherwise."""
    yield from _lengths(page)
    yield from _counts(page)
    yield from _mentions(page)
    yield from _kinds(page)


def _conflict(page: Page, code: str, one: Sentence, other: Sentence, message: str) -> Finding:
    first, second = sorted((one, other), key=lambda sentence: sentence.line)
    return page.finding(code, "error", second, message, [page.place(first.line, first.text)], _MEND)


def _lengths(page: Page) -> Iterator[Finding]:
    claims = list(length_claims(page))
    for one, other in combinations(claims, 2):
        if {one.who, one.than} != {other.who, other.than}:
            continue
        ways = {_way(one, one.who), _way(other, one.who)}
        if len(ways) == 1:
            continue
        if "same" in ways:
            longer = one if one.way != "same" else other
            if longer.slight or not _notable(page, longer):
                continue
        yield _conflict(
            page,
            "lengths-contradict",
            one.sentence,
            other.sentence,
            f"'{other.said}' is said here and '{one.said}' there of the same two texts",
        )


def _way(claim: LengthClaim, who: str) -> str:
    if claim.way == "same" or claim.who == who:
        return claim.way
    return "longer" if claim.way == "shorter" else "shorter"


def _notable(page: Page, claim: LengthClaim) -> bool:
    """Whether the difference is too great for 'about the same length'."""
    both = [page.side(who) for who in (claim.who, claim.than)]
    if both[0] is not None and both[1] is not None:
        ours, theirs = (count(side.transcript, "word") for side in both if side is not None)
        return all(
            abs(counted - theirs[way]) > _NOTABLE * max(counted, theirs[way])
            for way, counted in ours.items()
            if way in theirs
        )
    if claim.by is None:
        return True
    sizes = [
        counted
        for who in (claim.who, claim.than)
        if (side := page.side(who))
        for counted in count(side.transcript, "word").values()
    ]
    return not sizes or claim.by.value > _NOTABLE * (max(sizes) + claim.by.value)


def _counts(page: Page) -> Iterator[Finding]:
    claims = [claim for claim in count_claims(page) if claim.stated.value > 2]
    told: set[tuple[str, str, int, int]] = set()
    for one, other in combinations(claims, 2):
        if (one.who, one.thing) != (other.who, other.thing) or one.thing in ("word", "section"):
            continue
        if one.stated.holds(other.stated.value) or other.stated.holds(one.stated.value):
            continue
        low, high = sorted((one.stated.value, other.stated.value))
        key = (one.who, one.thing, low, high)
        if key not in told:
            told.add(key)
            yield _conflict(
                page,
                "counts-contradict",
                one.sentence,
                other.sentence,
                f"'{other.said}' is said of {one.who} here and '{one.said}' there",
            )


def _mentions(page: Page) -> Iterator[Finding]:
    claims = list(mention_claims(page))
    for one, other in combinations(claims, 2):
        if one.who == other.who and one.what == other.what and one.times != other.times:
            yield _conflict(
                page,
                "mentions-contradict",
                one.sentence,
                other.sentence,
                f"{one.who} is said to mention the {one.what} {other.times} times here and "
                f"{one.times} times there",
            )


_KIND = re.compile(
    r"\b(?:the|this) difference (?:between (?:them|the two|the (?:two )?\w+s) )?is "
    r"(?:(?:primarily|purely|entirely|clearly|therefore|thus|best described as|overall|largely) )?"
    r"(?P<kind>quantitative|qualitative)\b(?P<rest>[^.]*)",
    re.IGNORECASE,
)


def _kinds(page: Page) -> Iterator[Finding]:
    found = [
        (sentence, match["kind"].lower())
        for sentence in page.sentences
        if (match := _KIND.search(sentence.text))
        and not re.search(r"\b(?:if|whether|would|not only|as well as|both)\b", sentence.text)
    ]
    for (one, kind), (other, another) in combinations(found, 2):
        if kind != another:
            yield _conflict(
                page,
                "kinds-contradict",
                one,
                other,
                f"the difference is called {another} here and {kind} there",
            )
