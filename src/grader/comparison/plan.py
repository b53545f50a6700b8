"""What decides which questions a pair is asked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from grader.comparison.comparison import Study
from grader.comparison.pair import Pair
from grader.rubric import Rubric
from grader.rubric.lock import Depth
from grader.rubric.registration import NEVER_LOCKED, Registration

NarrativeKind = Literal["orientation", "difference", "change"]
NARRATIVE: tuple[NarrativeKind, ...] = ("orientation", "difference", "change")


@dataclass(frozen=True)
class Plan:
    """Everything that decides what is asked. The same plan always asks the same questions."""

    pair: Pair
    rubric: Rubric
    study: Study | None
    depth: Depth
    samples: int
    slug: str
    probe: bool = False
    """Whether the judge is asked at the end which transcript was the control."""
    registration: Registration = NEVER_LOCKED
    """The state of the rubric's lock; asks nothing, but stands in the draft."""

    @property
    def whole(self) -> bool:
        """Whether contrasts, narrative and implications are asked too."""
        return self.depth != "quick"


def question_counts(plan: Plan, judges: int) -> dict[str, int]:
    """How many questions of each kind the plan needs, without any that are asked again."""
    criteria, signatures = len(plan.rubric.criteria), len(plan.rubric.signatures)
    counts = {"verdict": criteria * 2 * plan.samples * judges, "signature": signatures * 2}
    if plan.whole:
        counts |= {"contrast": criteria * 2, "narrative": len(NARRATIVE), "implications": 1}
    if plan.probe:
        counts["probe"] = 2
    return counts
