"""A comparison with what reviewers decided: the result of folding events over the draft.

Judge-only and reviewed results stand side by side here and can always be told apart. The events
are in `events`, the fold in `fold`; the writeup is made from this record.
"""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from grader.comparison.comparison import Comparison, Scorecard
from grader.evidence import Evidence
from grader.levels import Level, Presence
from grader.records import Record

State = Literal["undecided", "accepted", "edited", "rejected"]


class Comment(Record):
    """A remark on an item; decides nothing."""

    reviewer: str
    time: str
    text: str


class Decision(Record):
    """What holds for one item after review.

    For an accepted item the fields repeat the draft's; for an edited one they are the
    reviewer's; for a rejected one level, note and evidence are empty.
    """

    item: str = Field(description="'verdict:<criterion>:<side>' or 'signature:<id>:<side>'.")
    state: State
    level: Level | None = None
    rationale: str | None = None
    note: str | None = None
    presences: tuple[Presence | None, ...] = Field((), description="Of a signature's markers.")
    evidence: tuple[Evidence, ...] = ()
    reviewer: str | None = None
    time: str | None = None
    reason: str | None = Field(None, description="Why it was rejected or edited.")
    comments: tuple[Comment, ...] = ()


class SignOff(Record):
    """A person's dated statement that ends the review."""

    reviewer: str
    time: str
    statement: str | None = None


class Reviewed(Record):
    """Draft and decisions. Without events every decision is undecided."""

    draft: Comparison
    draft_hash: str = Field(description="sha256 of comparison.json as written.")
    decisions: dict[str, Decision]
    scorecard: Scorecard = Field(description="From the decided levels; undecided ones are empty.")
    sign_off: SignOff | None = None
    events: int = 0
    chain: str | None = Field(None, description="Hash of the last event.")

    @property
    def undecided(self) -> tuple[str, ...]:
        """Items that still wait for a decision, in the draft's order."""
        return tuple(i for i, d in self.decisions.items() if d.state == "undecided")
