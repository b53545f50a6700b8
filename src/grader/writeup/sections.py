"""The sections of a writeup: their names, their usual order, and picking some of them."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import get_close_matches

from grader.comparison.kinds.registry import kinds
from grader.errors import InputError

_SHORT = {
    "status": "Status",
    "answer": "The answer in short",
    "scorecard": "Scorecard",
    "task": "The task",
    "text": "What the two texts do",
    "bearings": "The study's hypotheses",
    "limits": "What limits this",
}
"""Name and title of what a reader gets first, in one or two pages."""

_EVIDENCE = {
    "judging": "How it was judged",
    "grounds": "What each sentence rests on",
    "criteria": "Pre-specified criteria",
    "signatures": "Defense signatures",
    "compared": "What was compared",
    "orientation": "Deliverable orientation",
    "difference": "Dimension of most difference",
    "kind": "Qualitative or quantitative",
    "change": "What changed, and what did not",
    "measurements": "Measurements",
    "further": "What further conditions would need to show",
    "caveats": "Caveats",
    "hypotheses": "Contribution to the study's hypotheses",
    "position": "Position among other comparisons",
    "review": "Review",
    "transcripts": "The transcripts in full",
    "provenance": "Provenance",
}
"""Name and title of what stands behind it."""

_SECTIONS = _SHORT | _EVIDENCE
"""In the usual order. Each is one template in each format."""

SHORT = tuple(_SHORT)
"""The sections of the text."""

LISTED = "items"
"""Template of a section that lists the items of a kind of question which has none of its own."""

_BEFORE_LISTED = "criteria"

_ALWAYS = "status"
"""No writeup goes without saying what it is."""


def titles() -> dict[str, str]:
    """Name and title of all sections in their usual order; also of kinds that bring a title."""
    found: dict[str, str] = {}
    for name, title in _SECTIONS.items():
        found[name] = title
        if name == _BEFORE_LISTED:
            found |= {kind.id: kind.section for kind in kinds() if kind.section}
    return found


def evidence() -> tuple[str, ...]:
    """The sections of the evidence, in their usual order; also those of kinds with a title."""
    return tuple(name for name in titles() if name not in _SHORT)


def template_of(name: str) -> str:
    """The name of a section's template, without its ending."""
    return name if name in _SECTIONS else LISTED


def chosen(names: Sequence[str] | None) -> tuple[str, ...]:
    """The sections to render, in order; the status always comes first.

    Args:
        names: what the user asked for; None: all.

    Raises:
        InputError: a name is unknown or comes twice.
    """
    available = tuple(titles())
    if names is None:
        return available
    for position, name in enumerate(names):
        if name not in available:
            near = get_close_matches(name, available, 1)
            raise InputError(
                f"there is no section {name!r}" + (f"; is it {near[0]!r}?" if near else ""),
                place="--sections",
                mend=f"The sections are: {', '.join(available)}.",
            )
        if name in names[:position]:
            raise InputError(
                f"the section {name!r} is named twice",
                place="--sections",
                mend="Name each section once.",
            )
    return (_ALWAYS, *(name for name in names if name != _ALWAYS))
