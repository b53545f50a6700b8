"""The ordered answers to a criterion and what can be computed from them.

Levels are ordinal: they have an order but no distances, so nothing here adds or averages them.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

Level = Literal["not_met", "partially_met", "met"]
LEVELS: tuple[Level, ...] = ("not_met", "partially_met", "met")

Presence = Literal["absent", "trace", "present", "pervasive"]
PRESENCES: tuple[Presence, ...] = ("absent", "trace", "present", "pervasive")

Shift = Literal["up", "down", "same"]


def level_name(level: Level | None) -> str:
    """A level as a person reads it; 'no level' for a missing one."""
    return "no level" if level is None else level.replace("_", " ")


def shift(control: Level | None, treatment: Level | None) -> Shift | None:
    """Treatment against control: 'up', 'down' or 'same'; None while either is missing."""
    if control is None or treatment is None:
        return None
    difference = LEVELS.index(treatment) - LEVELS.index(control)
    return "same" if difference == 0 else "up" if difference > 0 else "down"


def ordinal_median(levels: Iterable[Level]) -> Level | None:
    """The middle level; of two middle ones the lower. None when there is none."""
    ranks = sorted(LEVELS.index(level) for level in levels)
    return LEVELS[ranks[(len(ranks) - 1) // 2]] if ranks else None
