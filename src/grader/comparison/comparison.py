"""The comparison record: the judge's draft of one control and one treatment transcript.

Written once to `outputs/<slug>/comparison.json` and never changed; review adds events beside it.
It holds both transcripts and the rubric whole, so that the folder can be read, reviewed and
checked anywhere. Narrative texts keep the judge's blind words ("Transcript 1", "Transcript 2");
`blind_order` says which side was which, and names are put back when the writeup is made.
"""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field, model_validator

from grader.comparison.kinds.contrast import Contrast
from grader.comparison.kinds.implications import Implications
from grader.comparison.kinds.narrative import NarrativeSection
from grader.comparison.kinds.probe import ProbeOrder
from grader.comparison.kinds.signature import SignatureNote
from grader.comparison.kinds.text import WrittenText
from grader.comparison.kinds.verdict import Verdict
from grader.comparison.parts import Attention, Finding, OtherAnswer
from grader.judge.reply import Outcome
from grader.records import Record
from grader.rubric import Rubric
from grader.rubric.lock import Depth
from grader.rubric.registration import NEVER_LOCKED, Registration
from grader.rubric.scale import Level, NotApplicable, Shift
from grader.text.quotation import Side
from grader.transcripts.measurements import Measurements
from grader.transcripts.pair import PairFinding
from grader.transcripts.transcript import Transcript


class ScorecardRow(Record):
    """One criterion: both levels and the shift."""

    criterion: str
    control: Level | None
    treatment: Level | None
    shift: Shift | NotApplicable | None


class Scorecard(Record):
    """Levels side by side and their tallies. Computed, never asked."""

    rows: tuple[ScorecardRow, ...]
    control_tally: dict[str, int] = Field(
        description="Count by level, and by 'not_applicable' where a criterion allows it; "
        "'missing' for no answer."
    )
    treatment_tally: dict[str, int]
    shift_tally: dict[str, int] = Field(
        description="Count by shift, and by 'not_applicable' likewise; 'missing' for none."
    )


class OutcomeCount(Record):
    """How many questions of one kind, side and criterion ended in one way."""

    kind: str
    side: Side | None
    criterion: str | None
    outcome: Outcome
    count: int


class Spend(Record):
    """What the replies of one judge took that the draft rests on, whenever they were paid."""

    replies: int
    uncounted: int = Field(description="Replies for which the server counted no tokens.")
    prompt_tokens: int
    cached_tokens: int = Field(description="Of the prompt tokens, served from a prefix cache.")
    completion_tokens: int
    reasoning_tokens: int = Field(description="Of the completion tokens, thoughts.")
    usd: float | None = Field(description="None: the price of at least one reply is not known.")
    priced: str | None = Field(description="When the price was read, such as '2026-06'.")


class JudgeNote(Record):
    """Who judged, with which settings."""

    spec: str
    kind: Literal["offline", "live", "recorded", "files"]
    model: str | None
    served_models: tuple[str, ...] = Field((), description="Models as the replies name them.")
    parameters: dict[str, Any] = Field(default_factory=dict)
    left_out: tuple[str, ...] = Field(
        (),
        exclude_if=lambda names: not names,
        description="Parameters that the server refused, so that answers came without them.",
    )
    server: str | None = Field(
        None, description="The address asked in place of the provider's own; None: its own."
    )
    spend: Spend | None = Field(None, description="None: no judge was asked.")
    note: str | None = Field(
        None,
        description="What a recording says of who answered and how.",
        exclude_if=lambda note: note is None,
    )

    @property
    def answered_by(self) -> str | None:
        """The first sentence of the note, without its stop; None where there is no note."""
        return self.note.partition(". ")[0].rstrip(".") if self.note else None


class Agreement(Record):
    """How far answers to the same verdict questions agree on the level."""

    judges: tuple[str, ...] = Field(description="One: between its samples; two: between them.")
    n: int = Field(description="Pairs of answers, neither of which is missing.")
    exact: float | None = Field(description="Share that says the same. None: no pair.")
    ordinal: float | None = Field(
        description="The mean of 1 for the same level, 0 for the two ends of the scale, and what "
        "lies between in equal steps. None: no pair."
    )


class Hypothesis(Record):
    """A hypothesis of the study."""

    id: str
    text: str
    criteria: dict[str, tuple[str, ...]] = Field(
        default_factory=dict,
        description="The criteria it speaks of, by the rubric's id.",
        exclude_if=lambda criteria: not criteria,
    )


class Study(Record):
    """The study a comparison belongs to, as far as the user describes it."""

    title: str
    description: str = ""
    conditions: dict[str, str] = Field(default_factory=dict)
    hypotheses: tuple[Hypothesis, ...] = ()


class Comparison(Record):
    """The draft."""

    schema_version: Literal[1] = 1
    grader_version: str
    slug: str
    control: Transcript
    treatment: Transcript
    rubric: Rubric
    rubric_hash: str
    rubric_registered: bool = Field(description="Locked before the treatment was read.")
    registration: Registration = Field(
        NEVER_LOCKED, description="The lock's state and what it rests on."
    )
    study: Study | None = None
    depth: Depth
    samples: int
    judges: tuple[JudgeNote, ...]
    prompts: dict[str, str] = Field(description="sha256 of each prompt file used, by its id.")
    blind_order: tuple[Side, Side] = Field(description="Which side is Transcript 1, which 2.")
    verdicts: tuple[Verdict, ...]
    contrasts: tuple[Contrast, ...] = ()
    signatures: tuple[SignatureNote, ...]
    narrative: tuple[NarrativeSection, ...] = ()
    implications: Implications | None = None
    text: WrittenText | None = Field(
        None,
        description="The short text; None in drafts made before it was asked.",
        exclude_if=lambda text: text is None,
    )
    probe: tuple[ProbeOrder, ...] = Field(
        (), description="Whether the judge could tell the control, where that was asked."
    )
    others: dict[str, tuple[OtherAnswer, ...]] = Field(
        default_factory=dict,
        exclude_if=lambda others: not others,
        description="Answers of kinds without a record of their own here, by the kind's id.",
    )
    findings: tuple[Finding, ...] = ()
    measurements: dict[Side, Measurements]
    named_measures: dict[Side, dict[str, int]] = Field(
        default_factory=dict, description="Counts of the rubric's own measures, by their ids."
    )
    scorecard: Scorecard
    outcomes: tuple[OutcomeCount, ...] = ()
    agreement: tuple[Agreement, ...] = Field(
        (), description="Between samples and between judges, where there are several."
    )
    attention: tuple[Attention, ...] = Field((), description="About the pair as a whole.")
    pair_notes: tuple[PairFinding, ...] = Field(
        (), description="What differs between the two beyond the declared treatment."
    )

    @model_validator(mode="after")
    def _levels_are_on_their_scales(self) -> Comparison:
        answers = {criterion.id: criterion.answers for criterion in self.rubric.criteria}
        given = [(v.item, v.criterion, v.level) for v in self.verdicts]
        given += [(v.item, v.criterion, s.level) for v in self.verdicts for s in v.samples]
        for row in self.scorecard.rows:
            given += [("the scorecard", row.criterion, lev) for lev in (row.control, row.treatment)]
        for where, criterion, level in given:
            if level is not None and level not in answers.get(criterion, (level,)):
                raise ValueError(
                    f"{where} has the level {level!r}; the criterion {criterion!r} has "
                    f"{', '.join(answers[criterion])}"
                )
        return self

    @property
    def split(self) -> frozenset[str]:
        """The criteria on which the answers of several judges or samples leave no majority."""
        return frozenset(verdict.criterion for verdict in self.verdicts if verdict.split)

    @property
    def same_condition(self) -> bool:
        """Whether both sides state one condition: two runs that only chance sets apart."""
        return self.control.condition is not None and (
            self.control.condition == self.treatment.condition
        )

    def transcript(self, side: Side) -> Transcript:
        """The transcript of one side."""
        return self.control if side == "control" else self.treatment

    @property
    def levels(self) -> dict[tuple[str, Side], Level | None]:
        """The level of each criterion on each side."""
        return {(verdict.criterion, verdict.side): verdict.level for verdict in self.verdicts}
