"""What can be counted about a run: how questions ended, and which quotations were found.

A failure is not a verdict, and a quotation that was not found is not evidence; both are counted
by condition, so that a reader can see whether one side suffered more.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from grader.comparison.answers import quotations
from grader.comparison.comparison import Comparison
from grader.comparison.kinds.registry import kinds
from grader.judge.reply import OUTCOMES
from grader.text.quotation import SIDES, Side
from grader.writeup.sides import Sides
from grader.writeup.words import counted, in_order, joined


@dataclass(frozen=True)
class Failure:
    """Questions of one kind, about one side and criterion, that ended in one failure."""

    kind: str
    about: str
    """The criterion's title, or 'the pair'."""
    who: str
    """The side's short name, or 'both' where the question showed both."""
    outcome: str
    count: int


@dataclass(frozen=True)
class Questions:
    """How the questions of a comparison ended."""

    asked: int
    answered: int
    by_outcome: tuple[tuple[str, int], ...]
    by_kind: tuple[tuple[str, int, int], ...]
    """Kind, asked, answered."""
    about: dict[Side, int]
    """Questions that showed one side alone."""
    failed_about: dict[Side, int]
    failures: tuple[Failure, ...]

    @property
    def failed(self) -> int:
        """Questions without an answer."""
        return self.asked - self.answered

    @property
    def uneven(self) -> bool:
        """Whether the two sides lost a different share of their questions."""
        control, treatment = SIDES
        return (
            self.failed_about[control] * self.about[treatment]
            != self.failed_about[treatment] * self.about[control]
        )


@dataclass(frozen=True)
class Quoted:
    """Quotations given by judges and how many were not found."""

    given: dict[Side, int]
    missing: dict[Side, int]
    by_judge: tuple[tuple[str, int, int], ...]
    """Judge, given, not found."""

    @property
    def all_given(self) -> int:
        """Quotations of both sides."""
        return sum(self.given.values())

    @property
    def all_missing(self) -> int:
        """Quotations of both sides that were not found."""
        return sum(self.missing.values())


def count_questions(draft: Comparison, sides: Sides) -> Questions:
    """How the questions ended."""
    outcomes: Counter[str] = Counter()
    asked_by_kind: Counter[str] = Counter()
    answered_by_kind: Counter[str] = Counter()
    about: dict[Side, int] = {side: 0 for side in SIDES}
    failed_about: dict[Side, int] = {side: 0 for side in SIDES}
    failures = []
    titles = {criterion.id: criterion.title for criterion in draft.rubric.criteria}
    for entry in draft.outcomes:
        outcomes[entry.outcome] += entry.count
        asked_by_kind[entry.kind] += entry.count
        if entry.side is not None:
            about[entry.side] += entry.count
        if entry.outcome == "answered":
            answered_by_kind[entry.kind] += entry.count
            continue
        if entry.side is not None:
            failed_about[entry.side] += entry.count
        failures.append(
            Failure(
                kind=entry.kind,
                about=titles.get(entry.criterion or "", "the pair"),
                who=sides.short[entry.side] if entry.side else "both",
                outcome=entry.outcome.replace("_", " "),
                count=entry.count,
            )
        )
    return Questions(
        asked=sum(outcomes.values()),
        answered=outcomes["answered"],
        by_outcome=tuple(
            (name.replace("_", " "), outcomes[name]) for name in OUTCOMES if outcomes[name]
        ),
        by_kind=tuple(
            (kind, asked_by_kind[kind], answered_by_kind[kind])
            for kind in in_order(asked_by_kind, [id for each in kinds() for id in each.prompts])
        ),
        about=about,
        failed_about=failed_about,
        failures=tuple(failures),
    )


def count_quotations(draft: Comparison) -> Quoted:
    """Which of the judges' quotations were found."""
    given: dict[Side, int] = {side: 0 for side in SIDES}
    missing: dict[Side, int] = {side: 0 for side in SIDES}
    by_judge: dict[str, list[int]] = {}
    for answer, evidence in quotations(draft):
        tally = by_judge.setdefault(answer.judge, [0, 0])
        given[evidence.side] += 1
        tally[0] += 1
        if evidence.span is None:
            missing[evidence.side] += 1
            tally[1] += 1
    return Quoted(
        given=given,
        missing=missing,
        by_judge=tuple((judge, *tally) for judge, tally in by_judge.items()),  # type: ignore[misc]
    )


def failures_sentence(questions: Questions, sides: Sides) -> str | None:
    """A plain sentence when failures differ between the sides; None when they don't."""
    if not questions.uneven:
        return None
    told = joined(
        f"{questions.failed_about[side]} of {counted(questions.about[side], 'question')} "
        f"about {sides.short[side]}"
        for side in SIDES
    )
    return (
        f"Failures differ between the two sides: {told} have no answer. "
        "What is missing may not be missing by chance."
    )


def quotations_sentence(quoted: Quoted, sides: Sides) -> str | None:
    """How many quotations were found; None where no quotation was given."""
    if not quoted.all_given:
        return None
    given = counted(quoted.all_given, "quotation")
    if not quoted.all_missing:
        return f"All {given} were found in the transcripts they are attributed to."
    told = joined(
        f"{quoted.missing[side]} of {quoted.given[side]} attributed to {sides.short[side]}"
        for side in SIDES
    )
    verb = "was" if quoted.all_missing == 1 else "were"
    return (
        f"{quoted.all_missing} of {given} {verb} not found where the judge placed them "
        f"({told}). They are left out of this writeup."
    )
