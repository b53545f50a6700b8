"""A writeup before it has a format: everything a template needs, in the order it is read.

Made from a reviewed or unreviewed comparison, without clock, locale or network. The templates of
each format only lay it out.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from grader.comparison.comparison import Comparison
from grader.comparison.kinds import narrative
from grader.comparison.kinds.implications import BEARINGS, Implications
from grader.comparison.kinds.narrative import NarrativeSection
from grader.comparison.kinds.text import WrittenText
from grader.review.items import decisions_made
from grader.review.reviewed import Reviewed
from grader.rubric.registration import Registration
from grader.text.quotation import SIDES, Side
from grader.text.sentences import sentences
from grader.transcripts.transcript import deliverable
from grader.writeup.caveats import Caveat, caveats_of, chance_of, left_out_sentence, main_caveats
from grader.writeup.compared import Compared, compared_of
from grader.writeup.criteria import Assessed, assess
from grader.writeup.facts import (
    Questions,
    Quoted,
    count_questions,
    count_quotations,
    failures_sentence,
)
from grader.writeup.listed import ItemList, item_lists
from grader.writeup.measured import Measured, measured_of
from grader.writeup.points import Point, Support, support_of
from grader.writeup.position import Neighbour, Position, position_of
from grader.writeup.reviews import Review, review_of
from grader.writeup.scorecard import Card, card_of
from grader.writeup.sides import Sides, sides_of
from grader.writeup.signatures import Posture, postures
from grader.writeup.status import Status, status_of
from grader.writeup.studies import StudyNote
from grader.writeup.words import capital, counted, in_order, joined
from grader.writeup.written import (
    ANSWER_KEYS,
    Ground,
    RowReason,
    Sentence,
    Written,
    grounds_of,
    reasons_of,
    written_of,
)


@dataclass(frozen=True)
class Part:
    """A named group of points."""

    key: str
    title: str
    points: tuple[Point, ...]
    rejected: int
    """How many of the judge's statements reviewers rejected."""


@dataclass(frozen=True)
class Narrative:
    """The answer to one narrative question, or why there is none."""

    parts: tuple[Part, ...]
    dimension: str | None
    difference_kind: str | None
    difference_size: str | None
    missing: str | None
    """Why there is nothing to show; None where there is something."""
    kind_by: str | None = None
    """The reviewer who changed the kind of difference."""

    def part(self, key: str) -> Part:
        """One part; an empty one where the judge gave none."""
        return next((part for part in self.parts if part.key == key), Part(key, "", (), 0))


@dataclass(frozen=True)
class Bearing:
    """What the findings mean for one hypothesis."""

    id: str
    hypothesis: str
    bearing: str | None
    point: Point | None

    @property
    def tested(self) -> bool:
        """Whether the findings bear on it, so that there is something to say why."""
        return self.point is not None and self.bearing not in (None, "not_tested_here")

    @property
    def claim(self) -> str:
        """The first sentence of the hypothesis."""
        start, end = next(sentences(self.hypothesis), (0, 0))
        return self.hypothesis[start:end]

    @property
    def bearing_words(self) -> str:
        """How the findings bear on it, in words; one pair proves nothing, and no word says so."""
        words = BEARINGS.get(self.bearing or "", "no bearing was given")
        return f"{words}: some for it, some against" if self.bearing == "mixed" else words


@dataclass(frozen=True)
class Further:
    """What a further condition would need to show on one criterion."""

    number: int
    id: str
    title: str
    points: tuple[Point, ...]


_TERMS = (
    (
        r"\bnearer\b",
        "“Nearer” tells who shows more side by side, asked apart from the levels.",
    ),
    (r"\bpostures?\b", "A posture is a habit of the model that the rubric describes."),
)
"""Words of the question for the text that are no reader's, and what they mean."""


@dataclass(frozen=True)
class Document:
    """One writeup."""

    draft: Comparison
    reviewed: Reviewed
    sides: Sides
    order: tuple[Side, ...]
    status: Status
    title: str
    title_by: str | None
    title_before: tuple[str, ...]
    """What of the title's grounds review changed, where its words are still the judge's."""
    """'the judge', or the reviewer who gave another; None where it was made by rule."""
    answer: tuple[Point, ...]
    compared: Compared
    narratives: dict[str, Narrative]
    """By kind: 'orientation', 'difference', 'change'."""
    card: Card
    criteria: tuple[Assessed, ...]
    postures: tuple[Posture, ...]
    listed: dict[str, ItemList]
    """Sections that list the items of a kind of question, by their names."""
    measured: tuple[Measured, ...]
    written: Written | None
    """The short text; None where the judge gave none."""
    written_missing: str | None
    """Why there is none."""
    reasons: dict[str, RowReason]
    """What stands beside the levels in the scorecard, by criterion."""
    grounds: tuple[Ground, ...]
    """What each sentence of answer and text rests on."""
    main_caveats: tuple[str, ...]
    """What stands beside the result."""
    caveats: tuple[Caveat, ...]
    hypotheses: tuple[Bearing, ...]
    further: tuple[Further, ...]
    implications_missing: str | None
    position: Position | None
    review: Review | None
    judged: dict[Side, frozenset[int]]
    """The numbers of the turns that were judged."""
    lock: tuple[tuple[str, str], ...]
    """What is known of the rubric's lock: name and value."""
    questions: Questions
    quoted: Quoted
    failures_sentence: str | None
    command: str
    """The command that repeats the comparison."""

    @property
    def lengths(self) -> str:
        """How long the two texts are, in a sentence."""
        counts = {side: self.draft.measurements[side].words for side in SIDES}
        control, treatment = (self.sides.short[side] for side in SIDES)
        return capital(
            f"{control} has {counts['control']:,} words, {treatment} {counts['treatment']:,}."
        )

    @property
    def mixed(self) -> bool:
        """Whether some of it is decided and some is the judge's draft still."""
        return self.status.kind == "in_review"

    @property
    def readings(self) -> bool:
        """Whether a sentence of answer, scorecard or text rests on nothing."""
        said: list[Point | Sentence | None] = [
            *(point for point in self.answer if not point.by),
            *(row.sentence for row in self.reasons.values() if not row.by),
            *(self.written.sentences if self.written else ()),
        ]
        return any(each is not None and each.reading for each in said)

    @property
    def terms(self) -> tuple[str, ...]:
        """What words of the text mean that a reader can't know, a sentence each."""
        text = " ".join(each.text for each in self.written.sentences) if self.written else ""
        return tuple(told for word, told in _TERMS if re.search(word, text, re.IGNORECASE))

    @property
    def answer_keys(self) -> tuple[str, ...]:
        """The signs of the answer's sentences, in their order."""
        return ANSWER_KEYS

    def sent_before(self, side: Side) -> tuple[tuple[str, str], ...]:
        """What the model got that is not among the turns: the system prompt, a preamble."""
        transcript = self.draft.transcript(side)
        said = "\n".join(turn.text for turn in transcript.turns)
        given = (("System prompt", transcript.system_prompt), ("Preamble", transcript.preamble))
        return tuple((name, text) for name, text in given if text and text not in said)


def document_of(
    reviewed: Reviewed, others: Iterable[Neighbour] = (), studies: Sequence[StudyNote] = ()
) -> Document:
    """Everything the templates need.

    Args:
        reviewed: the comparison with what reviewers decided.
        others: the comparisons beside this one.
        studies: what studies say of its rubric.
    """
    draft = reviewed.draft
    sides = sides_of(draft)
    questions = count_questions(draft, sides)
    quoted = count_quotations(draft)
    decisions = decisions_made(reviewed)
    card = card_of(reviewed, sides)
    support = support_of(reviewed, sides)
    title, title_by, title_before = _titled(support, card)
    criteria = assess(reviewed, card, support)
    answer, written = _answer(support), written_of(support)
    reasons = reasons_of(support, criteria)
    return Document(
        draft=draft,
        reviewed=reviewed,
        sides=sides,
        order=SIDES,
        status=status_of(reviewed, sides, questions, quoted, decisions, chance_of(draft, studies)),
        title=title,
        title_by=title_by,
        title_before=title_before,
        answer=answer,
        compared=compared_of(draft, sides),
        narratives={kind: _narrative(kind, support) for kind in narrative.SECTIONS},
        card=card,
        criteria=criteria,
        postures=postures(reviewed, sides),
        listed=item_lists(reviewed, sides),
        measured=measured_of(draft),
        written=written,
        written_missing=_text_missing(draft, written),
        reasons=reasons,
        grounds=grounds_of(answer, reasons.values(), written),
        main_caveats=main_caveats(draft),
        caveats=caveats_of(support, quoted, decisions, studies),
        hypotheses=_hypotheses(support),
        further=_further(support),
        implications_missing=_implications_missing(draft),
        position=position_of(reviewed, card, others, studies),
        review=review_of(reviewed),
        judged={
            side: frozenset(turn.number for turn in deliverable(draft.transcript(side)))
            for side in SIDES
        },
        lock=_lock(draft.registration),
        questions=questions,
        quoted=quoted,
        failures_sentence=failures_sentence(questions, sides),
        command=_command(draft),
    )


def _titled(support: Support, card: Card) -> tuple[str, str | None, tuple[str, ...]]:
    """The title, whose it is, and what of its grounds review changed since."""
    draft, sides, given = support.draft, support.sides, support.draft.implications
    if given is not None and given.headline:
        # It sums up the summary, so it rests on what the summary rests on.
        labels = tuple(dict.fromkeys(label for each in given.summary for label in each.findings))
        title = support.decided("title", given.headline, labels)
        if title is not None:
            changed = () if title.by else tuple(f.name for f in title.findings if f.changed)
            return title.text, title.by or "the judge", changed
    if draft.same_condition:
        return _title_of_two_runs(draft, card), None, ()
    names = joined(sides.head[side] for side in SIDES)
    return f"{draft.rubric.title}: {names} compared", None, ()


def _title_of_two_runs(draft: Comparison, card: Card) -> str:
    differ = sum(1 for row in card.rows if row.shift in ("up", "down"))
    return (
        f"Two runs of {draft.control.condition} differ on "
        f"{differ} of {counted(len(card.rows), 'criterion', 'criteria')}: what chance does"
    )


def _answer(support: Support) -> tuple[Point, ...]:
    implications = support.draft.implications
    found = (
        support.decided(f"point:implications:summary:{number}", point.text, point.findings)
        for number, point in enumerate(implications.summary if implications else (), 1)
    )
    return tuple(point for point in found if point is not None)


def _narrative(kind: str, support: Support) -> Narrative:
    draft = support.draft
    section = narrative.answered(draft, kind)
    if section is None:
        failed = next((each for each in draft.narrative if each.kind == kind), None)
        return Narrative((), None, None, None, _missing(draft, failed))
    keys = in_order(section.parts, tuple(narrative.PARTS))
    parts = []
    for key in keys:
        points = support.points(section.parts[key], f"{kind}:{key}")
        if section.parts[key]:
            parts.append(
                Part(
                    key=key.rstrip("_"),
                    title=narrative.part_title(key),
                    points=points,
                    rejected=len(section.parts[key]) - len(points),
                )
            )
    dimension = _reviewed(support, f"point:{kind}:dimension:1", section.dimension)
    difference = _reviewed(support, f"point:{kind}:kind:1", section.difference_kind)
    size = _reviewed(support, f"point:{kind}:size:1", section.difference_size)
    return Narrative(
        parts=tuple(parts),
        dimension=dimension.text if dimension else None,
        difference_kind=difference.text if difference else None,
        difference_size=size.text if size else None,
        missing=None,
        kind_by=difference.by if difference else None,
    )


def _reviewed(support: Support, item: str, text: str | None) -> Point | None:
    return support.decided(item, support.sides.named(text)) if text else None


def _missing(
    draft: Comparison, given: NarrativeSection | Implications | WrittenText | None
) -> str | None:
    """Why there is no answer; None where there is one."""
    if given is not None and given.outcome == "answered":
        return None
    if given is not None:
        detail = f" ({given.detail})" if given.detail else ""
        return f"The judge gave no answer: {given.outcome.replace('_', ' ')}{detail}."
    if all(judge.kind == "offline" for judge in draft.judges):
        return "Not asked: there was no judge."
    if draft.depth == "quick":
        return f"Not asked at depth {draft.depth}."
    return "Not asked when this draft was made."


def _text_missing(draft: Comparison, written: Written | None) -> str | None:
    """Why there is no text; None where there is one."""
    if written and written.paragraphs:
        return None
    if written and written.struck:
        return "All paragraphs of the text were struck in review."
    none = (
        f"No sentence of the judge's can stand. {left_out_sentence(draft) or ''}"
        if written
        else _missing(draft, draft.text)
    )
    return f"{none} There is no text; the evidence stands by itself."


def _implications_missing(draft: Comparison) -> str | None:
    if draft.implications is None and draft.same_condition:
        return "Not asked: these are two runs of one condition, and neither was treated."
    return _missing(draft, draft.implications)


def _hypotheses(support: Support) -> tuple[Bearing, ...]:
    draft = support.draft
    if draft.study is None or draft.same_condition:
        return ()
    notes = {n.hypothesis: n for n in (draft.implications.hypotheses if draft.implications else ())}
    found = []
    for hypothesis in draft.study.hypotheses:
        note = notes.get(hypothesis.id)
        item = f"point:implications:hypothesis:{hypothesis.id}"
        point = support.decided(item, note.text, note.findings) if note else None
        found.append(
            Bearing(
                id=hypothesis.id,
                hypothesis=hypothesis.text,
                bearing=note.bearing if note and point else None,
                point=point,
            )
        )
    return tuple(found)


def _further(support: Support) -> tuple[Further, ...]:
    draft = support.draft
    given = draft.implications.further_conditions if draft.implications else {}
    found = []
    for position, criterion in enumerate(draft.rubric.criteria, 1):
        points = tuple(
            point
            for number, text in enumerate(given.get(criterion.id, ()), 1)
            if (
                point := support.decided(
                    f"point:implications:further:{criterion.id}:{number}", text
                )
            )
        )
        if points:
            found.append(Further(position, criterion.id, criterion.title, points))
    return tuple(found)


def _lock(registration: Registration) -> tuple[tuple[str, str], ...]:
    known = (
        ("Lock of the rubric", registration.state),
        ("Locked at", registration.locked_at),
        ("Locked by", registration.author),
        ("Lock, sha256", registration.lock_hash),
        ("Commit of the lock", registration.commit),
        ("Signature of the lock", _signature(registration)),
        ("Treatment first read", registration.first_read),
    )
    return tuple((name, value) for name, value in known if value)


def _signature(registration: Registration) -> str | None:
    if registration.signature == "none":
        return None
    state = registration.signature.replace("_", " ")
    return f"{state}, by {registration.signer}" if registration.signer else state


def _command(draft: Comparison) -> str:
    words = [
        "grader",
        "compare",
        draft.control.provenance.source,
        draft.treatment.provenance.source,
        "--rubric",
        f"{draft.rubric.id}.yaml",
    ]
    for judge in draft.judges:
        words += ["--judge", judge.spec]
        if judge.kind == "files":
            words += ["--judge-model", judge.model or ""]
    # Without the address it would send the transcripts to the provider itself.
    for server in dict.fromkeys(judge.server for judge in draft.judges if judge.kind == "live"):
        words += ["--base-url", server] if server else []
    efforts = (judge.parameters.get("reasoning_effort") for judge in draft.judges)
    words += [word for effort in {*efforts} if effort for word in ("--reasoning-effort", effort)]
    words += ["--depth", draft.depth, "--samples", str(draft.samples)]
    words += ["--study", "study.yaml"] if draft.study else []
    words += ["--blindness-probe"] if draft.probe else []
    return shlex.join(words)
