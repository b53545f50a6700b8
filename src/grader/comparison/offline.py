"""The draft without a judge: passages laid before the reviewer, levels left empty."""

from __future__ import annotations

from grader.comparison.assemble import assemble
from grader.comparison.candidates import nearest_passages
from grader.comparison.comparison import Comparison, JudgeNote, MarkerNote, SignatureNote, Verdict
from grader.comparison.plan import Plan
from grader.text.quotation import SIDES
from grader.transcripts.transcript import deliverable


def draft_offline(plan: Plan) -> Comparison:
    """The draft without any judge: passages laid before the reviewer, levels left empty."""
    turns = {side: deliverable(plan.pair.transcript(side)) for side in SIDES}
    verdicts = [
        Verdict(
            criterion=criterion.id,
            side=side,
            candidates=nearest_passages(
                " ".join(
                    (criterion.title, criterion.question, criterion.levels.met, *criterion.look_for)
                ),
                turns[side],
                side,
            ),
        )
        for criterion in plan.rubric.criteria
        for side in SIDES
    ]
    signatures = [
        SignatureNote(
            signature=signature.id,
            side=side,
            markers=tuple(MarkerNote(marker=marker) for marker in signature.markers),
            candidates=nearest_passages(
                " ".join((signature.title, signature.description, *signature.markers)),
                turns[side],
                side,
            ),
        )
        for signature in plan.rubric.signatures
        for side in SIDES
    ]
    offline = JudgeNote(spec="offline", kind="offline", model=None)
    return assemble(plan, verdicts, [], signatures, [offline])
