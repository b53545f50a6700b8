"""The last question: what the findings mean for the study. The only one that names conditions."""

from __future__ import annotations

from grader.comparison.caveats import caveats
from grader.comparison.comparison import (
    Comparison,
    HypothesisNote,
    Implications,
    NarrativePoint,
)
from grader.comparison.findings import named
from grader.comparison.study_file import UNDESCRIBED, study_text
from grader.judge.asking import Asker
from grader.questions.answers import ImplicationsAnswer
from grader.questions.compose import implications_question


async def ask_implications(asker: Asker, draft: Comparison) -> Implications:
    """Ask the first judge what the draft's findings mean. It sees findings, no transcripts."""
    names = {
        "control": draft.control.condition or "the control",
        "treatment": draft.treatment.condition or "the treatment",
    }
    if names["control"] == names["treatment"]:
        names = {"control": "the control", "treatment": "the treatment"}
    first, second = (names[side] for side in draft.blind_order)
    study = draft.study or UNDESCRIBED
    question = implications_question(
        study=study_text(study),
        control=names["control"],
        treatment=names["treatment"],
        criteria=draft.rubric.criteria,
        hypotheses=study.hypotheses,
        findings=[named(finding, first, second) for finding in draft.findings],
        caveats=caveats(draft),
    )
    answered = await asker.ask(question)
    known = dict(
        judge=asker.judge.spec,
        outcome=answered.outcome,
        detail=answered.detail,
        questions=answered.questions,
    )
    value = answered.value
    if not isinstance(value, ImplicationsAnswer):
        return Implications(**known)
    further: dict[str, tuple[str, ...]] = {}
    for entry in value.further_conditions:
        criterion = draft.rubric.criteria[int(entry.criterion[1:]) - 1].id
        further[criterion] = (*further.get(criterion, ()), entry.text)
    return Implications(
        **known,
        headline=value.headline,
        summary=tuple(
            NarrativePoint(text=point.text, findings=tuple(point.findings))
            for point in value.summary
        ),
        hypotheses=tuple(
            HypothesisNote(
                hypothesis=study.hypotheses[int(entry.hypothesis[1:]) - 1].id,
                bearing=entry.bearing,
                text=entry.reason.text,
                findings=tuple(entry.reason.findings),
            )
            for entry in sorted(value.hypotheses, key=lambda entry: int(entry.hypothesis[1:]))
        ),
        further_conditions=further,
        caveats=tuple(value.caveats),
    )
