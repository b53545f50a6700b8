"""Which part of a reply's text is the judge's answer: one JSON object, the last thing said.

Thoughts, drafts and quoted objects are no answers. Where it isn't plain which object is the answer
there is none, and the reason is told; nothing is mended and nothing guessed.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

MAX_OBJECTS = 200
"""So many places where an object could begin are tried; a reply with more is not an answer."""

_NAME = r"[\w:|.-]{0,40}"
_THOUGHT = (
    r"(?:think|thought|reason|reflect|scratch|analy|plan|draft|monologue|deliberat|internal|cot"
    r"|rationale|consider|brainstorm|working)"
)
_OPENED = re.compile(
    rf"<{_NAME}?{_THOUGHT}{_NAME}(?:\s[^<>\n]{{0,80}})?>|<details\b[^<>\n]{{0,80}}>|\[THINK\]"
    r"|◁think▷|<\|channel\|?>\s*(?!final)(?!commentary\s+to=)\w+"
    r"|\A(?:analysis|commentary)(?=[A-Z{`])",
    re.IGNORECASE,
)
"""Where thoughts begin: tags of any spelling, and the channels of gpt-oss and Gemma."""

_CLOSED = re.compile(
    rf"</{_NAME}?{_THOUGHT}{_NAME}\s*>|</details\s*>|\[/THINK\]|◁/think▷"
    rf"|<\|end[_-]{_NAME}?{_THOUGHT}{_NAME}>|<channel\|>|assistantfinal"
    r"|<\|channel\|?>\s*(?:final|commentary\s+to=)[^<>\n]{0,80}(?:<\|constrain\|>[^<>\n]{0,40})?"
    r"(?:<\|message\|>|(?=\s*\{))",
    re.IGNORECASE,
)
"""Where thoughts end. What stands before the last such place is not the answer."""

_UNFINISHED = re.compile(
    r"\b(draft|example|sketch|template|placeholder|tentative|preliminary"
    r"|first (?:pass|attempt|try|version)|hypothetical|careless|incorrect|wrong(?:ly)?"
    r"|(?:would|could|might) (?:have|be|say|give|write|answer|look|read))\b",
    re.IGNORECASE,
)
"""Words with which a line before an object says that it is not the answer yet."""

_MARKS = re.compile(
    r"<\|[^<>|\n]{1,30}\|>|</?[\w:|.-]{1,40}>|`{3,}[\w+-]*|[`\"*_~#>]+|\[/?[A-Z_]{2,20}\]"
)
"""Fences, tags and tokens around an answer, which say nothing."""

_POLITE = re.compile(
    r"(?:(?:i |we )?hope (?:this|that|it)\b|(?:please )?(?:let me know|feel free|don['’]?t hesitate"
    r"|do not hesitate|reach out)\b|(?:i['’]?m |i am )?(?:happy|glad|here|available) to\b"
    r"|(?:many )?thank(?:s| you)\b|you['’]?re welcome|if (?:you|there|anything)\b"
    r"|is there anything|would you like|do you (?:want|need)\b|(?:best|kind|warm) regards"
    r"|have a (?:nice|good|great)\b|that['’]?s (?:all|it)\b|(?:this|the|it|above) ?(?:json|object"
    r"|answer|response|output|reply)?(?: object)? (?:is valid|follows|matches|fits|conforms"
    r"|adheres|complies)\b)",
    re.IGNORECASE,
)
_TURNS = re.compile(
    r"\b(but|however|although|though|actually|wait|instead|rather|draft|reconsider\w*|correct\w*"
    r"|revis\w*|chang\w*|mistak\w*|wrong|withdraw\w*|not|no|final\w*|level|verdict|should"
    r"|except|unless|example|quoted?|transcript)\b",
    re.IGNORECASE,
)
"""Words with which a sentence after an answer could take it back, or call it another's."""

_FENCE = re.compile(r"`{1,3}\w*\s*\Z")
_BEGINS = re.compile(r"\{\s*(?:\"|$)")
_SENTENCE = re.compile(r"[^.!?\n]+[.!?]*")


@dataclass(frozen=True)
class Found:
    """A JSON object in a text."""

    start: int
    end: int
    value: dict[str, Any]
    doubled: str | None
    """A key that stands in it twice; None: none does."""


@dataclass(frozen=True)
class Spoken:
    """What a reply says behind its thoughts."""

    text: str
    objects: tuple[Found, ...]
    broken: int | None
    """Where an object begins that is not whole; None: all are."""

    def last_object(self) -> Found | None:
        """The object that is the last thing said; None: there is no whole one.

        Raises:
            ValueError: it isn't plain that it is the answer.
        """
        if not self.objects or self.broken is not None:
            return None
        found = self.objects[-1]
        before = _FENCE.sub("", self.text[: found.start]).rstrip().rpartition("\n")[2]
        if _UNFINISHED.search(before) and "final" not in before.lower():
            raise ValueError(f"the words before it call it no answer yet: {_short(before)}")
        after = self.text[found.end :]
        if not _says_nothing(after):
            raise ValueError(
                "something follows the JSON object, so it isn't plain that it is the answer: "
                f"{_short(after)}"
            )
        return found


def spoken(text: str) -> Spoken:
    """What a text says behind its thoughts.

    Raises:
        ValueError: its thoughts have no end, or an object could begin at too many places.
    """
    text = text.strip("\ufeff\u200b\x00 \t\r\n")
    objects, broken = _objects(text)
    if len(objects) == 1 and objects[0].start == 0 and objects[0].end == len(text):
        return Spoken(text, objects, None)
    # A tag within an object is part of the answer: evidence quotes what stands in a transcript.
    start = max((match.end() for match in _outside(_CLOSED, text, objects)), default=0)
    if any(match.start() >= start for match in _outside(_OPENED, text, objects)):
        raise ValueError("its thoughts have no end, so nothing in it is an answer")
    return Spoken(
        text[start:],
        tuple(
            replace(each, start=each.start - start, end=each.end - start)
            for each in objects
            if each.start >= start
        ),
        next((at - start for at in broken if at >= start), None),
    )


def objects_in(text: str) -> tuple[Found, ...]:
    """The outermost whole JSON objects in a text, in order.

    Raises:
        ValueError: there are too many places where one could begin.
    """
    return _objects(text)[0]


def _objects(text: str) -> tuple[tuple[Found, ...], list[int]]:
    """Whole objects, and the places where one begins that is not whole."""
    found: list[Found] = []
    broken: list[int] = []
    at = tries = 0
    while (at := text.find("{", at)) >= 0:
        tries += 1
        if tries > MAX_OBJECTS:
            raise ValueError("it has more braces than an answer can have")
        doubled: list[str] = []
        decoder = json.JSONDecoder(object_pairs_hook=partial(_object, doubled))
        try:
            value, end = decoder.raw_decode(text, at)
        except (ValueError, RecursionError):
            if _BEGINS.match(text, at):
                broken.append(at)
            at += 1
            continue
        found.append(Found(at, end, value, doubled[0] if doubled else None))
        at = end
    return tuple(found), broken


def _object(doubled: list[str], pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object from its pairs; keys that stand in it twice are added to `doubled`."""
    value = dict(pairs)
    if len(value) < len(pairs):
        counts = Counter(key for key, _ in pairs)
        doubled.extend(key for key, count in counts.items() if count > 1)
    return value


def _outside(
    pattern: re.Pattern[str], text: str, objects: Iterable[Found]
) -> Iterator[re.Match[str]]:
    spans = [(each.start, each.end) for each in objects]
    for match in pattern.finditer(text):
        if not any(start <= match.start() < end for start, end in spans):
            yield match


def _says_nothing(rest: str) -> bool:
    """Whether words after an object leave it what it is: marks alone, or a polite sentence."""
    plain = _MARKS.sub(" ", rest).strip()
    if not plain:
        return True
    if len(plain) > 300 or "{" in plain or "_" in plain or _TURNS.search(plain):
        return False
    sentences = [each.strip() for each in _SENTENCE.findall(plain) if each.strip(" .!?")]
    return all(_POLITE.match(sentence) for sentence in sentences)


def _short(text: str, length: int = 80) -> str:
    text = " ".join(text.split())
    return text if len(text) <= length else text[: length - 1] + "…"
