"""The ordered answers to a criterion and what can be computed from them.

Levels are ordinal: they have an order but no distances, so no result adds or averages them.
A scale has two to seven levels. The three of `THREE_LEVELS` are the default: every rubric of
schema version 1 that was written before scales could be chosen has them.

`not_applicable` is an answer beside the scale, where a criterion allows it: the situation that
the criterion asks about does not arise. It is never a level, has no place in the order, and is
not the same as a missing level.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Annotated, Any, Final, Literal, get_args

from pydantic import (
    AfterValidator,
    ConfigDict,
    RootModel,
    StringConstraints,
    field_validator,
    model_validator,
)
from pydantic_core import PydanticCustomError

NOT_APPLICABLE: Final = "not_applicable"
NotApplicable = Literal["not_applicable"]

FEWEST_LEVELS, MOST_LEVELS = 2, 7

Level = Annotated[
    str, StringConstraints(pattern=r"^[a-z0-9]+(_[a-z0-9]+)*$", min_length=1, max_length=40)
]
"""The name of a level, or `not_applicable` where the criterion allows it."""

ThreeLevels = Literal["not_met", "partially_met", "met"]
THREE_LEVELS: tuple[Level, ...] = get_args(ThreeLevels)
"""The levels of the default scale, lowest first."""

_VERBS = {"met": "meets", "partially_met": "partially meets", "not_met": "does not meet"}
_SHORT = {"met": "met", "partially_met": "partially", "not_met": "not"}

Presence = Literal["absent", "trace", "present", "pervasive"]
PRESENCE_MEANINGS: dict[Presence, str] = {
    "absent": "nothing shows it",
    "trace": "it shows weakly, or in part",
    "present": "it is clearly there, also where it can occur only once",
    "pervasive": "it shows nearly everywhere where it could",
}
PRESENCES: tuple[Presence, ...] = tuple(PRESENCE_MEANINGS)

Shift = Literal["up", "down", "same"]
SHIFTS: tuple[Shift, ...] = ("up", "down", "same")

_RESERVED = {
    NOT_APPLICABLE: "'not_applicable' is no level; write it beside `levels`, with its definition",
    "missing": "'missing' stands for an answer that is not there and can't be a level's name",
    "no_level": "'no_level' stands for an answer that is not there and can't be a level's name",
}
_DEFINITION = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]


def _not_reserved(name: str) -> str:
    if name in _RESERVED:
        raise PydanticCustomError("level_reserved", "{why}", {"why": _RESERVED[name]})
    return name


class Scale(RootModel[dict[Annotated[Level, AfterValidator(_not_reserved)], _DEFINITION]]):
    """Two to seven levels and what each means, from the highest to the lowest.

    In a file and in Python it is a mapping of names to definitions in that order. The three
    names of the default scale have their own order, however they are written down.
    """

    model_config = ConfigDict(
        frozen=True,
        json_schema_extra={"minProperties": FEWEST_LEVELS, "maxProperties": MOST_LEVELS},
    )

    @model_validator(mode="before")
    @classmethod
    def _three_in_their_order(cls, data: Any) -> Any:
        if isinstance(data, Mapping) and set(data) == set(THREE_LEVELS):
            return {name: data[name] for name in reversed(THREE_LEVELS)}
        return data

    @field_validator("root")
    @classmethod
    def _neither_few_nor_many(cls, root: dict[str, str]) -> dict[str, str]:
        if not FEWEST_LEVELS <= len(root) <= MOST_LEVELS:
            raise PydanticCustomError(
                "level_count",
                "a scale has {fewest} to {most} levels, this one has {count}",
                {"fewest": FEWEST_LEVELS, "most": MOST_LEVELS, "count": len(root)},
            )
        return root

    def __eq__(self, other: object) -> bool:
        # Two mappings are equal in any order; two scales are not.
        return isinstance(other, Scale) and list(self.root.items()) == list(other.root.items())

    def __hash__(self) -> int:
        return hash(tuple(self.root.items()))

    @property
    def levels(self) -> tuple[Level, ...]:
        """The names of the levels, lowest first."""
        return tuple(reversed(self.root))

    @property
    def lowest(self) -> Level:
        """The name of the lowest level."""
        return self.levels[0]

    @property
    def highest(self) -> Level:
        """The name of the highest level."""
        return self.levels[-1]

    @property
    def is_default(self) -> bool:
        """Whether these are the three levels of the default scale."""
        return self.levels == THREE_LEVELS

    def definition(self, level: Level) -> str:
        """What a level means. Raises KeyError for a name that is not on the scale."""
        return self.root[level]

    def rank(self, level: Level) -> int:
        """The place of a level in the order, 0 for the lowest.

        Raises:
            KeyError: the name is not on the scale, as `not_applicable` never is.
        """
        return {name: rank for rank, name in enumerate(self.levels)}[level]

    def shift(self, control: Level | None, treatment: Level | None) -> Shift | NotApplicable | None:
        """Treatment against control.

        Returns:
            'up', 'down' or 'same'; 'not_applicable' where the situation does not arise on a side,
            whatever is on the other; None where a level is missing.

        Raises:
            KeyError: a name is not on the scale.
        """
        if NOT_APPLICABLE in (control, treatment):
            return NOT_APPLICABLE
        if control is None or treatment is None:
            return None
        difference = self.rank(treatment) - self.rank(control)
        return "same" if difference == 0 else "up" if difference > 0 else "down"

    def median(self, levels: Iterable[Level]) -> Level | None:
        """The middle one of these levels; of two middle ones the lower. None for no level."""
        ranks = sorted(map(self.rank, levels))
        return self.levels[ranks[(len(ranks) - 1) // 2]] if ranks else None

    def reconciled(self, answers: Iterable[Level]) -> Level | None:
        """The one answer that stands for several.

        `not_applicable` where more than half of the answers are; otherwise the ordinal median of
        the levels among them, so that a tie between the two goes to the level. None for no answer.
        """
        answers = list(answers)
        levels = [answer for answer in answers if answer != NOT_APPLICABLE]
        if len(answers) > 2 * len(levels):
            return NOT_APPLICABLE
        return self.median(levels)

    def verb(self, answer: Level) -> str:
        """What a transcript does that has this answer: 'meets', 'has "yes" on'."""
        default = _VERBS.get(answer) if self.is_default else None
        return default or f'has "{level_name(answer)}" on'

    @property
    def ends(self) -> tuple[str, ...]:
        """Short words along a drawn scale, from the lowest to the highest."""
        if self.is_default:
            return tuple(_SHORT[level] for level in self.levels)
        return level_name(self.lowest), level_name(self.highest)

    def farthest(self, level: Level) -> Level:
        """The level farthest from this one; the highest, where both ends are as far."""
        return self.lowest if 2 * self.rank(level) >= len(self.root) else self.highest

    def closeness(self, one: Level, other: Level) -> float:
        """How near two answers are: 1 for the same, 0 for the two ends of the scale.

        This is the one place that takes neighbouring levels to be equally far apart, to describe
        how steady a judge is. No result about a condition rests on it. `not_applicable` is near
        to itself alone.
        """
        if NOT_APPLICABLE in (one, other):
            return float(one == other)
        return 1 - abs(self.rank(one) - self.rank(other)) / (len(self.root) - 1)


def level_name(level: Level | None) -> str:
    """A level as a person reads it; 'no level' for a missing one."""
    return "no level" if level is None else level.replace("_", " ")
