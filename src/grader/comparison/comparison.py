"""The comparison record: the judge's draft of one control and one treatment transcript.

Written once to `outputs/<slug>/comparison.json` and never changed; review adds events beside it.
It holds both transcripts and the rubric whole, so that the folder can be read, reviewed and
checked anywhere. Narrative texts keep the judge's blind words ("Transcript 1", "Transcript 2");
`blind_order` says which side was which, and names are put back when the writeup is made.
"""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from grader.judge.reply import Outcome
from grader.records import Record
from grader.rubric import Rubric
from grader.rubric.lock import Depth
from grader.rubric.registration import NEVER_LOCKED, Registration
from grader.rubric.scale import Level, Presence, Shift
from grader.text.quotation import Evidence, Side, Span
from grader.transcripts.measurements import Measurements
from grader.transcripts.pair import PairFinding
from grader.transcripts.transcript import Transcript

ASKED_AGAIN = (
    "How asking once more for quotations that were not found ended; None: nothing was asked again."
)


class Attention(Record):
    """A reason why a reviewer should look here first."""

    code: Literal[
        "unlocated_evidence",
        "missing_level",
        "samples_disagree",
        "order_sensitive",
        "contrast_against_shift",
        "same_family",
        "addresses_the_judge",
        "speaks_of_preamble",
    ]
    message: str


class Passage(Record):
    """A passage retrieved for a reviewer where no judge was asked. Not a judge's evidence."""

    text: str
    span: Span
    score: float = Field(description="BM25 score; comparable only within one list.")


class VerdictSample(Record):
    """One judge's answer, or failure, to one verdict question."""

    judge: str
    sample: int = Field(ge=1)
    outcome: Outcome
    level: Level | None = None
    rationale: str | None = None
    evidence: tuple[Evidence, ...] = ()
    looked_for_in_vain: tuple[str, ...] = ()
    detail: str | None = Field(None, description="What failed, for people.")
    questions: tuple[str, ...] = Field((), description="Hashes of the questions asked, in order.")
    asked_again: Outcome | None = Field(None, description=ASKED_AGAIN)


class Verdict(Record):
    """Level, rationale and evidence for one criterion on one transcript."""

    criterion: str
    side: Side
    level: Level | None = None
    rationale: str | None = None
    evidence: tuple[Evidence, ...] = ()
    looked_for_in_vain: tuple[str, ...] = ()
    samples: tuple[VerdictSample, ...] = ()
    candidates: tuple[Passage, ...] = ()
    attention: tuple[Attention, ...] = ()

    @property
    def item(self) -> str:
        """Name of this verdict in review events."""
        return f"verdict:{self.criterion}:{self.side}"


class ContrastOrder(Record):
    """A contrast asked in one order."""

    judge: str
    first: Side = Field(description="The side that was Transcript 1 in this order.")
    outcome: Outcome
    shows_more: Literal["control", "treatment", "neither"] | None = None
    reason: str | None = Field(None, description="Blind words: 'Transcript 1' is `first`.")
    evidence: tuple[Evidence, ...] = ()
    detail: str | None = None
    questions: tuple[str, ...] = ()
    asked_again: Outcome | None = Field(None, description=ASKED_AGAIN)


class Contrast(Record):
    """Which transcript shows more of a criterion, over both orders."""

    criterion: str
    shows_more: Literal["control", "treatment", "neither"] | None = Field(
        None, description="None: the orders disagree, or one of them failed."
    )
    order_sensitive: bool = False
    orders: tuple[ContrastOrder, ...] = ()
    attention: tuple[Attention, ...] = ()


class MarkerNote(Record):
    """One marker of a signature on one transcript."""

    marker: str
    presence: Presence | None = None
    note: str | None = None
    evidence: tuple[Evidence, ...] = ()


class SignatureNote(Record):
    """One signature on one transcript, marker by marker."""

    signature: str
    side: Side
    judge: str | None = None
    outcome: Outcome | None = Field(None, description="None: no judge was asked.")
    markers: tuple[MarkerNote, ...]
    note: str | None = None
    detail: str | None = None
    questions: tuple[str, ...] = ()
    asked_again: Outcome | None = Field(None, description=ASKED_AGAIN)
    candidates: tuple[Passage, ...] = ()
    attention: tuple[Attention, ...] = ()

    @property
    def item(self) -> str:
        """Name of this note in review events."""
        return f"signature:{self.signature}:{self.side}"


class ProbeOrder(Record):
    """The judge's guess at which transcript was the control, in one order."""

    first: Side = Field(description="The side that was Transcript 1 in this order.")
    outcome: Outcome
    guess: Literal["control", "treatment", "cannot_tell"] | None = Field(
        None, description="The side taken for the control."
    )
    reason: str | None = Field(None, description="Blind words: 'Transcript 1' is `first`.")
    evidence: tuple[Evidence, ...] = ()
    detail: str | None = None
    questions: tuple[str, ...] = ()
    asked_again: Outcome | None = Field(None, description=ASKED_AGAIN)


class NarrativePoint(Record):
    """One statement of the narrative, in blind words, and what it rests on."""

    text: str
    evidence: tuple[Evidence, ...] = ()
    findings: tuple[str, ...] = Field((), description="Labels in the comparison's `findings`.")


class NarrativeSection(Record):
    """The answer to one narrative question."""

    kind: Literal["orientation", "difference", "change"]
    judge: str
    outcome: Outcome
    parts: dict[str, tuple[NarrativePoint, ...]] = Field(
        default_factory=dict, description="By the answer's field names, such as 'voice'."
    )
    dimension: str | None = None
    difference_kind: Literal["qualitative", "quantitative", "none"] | None = None
    detail: str | None = None
    questions: tuple[str, ...] = ()
    asked_again: Outcome | None = Field(None, description=ASKED_AGAIN)


class Finding(Record):
    """A labelled fact that narrative and implications may rest on."""

    label: str = Field(description="'V1', 'S2', 'X1' (contrast), 'M3' (measurement), 'N4'.")
    text: str = Field(description="In blind words.")
    about: str | None = Field(
        None,
        description="The record it states: 'verdict:<criterion>:<side>', "
        "'signature:<id>:<side>', 'contrast:<criterion>' or 'measurement:<name>'.",
    )


class HypothesisNote(Record):
    """What the findings mean for one hypothesis, in the judge's opinion."""

    hypothesis: str = Field(description="The study's own id of the hypothesis.")
    bearing: Literal["for", "against", "neither"]
    text: str
    findings: tuple[str, ...] = ()


class Implications(Record):
    """The answer to the last question, the only one that knew the conditions."""

    judge: str
    outcome: Outcome
    headline: str | None = None
    summary: tuple[NarrativePoint, ...] = ()
    hypotheses: tuple[HypothesisNote, ...] = ()
    further_conditions: dict[str, tuple[str, ...]] = Field(
        default_factory=dict, description="By criterion id."
    )
    caveats: tuple[str, ...] = ()
    detail: str | None = None
    questions: tuple[str, ...] = ()


class ScorecardRow(Record):
    """One criterion: both levels and the shift."""

    criterion: str
    control: Level | None
    treatment: Level | None
    shift: Shift | None


class Scorecard(Record):
    """Levels side by side and their tallies. Computed, never asked."""

    rows: tuple[ScorecardRow, ...]
    control_tally: dict[str, int] = Field(description="Count by level; 'missing' for no level.")
    treatment_tally: dict[str, int]
    shift_tally: dict[str, int] = Field(description="Count by shift; 'missing' for none.")


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
    server: str | None = Field(
        None, description="The address asked in place of the provider's own; None: its own."
    )
    spend: Spend | None = Field(None, description="None: no judge was asked.")


class Agreement(Record):
    """How far answers to the same verdict questions agree on the level."""

    judges: tuple[str, ...] = Field(description="One: between its samples; two: between them.")
    n: int = Field(description="Pairs of answers that both have a level.")
    exact: float | None = Field(description="Share with the same level. None: no pair.")
    ordinal: float | None = Field(
        description="1 for the same level, 0 for met against not_met, the mean. None: no pair."
    )


class Hypothesis(Record):
    """A hypothesis of the study."""

    id: str
    text: str


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
    probe: tuple[ProbeOrder, ...] = Field(
        (), description="Whether the judge could tell the control, where that was asked."
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

    def transcript(self, side: Side) -> Transcript:
        """The transcript of one side."""
        return self.control if side == "control" else self.treatment
