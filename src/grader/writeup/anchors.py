"""Who links to whom in a writeup: quotations to spans of the transcripts, and back.

`Citations` numbers the quotations while the sections are laid out, in their order. A passage that
stands in the writeup already is referred to and not printed again. The transcripts link back: they
get `Links`, which there are only when all sections are laid out.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache

from grader.comparison.kinds.registry import kind_of
from grader.text.quotation import Side, Span
from grader.text.visible import visible
from grader.writeup.points import Finding
from grader.writeup.quotations import Quotation
from grader.writeup.sections import titles


@dataclass(frozen=True)
class Cited:
    """One quotation in its place in the writeup."""

    number: int
    span: int
    where: str
    """In words, for the link back: 'criterion 2, C'."""
    again: bool = False
    """Whether the passage stands in the writeup already, at this anchor."""

    @property
    def id(self) -> str:
        """Anchor of the quotation."""
        return f"q{self.number}"

    @property
    def target(self) -> str:
        """Anchor of its span in the transcript."""
        return f"span-{self.span}"


@dataclass
class Citations:
    """The quotations of the sections laid out so far, and the spans they point to."""

    linked: bool
    """Whether the transcripts are part of this writeup, so that there is something to link to."""
    sections: frozenset[str]
    """The sections that are part of it."""
    grounds: str | None = None
    """The file with what the text's sentences rest on, '' for this one; None: it is nowhere."""
    _cited: list[Cited] = field(default_factory=list)
    _spans: dict[Span, int] = field(default_factory=dict)

    def cite(self, quotation: Quotation, where: str) -> Cited:
        """The anchors of a quotation that stands here, or where it stood before."""
        if quotation.span in self._spans:
            number = self._spans[quotation.span]
            return replace(next(c for c in self._cited if c.span == number), again=True)
        number = self._spans.setdefault(quotation.span, len(self._spans) + 1)
        cited = Cited(len(self._cited) + 1, number, where)
        self._cited.append(cited)
        return cited

    def ground(self, key: str) -> str | None:
        """Where it stands what a sentence rests on; None where that is not in this writeup."""
        return None if self.grounds is None else f"{self.grounds}#sentence-{key}"

    def said(self, key: str) -> str | None:
        """Where the sentence stands that rests on a ground; None where it is not in this text."""
        home = "text" if key.isdecimal() else "scorecard" if key[1:] else "answer"
        return f"#said-{key}" if home in self.sections else None

    def at(self, section: str, heading: str) -> str | None:
        """Where a section stands: in this text or in the evidence beside it; None: in neither."""
        if section in self.sections:
            return f"#{address(heading)}"
        return f"{self.grounds}#{address(heading)}" if self.grounds else None

    def links(self) -> Links:
        """What leads back from the transcripts, once every section is laid out."""
        return Links(tuple(self._cited), dict(self._spans))

    def of_finding(self, about: str | None) -> str | None:
        """The anchor of the record that a finding states, if its section is here."""
        id, _, rest = (about or "").partition(":")
        if id == "point":
            return self._of_point(rest)
        return f"{id}-{rest.replace(':', '-')}" if _home(id) in self.sections else None

    def under(self, finding: Finding) -> str | None:
        """The address in Markdown under which the record stands, if its section is here."""
        heading = self._heading(finding)
        return None if heading is None else f"#{address(heading)}"

    def _heading(self, finding: Finding) -> str | None:
        id, _, rest = (finding.about or "").partition(":")
        if self.of_finding(finding.about) is None:
            return None
        if id == "point":
            part = rest.split(":")[1]
            alone = part in ("kind", "size")
            return (
                titles()["kind"]
                if alone
                else finding.name.rpartition(", point ")[0] or finding.name
            )
        if id == "criterion":
            return f"{finding.name}: {finding.text}"
        home = _home(id) or ""
        return finding.name if home in ("criteria", "signatures") else titles()[home]

    def _of_point(self, place: str) -> str | None:
        """The anchor of a statement of the narrative, such as 'orientation:voice:1'."""
        section, part, _ = place.split(":", 2)
        home = "kind" if part in ("kind", "size", "kind_reason") else section
        if home not in self.sections:
            return None
        alone = part in ("dimension", "kind", "size")
        return home if alone else f"point-{place.replace(':', '-')}"


@lru_cache(maxsize=4096)
def address(heading: str) -> str:
    """The address that GitHub and Pandoc give to a heading."""
    shown = " ".join(visible(heading).split())
    return re.sub(r"[^\w\- ]", "", shown.lower()).replace(" ", "-")


def _home(id: str) -> str | None:
    """The section that has the record of a finding, by the first part of its name."""
    if id in ("criterion", "caveat"):
        return {"criterion": "criteria", "caveat": "caveats"}[id]
    kind = kind_of(id)
    return kind.home if kind else "measurements" if id.startswith("measure") else None


@dataclass(frozen=True)
class Links:
    """All quotations of a writeup by the spans they point to."""

    cited: tuple[Cited, ...]
    keys: Mapping[Span, int]
    """The key of each span that is cited."""

    def spans(self, side: Side, turn: int) -> dict[int, tuple[int, int]]:
        """The cited spans of one turn: start and end by key."""
        return {
            key: (span.start, span.end)
            for span, key in self.keys.items()
            if span.transcript == side and span.turn == turn
        }

    def back(self, span: int) -> tuple[Cited, ...]:
        """The quotations that point to a span."""
        return tuple(cited for cited in self.cited if cited.span == span)
