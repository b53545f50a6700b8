"""Points of the narrative: each statement with what it rests on, and what speaks against it.

A statement with neither a located quotation nor a finding is the judge's reading and is marked
as such. One whose numbers disagree with what was counted, or that rests on a finding which a
reviewer has changed since, carries a flag beside it. Names are put back here.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from grader.comparison.comparison import Comparison, NarrativePoint
from grader.evidence import SIDES
from grader.review.reviewed import Reviewed
from grader.transcripts.transcript import deliverable
from grader.writeup.numbers import Counts, disagreements
from grader.writeup.quotations import Quotation, located
from grader.writeup.scorecard import Card, decision
from grader.writeup.sides import Sides


@dataclass(frozen=True)
class Finding:
    """A labelled fact that statements rest on."""

    label: str
    name: str
    """What it is about, in a few words: 'criterion 3, P'; the label where that is not known."""
    text: str
    about: str | None
    """The record it states, such as 'verdict:owned-decision:control'."""
    changed: str | None
    """What a reviewer made of it since, in a few words."""


@dataclass(frozen=True)
class Point:
    """One statement and its support."""

    text: str
    quotations: tuple[Quotation, ...]
    findings: tuple[Finding, ...]
    flags: tuple[str, ...]
    """What a reader must know beside the sentence."""

    @property
    def reading(self) -> bool:
        """Whether nothing supports it: the judge's reading."""
        return not (self.quotations or self.findings)


@dataclass(frozen=True)
class Grounds:
    """What statements of this comparison can rest on and are held against."""

    draft: Comparison
    sides: Sides
    counts: Counts
    findings: dict[str, Finding]
    """By label, in the draft's order."""

    def point(
        self, text: str, labels: Sequence[str] = (), quotations: Sequence[Quotation] = ()
    ) -> Point:
        """A statement whose names are already put back."""
        rests_on = tuple(self.findings[label] for label in labels if label in self.findings)
        return Point(
            text=text,
            quotations=tuple(quotations),
            findings=rests_on,
            flags=(
                *disagreements(text, self.counts),
                *(f"{f.name}: {f.changed}" for f in rests_on if f.changed),
            ),
        )

    def points(self, given: Iterable[NarrativePoint]) -> tuple[Point, ...]:
        """Statements in blind words."""
        return tuple(
            self.point(
                self.sides.named(point.text),
                point.findings,
                located(point.evidence, self.draft, self.sides),
            )
            for point in given
        )


def grounds_of(reviewed: Reviewed, card: Card, sides: Sides) -> Grounds:
    """The grounds of one comparison."""
    draft = reviewed.draft
    changed = _changed(reviewed, card)
    return Grounds(
        draft=draft,
        sides=sides,
        counts=Counts(
            measurements=draft.measurements,
            texts={
                side: "\n".join(turn.text for turn in deliverable(draft.transcript(side)))
                for side in SIDES
            },
            names=sides.short,
        ),
        findings={
            finding.label: Finding(
                label=finding.label,
                name=_name(finding.about, draft, sides) or finding.label,
                text=sides.named(finding.text),
                about=finding.about,
                changed=changed.get(finding.about or ""),
            )
            for finding in draft.findings
        },
    )


def _name(about: str | None, draft: Comparison, sides: Sides) -> str | None:
    kind, _, rest = (about or "").partition(":")
    subject, _, side = rest.partition(":")
    who = next((sides.short[each] for each in SIDES if each == side), side)
    numbers = {criterion.id: n for n, criterion in enumerate(draft.rubric.criteria, 1)}
    titles = {signature.id: signature.title for signature in draft.rubric.signatures}
    if kind == "verdict" and subject in numbers:
        return f"criterion {numbers[subject]}, {who}"
    if kind == "contrast" and subject in numbers:
        return f"criterion {numbers[subject]}, side by side"
    if kind == "signature" and subject in titles:
        return f"{titles[subject]}, {who}"
    return f"{subject.replace('_', ' ')} counted" if kind == "measurement" else None


def _changed(reviewed: Reviewed, card: Card) -> dict[str, str]:
    """Items whose level or markers a reviewer changed, and into what."""
    changed = {}
    for row in card.rows:
        for side, held in row.levels.items():
            if held.standing in ("changed", "withdrawn"):
                now = "was rejected" if held.standing == "withdrawn" else f"is now {held.word}"
                changed[f"verdict:{row.criterion}:{side}"] = f"{now} in review"
    for note in reviewed.draft.signatures:
        decided = decision(reviewed, note.item)
        presences = tuple(marker.presence for marker in note.markers)
        if decided.state == "rejected":
            changed[note.item] = "was rejected in review"
        elif decided.state == "edited" and decided.presences != presences:
            changed[note.item] = "was changed in review"
    return changed
