"""Quoted words inside a judge's sentences: whether they stand where the judge can have read them.

A rationale, note, reason or statement may quote in passing. Such words are no evidence, but a
reader takes them for the transcript's own. They are located as evidence is, in the transcripts
that the question showed, the task, and the words of the question itself.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from grader.text.quotation import SIDES, NumberedText, Side, locate
from grader.transcripts.transcript import deliverable

if TYPE_CHECKING:
    from grader.comparison.comparison import Comparison

NOT_FOUND = "[words not found]"
"""Stands behind quoted words that stand in none of the sources."""

_QUOTED = re.compile(r'"([^"\n]{2,600})"|“([^”\n]{2,600})”|„([^“”\n]{2,600})[“”]|«([^»\n]{2,600})»')
_ELLIPSIS = re.compile(r"\s*(?:…|\.{3,}|\[…\]|\[\.{3}\])\s*")


@dataclass(frozen=True)
class Source:
    """A text in which quoted words may stand."""

    number: int
    text: str


def unlocated_words(text: str, sources: Sequence[NumberedText]) -> list[tuple[int, int]]:
    """Where quoted words stand in a text that stand in none of the sources.

    Args:
        text: a judge's sentences.
        sources: what the judge can have read.

    Returns:
        start and end of each, in characters of the text, quotation marks included.
    """
    return [
        match.span()
        for match in _QUOTED.finditer(text)
        if not all(_stands(piece, sources) for piece in _pieces(match))
    ]


def quoted_pieces(text: str) -> list[str]:
    """The quoted words of a text, each piece by itself where dots part them."""
    return [piece for match in _QUOTED.finditer(text) for piece in _pieces(match)]


def mark_unlocated(text: str, sources: Sequence[NumberedText]) -> str:
    """The text with a mark behind quoted words that stand in none of the sources."""
    for _, end in reversed(unlocated_words(text, sources)):
        text = f"{text[:end]} {NOT_FOUND}{text[end:]}"
    return text


def sources_of(draft: Comparison, sides: Sequence[Side] = SIDES) -> list[Source]:
    """What a judge of these sides can have read: their deliverables, the task, the rubric's words.

    Args:
        draft: the comparison.
        sides: whose transcripts the question showed.
    """
    texts = [turn.text for side in sides for turn in deliverable(draft.transcript(side))]
    texts += [prompt for side in sides if (prompt := draft.transcript(side).task_prompt)]
    rubric = draft.rubric
    for criterion in rubric.criteria:
        texts += [criterion.title, criterion.question, *criterion.definitions.values()]
        texts += [*criterion.definitions, *criterion.look_for]
    for signature in rubric.signatures:
        texts += [signature.title, signature.description, *signature.markers]
    return [Source(number, text) for number, text in enumerate(texts, 1)]


def _pieces(match: re.Match[str]) -> Iterator[str]:
    """The words between the marks; an ellipsis leaves two pieces that stand apart."""
    inner = next(group for group in match.groups() if group is not None)
    for piece in _ELLIPSIS.split(inner):
        if words := piece.strip().rstrip(",;:"):
            yield words


def _stands(words: str, sources: Sequence[NumberedText]) -> bool:
    forms = dict.fromkeys((words, words.replace(" ", "_"), words[:1].swapcase() + words[1:]))
    return any(locate(form, sources, "control").span for form in forms)
