"""Stated numbers and lengths against what the transcripts at hand give.

A number is wrong only when no usual way of counting gives it; the ways are named with what they
give, so that a reader can tell which one was meant.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from grader.archive.checks.claims import (
    count_claims,
    label_claims,
    length_claims,
    size_claims,
    word_claims,
)
from grader.archive.checks.countable import Ways, count, count_label, count_words_like
from grader.archive.checks.pages import Page, Sentence, Side
from grader.check.findings import Finding, Place
from grader.check.registry import Check
from grader.text.number_words import NUMBER, Stated, is_rough, number_of, stated

CHECKS = (
    Check("count-differs", "error", "No way of counting gives the number stated."),
    Check("length-differs", "error", "The lengths of the two are not as stated."),
    Check("duration-differs", "error", "A duration is not the one of task and transcripts."),
)
"""What is looked for here."""


_EXACT_WORDS = 0.03
"""Programs count words a little differently."""

_NAMES = {
    "action": "action items",
    "lesson": "lessons",
    "section": "sections",
    "placeholder": "placeholders",
    "question": "questions",
    "word": "words",
    "item": "list items",
}
_MEND = "Count again, or say how it was counted."


def check_counts(page: Page) -> Iterator[Finding]:
    """Numbers of things, words, labels and durations that no way of counting gives."""
    yield from _numbers(page)
    yield from _labels(page)
    yield from _words(page)
    yield from _sizes(page)
    yield from _lengths(page)
    yield from _durations(page)


def _numbers(page: Page) -> Iterator[Finding]:
    for claim in count_claims(page):
        side = page.side(claim.who)
        if side is None:
            continue
        ways = count(side.transcript, claim.thing)
        share = _EXACT_WORDS if claim.thing == "word" else 0.0
        # Whether a title or a run-in label is a section is a matter of taste.
        slack = 2 if claim.thing == "section" else 0
        if not ways or any(
            claim.stated.holds(n, share=share) or abs(n - claim.stated.value) <= slack
            for n in ways.values()
        ):
            continue
        if slack and min(ways.values()) < claim.stated.value < max(ways.values()):
            continue
        yield _differs(page, claim.sentence, claim.said, side, _NAMES[claim.thing], ways)


def _labels(page: Page) -> Iterator[Finding]:
    for claim in label_claims(page):
        side = page.side(claim.who)
        ways = count_label(side.transcript, claim.label) if side else {}
        if side and not any(claim.stated.holds(n) for n in ways.values()):
            yield _differs(page, claim.sentence, claim.said, side, f"{claim.label} labels", ways)


def _words(page: Page) -> Iterator[Finding]:
    for claim in word_claims(page):
        side = page.side(claim.who)
        ways = count_words_like(side.transcript, claim.word) if side else {}
        if side and not any(claim.times.holds(n) for n in ways.values()):
            yield _differs(page, claim.sentence, claim.said, side, f'"{claim.word}"', ways)


def _sizes(page: Page) -> Iterator[Finding]:
    for claim in size_claims(page):
        for side in page.sides:
            ways = count(side.transcript, "word")
            if not ways or any(
                n >= claim.least and (claim.most is None or n <= claim.most) for n in ways.values()
            ):
                break
        else:
            for side in page.sides[:1]:
                ways = count(side.transcript, "word")
                yield _differs(page, claim.sentence, claim.said, side, "words", ways)


def _differs(
    page: Page, sentence: Sentence, said: str, side: Side, what: str, ways: Ways
) -> Finding:
    told = "; ".join(f"{way}: {counted:,}" for way, counted in ways.items()) or "none"
    first = next((turn.line for turn in side.transcript.turns if turn.role == "model"), None)
    return page.finding(
        "count-differs",
        "error",
        sentence,
        f"'{said}' is said; {what} counted in {side.name}: {told}",
        [Place(file=side.file, line=first)],
        _MEND,
    )


def _lengths(page: Page) -> Iterator[Finding]:
    for claim in length_claims(page):
        ours, theirs = page.side(claim.who), page.side(claim.than)
        if ours is None or theirs is None:
            continue
        gaps = {
            way: counted - other
            for way, counted in count(ours.transcript, "word").items()
            if (other := count(theirs.transcript, "word").get(way))
        }
        size = max(count(theirs.transcript, "word").values(), default=0)
        wrong = not any(_fits(claim.way, claim.by, gap, size) for gap in gaps.values())
        if gaps and wrong:
            told = "; ".join(f"{way}: {gap:+,}" for way, gap in gaps.items())
            yield page.finding(
                "length-differs",
                "error",
                claim.sentence,
                f"'{claim.said}' is said; {ours.name} against {theirs.name} in words: {told}",
                [Place(file=ours.file), Place(file=theirs.file)],
                _MEND,
            )


def _fits(way: str, by: Stated | None, gap: int, size: int) -> bool:
    if way == "same":
        return abs(gap) <= 0.15 * size
    if (gap < 0) != (way == "shorter") or gap == 0:
        return False
    # A rough difference between two long texts may be off by a few per cent of their length.
    return by is None or abs(abs(gap) - by.value) <= max(
        0.25 * by.value, 0.03 * size if by.bound == "about" else 0.01 * size
    )


# --- durations ------------------------------------------------------------------------------

_DURATION = re.compile(
    rf"\b(?P<number>{NUMBER})[- ](?P<unit>hour|minute|day|week|month)s?[- ]"
    r"(?P<thing>outage|incident|downtime|interruption|window|closure|deadline|trial)\b",
    re.IGNORECASE,
)
_BETWEEN = re.compile(
    rf"\b(?P<number>{NUMBER})[- ]minutes?\b[^.;]{{0,60}}?\b(?:between|from)\s+(?P<a>\d{{1,2}}:\d\d)"
    r"\s+(?:and|to|until)\s+(?P<b>\d{1,2}:\d\d)",
    re.IGNORECASE,
)


def _durations(page: Page) -> Iterator[Finding]:
    own = page.own or (page.sides[0] if page.sides else None)
    for sentence in page.sentences:
        for match in _BETWEEN.finditer(sentence.text):
            minutes = (_minutes(match["b"]) - _minutes(match["a"])) % (24 * 60)
            rough = "about" if is_rough(sentence.text[: match.start()]) else None
            told = stated(match["number"], rough)
            if not told.holds(minutes):
                yield page.finding(
                    "duration-differs",
                    "error",
                    sentence,
                    f"from {match['a']} to {match['b']} are {minutes} minutes, not {told.value}",
                    mend=_MEND,
                )
        if own is None:
            continue
        for match in _DURATION.finditer(sentence.text):
            yield from _duration(page, own, sentence, match)


def _duration(page: Page, own: Side, sentence: Sentence, match: re.Match[str]) -> Iterator[Finding]:
    """'the six-hour outage', where task and transcripts know one of four hours only."""
    said = " ".join(
        [
            own.transcript.task_prompt or "",
            *(turn.text for side in page.sides for turn in side.transcript.turns),
        ]
    )
    unit = match["unit"].lower()
    known = {
        number_of(found)
        for found in re.findall(rf"\b({NUMBER})[- ]{unit}s?\b", said, re.IGNORECASE)
    }
    hours = number_of(match["number"])
    if not known or hours in known or is_rough(sentence.text[: match.start()]):
        return
    line = next((n for n in (page.line_of(f"{k} {unit}") for k in known) if n), None)
    yield page.finding(
        "duration-differs",
        "error",
        sentence,
        f"'{match.group()}' is said; task and transcript know {unit}s of "
        f"{', '.join(map(str, sorted(known)))}",
        [page.place(line)] if line else [],
        _MEND,
    )


def _minutes(time: str) -> int:
    hours, minutes = time.split(":")
    return int(hours) * 60 + int(minutes)
