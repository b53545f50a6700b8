"""What decides which questions a pair is asked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from grader.comparison.comparison import Study
from grader.comparison.kinds.kind import Kind
from grader.comparison.pair import Pair
from grader.rubric import Rubric
from grader.rubric.lock import Depth
from grader.rubric.registration import NEVER_LOCKED, Registration


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
    prompts: frozenset[str] | None = None
    """The only prompts that are used, such as those of a draft that is made again; None: all."""

    @property
    def whole(self) -> bool:
        """Whether contrasts, narrative and implications are asked too."""
        return self.depth != "quick"

    def allows(self, kind: Kind[Any]) -> bool:
        """Whether the prompts of this kind may be used."""
        return self.prompts is None or self.prompts >= set(kind.prompts)
