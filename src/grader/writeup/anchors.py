"""Who links to whom in the HTML writeup: quotations to spans of the transcripts, and back.

Filled while the sections are laid out, in their order; the transcripts come last and read it.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from grader.text.quotation import Side, Span
from grader.writeup.quotations import Quotation


@dataclass(frozen=True)
class Cited:
    """One quotation in its place in the writeup."""

    number: int
    span: int
    where: str
    """In words, for the link back: 'criterion 2, C'."""

    @property
    def id(self) -> str:
        """Anchor of the quotation."""
        return f"quotation-{self.number}"

    @property
    def target(self) -> str:
        """Anchor of its span in the transcript."""
        return f"span-{self.span}"


@dataclass
class Anchors:
    """All quotations cited so far, and the spans they point to."""

    linked: bool
    """Whether the transcripts are part of this writeup, so that there is something to link to."""
    sections: frozenset[str]
    """The sections that are part of it."""
    _cited: list[Cited] = field(default_factory=list)
    _spans: dict[Span, int] = field(default_factory=dict)

    def cite(self, quotation: Quotation, where: str) -> Cited:
        """Note that a quotation stands here, and give its anchors."""
        number = self._spans.setdefault(quotation.span, len(self._spans) + 1)
        cited = Cited(len(self._cited) + 1, number, where)
        self._cited.append(cited)
        return cited

    def spans(self, side: Side, turn: int) -> dict[int, tuple[int, int]]:
        """The cited spans of one turn: start and end by key."""
        return {
            key: (span.start, span.end)
            for span, key in self._spans.items()
            if span.transcript == side and span.turn == turn
        }

    def back(self, span: int) -> tuple[Cited, ...]:
        """The quotations that point to a span."""
        return tuple(cited for cited in self._cited if cited.span == span)

    @property
    def all_spans(self) -> tuple[int, ...]:
        """The keys of all cited spans."""
        return tuple(self._spans.values())

    def of_finding(self, about: str | None) -> str | None:
        """The anchor of the record that a finding states, if its section is here."""
        section, _, rest = (about or "").partition(":")
        home = _HOMES.get(section)
        return f"{section}-{rest.replace(':', '-')}" if home in self.sections else None


_HOMES = {
    "verdict": "criteria",
    "contrast": "criteria",
    "signature": "signatures",
    "measurement": "measurements",
    "measure": "measurements",
}
