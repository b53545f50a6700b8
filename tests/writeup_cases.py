"""The three example pairs in three states of review: what the golden writeups show."""

from __future__ import annotations

from pathlib import Path

from grader.comparison.comparison import Comparison
from grader.review.reviewed import Comment, Decision, Reviewed
from grader.writeup.position import Neighbour, neighbour_of
from writeup_reviews import SIGNED, accepted, reviewed

GOLDEN = Path(__file__).resolve().parent / "golden"
PAIRS = ("clinic-postmortem", "export-endpoint", "library-memo")


def draft(pair: str) -> Comparison:
    """The kept draft of an example pair; `golden/make.py` makes it."""
    text = (GOLDEN / "drafts" / f"{pair}.json").read_text("utf-8")
    return Comparison.model_validate_json(text)


def case(pair: str) -> Reviewed:
    """The clinic pair as a draft, the endpoint under review, the memo reviewed and signed."""
    made = draft(pair)
    if pair == "clinic-postmortem":
        return reviewed(made)
    decisions = accepted(made)
    if pair == "export-endpoint":
        return reviewed(made, dict(list(decisions.items())[:4]))
    too_high = "verdict:room-for-disagreement:treatment"
    decisions[too_high] = Decision(
        item=too_high,
        state="edited",
        level="not_met",
        rationale="The meeting is for questions about the decision; it opens no talk about it.",
        evidence=decisions[too_high].evidence,
        reviewer="Ben",
        reason="Answering what one can is answering questions, which the level rules out.",
        comments=(
            Comment(
                reviewer="Ada",
                time="2026-11-24T09:40:00Z",
                text="Agreed after reading the level again.",
            ),
        ),
    )
    not_shown = "signature:message-management:control"
    decisions[not_shown] = Decision(
        item=not_shown,
        state="rejected",
        reviewer="Ben",
        reason="The note calls five labels a sorting of readers; two of them are topics.",
    )
    account = "point:difference:account:1"
    decisions[account] = Decision(
        item=account,
        state="edited",
        text="The treatment speaks about the four; the control thanks all who worked Sundays.",
        evidence=(),
        reviewer="Ada",
    )
    return reviewed(made, decisions, SIGNED)


def others() -> list[Neighbour]:
    """What stands beside each: the other two, another run, and the same pair judged again."""
    standings = [neighbour_of(case(pair)) for pair in PAIRS]
    clinic = draft("clinic-postmortem")
    again = clinic.model_copy(update={"slug": "c-vs-p-clinic-postmortem-panel"})
    source = clinic.treatment.provenance.model_copy(update={"sha256": "b" * 64})
    run = clinic.treatment.model_copy(update={"id": "p-clinic-postmortem-2", "provenance": source})
    other = clinic.model_copy(update={"slug": "c-vs-p-clinic-postmortem-2", "treatment": run})
    return [*standings, *(neighbour_of(reviewed(each)) for each in (again, other))]
