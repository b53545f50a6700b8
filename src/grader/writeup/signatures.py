"""Defense signatures marker by marker, on both sides."""

from __future__ import annotations

from dataclasses import dataclass

from grader.comparison.kinds.signature import MarkerNote, SignatureNote
from grader.review.reviewed import Comment, Reviewed
from grader.text.quotation import SIDES, Side
from grader.writeup.criteria import decided_by, messages
from grader.writeup.quotations import Quotation, located, passages
from grader.writeup.reviewed_value import ReviewedValue, reviewed_presence
from grader.writeup.sides import Sides


@dataclass(frozen=True)
class MarkerOnSide:
    """One marker on one side."""

    side: Side
    who: str
    presence: ReviewedValue
    note: str | None
    quotations: tuple[Quotation, ...]


@dataclass(frozen=True)
class MarkerRow:
    """One marker on both sides."""

    marker: str
    on: tuple[MarkerOnSide, ...]


@dataclass(frozen=True)
class NoteOnSide:
    """A signature as a whole on one side."""

    side: Side
    who: str
    by: str
    note: str | None
    judge_note: str | None
    reason: str | None
    failure: str | None
    quotations: tuple[Quotation, ...]
    """What a reviewer quoted beside the judge's quotations."""
    candidates: tuple[Quotation, ...]
    attention: tuple[str, ...]
    comments: tuple[Comment, ...]


@dataclass(frozen=True)
class Posture:
    """One signature."""

    id: str
    title: str
    description: str
    markers: tuple[MarkerRow, ...]
    notes: tuple[NoteOnSide, ...]

    @property
    def noted(self) -> bool:
        """Whether any marker has a presence."""
        return any(on.presence.shown for row in self.markers for on in row.on)


def postures(reviewed: Reviewed, sides: Sides) -> tuple[Posture, ...]:
    """All signatures in the rubric's order."""
    draft = reviewed.draft
    given = {(note.signature, note.side): note for note in draft.signatures}
    found = []
    for signature in draft.rubric.signatures:
        notes = {
            side: given.get((signature.id, side)) or _empty(signature.id, signature.markers, side)
            for side in SIDES
        }
        rows = tuple(
            MarkerRow(
                marker=marker,
                on=tuple(_on_side(notes[side], position, reviewed, sides) for side in SIDES),
            )
            for position, marker in enumerate(signature.markers)
        )
        found.append(
            Posture(
                id=signature.id,
                title=signature.title,
                description=signature.description,
                markers=rows,
                notes=tuple(_note(notes[side], reviewed, sides) for side in SIDES),
            )
        )
    return tuple(found)


def _empty(signature: str, markers: tuple[str, ...], side: Side) -> SignatureNote:
    return SignatureNote(
        signature=signature,
        side=side,
        markers=tuple(MarkerNote(marker=marker) for marker in markers),
    )


def _on_side(note: SignatureNote, position: int, reviewed: Reviewed, sides: Sides) -> MarkerOnSide:
    decided = reviewed.decision(note.item)
    marker = note.markers[position] if position < len(note.markers) else MarkerNote(marker="")
    presence = reviewed_presence(marker.presence, decided, position)
    withdrawn = decided.state == "rejected"
    kept = tuple(
        each for each in marker.evidence if decided.state != "edited" or each in decided.evidence
    )
    return MarkerOnSide(
        side=note.side,
        who=sides.short[note.side],
        presence=presence,
        note=None if withdrawn else marker.note,
        quotations=() if withdrawn else located(kept, reviewed.draft, sides),
    )


def _note(note: SignatureNote, reviewed: Reviewed, sides: Sides) -> NoteOnSide:
    decided = reviewed.decision(note.item)
    shown = decided.note if decided.state in ("edited", "accepted") else note.note
    if decided.state == "rejected":
        shown = None
    failed = note.outcome not in (None, "answered")
    theirs = {each for marker in note.markers for each in marker.evidence}
    added = [each for each in decided.evidence if each not in theirs]
    return NoteOnSide(
        side=note.side,
        who=sides.short[note.side],
        by=decided_by(decided, judged=note.outcome is not None),
        note=shown,
        judge_note=note.note if shown != note.note else None,
        reason=decided.reason,
        failure=(
            f"{str(note.outcome).replace('_', ' ')}: {note.detail or 'no detail was given'}"
            if failed
            else None
        ),
        quotations=located(added, reviewed.draft, sides) if decided.state == "edited" else (),
        candidates=passages(note.candidates, reviewed.draft, sides),
        attention=messages(note.attention),
        comments=decided.comments,
    )
