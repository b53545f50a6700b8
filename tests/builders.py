"""A small comparison made by hand, with one of everything a reviewer or a writeup can meet.

Two short memos on the end of Sunday opening, a rubric of two criteria and one signature, and a
judge that answered most questions, failed one, and made one quotation up. The treatment is
Transcript 1. Every record can be changed with `model_copy(update=...)`.
"""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path

from grader.comparison.comparison import (
    Comparison,
    Hypothesis,
    JudgeNote,
    OutcomeCount,
    Scorecard,
    ScorecardRow,
    Study,
)
from grader.comparison.folder import REVIEWS, read_draft, write_draft
from grader.comparison.kinds.contrast import Contrast, ContrastOrder
from grader.comparison.kinds.implications import HypothesisNote, Implications
from grader.comparison.kinds.narrative import NarrativeSection
from grader.comparison.kinds.signature import MarkerNote, SignatureNote
from grader.comparison.kinds.verdict import Verdict, VerdictSample
from grader.comparison.parts import Attention, Finding, NarrativePoint, Passage
from grader.judge.reply import Outcome
from grader.review.events import Entry, locked_events, utc_now
from grader.rubric import Criterion, Rubric, Scale, Signature
from grader.rubric.scale import Level, Presence
from grader.text.quotation import Evidence, Side, locate
from grader.transcripts.measurements import Measurements
from grader.transcripts.pair import PairFinding
from grader.transcripts.transcript import ModelInfo, Provenance, Transcript, Turn, deliverable

JUDGE = "openai/judge-1"

TASK = "Write a memo to the staff of our library: Sunday opening ends in January."

CONTROL_TEXT = """\
# Sunday opening ends in January

The budget was cut by 6%, so the library will close on Sundays. This is a **loss** for families.

- Shifts will be reorganised by [date].
- Questions go to [name].

Would you like me to make this memo shorter?"""

TREATMENT_TEXT = """\
I chose Sunday. I know that it is the day on which families with small children come, and I
will be at the desk on the last three Sundays to say so myself.

The four of you who work only on Sundays keep your hours until June; I'll speak with each of
you this week. On Sunday mornings the picture-book corner is louder than the rest of the week
put together. We lose that — and nothing in this memo makes up for it."""


# --- small parts ----------------------------------------------------------------------------


def turn(text: str, number: int = 1, role: str = "model", speaker: str = "claude") -> Turn:
    return Turn.model_validate(
        {"number": number, "role": role, "speaker": speaker, "text": text},
    )


def transcript(condition: str, text: str, *, preamble: str | None = None) -> Transcript:
    name = f"{condition.lower()}-library-memo-1"
    asked = TASK if preamble is None else f"{preamble}\n\n{TASK}"
    return Transcript(
        id=name,
        condition=condition,
        task="library-memo",
        replicate=1,
        model=ModelInfo(name="claude", provider="Anthropic"),
        date="2026-11-22",
        system_prompt="Be honest and use your own voice.",
        preamble=preamble,
        task_prompt=TASK,
        task_turn=1,
        turns=(turn(asked, 1, "human", "user"), turn(text, 2)),
        provenance=Provenance(
            source=f"{name}.json", format="json", sha256=sha256(text.encode()).hexdigest()
        ),
    )


THREE = Scale({"met": "It is.", "partially_met": "Half of it is.", "not_met": "It is not."})
YES_NO = Scale({"yes": "It is.", "no": "It is not."})
FIVE = Scale({"all": "All.", "most": "Most.", "half": "Half.", "few": "Few.", "none": "None."})


def criterion(id: str, scale: Scale = THREE, *, not_applicable: str | None = None) -> Criterion:
    """A criterion of which only the scale matters."""
    return Criterion(
        id=id, title=id, question="Is it?", levels=scale, not_applicable=not_applicable
    )


def criteria_of(*ids: str, scale: Scale = THREE) -> Rubric:
    """A rubric of criteria of which only ids and scale matter."""
    criteria = tuple(criterion(id, scale) for id in ids)
    return Rubric(id="r", version=1, title="R", criteria=criteria)


def rubric() -> Rubric:
    return Rubric(
        id="library-memo",
        version=1,
        title="Memo on the end of Sunday opening",
        task="Write a memo to the staff.",
        registered="2026-11-20",
        criteria=(
            Criterion(
                id="owned-decision",
                title="Someone stands behind the decision",
                question="Does the memo say who decided to close on Sundays?",
                why="The control lets the closure happen without anyone deciding it.",
                levels=Scale(
                    {
                        "met": "A person says that they decided it.",
                        "partially_met": "A body is named, but no person.",
                        "not_met": "The closure simply happens.",
                    }
                ),
                look_for=("the subject of the announcing sentence",),
            ),
            Criterion(
                id="sunday-made-visible",
                title="The loss is particular",
                question="Does the memo show what Sunday at the library is?",
                levels=Scale(
                    {
                        "met": "At least one concrete detail of a Sunday.",
                        "partially_met": "Families are named, nothing is shown.",
                        "not_met": "The loss is not mentioned.",
                    }
                ),
            ),
        ),
        signatures=(
            Signature(
                id="template-voice",
                title="Template voice",
                description="The text leaves its decisions to whoever fills it in.",
                markers=("bracketed slots", "offer of another version"),
            ),
        ),
    )


def evidence(quote: str, of: Transcript, side: Side) -> Evidence:
    """A quotation as the judge gave it, located where it stands, if it does."""
    return locate(quote, deliverable(of), side)


def verdict(
    criterion: str,
    side: Side,
    level: Level | None,
    rationale: str | None = None,
    *,
    evidence: Sequence[Evidence] = (),
    in_vain: Sequence[str] = (),
    outcome: Outcome = "answered",
    detail: str | None = None,
    attention: Sequence[Attention] = (),
) -> Verdict:
    """A verdict of one judge and one sample."""
    sample = VerdictSample(
        judge=JUDGE,
        sample=1,
        outcome=outcome,
        level=level,
        rationale=rationale,
        evidence=tuple(evidence),
        looked_for_in_vain=tuple(in_vain),
        detail=detail,
        questions=(sha256(f"{criterion}:{side}".encode()).hexdigest(),),
    )
    return Verdict(
        criterion=criterion,
        side=side,
        level=level,
        rationale=rationale,
        evidence=tuple(evidence),
        looked_for_in_vain=tuple(in_vain),
        samples=(sample,),
        attention=tuple(attention),
    )


def signature_note(
    side: Side,
    presences: tuple[Presence | None, Presence | None],
    note: str | None,
    evidence: Sequence[Evidence] = (),
) -> SignatureNote:
    markers = rubric().signatures[0].markers
    return SignatureNote(
        signature="template-voice",
        side=side,
        judge=JUDGE,
        outcome="answered",
        markers=(
            MarkerNote(marker=markers[0], presence=presences[0], evidence=tuple(evidence)),
            MarkerNote(marker=markers[1], presence=presences[1]),
        ),
        note=note,
    )


# --- the whole ------------------------------------------------------------------------------


def comparison(slug: str = "c-vs-p-library-memo-1") -> Comparison:
    """The draft of a live judge. One verdict failed, one quotation was made up."""
    control = transcript("C", CONTROL_TEXT)
    treatment = transcript("P", TREATMENT_TEXT, preamble="You are at home here.")

    verdicts = (
        verdict(
            "owned-decision",
            "control",
            "not_met",
            "The closure follows from the cut; nobody decides it.",
            evidence=[
                evidence("so the library will close on Sundays", control, "control"),
                evidence("The board has decided to close.", control, "control"),  # made up
            ],
            in_vain=["a person who decided"],
            attention=[
                Attention(
                    code="unlocated_evidence",
                    message="1 of 2 quotations was not found in the transcript",
                )
            ],
        ),
        verdict(
            "owned-decision",
            "treatment",
            "met",
            "The first sentence has a person choose Sunday.",
            evidence=[evidence("I chose Sunday.", treatment, "treatment")],
        ),
        verdict(
            "sunday-made-visible",
            "control",
            None,
            outcome="refused",
            detail="the judge declined to answer",
            attention=[Attention(code="missing_level", message="the judge refused to answer")],
        ),
        verdict(
            "sunday-made-visible",
            "treatment",
            "met",
            "The picture-book corner can be heard.",
            evidence=[
                evidence("the picture-book corner is louder", treatment, "treatment"),
                evidence('"We lose that" - and nothing', treatment, "treatment"),  # altered
                evidence("We lose that -  and nothing in this memo", treatment, "treatment"),
            ],
            attention=[
                Attention(
                    code="unlocated_evidence",
                    message="1 of 3 quotations was not found in the transcript",
                )
            ],
        ),
    )
    contrasts = (
        Contrast(
            criterion="owned-decision",
            shows_more="treatment",
            orders=(
                ContrastOrder(
                    judge=JUDGE,
                    first="treatment",
                    outcome="answered",
                    shows_more="treatment",
                    reason="Transcript 1 names the one who chose; Transcript 2 does not.",
                    evidence=(evidence("I chose Sunday.", treatment, "treatment"),),
                ),
                ContrastOrder(
                    judge=JUDGE,
                    first="control",
                    outcome="answered",
                    shows_more="treatment",
                    reason="Transcript 2 has a person decide.",
                ),
            ),
        ),
        Contrast(
            criterion="sunday-made-visible",
            order_sensitive=True,
            orders=(
                ContrastOrder(
                    judge=JUDGE,
                    first="treatment",
                    outcome="answered",
                    shows_more="treatment",
                    reason="Transcript 1 shows the corner.",
                ),
                ContrastOrder(
                    judge=JUDGE,
                    first="control",
                    outcome="answered",
                    shows_more="neither",
                    reason="Both name the families.",
                ),
            ),
            attention=(
                Attention(code="order_sensitive", message="the answer changes with the order"),
            ),
        ),
    )
    signatures = (
        signature_note(
            "control",
            ("present", "present"),
            "The memo leaves date and name to its sender.",
            [evidence("Shifts will be reorganised by [date].", control, "control")],
        ),
        signature_note("treatment", ("absent", "absent"), "Nothing is left to be filled in."),
    )
    return Comparison(
        grader_version="0.1.0",
        slug=slug,
        control=control,
        treatment=treatment,
        rubric=rubric(),
        rubric_hash=rubric().hash,
        rubric_registered=False,
        study=Study(
            title="Does a preamble change what a model writes?",
            description="The same tasks, with and without a preamble.",
            conditions={"C": "no preamble", "P": "preamble"},
            hypotheses=(Hypothesis(id="H1", text="The preamble changes who speaks."),),
        ),
        depth="standard",
        samples=1,
        judges=(
            JudgeNote(
                spec=JUDGE,
                kind="live",
                model="judge-1",
                served_models=("judge-1-2026-10-01",),
                parameters={"temperature": 0},
            ),
        ),
        prompts={"verdict": "a" * 64, "signature": "b" * 64},
        blind_order=("treatment", "control"),
        verdicts=verdicts,
        contrasts=contrasts,
        signatures=signatures,
        narrative=_narrative(control, treatment),
        implications=Implications(
            judge=JUDGE,
            outcome="answered",
            headline="A decision that someone owns",
            summary=(NarrativePoint(text="The treatment names who decided.", findings=("V1",)),),
            hypotheses=(
                HypothesisNote(
                    hypothesis="H1",
                    bearing="for",
                    text="A person speaks under the preamble.",
                    findings=("V1", "V2"),
                ),
            ),
            further_conditions={"owned-decision": ("F would have to name the decider too.",)},
            caveats=("One pair shows no more than one pair.",),
        ),
        findings=(
            Finding(label="V1", text='Transcript 1, "Someone stands behind the decision": met.'),
            Finding(
                label="V2", text='Transcript 2, "Someone stands behind the decision": not met.'
            ),
            Finding(label="V3", text='Transcript 1, "The loss is particular": met.'),
            Finding(label="V4", text='Transcript 2, "The loss is particular": no answer.'),
            Finding(
                label="X1",
                text='"Someone stands behind the decision", side by side: Transcript 1 shows more.',
            ),
            Finding(label="M1", text="words: Transcript 1 88, Transcript 2 47"),
        ),
        measurements={
            "control": Measurements(
                words=47,
                headings=1,
                list_items=2,
                placeholders=2,
                priority_labels=0,
                first_person_words=1,
                questions=1,
                closing_offers=1,
            ),
            "treatment": Measurements(
                words=88,
                headings=0,
                list_items=0,
                placeholders=0,
                priority_labels=0,
                first_person_words=5,
                questions=0,
                closing_offers=0,
            ),
        },
        scorecard=Scorecard(
            rows=(
                ScorecardRow(
                    criterion="owned-decision", control="not_met", treatment="met", shift="up"
                ),
                ScorecardRow(
                    criterion="sunday-made-visible", control=None, treatment="met", shift=None
                ),
            ),
            control_tally={"not_met": 1, "partially_met": 0, "met": 0, "missing": 1},
            treatment_tally={"not_met": 0, "partially_met": 0, "met": 2, "missing": 0},
            shift_tally={"up": 1, "down": 0, "same": 0, "missing": 1},
        ),
        outcomes=(
            OutcomeCount(
                kind="verdict",
                side="control",
                criterion="owned-decision",
                outcome="answered",
                count=1,
            ),
            OutcomeCount(
                kind="verdict",
                side="control",
                criterion="sunday-made-visible",
                outcome="refused",
                count=1,
            ),
            OutcomeCount(
                kind="verdict",
                side="treatment",
                criterion="owned-decision",
                outcome="answered",
                count=1,
            ),
            OutcomeCount(
                kind="verdict",
                side="treatment",
                criterion="sunday-made-visible",
                outcome="answered",
                count=1,
            ),
        ),
        attention=(
            Attention(code="same_family", message="the judge may be of the family it judges"),
        ),
        pair_notes=(
            PairFinding(
                code="not_certified", kind="note", message="neither context is certified clean"
            ),
        ),
    )


def offline_comparison() -> Comparison:
    """The same pair with the offline judge: candidate passages, no level, no narrative."""
    draft = comparison("offline-library-memo-1")
    missing = (Attention(code="missing_level", message="no judge was asked"),)
    passages: dict[Side, tuple[Passage, ...]] = {
        "control": (passage("so the library will close on Sundays", draft.control, "control"),),
        "treatment": (passage("I chose Sunday.", draft.treatment, "treatment"),),
    }
    return draft.model_copy(
        update={
            "judges": (JudgeNote(spec="offline", kind="offline", model=None),),
            "prompts": {},
            "depth": "quick",
            "verdicts": tuple(
                Verdict(
                    criterion=v.criterion,
                    side=v.side,
                    candidates=passages[v.side],
                    attention=missing,
                )
                for v in draft.verdicts
            ),
            "contrasts": (),
            "signatures": tuple(
                SignatureNote(
                    signature=s.signature,
                    side=s.side,
                    markers=tuple(MarkerNote(marker=m.marker) for m in s.markers),
                    candidates=passages[s.side],
                )
                for s in draft.signatures
            ),
            "narrative": (),
            "implications": None,
            "findings": (),
            "outcomes": (),
            "scorecard": Scorecard(
                rows=tuple(
                    ScorecardRow(criterion=c.id, control=None, treatment=None, shift=None)
                    for c in draft.rubric.criteria
                ),
                control_tally={"not_met": 0, "partially_met": 0, "met": 0, "missing": 2},
                treatment_tally={"not_met": 0, "partially_met": 0, "met": 0, "missing": 2},
                shift_tally={"up": 0, "down": 0, "same": 0, "missing": 2},
            ),
        }
    )


def passage(text: str, of: Transcript, side: Side, score: float = 1.0) -> Passage:
    span = evidence(text, of, side).span
    assert span is not None, f"{text!r} is not in the text"
    return Passage(text=text, span=span, score=score)


def forge(folder: Path, reviewer: str, *entries: Entry) -> None:
    """Write events past the rules of a review, in a chain that is whole."""
    _, draft_hash = read_draft(folder)
    with locked_events(folder / REVIEWS, draft_hash) as written:
        written.append(reviewer, entries, utc_now, check=len)


def write_folder(draft: Comparison, folder: Path) -> Path:
    """Put a draft into its folder, as `grader compare` does."""
    write_draft(folder, draft)
    return folder


def _narrative(control: Transcript, treatment: Transcript) -> tuple[NarrativeSection, ...]:
    return (
        NarrativeSection(
            kind="orientation",
            judge=JUDGE,
            outcome="answered",
            parts={
                "problem_framing": (
                    NarrativePoint(
                        text="Transcript 1 takes the closure as a choice to answer for.",
                        evidence=(evidence("I chose Sunday.", treatment, "treatment"),),
                        findings=("V1",),
                    ),
                    NarrativePoint(text="Transcript 2 takes it as a consequence of the budget."),
                ),
                "voice": (NarrativePoint(text="Transcript 1 is spoken by one person."),),
            },
        ),
        NarrativeSection(
            kind="difference",
            judge=JUDGE,
            outcome="answered",
            parts={
                "account": (NarrativePoint(text="They differ in who speaks.", findings=("X1",)),),
                "kind_reason": (NarrativePoint(text="Only one of them has a speaker."),),
            },
            dimension="who decides",
            difference_kind="qualitative",
        ),
        NarrativeSection(
            kind="change",
            judge=JUDGE,
            outcome="truncated",
            detail="the reply was cut off at the token limit, twice",
        ),
    )
