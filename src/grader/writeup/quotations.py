"""Quotations as the writeup shows them: the transcript's own words, with their place.

Only located evidence comes through; what was not found is counted by `facts` and shown nowhere.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace

from grader.comparison.comparison import Comparison
from grader.comparison.parts import Passage
from grader.text.quotation import Evidence, Side, Span
from grader.writeup.sides import Sides


@dataclass(frozen=True)
class Quotation:
    """A located passage."""

    text: str
    """As it stands in the transcript, not as the judge typed it."""
    side: Side
    who: str
    """The side's short name."""
    span: Span
    cut: bool = False
    """Whether the passage goes on behind it."""

    @property
    def place(self) -> str:
        """'C, turn 2'."""
        return f"{self.who}, turn {self.span.turn}"


def located(evidence: Iterable[Evidence], draft: Comparison, sides: Sides) -> tuple[Quotation, ...]:
    """The quotations that were found, each place once, in the order given."""
    return _quotations((e.span for e in evidence if e.span is not None), draft, sides)


_MARKUP = re.compile(
    r"(?:\s*(?:[>|]|#{1,6}\s|[*+-]\s|\d{1,3}[.)]\s))*\s*"
    r"(?:\*{1,2}[^*\n]{1,40}(?:[:.]\*{1,2}|\*{1,2}:)\s+|\*{1,2}(?=\w))?"
)
"""Marks of a list, table or heading, and a label set off: "**Owner:**", "*Your questions.*"."""


def shortened(quotation: Quotation, most_words: int) -> Quotation:
    """Its first line without marks of a list or table, cut to so many words: a span within it."""
    text = quotation.text
    start = _MARKUP.match(text).end()  # type: ignore[union-attr]
    words = list(re.finditer(r"\S+", text[start:].split("\n")[0].split(" | ")[0]))
    if not words:
        return quotation
    last = words[min(len(words), most_words) - 1]
    end = start + last.end()
    span = quotation.span
    return replace(
        quotation,
        text=text[start:end],
        cut=bool(text[end:].strip()),
        span=span.model_copy(update={"start": span.start + start, "end": span.start + end}),
    )


def passages(
    candidates: Iterable[Passage], draft: Comparison, sides: Sides
) -> tuple[Quotation, ...]:
    """Passages retrieved for a reviewer, in the order given. Not a judge's evidence."""
    return _quotations((passage.span for passage in candidates), draft, sides)


def _quotations(spans: Iterable[Span], draft: Comparison, sides: Sides) -> tuple[Quotation, ...]:
    return tuple(
        Quotation(
            text=draft.transcript(span.transcript).turn(span.turn).text[span.start : span.end],
            side=span.transcript,
            who=sides.short[span.transcript],
            span=span,
        )
        for span in dict.fromkeys(spans)
    )
