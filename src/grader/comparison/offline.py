"""The draft without a judge: passages laid before the reviewer, levels left empty."""

from __future__ import annotations

from grader.comparison.assemble import computed, without_answers
from grader.comparison.comparison import Comparison, JudgeNote
from grader.comparison.kinds.registry import kinds_of
from grader.comparison.plan import Plan


def draft_offline(plan: Plan) -> Comparison:
    """The draft without any judge: passages laid before the reviewer, levels left empty."""
    draft = without_answers(plan, [JudgeNote(spec="offline", kind="offline", model=None)])
    for kind in kinds_of(plan):
        draft = computed(plan, draft, **kind.offline(plan))
    return draft
