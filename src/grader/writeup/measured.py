"""The measurements of both deliverables, side by side. Counted by code, not by a judge."""

from __future__ import annotations

from dataclasses import dataclass

from grader.comparison.comparison import Comparison
from grader.evidence import SIDES, Side
from grader.transcripts.measurements import Measurements


@dataclass(frozen=True)
class Measured:
    """One count on both sides."""

    key: str
    """The field's name in the record."""
    name: str
    values: dict[Side, int]
    meaning: str

    @property
    def change(self) -> int:
        """Treatment minus control."""
        return self.values["treatment"] - self.values["control"]


def measured_of(draft: Comparison) -> tuple[Measured, ...]:
    """All counts, in the record's order."""
    return tuple(
        Measured(
            key=name,
            name=name.replace("_", " "),
            values={side: getattr(draft.measurements[side], name) for side in SIDES},
            meaning=field.description or "",
        )
        for name, field in Measurements.model_fields.items()
    )
