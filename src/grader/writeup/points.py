"""Points of the narrative: each statement with what it rests on, and what speaks against it.

A statement with neither a located quotation nor a finding is the judge's reading and is marked
as such. One whose numbers disagree with what was counted, or that rests on a finding which a
reviewer has changed since, carries a flag beside it. Names are put back here.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from grader.comparison.caveats import caveats
from grader.comparison.comparison import Comparison
from grader.comparison.findings import findings_of
from grader.comparison.items import ReviewItem
from grader.comparison.kinds.registry import kinds
from grader.comparison.kinds.statements import without_labels
from grader.comparison.parts import Absence, NarrativePoint
from grader.comparison.quoted_words import Source, mark_unlocated, sources_of
from grader.review.items import review_items
from grader.review.reviewed import Reviewed
from grader.text.quotation import SIDES, Evidence, Side
from grader.transcripts.measurements import Measurements
from grader.transcripts.transcript import deliverable
from grader.writeup.numbers import Counts, disagreements
from grader.writeup.quotations import Quotation, located
from grader.writeup.sides import Sides

_REJECTED = "was rejected in review"


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

    @property
    def rejected(self) -> bool:
        """Whether a reviewer rejected it, so that it stands nowhere."""
        return self.changed == _REJECTED


@dataclass(frozen=True)
class Point:
    """One statement and its support."""

    text: str
    quotations: tuple[Quotation, ...]
    findings: tuple[Finding, ...]
    absences: tuple[str, ...]
    """What it says is not there: 'not in C: an owner for the calls'."""
    flags: tuple[str, ...]
    """What a reader must know beside the sentence."""
    by: str | None = None
    """Who put other words in the judge's place."""
    judge_text: str | None = None
    """The judge's own words then."""
    item: str = ""
    """Its name in review events; '': it is no item of review."""
    draft: bool = False
    """Whether it is the judge's still: nobody has decided it."""

    @property
    def place(self) -> str | None:
        """Its number in its part, by which findings name it: '2' for 'voice, point 2'."""
        section, _, number = self.item.rpartition(":")
        return number if section.startswith("point:") and section.count(":") == 2 else None

    @property
    def reading(self) -> bool:
        """Whether nothing supports it: the judge's reading, or the reviewer's."""
        return not (self.quotations or self.findings or self.absences)

    @property
    def reader(self) -> str:
        """Whose reading it is."""
        return "the reviewer's" if self.by else "the judge's"


@dataclass(frozen=True)
class Support:
    """What statements of this comparison can rest on and are compared with."""

    reviewed: Reviewed
    sides: Sides
    counts: Counts
    findings: dict[str, Finding]
    """By label, in the draft's order."""
    others: dict[str, Finding]
    """What else the last question gave labels to: criteria (K) and caveats (L)."""
    sources: dict[Side | None, list[Source]]
    """What the judge can have read of one side, or of both (None)."""

    @property
    def draft(self) -> Comparison:
        """The judge's comparison."""
        return self.reviewed.draft

    def statement(self, text: str, evidence: Iterable[Evidence] = ()) -> Point:
        """A statement that is no item of review by itself, with names put back."""
        return self._point(text, (), located(evidence, self.draft, self.sides))

    def resting(self, text: str, labels: Sequence[str]) -> Point:
        """A sentence of the short text, with names put back, on these findings."""
        return self._point(text, labels, (), checked=True)

    def decided(
        self,
        item: str,
        text: str,
        labels: Sequence[str] = (),
        evidence: Iterable[Evidence] = (),
        absences: Sequence[Absence] = (),
    ) -> Point | None:
        """A statement as it holds after review; None where a reviewer rejected it.

        Args:
            item: its name in review events.
            text: the judge's words, with names put back.
            labels: the findings it rests on.
            evidence: the quotations it rests on.
            absences: what it says is not there.
        """
        decision = self.reviewed.decision(item)
        if decision.state == "rejected":
            return None
        if decision.state != "edited":
            point = self._point(text, labels, located(evidence, self.draft, self.sides), absences)
            return replace(point, item=item, draft=decision.state == "undecided")
        said = self.sides.named(decision.text) if decision.text else text
        point = self._point(said, labels, located(decision.evidence, self.draft, self.sides))
        return replace(
            point,
            item=item,
            by=decision.reviewer or "a reviewer",
            judge_text=text if said != text else None,
        )

    def points(self, given: Iterable[NarrativePoint], part: str) -> tuple[Point, ...]:
        """Statements in blind words; `part` names them in review, as 'orientation:voice'."""
        found = (
            self.decided(
                f"point:{part}:{number}",
                self.sides.named(point.text),
                point.findings,
                point.evidence,
                point.absences,
            )
            for number, point in enumerate(given, 1)
        )
        return tuple(point for point in found if point is not None)

    def _point(
        self,
        text: str,
        labels: Sequence[str],
        quotations: Sequence[Quotation],
        absences: Sequence[Absence] = (),
        *,
        checked: bool = False,
    ) -> Point:
        known = self.findings | self.others
        rests_on = tuple(known[label] for label in labels if label in known)
        return Point(
            text=text if checked else mark_unlocated(without_labels(text), self.sources[None]),
            quotations=tuple(quotations),
            findings=rests_on,
            absences=tuple(f"not in {self.sides.short[e.side]}: {e.what}" for e in absences),
            flags=(
                *disagreements(text, self.counts),
                *(
                    f"called missing in {self.sides.short[each.side]}, and it is there: {each.what}"
                    for each in absences
                    if each.found
                ),
                *(f"{f.name}: {f.changed}" for f in rests_on if f.changed),
            ),
        )


def support_of(reviewed: Reviewed, sides: Sides) -> Support:
    """The support of one comparison."""
    draft = reviewed.draft
    names = _names(draft, sides)
    changed = _changed(reviewed)
    # Drafts made before statements of the narrative had names say nothing of what they are about.
    about = {finding.label: finding.about for finding in findings_of(draft)}
    return Support(
        reviewed=reviewed,
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
                name=names.get(item or "", finding.label),
                text=sides.named(finding.text),
                about=item,
                changed=changed.get(item or ""),
            )
            for finding in draft.findings
            for item in [finding.about or about.get(finding.label)]
        },
        others=_other_labels(draft),
        sources={None: sources_of(draft), **{side: sources_of(draft, (side,)) for side in SIDES}},
    )


def _names(draft: Comparison, sides: Sides) -> dict[str, str]:
    """What findings are about, in a few words, by the names of what they are about."""
    return {
        **{
            item.id: ", ".join(
                [
                    item.short or _in_a_sentence(item),
                    *([sides.short[item.side]] if item.side else []),
                ]
            )
            for item in review_items(draft).values()
        },
        **{
            f"measurement:{name}": f"{name.replace('_', ' ')} counted"
            for name in Measurements.model_fields
        },
        **{f"measure:{each.id}": f"{each.title} counted" for each in draft.rubric.measures},
    }


def _in_a_sentence(item: ReviewItem) -> str:
    """The title inside of a sentence: 'voice, point 1' for the statement 'Voice 1'."""
    title = item.title
    part, _, number = title.rpartition(" ")
    if item.id.startswith("point:") and number.isdecimal():
        title = f"{part}, point {number}"
    return f"{title[:1].lower()}{title[1:]}"


def _other_labels(draft: Comparison) -> dict[str, Finding]:
    """The labels of criteria and caveats in the last question."""
    criteria = enumerate(draft.rubric.criteria, 1)
    limits = enumerate(caveats(draft) if draft.implications else (), 1)
    return {
        f"K{n}": Finding(f"K{n}", f"criterion {n}", each.title, f"criterion:{each.id}", None)
        for n, each in criteria
    } | {f"L{n}": Finding(f"L{n}", f"caveat {n}", text, f"caveat:{n}", None) for n, text in limits}


def _changed(reviewed: Reviewed) -> dict[str, str]:
    """Items whose decision is another than the draft's, and what became of them."""
    changed = {}
    for kind in kinds():
        for item in kind.items(reviewed.draft):
            decision = reviewed.decision(item.id)
            content = decision.content
            if decision.state == "rejected":
                changed[item.id] = _REJECTED
            elif content is not None and item.settled(content) != item.settled(item.drafted):
                changed[item.id] = kind.changed(item, item.words(content))
    return changed
