"""The short text of a writeup: its sentences, what each rests on, and what speaks against it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import count

from grader.comparison.kinds.text import paragraph_text
from grader.comparison.parts import WrittenSentence
from grader.comparison.quoted_words import forms_of, quoted_pieces
from grader.text.quotation import Side
from grader.text.visible import visible
from grader.writeup.criteria import Assessed
from grader.writeup.points import Finding, Point, Support
from grader.writeup.quotations import Quotation, located, shortened

_LETTERS = "abcdefghijklmnoprstuvwxyz"
"""Those that have a raised form, which q has not."""

ANSWER_KEYS = (*_LETTERS, *(first + second for first in _LETTERS for second in _LETTERS))
"""The signs of the answer's sentences: 'a' to 'z', then 'aa'."""

_REASON_WORDS = 30
"""A longer reason doesn't stand in a row of the scorecard."""

_QUOTED_WORDS = 10
"""So many words of a passage stand in a row of the scorecard."""


@dataclass(frozen=True)
class Piece:
    """A stretch of a sentence; quoted words are a piece of their own."""

    text: str
    quotation: Quotation | None = None


@dataclass(frozen=True)
class Sentence:
    """One sentence."""

    number: int
    """Its place among all sentences of the text, from 1; 0 in the scorecard."""
    pieces: tuple[Piece, ...]
    findings: tuple[Finding, ...]
    flags: tuple[str, ...]
    """What a reader must know beside the sentence."""

    @property
    def text(self) -> str:
        """Its words."""
        return "".join(piece.text for piece in self.pieces)

    @property
    def quotations(self) -> tuple[Quotation, ...]:
        """What it quotes."""
        return tuple(piece.quotation for piece in self.pieces if piece.quotation)

    @property
    def reading(self) -> bool:
        """Whether nothing supports it: the judge's reading."""
        return not (self.findings or self.quotations)


@dataclass(frozen=True)
class Paragraph:
    """One paragraph."""

    number: int
    sentences: tuple[Sentence, ...]
    by: str | None = None
    """The reviewer who put other words in the judge's place; they rest on what that person read."""
    draft: bool = False
    """Whether it is the judge's still: nobody has decided it."""


@dataclass(frozen=True)
class Written:
    """The text as it holds after review."""

    paragraphs: tuple[Paragraph, ...]
    struck: int
    """Paragraphs that reviewers rejected."""

    @property
    def sentences(self) -> tuple[Sentence, ...]:
        """All sentences of the judge's that are left, in their order."""
        return tuple(each for p in self.paragraphs if p.by is None for each in p.sentences)


@dataclass(frozen=True)
class RowReason:
    """What stands beside the levels of one criterion in the scorecard."""

    key: str
    """Of its ground: 'r2' for the second criterion."""
    sentence: Sentence | None
    """None where the judge gave none, it was rejected, or it is too long for a row."""
    too_long: bool
    by: str | None
    draft: bool
    """Whether it is the judge's still: nobody has decided it."""
    quotations: dict[Side, Quotation | None]
    """The first passage of each side, cut to a few words."""


@dataclass(frozen=True)
class Ground:
    """What one sentence of answer or text rests on."""

    key: str
    """'12' for a sentence of the text, 'a' for one of the answer, 'r2' for a reason."""
    text: str
    findings: tuple[Finding, ...]
    quotations: tuple[Quotation, ...]


def grounds_of(
    answer: Sequence[Point], reasons: Iterable[RowReason], written: Written | None
) -> tuple[Ground, ...]:
    """What each sentence rests on: of the answer, of the scorecard, of the text."""
    return (
        *(
            Ground(key, point.text, point.findings, point.quotations)
            for key, point in zip(ANSWER_KEYS, answer, strict=False)
        ),
        *(
            Ground(each.key, each.sentence.text, each.sentence.findings, each.sentence.quotations)
            for each in reasons
            if each.sentence and not each.by
        ),
        *(
            Ground(str(each.number), each.text, each.findings, each.quotations)
            for each in (written.sentences if written else ())
        ),
    )


def written_of(support: Support) -> Written | None:
    """The text; None where the judge gave none."""
    given = support.draft.text
    if given is None or given.outcome != "answered":
        return None
    paragraphs = []
    numbers = count(1)
    for place, sentences in enumerate(given.paragraphs, 1):
        decision = support.reviewed.decision(f"paragraph:{place}")
        if decision.state == "rejected":
            continue
        if decision.state == "edited" and decision.text != paragraph_text(sentences):
            said = support.sides.named(decision.text or "")
            only = Sentence(0, (Piece(said),), (), ())
            paragraphs.append(Paragraph(place, (only,), by=decision.reviewer or "a reviewer"))
            continue
        told = tuple(_sentence(support, each, next(numbers)) for each in sentences)
        paragraphs.append(Paragraph(place, told, draft=decision.state == "undecided"))
    return Written(tuple(paragraphs), struck=len(given.paragraphs) - len(paragraphs))


def reasons_of(support: Support, criteria: Sequence[Assessed]) -> dict[str, RowReason]:
    """What stands beside the levels in the scorecard, by criterion."""
    given = support.draft.text
    found = {}
    for criterion in criteria:
        reason = given.reasons.get(criterion.id) if given else None
        decision = support.reviewed.decision(f"reason:{criterion.id}")
        sentence = by = None
        too_long = False
        if reason is not None and decision.state != "rejected":
            sentence = _sentence(support, reason, 0)
            if decision.state == "edited" and decision.text and decision.text != reason.text:
                by = decision.reviewer or "a reviewer"
                words = support.sides.named(decision.text)
                sentence = Sentence(0, (Piece(words),), (), ())
            too_long = len(sentence.text.split()) > _REASON_WORDS
        found[criterion.id] = RowReason(
            key=f"r{criterion.number}",
            sentence=None if too_long else sentence,
            too_long=too_long,
            by=by,
            draft=decision.state == "undecided",
            quotations={
                verdict.side: shortened(verdict.quotations[0], _QUOTED_WORDS)
                if verdict.quotations
                else None
                for verdict in criterion.verdicts
            },
        )
    return found


def _sentence(support: Support, given: WrittenSentence, number: int) -> Sentence:
    point = support.resting(support.sides.named(given.text), given.findings)
    places = [
        (visible(each.quote), located((each,), support.draft, support.sides)[0])
        for each in given.evidence
    ]
    return Sentence(
        number=number,
        pieces=tuple(_pieces(point.text, places)),
        findings=point.findings,
        flags=(*point.flags, *given.doubts),
    )


def _pieces(text: str, places: list[tuple[str, Quotation]]) -> Iterator[Piece]:
    """The sentence cut where quoted words begin and end."""
    start = 0
    for quoted in quoted_pieces(text):
        forms = forms_of(quoted.text)
        fitting = [each for each in places if each[0] in forms]
        if not fitting:
            continue
        if len(fitting) > 1:  # the same words, quoted once from each transcript
            places = [each for each in places if each is not fitting[0]]
        if quoted.start > start:
            yield Piece(text[start : quoted.start])
        # As it stands in the transcript, but for the size of the first letter.
        yield Piece(quoted.text, replace(fitting[0][1], text=quoted.text))
        start = quoted.end
    if start < len(text):
        yield Piece(text[start:])
