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
from grader.comparison.quoted_words import (
    Quoted,
    Source,
    forms_of,
    quoted_pieces,
    sources_of,
    unclear_quotation,
    unlocated_words,
    without_quotations,
)
from grader.questions.names import named_in
from grader.rubric.scale import level_name
from grader.text.number_words import NUMBER
from grader.text.quotation import SIDES, Evidence, Side, locate
from grader.text.visible import visible
from grader.transcripts.transcript import deliverable

if TYPE_CHECKING:
    from grader.comparison.comparison import Comparison

MOST_WORDS = 900
"""A longer text is cut: nobody reads it in the time there is."""

_ALIKE = 93
"""Likeness, in per cent, from which two sentences say the same."""

_TURNS_THE_SENSE = re.compile(
    rf"{NUMBER}|no|not|never|nor|neither|none|nothing|nobody|without|cannot|only|less|fewer|more"
    r"|\w*n['’]t"
)
"""A word in which two sentences that say the same don't differ."""

_LABEL = re.compile(r"(?<!\w)[A-Z]{1,2}\d+(?!\w)")

_FEW_WORDS = 5
"""Shorter sentences may well come twice."""

_CONDITION = (
    r"\b(?:the (?:control|treatment|treated|primed)"
    r"(?!\s+(?:of|over|for|plans?|rooms?|panels?|patients?)\b)|"
    r"(?:control|treatment|treated|primed|baseline) (?:run|transcript|condition|side|session)s?|"
    r"preambles?|system prompt)\b"
)
_CLAUSE = re.compile(
    r"[,;]\s+(?!\0)|(?<![12]\s)\b(?:and|or|but|while|whereas|where|when|because|since|though|than)\b"
)
"""Where another clause may begin; a comma before a quotation belongs to it."""

_OF_THE_TASK = re.compile(
    r"\b(?:task|prompt|brief|rubric|criteri(?:on|a)|definitions?|levels?|asks?|asked)\b", re.I
)


def passages_of(draft: Comparison) -> dict[str, tuple[Evidence, ...]]:
    """The quotations that each finding was found by, by its label."""
    by_item: dict[str, list[Evidence]] = {}
    for kind in kinds():
        for answer in kind.answers(draft):
            by_item.setdefault(answer.item, []).extend(answer.evidence)
        for item in kind.items(draft):
            by_item.setdefault(item.id, [*item.drafted.evidence])
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
        # Looked for as it was given: what can't be seen may have been copied from a transcript.
        given = " ".join(text.split())
        text = visible(given)
        if not text:
            return None
        why = self._wrong(given) or (self._too_much(text) if counts else None)
        if why is not None:
            self.left_out.append(LeftOut(text=text, why=why))
            return None
        if counts:
            self._words += len(text.split())
            self._said.append(text)
        labels = tuple(dict.fromkeys(findings))
        evidence, doubts = self._evidence(given, labels)
        return WrittenSentence(
            text=text,
            findings=labels,
            evidence=evidence,
            doubts=(*doubts, *_doubts(self._draft, text, labels, evidence, self._passages)),
        )

    def _wrong(self, text: str) -> str | None:
        if unclear := unclear_quotation(text):
            return unclear
        if unlocated_words(text, self._sources):
            return "quotes words that stand in neither transcript"
        unquoted = without_quotations(text)
        for named in self._condition.finditer(unquoted):
            # An id that is a plain word, such as 'memo', may be what both texts speak of.
            is_id = named["id"] and not named["id"].isalpha()
            if is_id or not self._has_read(named.group()):
                return f"names a condition ({named.group()})"
        labels = {finding.label for finding in self._draft.findings}
        labels |= {f"K{n}" for n in range(1, len(self._draft.rubric.criteria) + 1)}
        for shown in _LABEL.findall(unquoted):
            # 'S3' may also be what the transcripts speak of.
            if shown in labels and not self._has_read(shown):
                what = "criterion" if shown[0] == "K" else "finding"
                return f"shows the label of a {what} ({shown})"
        return None

    def _too_much(self, text: str) -> str | None:
        if len(text.split()) > _FEW_WORDS and any(_says_again(text, said) for said in self._said):
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
        ids = rf"(?<!\w)(?:{'|'.join(known)})(?!\w)" if known else r"(?!)"
        return re.compile(rf"(?P<id>{ids})|{_CONDITION}", re.I)

    def _has_read(self, words: str) -> bool:
        return re.search(rf"\b{re.escape(words.lower())}\b", self._read) is not None

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

    def _evidence(
        self, text: str, labels: Iterable[str]
    ) -> tuple[tuple[Evidence, ...], tuple[str, ...]]:
        """Where the quoted words stand, and what speaks against quoting them so.

        They are looked for first in the transcript that the sentence names, then in the one that
        its findings speak of.
        """
        near = [each for label in labels for each in self._passages.get(label, ())]
        found, doubts = [], []
        for piece in quoted_pieces(text):
            named = self._named(text, piece)
            sides = [each.side for each in near if _plain(piece.text) in _plain(each.quote)]
            in_order = sorted((*sides, *SIDES), key=lambda side: side not in named)
            places = (_located(self._draft, piece.text, each) for each in dict.fromkeys(in_order))
            evidence = next((each for each in places if each.span), None)
            if evidence is not None:
                found.append(evidence)
                if named and evidence.side not in named:
                    doubts.append("quotes words that stand in the other transcript")
            elif not _OF_THE_TASK.search(without_quotations(text)):
                doubts.append("quotes words of the task or the rubric")
        return tuple(dict.fromkeys(found)), tuple(dict.fromkeys(doubts))

    def _named(self, text: str, piece: Quoted) -> set[Side]:
        """The transcripts that the clause around quoted words names, else the sentence."""
        clauses = list(_CLAUSE.finditer(without_quotations(text)))
        start = max((each.end() for each in clauses if each.end() <= piece.start), default=0)
        end = min(
            (each.start() for each in clauses if each.start() >= piece.end), default=len(text)
        )
        named = named_in(text)
        near = [places for at, places in named if start <= at < end]
        return {
            self._draft.blind_order[place]
            for places in near or [places for _, places in named]
            for place in places
        }


def _says_again(text: str, said: str) -> bool:
    """Whether a sentence says what another says, and not the same of another, or its opposite."""
    # Imported here: only who asks needs it.
    from rapidfuzz import fuzz
    from rapidfuzz.distance import Indel

    if fuzz.ratio(text.lower(), said.lower()) < _ALIKE:
        return False
    words, others = (re.findall(r"\w+(?:['’]\w+)?", each.lower()) for each in (text, said))
    edits = Indel.editops(words, others)
    gone = {words[edit.src_pos] for edit in edits if edit.tag == "delete"}
    new = {others[edit.dest_pos] for edit in edits if edit.tag == "insert"}
    # A word in another place may turn who does what: 'Ada does, Ben doesn't'.
    return not gone & new and not any(map(_TURNS_THE_SENSE.fullmatch, gone | new))


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
    named = {draft.blind_order[place] for _, places in named_in(text) for place in places}
    if named - sides:
        found.append("names a transcript that none of its findings is about")
    verdicts = {each.item: each for each in draft.verdicts}
    levels = {level_name(verdicts[each].level or "") for each in cited if each in verdicts}
    unquoted = without_quotations(text)
    names = {level_name(level) for each in draft.rubric.criteria for level in each.scale.levels}
    said = {name for name in names if _says_level(unquoted, name)}
    if levels and said - levels:
        found.append("names a level that none of its findings has")
    near = "\n".join(_plain(e.quote) for label in labels for e in passages.get(label, ()))
    if near and any(_plain(each.quote) not in near for each in evidence):
        found.append("quotes words that its findings don't hold")
    return tuple(found)


def _says_level(text: str, name: str) -> bool:
    """Whether a text calls something by a level; one of a single word may be a common word."""
    before = "" if " " in name else r"(?:\b(?:is|are|was|were|at|judged|rated|reach(?:es)?)\s+|: )"
    return re.search(rf"{before}\b{re.escape(name)}\b", text, re.I) is not None


def _sides(about: str) -> Sequence[Side]:
    """The sides that a finding speaks of, by what it is about."""
    last = about.rpartition(":")[2]
    return [side for side in SIDES if side == last] or SIDES


def _located(draft: Comparison, words: str, side: Side) -> Evidence:
    turns = deliverable(draft.transcript(side))
    places = [locate(form, turns, side) for form in forms_of(words)]
    return next((each for each in places if each.span), places[0])


def _plain(text: str) -> str:
    """Letters and digits alone: typography does not part a quotation from its passage."""
    return " ".join(re.findall(r"\w+", text.lower()))
