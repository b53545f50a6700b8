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


def narrative_support(draft: Comparison) -> tuple[Finding, ...]:
    """The findings that the narrative may rest on: verdicts and measurements."""
    verdicts, *_ = kinds()
    return (*verdicts.findings(draft), *measurement_findings(draft))


def measurement_findings(draft: Comparison) -> tuple[Finding, ...]:
    """One finding for each thing counted, the rubric's own measures last."""
    order = draft.blind_order
    counts = [
        (
            name.replace("_", " "),
            f"measurement:{name}",
            [getattr(draft.measurements[side], name) for side in order],
        )
        for name in Measurements.model_fields
    ]
    counts += [
        (each.title, f"measure:{each.id}", [draft.named_measures[s][each.id] for s in order])
        for each in draft.rubric.measures
    ]
    return tuple(
        Finding(
            label=f"M{number}",
            text=f"{title}: Transcript 1 {first}, Transcript 2 {second}",
            about=about,
        )
        for number, (title, about, (first, second)) in enumerate(counts, 1)
    )
