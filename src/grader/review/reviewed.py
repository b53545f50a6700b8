"""A comparison with what reviewers decided: the result of folding events over the draft.

Judge-only and reviewed results stand side by side here and can always be told apart. `decisions`
is what holds; `reviewers` is what each person did, apart from the others. The events are in
`events`, the fold in `fold`; the writeup is made from this record.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Literal

from pydantic import Field, computed_field

from grader.comparison.comparison import Comparison, Scorecard
from grader.records import Record
from grader.review.events import Content, Mode

State = Literal["undecided", "accepted", "edited", "rejected"]


class Comment(Record):
    """A remark on an item; decides nothing."""

    reviewer: str
    time: str
    text: str


class Decision(Content):
    """What holds for one item after review, or what one reviewer decided.

    For an accepted item the fields repeat the draft's; for an edited one they are the
    reviewer's; for a rejected one they are empty.
    """

    item: str = Field(description="'verdict:<criterion>:<side>', 'signature:<id>:<side>', ...")
    state: State
    reviewer: str | None = Field(None, description="Who decided it first, or adjudicated it.")
    reviewers: tuple[str, ...] = Field((), description="All who decided the same.")
    time: str | None = None
    reason: str | None = Field(None, description="Why it was rejected or edited.")
    seen: bool | None = Field(None, description="Whether the judge's verdict had been seen.")
    disputed: bool = Field(False, description="Reviewers differ and nobody has adjudicated.")
    settled_by: int | None = Field(None, description="Sequence of the event that adjudicated it.")
    required: bool = Field(True, description="False: evidence, which needs no decision.")
    comments: tuple[Comment, ...] = ()

    @computed_field  # type: ignore[prop-decorator]
    @property
    def adjudicated(self) -> bool:
        """Whether somebody settled it."""
        return self.settled_by is not None

    @property
    def content(self) -> Content | None:
        """What was decided; None for a rejected or undecided item."""
        if self.state in ("undecided", "rejected"):
            return None
        return Content(**{name: getattr(self, name) for name in Content.model_fields})


class ItemReview(Record):
    """What one reviewer did with one item."""

    item: str
    opened_at: str | None = Field(None, description="When it was last laid before them.")
    own: Content | None = Field(None, description="Given before the judge's verdict was seen.")
    revealed: bool = Field(False, description="Whether the judge's verdict was then given out.")
    decision: Decision
    deferred: bool = False
    seconds: int | None = Field(None, description="From showing the item to their decision.")
    spent: tuple[str | None, int] = Field(
        (None, 0), description="When the own level was given: opened at, and the seconds of it."
    )
    batch: int | None = Field(
        None, description="First event of the action that decided it, where it has several."
    )
    planted: Literal["no", "waiting", "answered", "done"] = Field(
        "no",
        description="Whether a wrong verdict is shown here, was answered, and was told to be one.",
    )
    answer: Decision | None = Field(
        None, description="What was decided on the planted verdict; it never counts."
    )
    adjudicating: bool = Field(False, description="Has seen the decisions of all reviewers.")
    comments: tuple[Comment, ...] = ()
    last: int = Field(0, description="Sequence of their last event here that is no look.")
    decided_at: int = Field(0, description="Sequence of the event that made the decision.")

    @property
    def fell_for(self) -> bool | None:
        """Whether the planted verdict was accepted; None where none was answered."""
        return None if self.answer is None else self.answer.state == "accepted"


@lru_cache(maxsize=4096)
def untouched(item: str) -> ItemReview:
    """An item that a reviewer did nothing with yet."""
    return ItemReview(item=item, decision=Decision(item=item, state="undecided"))


class ReviewerRecord(Record):
    """One reviewer's own review."""

    name: str
    mode: Mode = "assisted"
    began: bool = Field(False, description="Whether they opened the comparison to review it.")
    traps: int = 0
    blind: frozenset[str] = Field(
        frozenset(), description="In a mixed review, the items that are blind first."
    )
    resting: frozenset[str] = Field(
        frozenset(),
        description="Items whose planted verdict was answered while others wait: to this reviewer "
        "they are decided.",
    )
    settles: bool = Field(False, description="Has seen which decisions of the others differ.")
    items: dict[str, ItemReview] = Field(default_factory=dict, description="Items they touched.")

    def item(self, item: str) -> ItemReview:
        """What they did with an item; nothing where they never touched it."""
        return self.items.get(item) or untouched(item)

    @property
    def last(self) -> int:
        """Sequence of their last event on any item that is no look; 0: there is none."""
        return max((each.last for each in self.items.values()), default=0)

    def shown_decision(self, item: str) -> Decision:
        """Their decision on an item as they are shown it: nothing tells a planted verdict."""
        review = self.item(item)
        return review.answer if item in self.resting and review.answer else review.decision

    @property
    def shown_decided(self) -> tuple[Decision, ...]:
        """Their decisions as they are shown them."""
        decisions = map(self.shown_decision, self.items)
        return tuple(each for each in decisions if each.state != "undecided")

    @property
    def decided(self) -> tuple[Decision, ...]:
        """Their decisions."""
        decisions = (each.decision for each in self.items.values())
        return tuple(each for each in decisions if each.state != "undecided")


class SignOff(Record):
    """A person's dated statement that ends the review."""

    reviewer: str
    time: str
    statement: str | None = None
    taken_back_by: str | None = Field(None, description="None: it holds.")
    taken_back_at: str | None = None
    taken_back_because: str | None = None


class Reviewed(Record):
    """Draft and decisions. Without events every decision is undecided."""

    draft: Comparison
    draft_hash: str = Field(description="sha256 of comparison.json as written.")
    decisions: dict[str, Decision]
    scorecard: Scorecard = Field(description="From the decided levels; undecided ones are empty.")
    reviewers: dict[str, ReviewerRecord] = Field(default_factory=dict, description="By name.")
    sign_off: SignOff | None = Field(None, description="The one that holds.")
    taken_back: tuple[SignOff, ...] = Field((), description="Earlier signatures, oldest first.")
    events: int = 0
    chain: str | None = Field(None, description="Hash of the last event.")

    @property
    def undecided(self) -> tuple[str, ...]:
        """Items that still wait for a decision, in the draft's order; disputed ones too.

        Evidence that nobody objected to waits for none; evidence that reviewers dispute does.
        """
        return tuple(
            id
            for id, each in self.decisions.items()
            if each.state == "undecided" and (each.required or each.disputed)
        )

    @property
    def disputed(self) -> tuple[str, ...]:
        """Items on which reviewers differ and nobody has adjudicated."""
        return tuple(i for i, d in self.decisions.items() if d.disputed)

    def decision(self, item: str) -> Decision:
        """What holds for an item; undecided where there is no such item."""
        return self.decisions.get(item) or untouched(item).decision

    def reviewer(self, name: str) -> ReviewerRecord:
        """One reviewer's own review; an empty one for somebody who did nothing yet."""
        return self.reviewers.get(name) or ReviewerRecord(name=name)
