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

_QUOTED = re.compile(r'"([^"\n]*)"|“([^”\n]*)”|„([^“”\n]*)[“”]|«([^»\n]*)»')
_FEWEST_CHARACTERS = 2
_MOST_CHARACTERS = 600
_ELLIPSIS = re.compile(r"\s*(?:…|\.{3,}|\[…\]|\[\.{3}\])\s*")


@dataclass(frozen=True)
class Source:
    """A text in which quoted words may stand."""

    number: int
    text: str


@dataclass(frozen=True)
class Quoted:
    """Quoted words in a judge's sentence."""

    start: int
    """Their first character in the sentence."""
    text: str

    @property
    def end(self) -> int:
        """One past their last character."""
        return self.start + len(self.text)


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
        if not all(_stands(piece.text, sources) for piece in _pieces(match))
    ]


def quoted_pieces(text: str) -> list[Quoted]:
    """The quoted words of a text in their order, each piece by itself where dots part them."""
    return [piece for match in _QUOTED.finditer(text) for piece in _pieces(match)]


def without_quotations(text: str) -> str:
    """The text with a sign in place of each character between quotation marks, and of the marks."""
    return _QUOTED.sub(lambda match: "\0" * len(match.group()), text)


def unclear_quotation(text: str) -> str | None:
    """Why nobody can tell what a sentence quotes; None where that is clear."""
    if re.search('["“”„«»]', without_quotations(text)):
        return "has a quotation mark without its partner"
    if any(len(match.group()) > _MOST_CHARACTERS for match in _QUOTED.finditer(text)):
        return f"quotes more than {_MOST_CHARACTERS} characters at once"
    return None


def forms_of(words: str) -> list[str]:
    """Quoted words as a text may have them: a name of parts, another size of the first letter."""
    return list(dict.fromkeys((words, words.replace(" ", "_"), words[:1].swapcase() + words[1:])))


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


def _pieces(match: re.Match[str]) -> Iterator[Quoted]:
    """The words between the marks; an ellipsis leaves two pieces that stand apart."""
    group = match.lastindex or 0
    start, end = match.span(group)
    if end - start < _FEWEST_CHARACTERS:
        return
    gaps = [gap.span() for gap in _ELLIPSIS.finditer(match.string, start, end)]
    for first, last in zip(
        [start, *(e for _, e in gaps)], [*(b for b, _ in gaps), end], strict=True
    ):
        piece = match.string[first:last]
        if words := piece.strip().rstrip(",;:"):
            yield Quoted(first + len(piece) - len(piece.lstrip()), words)


def _stands(words: str, sources: Sequence[NumberedText]) -> bool:
    return any(locate(form, sources, "control").span for form in forms_of(words))
