"""Whether a sentence of the short text can stand before a reader, and what there is to doubt in it.

A sentence is left out when it would mislead: it quotes what stands nowhere, names a condition that
its author can't know, repeats another, or stands beyond the text's length. A doubt is told to the
reviewer and printed beside the sentence.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING

from grader.comparison.kinds.registry import kinds
from grader.comparison.parts import LeftOut, WrittenSentence
from grader.comparison.quoted_words import Source, quoted_pieces, sources_of, unlocated_words
from grader.rubric.scale import level_name
from grader.text.quotation import SIDES, Evidence, Side, locate
from grader.text.visible import visible
from grader.transcripts.transcript import deliverable

if TYPE_CHECKING:
    from grader.comparison.comparison import Comparison

MOST_WORDS = 900
"""A longer text is cut: nobody reads it in the time there is."""

_ALIKE = 93
"""Likeness, in per cent, from which two sentences say the same."""

_FEW_WORDS = 5
"""Shorter sentences may well come twice."""

_CONDITION = (
    r"\b(?:(?:the|a) (?:control|treatment|treated|primed)|"
    r"(?:control|treatment|treated|primed|baseline) (?:run|transcript|condition|side|session)s?|"
    r"preambles?|system prompt)\b"
)
_NAMED = re.compile(r"\bTranscripts?\s+(?P<first>[12])(?:\s+(?:and|or)\s+(?P<second>[12]))?\b")


def passages_of(draft: Comparison) -> dict[str, tuple[Evidence, ...]]:
    """The quotations that each finding was found by, by its label."""
    by_item: dict[str, list[Evidence]] = {}
    for kind in kinds():
        for answer in kind.answers(draft):
            by_item.setdefault(answer.item, []).extend(answer.evidence)
        for item in kind.items(draft) if kind.id == "narrative" else ():
            by_item.setdefault(item.id, []).extend(item.drafted.evidence)
    return {
        finding.label: tuple(each for each in by_item.get(finding.about or "", ()) if each.span)
        for finding in draft.findings
    }


class Checked:
    """The sentences of one text, taken in one after the other."""

    def __init__(self, draft: Comparison) -> None:
        self.left_out: list[LeftOut] = []
        self._draft = draft
        self._words = 0
        self._said: list[str] = []

    def kept(
        self, text: str, findings: Sequence[str], *, counts: bool = True
    ) -> WrittenSentence | None:
        """The sentence with its quotations located; None where it can't stand.

        Args:
            text: in blind words.
            findings: the labels it rests on.
            counts: whether it is part of the text, which has a length and says nothing twice.
        """
        text = " ".join(visible(text).split())
        if not text:
            return None
        why = self._wrong(text) or (self._too_much(text) if counts else None)
        if why is not None:
            self.left_out.append(LeftOut(text=text, why=why))
            return None
        if counts:
            self._words += len(text.split())
            self._said.append(text)
        labels = tuple(dict.fromkeys(findings))
        evidence = self._evidence(text, labels)
        return WrittenSentence(
            text=text,
            findings=labels,
            evidence=evidence,
            doubts=_doubts(self._draft, text, labels, evidence, self._passages),
        )

    def _wrong(self, text: str) -> str | None:
        if unlocated_words(text, self._sources):
            return "quotes words that stand in neither transcript"
        unquoted = re.sub(r'"[^"]*"|“[^”]*”', "", text)
        named = self._condition.search(unquoted)
        if named and named.group().lower() not in self._read:
            return f"names a condition ({named.group()})"
        return None

    def _too_much(self, text: str) -> str | None:
        # Imported here: only who asks needs it.
        from rapidfuzz import fuzz

        if len(text.split()) > _FEW_WORDS and any(
            fuzz.token_sort_ratio(text, said) >= _ALIKE for said in self._said
        ):
            return "says again what another sentence says"
        if self._words + len(text.split()) > MOST_WORDS:
            return f"stands beyond the {MOST_WORDS} words of the text"
        return None

    @cached_property
    def _condition(self) -> re.Pattern[str]:
        """What a judge who saw neither conditions nor sessions can't have read."""
        draft = self._draft
        names = {draft.control.id, draft.treatment.id}
        names |= {each.condition or "" for each in (draft.control, draft.treatment)}
        known = sorted((re.escape(name) for name in names if len(name) > 2), key=len, reverse=True)
        return re.compile("|".join([_CONDITION, *(rf"(?<!\w){n}(?!\w)" for n in known)]), re.I)

    @cached_property
    def _read(self) -> str:
        """All that the judge can have read, in small letters."""
        return "\n".join(source.text for source in self._sources).lower()

    @cached_property
    def _sources(self) -> list[Source]:
        return sources_of(self._draft)

    @cached_property
    def _passages(self) -> dict[str, tuple[Evidence, ...]]:
        return passages_of(self._draft)

    def _evidence(self, text: str, labels: Iterable[str]) -> tuple[Evidence, ...]:
        """Where the quoted words stand, on the side that the findings speak of where they do."""
        near = [each for label in labels for each in self._passages.get(label, ())]
        found = []
        for piece in quoted_pieces(text):
            sides = [each.side for each in near if _plain(piece) in _plain(each.quote)]
            for side in dict.fromkeys([*sides, *SIDES]):
                evidence = _located(self._draft, piece, side)
                if evidence.span is not None:
                    found.append(evidence)
                    break
        return tuple(dict.fromkeys(found))


def _doubts(
    draft: Comparison,
    text: str,
    labels: Sequence[str],
    evidence: Sequence[Evidence],
    passages: Mapping[str, Sequence[Evidence]],
) -> tuple[str, ...]:
    """What speaks against a sentence, each in a few words: its findings don't say what it says."""
    if not labels:
        return ()
    about = {finding.label: finding.about or "" for finding in draft.findings}
    cited = [about[label] for label in labels if label in about]
    found = []
    sides = {side for each in cited for side in _sides(each)}
    named = {
        draft.blind_order[int(number) - 1]
        for match in _NAMED.finditer(text)
        for number in match.groups()
        if number
    }
    if named - sides:
        found.append("names a transcript that none of its findings is about")
    verdicts = {each.item: each for each in draft.verdicts}
    levels = {level_name(verdicts[each].level or "") for each in cited if each in verdicts}
    names = {
        level_name(level)
        for criterion in draft.rubric.criteria
        for level in criterion.scale.levels
        if " " in level_name(level)
    }
    said = {name for name in names if re.search(rf"\b{re.escape(name)}\b", text, re.I)}
    if levels and said - levels:
        found.append("names a level that none of its findings has")
    near = "\n".join(_plain(e.quote) for label in labels for e in passages.get(label, ()))
    if near and any(_plain(each.quote) not in near for each in evidence):
        found.append("quotes words that its findings don't hold")
    return tuple(found)


def _sides(about: str) -> Sequence[Side]:
    """The sides that a finding speaks of, by what it is about."""
    last = about.rpartition(":")[2]
    return [side for side in SIDES if side == last] or SIDES


def _located(draft: Comparison, words: str, side: Side) -> Evidence:
    turns = deliverable(draft.transcript(side))
    other = words[:1].swapcase() + words[1:]
    found = locate(words, turns, side)
    return found if found.span else locate(other, turns, side)


def _plain(text: str) -> str:
    """Letters and digits alone: typography does not part a quotation from its passage."""
    return " ".join(re.findall(r"\w+", text.lower()))
