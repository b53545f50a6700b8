"""The draft with what reviewers decided about contrasts, narrative and title put in its place.

Verdicts and signature notes stay the judge's: there both are shown side by side, from
`Reviewed.decisions`. What was rejected is left out. Pure.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from grader.comparison.comparison import (
    Comparison,
    Contrast,
    Implications,
    NarrativePoint,
    NarrativeSection,
)
from grader.review.reviewed import Decision, Reviewed


def with_decisions(reviewed: Reviewed) -> Comparison:
    """The comparison as its reviewers leave it; what is undecided stays as drafted."""
    draft, decisions = reviewed.draft, reviewed.decisions
    return draft.model_copy(
        update={
            "contrasts": tuple(
                held
                for contrast in draft.contrasts
                if (held := _contrast(contrast, decisions.get(f"contrast:{contrast.criterion}")))
            ),
            "narrative": tuple(_section(section, decisions) for section in draft.narrative),
            "implications": (
                _implications(draft.implications, decisions) if draft.implications else None
            ),
        }
    )


def _contrast(contrast: Contrast, decision: Decision | None) -> Contrast | None:
    if decision is None or decision.state in ("undecided", "accepted"):
        return contrast
    if decision.state == "rejected":
        return None
    return contrast.model_copy(update={"shows_more": decision.shows_more, "order_sensitive": False})


def _section(section: NarrativeSection, decisions: dict[str, Decision]) -> NarrativeSection:
    if section.outcome != "answered":
        return section
    kind = section.kind
    kept = _text(section.difference_kind, decisions.get(f"point:{kind}:kind:1"))
    return section.model_copy(
        update={
            "parts": {
                part: _points(points, f"point:{kind}:{part}", decisions)
                for part, points in section.parts.items()
            },
            "dimension": _text(section.dimension, decisions.get(f"point:{kind}:dimension:1")),
            "difference_kind": kept,
        }
    )


def _implications(told: Implications, decisions: dict[str, Decision]) -> Implications:
    if told.outcome != "answered":
        return told
    prefix = "point:implications"
    changes: dict[str, Any] = {
        "headline": _text(told.headline, decisions.get("title")),
        "summary": _points(told.summary, f"{prefix}:summary", decisions),
        "hypotheses": tuple(
            note.model_copy(update={"text": text})
            for n, note in enumerate(told.hypotheses, 1)
            if (text := _text(note.text, decisions.get(f"{prefix}:hypothesis:{n}")))
        ),
        "further_conditions": {
            criterion: _texts(texts, f"{prefix}:further:{criterion}", decisions)
            for criterion, texts in told.further_conditions.items()
        },
        "caveats": _texts(told.caveats, f"{prefix}:caveat", decisions),
    }
    return told.model_copy(update=changes)


def _points(
    points: Sequence[NarrativePoint], prefix: str, decisions: dict[str, Decision]
) -> tuple[NarrativePoint, ...]:
    held = []
    for number, point in enumerate(points, 1):
        if text := _text(point.text, decisions.get(f"{prefix}:{number}")):
            held.append(point.model_copy(update={"text": text}))
    return tuple(held)


def _texts(texts: Sequence[str], prefix: str, decisions: dict[str, Decision]) -> tuple[str, ...]:
    kept = (_text(text, decisions.get(f"{prefix}:{n}")) for n, text in enumerate(texts, 1))
    return tuple(text for text in kept if text)


def _text(text: str | None, decision: Decision | None) -> str | None:
    if text is None or decision is None or decision.state in ("undecided", "accepted"):
        return text
    return decision.text if decision.state == "edited" else None
