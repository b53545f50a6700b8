"""From answers to the record of a comparison, with everything that is computed from them."""

from __future__ import annotations

from collections.abc import Sequence

from grader.comparison.agreement import agreement
from grader.comparison.attention import pair_attention
from grader.comparison.comparison import Comparison, Contrast, JudgeNote, SignatureNote, Verdict
from grader.comparison.plan import NARRATIVE, Plan
from grader.comparison.scorecard import scorecard
from grader.questions.prompts import read_prompt
from grader.text.quotation import SIDES
from grader.transcripts.measurements import measure
from grader.transcripts.named_measures import measure_named
from grader.transcripts.pair import check_pair
from grader.transcripts.transcript import deliverable
from grader.version import __version__


def assemble(
    plan: Plan,
    verdicts: Sequence[Verdict],
    contrasts: Sequence[Contrast],
    signatures: Sequence[SignatureNote],
    judges: Sequence[JudgeNote],
) -> Comparison:
    """The record of these answers, with everything that is computed from them."""
    pair, rubric = plan.pair, plan.rubric
    texts = {side: [turn.text for turn in deliverable(pair.transcript(side))] for side in SIDES}
    levels = {(verdict.criterion, verdict.side): verdict.level for verdict in verdicts}
    kinds = [
        "verdict",
        "signature",
        *(["contrast", *NARRATIVE, "implications"] * plan.whole),
        *(["probe"] * plan.probe),
    ]
    asked = any(judge.kind != "offline" for judge in judges)
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
        prompts={kind: read_prompt(kind).hash for kind in kinds} if asked else {},
        blind_order=pair.order,
        verdicts=tuple(verdicts),
        contrasts=tuple(contrasts),
        signatures=tuple(signatures),
        measurements={side: measure(texts[side]) for side in SIDES},
        named_measures={side: measure_named(texts[side], rubric.measures) for side in SIDES},
        scorecard=scorecard([criterion.id for criterion in rubric.criteria], levels),
        agreement=agreement(verdicts),
        attention=pair_attention(pair.control, pair.treatment, judges),
        pair_notes=check_pair(pair.control, pair.treatment),
    )
