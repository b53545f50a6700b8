"""The record of a comparison before any answer, and all that is computed from its answers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from grader.comparison.agreement import agreement
from grader.comparison.answers import count_outcomes
from grader.comparison.attention import pair_attention
from grader.comparison.comparison import Comparison, JudgeNote
from grader.comparison.findings import findings_of
from grader.comparison.kinds.registry import kinds_of, prompt_of
from grader.comparison.plan import Plan
from grader.comparison.scorecard import scorecard
from grader.text.quotation import SIDES
from grader.transcripts.measurements import measure
from grader.transcripts.named_measures import measure_named
from grader.transcripts.pair import check_pair
from grader.transcripts.transcript import deliverable
from grader.version import __version__


def without_answers(plan: Plan, judges: Sequence[JudgeNote]) -> Comparison:
    """The comparison as far as the plan alone gives it."""
    pair, rubric = plan.pair, plan.rubric
    texts = {side: [turn.text for turn in deliverable(pair.transcript(side))] for side in SIDES}
    asked = any(judge.kind != "offline" for judge in judges)
    prompts = [id for kind in kinds_of(plan) for id in kind.prompts] if asked else []
    return Comparison(
        grader_version=__version__,
        slug=plan.slug,
        control=pair.control,
        treatment=pair.treatment,
        rubric=rubric,
        rubric_hash=rubric.hash,
        rubric_registered=plan.registration.state == "before",
        registration=plan.registration,
        study=plan.study,
        depth=plan.depth,
        samples=plan.samples,
        judges=tuple(judges),
        prompts={id: prompt_of(id).hash for id in prompts},
        blind_order=pair.order,
        verdicts=(),
        signatures=(),
        measurements={side: measure(texts[side]) for side in SIDES},
        named_measures={side: measure_named(texts[side], rubric.measures) for side in SIDES},
        scorecard=scorecard(rubric.criteria, {}),
        attention=pair_attention(pair.control, pair.treatment, judges),
        pair_notes=check_pair(pair.control, pair.treatment),
    )


def computed(plan: Plan, draft: Comparison, **changes: Any) -> Comparison:
    """The draft with these changes, and what follows from them computed anew."""
    draft = draft.model_copy(update=changes)
    asked = any(judge.kind != "offline" for judge in draft.judges)
    return draft.model_copy(
        update={
            "scorecard": scorecard(draft.rubric.criteria, draft.levels),
            "agreement": agreement(draft.rubric, draft.verdicts),
            "findings": findings_of(draft) if plan.whole and asked else (),
            "outcomes": count_outcomes(draft),
            "attention": pair_attention(draft.control, draft.treatment, draft.judges),
        }
    )
