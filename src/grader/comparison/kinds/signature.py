"""The signature: how strongly each marker of a habitual posture shows in one transcript."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from pydantic import Field, ValidationInfo, model_validator

from grader.comparison import items
from grader.comparison.content import Content
from grader.comparison.items import Details, Option, ReviewItem
from grader.comparison.kinds.kind import GivenAnswer, Kind, Task
from grader.comparison.parts import (
    ASKED_AGAIN,
    Attention,
    Finding,
    Passage,
    unlocated,
)
from grader.judge.reply import Outcome
from grader.questions.answers import Answer, rule
from grader.questions.compose import one_transcript, question
from grader.questions.question import Question
from grader.records import Record
from grader.rubric.criteria import Signature
from grader.rubric.scale import PRESENCE_MEANINGS, PRESENCES, Presence
from grader.text.quotation import SIDES, Evidence, Side

if TYPE_CHECKING:
    from grader.comparison.comparison import Comparison
    from grader.comparison.pair import Pair
    from grader.comparison.plan import Plan
    from grader.judge.asking import Asker
    from grader.questions.blinding import BlindTranscript


class MarkerFinding(Answer):
    """One textual sign of a signature."""

    marker: int = Field(ge=1, description="The marker's number in the list of the question.")
    evidence: list[str] = Field(
        description="One or two quotations that show the marker, each copied character for "
        "character. Empty if it is absent, or if it shows by something left out."
    )
    note: str = Field(description="What was seen, in one sentence.")
    presence: Presence = Field(
        description="absent: not there; trace: weakly, or in part; present: clearly there, also "
        "where it can occur only once; pervasive: nearly everywhere it could occur."
    )


class SignatureAnswer(Answer):
    """One signature on one transcript, marker by marker."""

    markers: list[MarkerFinding] = Field(
        description="One finding for each marker of the question, in its order."
    )
    note: str = Field(
        description="How the posture shows in this transcript as a whole, or that it does not, "
        "in one to three sentences."
    )

    @model_validator(mode="after")
    def _every_marker_once(self, info: ValidationInfo) -> SignatureAnswer:
        expected = rule(info, "markers")
        if expected is not None:
            given = [finding.marker for finding in self.markers]
            if sorted(given) != list(range(1, expected + 1)):
                raise ValueError(
                    f"markers must hold one finding for each marker 1 to {expected}, got {given}"
                )
        return self


def signature_question(transcript: BlindTranscript, signature: Signature, label: str) -> Question:
    """One signature on one transcript, marker by marker."""
    return question(
        "signature",
        SignatureAnswer,
        label=label,
        rules={"markers": len(signature.markers)},
        values={**one_transcript(transcript), "signature": signature},
    )


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


class SignatureKind(Kind[SignatureNote]):
    """Signatures."""

    id = "signature"
    prompts = ("signature",)
    reply_tokens = 500
    home = "signatures"

    def asked(self, plan: Plan) -> bool:
        """Always."""
        return True

    def count(self, plan: Plan) -> int:
        """Each signature on each side."""
        return len(plan.rubric.signatures) * len(SIDES)

    def questions(self, plan: Plan) -> list[Question]:
        """Each signature on each side."""
        return [
            signature_question(plan.pair.blind[side], signature, "")
            for signature, side in _places(plan)
        ]

    def tasks(
        self, plan: Plan, draft: Comparison, askers: Sequence[Asker]
    ) -> list[Task[SignatureNote]]:
        """Each signature on each side."""
        return [
            Task(
                askers[0],
                partial(ask_signature, askers[0], plan.pair, signature, side),
                plan.pair.prefixes("signature", side),
            )
            for signature, side in _places(plan)
        ]

    def record(
        self, plan: Plan, draft: Comparison, answers: Sequence[SignatureNote]
    ) -> dict[str, Any]:
        """The notes as they were given."""
        return {"signatures": tuple(answers)}

    def offline(self, plan: Plan) -> Mapping[str, Any]:
        """The nearest passages, and no presence."""
        from grader.comparison.candidates import nearest_in

        return {
            "signatures": tuple(
                SignatureNote(
                    signature=signature.id,
                    side=side,
                    markers=tuple(MarkerNote(marker=marker) for marker in signature.markers),
                    candidates=nearest_in(
                        plan.pair, side, signature.title, signature.description, *signature.markers
                    ),
                )
                for signature, side in _places(plan)
            )
        }

    def answers(self, draft: Comparison) -> Iterator[GivenAnswer]:
        """Every note."""
        for note in draft.signatures:
            yield GivenAnswer(
                kind=self.id,
                item=note.item,
                judge=note.judge or "no judge",
                outcome=note.outcome,
                questions=note.questions,
                asked_again=note.asked_again,
                detail=note.detail,
                side=note.side,
                evidence=_evidence(note),
            )

    def findings(self, draft: Comparison) -> list[Finding]:
        """One for each note that was answered."""
        place = {signature.id: place for place, signature in enumerate(draft.rubric.signatures)}
        order = draft.blind_order
        ordered = sorted(
            (note for note in draft.signatures if note.outcome == "answered"),
            key=lambda note: (place[note.signature], order.index(note.side)),
        )
        return [
            Finding(label=f"S{number}", text=_finding(draft, note), about=note.item)
            for number, note in enumerate(ordered, 1)
        ]

    def items(self, draft: Comparison) -> list[ReviewItem]:
        """One for each note."""
        found = {(note.signature, note.side): note for note in draft.signatures}
        return [
            _item(signature, note, number)
            for signature in draft.rubric.signatures
            for number, side in items.numbered(draft)
            if (note := found.get((signature.id, side)))
        ]


# --- asking ---------------------------------------------------------------------------------


async def ask_signature(
    asker: Asker, pair: Pair, signature: Signature, side: Side
) -> SignatureNote:
    """One signature on one transcript, marker by marker."""
    from grader.comparison.asking import Quoted, ask_with_evidence

    asked = await ask_with_evidence(
        asker,
        pair,
        signature_question(pair.blind[side], signature, f"signature {signature.id} on the {side}"),
        lambda answer: [
            Quoted(quote, side) for finding in _in_order(answer) for quote in finding.evidence
        ],
        shown=(side,),
    )
    value = asked.answered.value
    known = {"signature": signature.id, "side": side, "judge": asker.judge.spec, **asked.record}
    if not isinstance(value, SignatureAnswer):
        return SignatureNote(
            **known,
            markers=tuple(MarkerNote(marker=marker) for marker in signature.markers),
            attention=(
                Attention(code="missing_level", message=f"no answer: {asked.answered.outcome}"),
            ),
        )
    evidence = iter(asked.evidence)
    return SignatureNote(
        **known,
        markers=tuple(
            MarkerNote(
                marker=marker,
                presence=finding.presence,
                note=finding.note,
                evidence=tuple(next(evidence) for _ in finding.evidence),
            )
            for marker, finding in zip(signature.markers, _in_order(value), strict=True)
        ),
        note=value.note,
        attention=tuple(unlocated(asked.evidence, asked.asked_again)),
    )


def _in_order(answer: SignatureAnswer) -> list[MarkerFinding]:
    return sorted(answer.markers, key=lambda finding: finding.marker)


def _places(plan: Plan) -> list[tuple[Signature, Side]]:
    return [(signature, side) for signature in plan.rubric.signatures for side in SIDES]


# --- what stands in a draft -----------------------------------------------------------------


def _evidence(note: SignatureNote) -> tuple[Evidence, ...]:
    return tuple(each for marker in note.markers for each in marker.evidence)


def _finding(draft: Comparison, note: SignatureNote) -> str:
    title = draft.rubric.signature(note.signature).title
    markers = "; ".join(f"{marker.marker}: {marker.presence}" for marker in note.markers)
    number = draft.blind_order.index(note.side) + 1
    return f'Transcript {number}, posture "{title}": {markers}. {note.note}'


def _item(signature: Signature, note: SignatureNote, number: int) -> ReviewItem:
    return ReviewItem(
        id=note.item,
        kind="signature",
        card="signatures",
        card_title="Signatures",
        title=signature.title,
        number=number,
        side=note.side,
        fields=(
            *(
                items.Field(
                    "presences",
                    marker.marker,
                    "presence",
                    options=tuple(
                        Option(each, each, PRESENCE_MEANINGS[each]) for each in PRESENCES
                    ),
                    place=place,
                    empty_word="not noted",
                )
                for place, marker in enumerate(note.markers)
            ),
            items.Field("note", "Note", "note", settles=False, required=False),
        ),
        drafted=Content(
            note=note.note,
            presences=tuple(marker.presence for marker in note.markers),
            evidence=_evidence(note),
        ),
        attention=items.messages(note.attention),
        asked=signature,
        judged=note.outcome is not None,
        candidates=note.candidates,
        details=partial(_details, note),
    )


def _details(note: SignatureNote, whole: bool) -> Details:
    failures: tuple[str, ...] = ()
    if note.outcome not in (None, "answered"):
        detail = f": {note.detail}" if note.detail else ""
        failures = (f"no answer ({note.outcome}{detail})",)
    return Details(failures=failures, markers=note.markers)
