"""Levels as ranks: which level of a criterion's scale is which, from 0 at the lowest."""

from __future__ import annotations

from grader.rubric import Criterion, Rubric


def scale_of(criterion: Criterion) -> tuple[str, ...]:
    """The levels of a criterion, lowest first."""
    return criterion.scale.levels


def ranks_of(rubric: Rubric) -> dict[str, dict[str, int]]:
    """For each criterion the rank of each of its levels."""
    return {
        criterion.id: {level: rank for rank, level in enumerate(scale_of(criterion))}
        for criterion in rubric.criteria
    }
