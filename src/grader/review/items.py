"""What there is to decide in a draft, in blind words and in the order of review.

Verdicts, signature notes and contrasts come first and never tell the condition: sides are
Transcript 1 and Transcript 2. Narrative points and the title come after them, with names.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from grader.comparison.comparison import Comparison, Contrast, SignatureNote, Verdict
from grader.questions.names import put_names_back
from grader.review.events import Content
from grader.text.quotation import Evidence, Side

Kind = Literal["verdict", "signature", "contrast", "point", "title"]


@dataclass(frozen=True)
class Statement:
    """A narrative statement of the judge, wherever it stands in the draft."""

    section: str
    """'orientation', 'difference', 'change' or 'implications'."""
    part: str
    place: int | str
    """Its number in the part, or the key it stands under."""
    text: str
    """In the judge's blind words."""
    evidence: tuple[Evidence, ...] = ()
    findings: tuple[str, ...] = ()


Source = Verdict | SignatureNote | Contrast | Statement


@dataclass(frozen=True)
class ReviewItem:
    """One thing to decide."""

    id: str
    """Its name in events; it tells the side, so it is not shown."""
    key: str
    """Its name in pages: as `id`, with the transcript's number in place of the side."""
    kind: Kind
    title: str
    number: int | None
    """1 or 2: which transcript it speaks of; None: both."""
    source: Source
    attention: tuple[str, ...]
    """Why to look here first, in blind words."""

    @property
    def label(self) -> str:
        """How the item is called before a reviewer."""
        if self.kind == "contrast":
            return f"{self.title}, side by side"
        return self.title if self.number is None else f"{self.title}, Transcript {self.number}"

    @property
    def named(self) -> bool:
        """Whether it is reviewed with names, after all blind items are decided."""
        return self.kind in ("point", "title")

    @property
    def side(self) -> Side | None:
        """The transcript it speaks of; None: both."""
        return self.source.side if isinstance(self.source, Verdict | SignatureNote) else None

    @property
    def drafted(self) -> Content:
        """What the draft says."""
        source = self.source
        if isinstance(source, Verdict):
            return Content(level=source.level, rationale=source.rationale, evidence=source.evidence)
        if isinstance(source, Contrast):
            quoted = (each for order in source.orders for each in order.evidence)
            return Content(shows_more=source.shows_more, evidence=tuple(dict.fromkeys(quoted)))
        if isinstance(source, Statement):
            return Content(text=source.text, evidence=source.evidence)
        return Content(
            note=source.note,
            presences=tuple(marker.presence for marker in source.markers),
            evidence=tuple(each for marker in source.markers for each in marker.evidence),
        )


def review_items(draft: Comparison) -> dict[str, ReviewItem]:
    """All items by id: verdicts, signature notes, contrasts, then narrative points and title."""
    items = [*_verdicts(draft), *_notes(draft), *_contrasts(draft), *_statements(draft)]
    return {item.id: item for item in items}


def attention_first(items: dict[str, ReviewItem]) -> tuple[ReviewItem, ...]:
    """The items that need attention, then the others, each in the rubric's order.

    Items that are reviewed with names always come after the blind ones.
    """
    return tuple(sorted(items.values(), key=lambda item: (item.named, not item.attention)))


def side_names(draft: Comparison, *, blind: bool) -> dict[Side, str]:
    """What the two sides are called before a reviewer."""
    if blind:
        return {side: f"Transcript {n}" for n, side in enumerate(draft.blind_order, 1)}
    return {"control": "the control", "treatment": "the treatment"}


def with_names(draft: Comparison, text: str, *, blind: bool, first: Side | None = None) -> str:
    """A judge's blind words as a reviewer reads them; `first` is who was Transcript 1 there."""
    one = first or draft.blind_order[0]
    other: Side = "treatment" if one == "control" else "control"
    names = side_names(draft, blind=blind)
    return put_names_back(text, names[one], names[other])


_SIDE = re.compile(r"\bthe (control|treatment)\b", re.IGNORECASE)


def pair_attention(draft: Comparison) -> tuple[str, ...]:
    """Why to look closely at the pair as a whole, in blind words."""
    names: dict[str, Side] = {"control": "control", "treatment": "treatment"}

    def blind(match: re.Match[str]) -> str:
        return f"Transcript {draft.blind_order.index(names[match[1].lower()]) + 1}"

    # Only the first name is ours; what follows may be quoted from a transcript.
    return tuple(_SIDE.sub(blind, each.message, count=1) for each in draft.attention)


# --- each kind ------------------------------------------------------------------------------


def _verdicts(draft: Comparison) -> list[ReviewItem]:
    found = {(v.criterion, v.side): v for v in draft.verdicts}
    items = []
    for criterion in draft.rubric.criteria:
        for number, side in enumerate(draft.blind_order, 1):
            if verdict := found.get((criterion.id, side)):
                key = f"verdict:{criterion.id}:{number}"
                told = _verdict_attention(draft, verdict)
                items.append(
                    ReviewItem(verdict.item, key, "verdict", criterion.title, number, verdict, told)
                )
    return items


def _notes(draft: Comparison) -> list[ReviewItem]:
    found = {(s.signature, s.side): s for s in draft.signatures}
    items = []
    for signature in draft.rubric.signatures:
        for number, side in enumerate(draft.blind_order, 1):
            if note := found.get((signature.id, side)):
                key = f"signature:{signature.id}:{number}"
                told = tuple(each.message for each in note.attention)
                items.append(
                    ReviewItem(note.item, key, "signature", signature.title, number, note, told)
                )
    return items


def _contrasts(draft: Comparison) -> list[ReviewItem]:
    found = {contrast.criterion: contrast for contrast in draft.contrasts}
    items = []
    for criterion in draft.rubric.criteria:
        if contrast := found.get(criterion.id):
            name = f"contrast:{criterion.id}"
            told = _contrast_attention(contrast)
            items.append(ReviewItem(name, name, "contrast", criterion.title, None, contrast, told))
    return items


_PARTS = {
    "problem_framing": "Problem framing",
    "stakeholders": "Stakeholders",
    "structural_commitments": "Structural commitments",
    "voice": "Voice",
    "dimension": "Dimension of most difference",
    "kind": "Qualitative or quantitative",
    "account": "What the difference is",
    "kind_reason": "Why it is of this kind",
    "register": "Register",
    "register_": "Register",
    "structure": "Structure",
    "content": "Content",
    "meta_commentary": "Meta-commentary",
    "unchanged": "What did not change",
    "summary": "Summary",
    "hypothesis": "Hypothesis",
    "further": "What further conditions would need to show",
    "caveat": "The judge's caveat",
    "headline": "Title of the writeup",
}


def _statements(draft: Comparison) -> list[ReviewItem]:
    items = []
    for number, each in enumerate(statements(draft), 1):
        name = f"point:{each.section}:{each.part}:{each.place}"
        key = f"point:{number}"  # a place may be a name with any character
        title = _PARTS.get(each.part, each.part.replace("_", " ").capitalize())
        if each.part == "headline":
            items.append(ReviewItem("title", "title", "title", title, None, each, ()))
            continue
        # A place is a number within its part, or a key such as a hypothesis or a criterion.
        where = f" {each.place}" if each.part not in ("dimension", "kind") else ""
        items.append(
            ReviewItem(
                name, key, "point", f"{title}{where}", None, each, _statement_attention(each)
            )
        )
    return items


def statements(draft: Comparison) -> list[Statement]:
    """Every statement of the narrative that a writeup shows, in its order."""
    found: list[Statement] = []
    for kind in ("orientation", "difference", "change"):
        section = next(
            (s for s in draft.narrative if s.kind == kind and s.outcome == "answered"), None
        )
        if section is None:
            continue
        if section.dimension:
            found.append(Statement(kind, "dimension", 1, section.dimension))
        if section.difference_kind:
            found.append(Statement(kind, "kind", 1, section.difference_kind))
        found += [
            Statement(kind, part, number, point.text, point.evidence, point.findings)
            for part, points in section.parts.items()
            for number, point in enumerate(points, 1)
        ]
    told = draft.implications
    if told is None or told.outcome != "answered":
        return found
    here = "implications"
    found += [
        Statement(here, "summary", n, point.text, point.evidence, point.findings)
        for n, point in enumerate(told.summary, 1)
    ]
    found += [
        Statement(here, "hypothesis", note.hypothesis, note.text, (), note.findings)
        for note in told.hypotheses
    ]
    found += [
        Statement(here, "further", f"{criterion}:{n}", text)
        for criterion, texts in told.further_conditions.items()
        for n, text in enumerate(texts, 1)
    ]
    found += [Statement(here, "caveat", n, text) for n, text in enumerate(told.caveats, 1)]
    if told.headline:
        found.append(Statement(here, "headline", 1, told.headline))
    return found


def _verdict_attention(draft: Comparison, verdict: Verdict) -> tuple[str, ...]:
    told = [each.message for each in verdict.attention]
    for contrast in draft.contrasts:
        if contrast.criterion == verdict.criterion:
            told += _contrast_attention(contrast)
    return tuple(dict.fromkeys(told))


def _contrast_attention(contrast: Contrast) -> tuple[str, ...]:
    told = []
    for each in contrast.attention:
        if each.code == "order_sensitive":
            told.append("side by side, the answer changes with the order of the two")
        elif each.code == "contrast_against_shift":
            told.append("side by side, the judge saw the two the other way round than these levels")
        else:
            told.append("the two could not be compared side by side")
    return tuple(dict.fromkeys(told))


def _statement_attention(statement: Statement) -> tuple[str, ...]:
    missing = sum(1 for each in statement.evidence if each.span is None)
    if missing:
        noun = "quotation" if missing == 1 else "quotations"
        return (f"{missing} {noun} of this statement not found in the transcripts",)
    return ()
