"""Where a comparison stands among others: same rubric, same criteria, which way they moved.

A pure function of what is given; who reads the folders is not this module's concern. Only
comparisons under the very same rubric are counted together, and drafts are told from signed ones.
Each pair counts once, however often it was judged; this one's own further runs and pairs of one
condition are left out.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from grader.comparison.comparison import Comparison
from grader.review.reviewed import Reviewed
from grader.rubric.scale import NotApplicable, Shift
from grader.text.quotation import SIDES
from grader.writeup.scorecard import Card, card_of
from grader.writeup.sides import sides_of
from grader.writeup.studies import StudyNote
from grader.writeup.words import capital, counted, joined


@dataclass(frozen=True)
class Neighbour:
    """What another comparison's writeup needs to know of this one."""

    slug: str
    rubric_hash: str
    sessions: str
    """'c-library-memo-1 and p-library-memo-1'."""
    pair: tuple[str, str]
    """What the two sessions are known by, whoever judged them and how often."""
    judges: str
    signed: bool
    same_condition: bool
    """Both sides have one condition: what differs there is chance."""
    moves: tuple[tuple[str, Shift | NotApplicable | None], ...]
    """Each criterion with its shift, as it holds now."""

    @property
    def shifts(self) -> str:
        """'2 up, 1 down and 2 same'."""
        counts = Counter(move for _, move in self.moves)
        words: tuple[tuple[Shift | NotApplicable | None, str], ...] = (
            ("up", "up"),
            ("down", "down"),
            ("same", "same"),
            ("not_applicable", "not applicable"),
            (None, "without shift"),
        )
        return joined(f"{counts[key]} {word}" for key, word in words if counts[key])


@dataclass(frozen=True)
class Moved:
    """One criterion over the other comparisons."""

    number: int
    title: str
    here: str
    up: int
    same: int
    down: int
    not_applicable: int
    missing: int


@dataclass(frozen=True)
class Position:
    """A comparison among the others."""

    sentence: str
    neighbours: tuple[Neighbour, ...]
    """Other pairs under the same rubric, each once, by name; none of one condition."""
    criteria: tuple[Moved, ...]
    """Over these neighbours."""
    studies: tuple[StudyNote, ...] = ()
    """What studies under the same rubric say."""

    @property
    def any_not_applicable(self) -> bool:
        """Whether a criterion is not applicable anywhere."""
        return any(each.not_applicable for each in self.criteria)


def neighbour_of(reviewed: Reviewed) -> Neighbour:
    """What the writeups of other comparisons need to know of this one."""
    draft = reviewed.draft
    control, treatment = (draft.transcript(side).condition for side in SIDES)
    card = card_of(reviewed, sides_of(draft))
    return Neighbour(
        slug=draft.slug,
        rubric_hash=draft.rubric_hash,
        sessions=joined(draft.transcript(side).id for side in SIDES),
        pair=_pair_of(draft),
        judges=joined(judge.spec for judge in draft.judges),
        signed=reviewed.sign_off is not None,
        same_condition=control is not None and control == treatment,
        moves=tuple((row.criterion, row.shift) for row in card.rows),
    )


def position_of(
    reviewed: Reviewed,
    card: Card,
    others: Iterable[Neighbour],
    studies: Sequence[StudyNote] = (),
) -> Position | None:
    """The position; None where neither another comparison nor a study was given."""
    draft = reviewed.draft
    own = draft.rubric_hash, _pair_of(draft)
    rest = _once(
        other
        for other in others
        if other.slug != draft.slug and (other.rubric_hash, other.pair) != own
    )
    if not rest and not studies:
        return None
    alike = [
        other
        for other in rest
        if other.rubric_hash == draft.rubric_hash and not other.same_condition
    ]
    treated = [dict(other.moves) for other in alike]
    criteria = []
    for row in card.rows if treated else ():
        moves = Counter(other.get(row.criterion) for other in treated)
        criteria.append(
            Moved(
                number=row.number,
                title=row.title,
                here=row.shift_word,
                up=moves["up"],
                same=moves["same"],
                down=moves["down"],
                not_applicable=moves["not_applicable"],
                missing=moves[None],
            )
        )
    return Position(_sentence(len(rest), alike), tuple(alike), tuple(criteria), tuple(studies))


def _pair_of(draft: Comparison) -> tuple[str, str]:
    """The two sessions by what they are: a panel's run or one by hand is of the same pair."""
    control, treatment = (draft.transcript(side).provenance.sha256 for side in SIDES)
    return control, treatment


def _once(others: Iterable[Neighbour]) -> list[Neighbour]:
    """One comparison of each pair under each rubric, by name: a signed one before a draft."""
    kept: dict[tuple[str, tuple[str, str]], Neighbour] = {}
    for other in sorted(others, key=lambda other: (not other.signed, other.slug)):
        kept.setdefault((other.rubric_hash, other.pair), other)
    return sorted(kept.values(), key=lambda other: other.slug)


def _sentence(others: int, alike: Sequence[Neighbour]) -> str:
    if not others:
        return "No other comparison lies beside this one."
    verb = "lies" if others == 1 else "lie"
    told = f"Beside this one {verb} {counted(others, 'other comparison')}"
    if not alike:
        return capital(f"{told}, none of them under this rubric.")
    signed = sum(1 for other in alike if other.signed)
    drafts = len(alike) - signed
    states = [f"{signed} signed"] if signed else []
    states += [counted(drafts, "draft")] if drafts else []
    return f"{told}, {len(alike)} of them under the same rubric ({joined(states)})."
