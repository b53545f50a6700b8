"""Points of the narrative: each statement with what it rests on.

A statement with neither a located quotation nor a finding is the judge's reading and is marked
as such. Names are put back here.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from grader.comparison.comparison import Comparison, NarrativePoint
from grader.writeup.quotations import Quotation, located
from grader.writeup.sides import Sides


@dataclass(frozen=True)
class Point:
    """One statement and its support."""

    text: str
    quotations: tuple[Quotation, ...]
    findings: tuple[str, ...]
    """Labels in the list of findings."""

    @property
    def reading(self) -> bool:
        """Whether nothing supports it: the judge's reading."""
        return not (self.quotations or self.findings)


def points(
    given: Iterable[NarrativePoint], draft: Comparison, sides: Sides, *, blind: bool = True
) -> tuple[Point, ...]:
    """Points as a person reads them; `blind` says that names are yet to be put back."""
    known = {finding.label for finding in draft.findings}
    return tuple(
        Point(
            text=sides.named(point.text) if blind else point.text,
            quotations=located(point.evidence, draft, sides),
            findings=tuple(label for label in point.findings if label in known),
        )
        for point in given
    )
