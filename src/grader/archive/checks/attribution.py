"""Whom a sentence speaks of: 'P-GPT-2', 'the control output', 'C's', 'the C analysis'."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

_RUN = (
    r"(?:output|transcript|session|version|document|response|answer|run|deliverable|text|memo"
    r"|post-mortem|draft|condition|side)"
)
_ADJECTIVES = {
    "control": "C",
    "cold": "C",
    "unprimed": "C",
    "baseline": "C",
    "primed": "P",
    "facilitated": "F",
}
_CODE = r"(?P<code>F\+P|FP|[CPF])-[A-Za-z][A-Za-z0-9.]*-\d{1,3}"
_LETTER = r"(?P<letter>F\+P|[CPF])"
_BEFORE_LETTER = (
    r"(?<![-–+/\w'’])(?<!Appendix )(?<!appendix )(?<!Plan )(?<!plan )(?<!Vitamin )(?<!Option )"
    r"(?<!option )(?<!Section )(?<!section )(?<!Phase )(?<!Part )(?<!Annex )(?<!Exhibit )"
)
_MENTION = re.compile(
    rf"\b{_CODE}(?![\w-])(?P<of_code>(?:['’]s)?\s+(?:session\s+)?anal(?:ysis|yses)\b)?"
    rf"|{_BEFORE_LETTER}{_LETTER}(?![\w+/\-–]|\.\w|\s*[-=]|\s+vs)(?P<of_letter>(?:['’]s)?\s+"
    rf"(?:session\s+)?anal(?:ysis|yses)\b)?"
    rf"|\b(?P<adjective>{'|'.join(_ADJECTIVES)})\s+{_RUN}\b(?P<of_adj>(?:['’]s)?\s+"
    rf"anal(?:ysis|yses)\b)?"
    r"|\b[Tt]he\s+(?P<noun>control|treatment|baseline)(?=['’]s\b|\s+\w|[,.;:)]|$)(?!\s+(?:group|panel"
    r"|condition was|room|of|over|is lost))"
    r"|\b(?P<preamble>preamble)\b|\b(?P<system>system prompt)\b"
    r"|\b(?P<task>(?:task )?prompt)\b",
)
_VERSUS = re.compile(r"\b(?:F\+P|[CPF])[\s-]*(?:vs\.?|versus|v\.)[\s-]*(?:F\+P|[CPF])\b")


@dataclass(frozen=True)
class Mention:
    """A place in a sentence that names whom it speaks of."""

    start: int
    end: int
    who: str
    """A condition such as 'C'; 'analysis:C'; 'preamble', 'system' or 'task'."""


@lru_cache(maxsize=256)  # each check asks for the sentence it looks at
def mentions(text: str, treatment: str) -> tuple[Mention, ...]:
    """All mentions in a sentence, in order. `treatment` is the condition 'the treatment' means."""
    return tuple(_mentions(_VERSUS.sub(lambda m: " " * len(m.group()), text), treatment))


def _mentions(text: str, treatment: str) -> Iterator[Mention]:
    for match in _MENTION.finditer(text):
        group = match.groupdict()
        if group["code"] or group["letter"]:
            who = (group["code"] or group["letter"] or "").replace("FP", "F+P")
            if group["of_code"] or group["of_letter"]:
                who = f"analysis:{who}"
        elif group["adjective"]:
            who = _ADJECTIVES[group["adjective"]]
            if group["of_adj"]:
                who = f"analysis:{who}"
        elif group["noun"]:
            who = treatment if group["noun"] == "treatment" else "C"
        else:
            who = next(name for name in ("preamble", "system", "task") if group[name])
        yield Mention(match.start(), match.end(), who)


def speaker_of(text: str, at: int, treatment: str, end: int | None = None) -> Mention | None:
    """Who is spoken of where something stands at `at`: the nearest mention before it, else the
    first one after it. Of words that end at `end` it is the one they are said to stand in:
    '"…" in P'."""
    found = mentions(text, treatment)
    before = [mention for mention in found if mention.end <= at]
    after = [mention for mention in found if mention.start >= at]
    if end is not None and after and re.fullmatch(r"\s+in\s+", text[end : after[0].start]):
        return after[0]
    if before:
        return before[-1]
    return after[0] if after else None
