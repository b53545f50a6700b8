"""What was found so far, as labelled lines that later questions may rest on.

Labels: V verdict, M measurement, S signature, X contrast, N narrative point. All texts are in
blind words, with Transcript 1 and 2 as `Comparison.blind_order` has them.
"""

from __future__ import annotations

from grader.comparison.comparison import Comparison
from grader.comparison.kinds.registry import kinds
from grader.comparison.parts import Finding
from grader.transcripts.measurements import Measurements


def findings_of(draft: Comparison) -> tuple[Finding, ...]:
    """All findings of a draft: verdicts, measurements, then those of the other kinds."""
    verdicts, *others = kinds()
    return (
        *verdicts.findings(draft),
        *measurement_findings(draft),
        *(finding for kind in others for finding in kind.findings(draft)),
    )


def measurement_findings(draft: Comparison) -> tuple[Finding, ...]:
    """One finding for each thing counted, with what was counted, the rubric's own measures last.

    What is on neither side is left out.
    """
    order = draft.blind_order
    counts = [
        (
            f"{name.replace('_', ' ')} ({(field.description or name).rstrip('.')})",
            f"measurement:{name}",
            [getattr(draft.measurements[side], name) for side in order],
        )
        for name, field in Measurements.model_fields.items()
    ]
    counts += [
        (each.title, f"measure:{each.id}", [draft.named_measures[s][each.id] for s in order])
        for each in draft.rubric.measures
    ]
    present = [(title, about, both) for title, about, both in counts if any(both)]
    return tuple(
        Finding(
            label=f"M{number}",
            text=f"{title}: Transcript 1 {first}, Transcript 2 {second}",
            about=about,
        )
        for number, (title, about, (first, second)) in enumerate(present, 1)
    )
