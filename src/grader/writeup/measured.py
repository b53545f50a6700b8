"""The measurements of both deliverables, side by side. Counted by code, not by a judge."""

from __future__ import annotations

from dataclasses import dataclass

from grader.comparison.comparison import Comparison
from grader.text.quotation import SIDES, Side
from grader.transcripts.measurements import Measurements


@dataclass(frozen=True)
class Measured:
    """One count on both sides."""

    anchor: str
    """Its place in a page."""
    name: str
    values: dict[Side, int]
    meaning: str

    @property
    def change(self) -> int:
        """Treatment minus control."""
        return self.values["treatment"] - self.values["control"]


def measured_of(draft: Comparison) -> tuple[Measured, ...]:
    """All counts, in the record's order; the rubric's own measures come last."""
    found = [
        Measured(
            anchor=f"measurement-{name}",
            name=name.replace("_", " "),
            values={side: getattr(draft.measurements[side], name) for side in SIDES},
            meaning=field.description or "",
        )
        for name, field in Measurements.model_fields.items()
    ]
    found += [
        Measured(
            anchor=f"measure-{measure.id}",
            name=measure.title,
            values={side: draft.named_measures[side][measure.id] for side in SIDES},
            meaning="A measure of this rubric.",
        )
        for measure in draft.rubric.measures
        if all(measure.id in draft.named_measures.get(side, {}) for side in SIDES)
    ]
    return tuple(found)
