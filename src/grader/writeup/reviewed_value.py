"""The effective level or presence: the reviewer's if decided, else the judge's.

An undecided item shows the judge's draft and says so; it is never shown as final.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from grader.review.reviewed import Decision, State
from grader.rubric.scale import level_name

Effect = Literal["draft", "reviewed", "changed", "withdrawn"]


@dataclass(frozen=True)
class ReviewedValue:
    """One level (or presence) with its history."""

    judge: str | None
    final: str | None
    state: State
    empty: str = "no level"

    @property
    def shown(self) -> str | None:
        """The value to show: the reviewer's once decided, the judge's until then."""
        return self.judge if self.state == "undecided" else self.final

    @property
    def effect(self) -> Effect:
        """Draft (undecided), reviewed (kept), changed (another value) or withdrawn (rejected)."""
        if self.state == "undecided":
            return "draft"
        if self.state == "rejected":
            return "withdrawn"
        return "reviewed" if self.final == self.judge else "changed"

    @property
    def word(self) -> str:
        """'partially met'; 'no level' for none."""
        return self._in_words(self.shown)

    @property
    def judge_word(self) -> str:
        """The judge's own value in words."""
        return self._in_words(self.judge)

    def _in_words(self, value: str | None) -> str:
        return self.empty if value is None else value.replace("_", " ")


def reviewed_level(judge: str | None, decision: Decision) -> ReviewedValue:
    """The level of a verdict after review."""
    return ReviewedValue(
        judge=judge, final=decision.level, state=decision.state, empty=level_name(None)
    )


def reviewed_presence(judge: str | None, decision: Decision, position: int) -> ReviewedValue:
    """The presence of one marker after review."""
    final = decision.presences[position] if position < len(decision.presences) else None
    return ReviewedValue(judge=judge, final=final, state=decision.state, empty="not noted")
