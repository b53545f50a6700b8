"""What the two sides of a comparison are called in its writeup.

In full where they are introduced, 'the control (c-clinic-postmortem-1)', and short ever after:
'C' and 'P', or 'the control' and 'the treatment' where the conditions don't make good names.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from grader.comparison.comparison import Comparison
from grader.questions.names import put_names_back
from grader.text.quotation import SIDES, Side

# A condition is any label a source gives. One that reads as a name in a sentence is used as one.
_NAME = re.compile(r"[A-Z][A-Za-z0-9]{0,7}(?:\+[A-Z][A-Za-z0-9]{0,7})*[0-9]?")


@dataclass(frozen=True)
class Sides:
    """The names of both sides, and who was Transcript 1."""

    short: dict[Side, str]
    """'C', 'P'; or 'the control', 'the treatment'."""
    full: dict[Side, str]
    """'the control (c-clinic-postmortem-1)'."""
    head: dict[Side, str]
    """Short, for the head of a table or column: 'C', or 'Control'."""
    blind_order: tuple[Side, Side]

    def named(self, text: str, first: Side | None = None) -> str:
        """Blind words with names put back; `first` is the side that was Transcript 1."""
        one = first or self.blind_order[0]
        other: Side = "treatment" if one == "control" else "control"
        return put_names_back(text, self.short[one], self.short[other])


def sides_of(draft: Comparison) -> Sides:
    """The names for one comparison."""
    if draft.same_condition:
        return _two_runs(draft)
    conditions = {side: draft.transcript(side).condition or "" for side in SIDES}
    usable = len(set(conditions.values())) == 2 and all(
        _NAME.fullmatch(condition) for condition in conditions.values()
    )
    short: dict[Side, str] = {side: conditions[side] if usable else f"the {side}" for side in SIDES}
    return Sides(
        short=short,
        full={side: f"the {side} ({draft.transcript(side).id})" for side in SIDES},
        head={side: conditions[side] if usable else side.capitalize() for side in SIDES},
        blind_order=draft.blind_order,
    )


def _two_runs(draft: Comparison) -> Sides:
    """The names where both sides are of one condition: neither is a control or a treatment."""
    runs: dict[Side, str] = {"control": "run 1", "treatment": "run 2"}
    return Sides(
        short=runs,
        full={side: f"{runs[side]} ({draft.transcript(side).id})" for side in SIDES},
        head={side: runs[side].capitalize() for side in SIDES},
        blind_order=draft.blind_order,
    )
