"""The sections of a writeup: their names, their usual order, and picking some of them."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import get_close_matches

from grader.errors import InputError

SECTIONS = {
    "status": "Status",
    "answer": "The answer in short",
    "scorecard": "Scorecard",
    "compared": "What was compared",
    "orientation": "Deliverable orientation",
    "difference": "Dimension of most difference",
    "kind": "Qualitative or quantitative",
    "change": "What changed, and what did not",
    "signatures": "Defense signatures",
    "criteria": "Pre-specified criteria",
    "measurements": "Measurements",
    "further": "What further conditions would need to show",
    "caveats": "Caveats",
    "hypotheses": "Contribution to the study's hypotheses",
    "position": "Position among other comparisons",
    "review": "Review",
    "findings": "Findings",
    "transcripts": "The transcripts in full",
    "provenance": "Provenance",
}
"""Name and title, in the usual order. Each is one template in each format."""

_ALWAYS = "status"
"""No writeup goes without saying what it is."""


def chosen(names: Sequence[str] | None, available: Sequence[str]) -> tuple[str, ...]:
    """The sections to render, in order; the status always comes first.

    Args:
        names: what the user asked for; None: all.
        available: what the format has.

    Raises:
        InputError: a name is unknown or comes twice.
    """
    if names is None:
        return tuple(available)
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
