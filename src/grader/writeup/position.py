"""Where a comparison stands among others: same rubric, same criteria, which way they moved.

A pure function of the records given; who reads the folder is not this module's concern. Only
comparisons under the very same rubric are counted together, and drafts are told from signed ones.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from grader.evidence import SIDES
from grader.levels import Shift
from grader.review.reviewed import Reviewed
from grader.writeup.scorecard import Card, card_of
from grader.writeup.sides import sides_of
from grader.writeup.words import counted, joined


@dataclass(frozen=True)
class Neighbour:
    """Another comparison under the same rubric."""

    slug: str
    sessions: str
    """'c-library-memo-1 and p-library-memo-1'."""
    judges: str
    state: str
    shifts: str
    """'2 up, 1 down, 2 same'."""
    same_condition: bool
    """Both sides have one condition: what differs there is chance."""


@dataclass(frozen=True)
class Moved:
    """One criterion over the other comparisons."""

    number: int
    title: str
    here: str
    up: int
    same: int
    down: int
    missing: int


@dataclass(frozen=True)
class Position:
    """This comparison among the others."""

    sentence: str
    neighbours: tuple[Neighbour, ...]
    criteria: tuple[Moved, ...]


def position_of(reviewed: Reviewed, card: Card, others: Iterable[Reviewed]) -> Position | None:
    """The position; None where no other comparison was given."""
    rest = {o.draft.slug: o for o in others if o.draft.slug != reviewed.draft.slug}
    if not rest:
        return None
    mine = reviewed.draft.rubric_hash
    alike = [rest[slug] for slug in sorted(rest) if rest[slug].draft.rubric_hash == mine]
    cards = [card_of(other, sides_of(other.draft)) for other in alike]
    treated = [c for o, c in zip(alike, cards, strict=True) if not _same_condition(o)]
    return Position(
        sentence=_sentence(len(rest), alike),
        neighbours=tuple(_neighbour(o, c) for o, c in zip(alike, cards, strict=True)),
        criteria=tuple(
            Moved(
                number=row.number,
                title=row.title,
                here=row.shift_word,
                up=shifts["up"],
                same=shifts["same"],
                down=shifts["down"],
                missing=shifts[None],
            )
            for row in card.rows
            for shifts in [Counter(_shift(other, row.criterion) for other in treated)]
        )
        if treated
        else (),
    )


def _sentence(others: int, alike: list[Reviewed]) -> str:
    if not alike:
        return f"{counted(others, 'other comparison')}, none under this rubric.".capitalize()
    signed = sum(1 for other in alike if other.sign_off is not None)
    drafts = len(alike) - signed
    states = joined(
        part
        for part in (
            f"{signed} signed" if signed else "",
            counted(drafts, "draft") if drafts else "",
        )
        if part
    )
    verb = "lies" if others == 1 else "lie"
    return (
        f"Beside this one {verb} {counted(others, 'other comparison')}, "
        f"{len(alike)} of them under the same rubric ({states})."
    )


def _neighbour(other: Reviewed, card: Card) -> Neighbour:
    draft = other.draft
    shifts = Counter(row.shift for row in card.rows)
    words: tuple[tuple[Shift | None, str], ...] = (
        ("up", "up"),
        ("down", "down"),
        ("same", "same"),
        (None, "without shift"),
    )
    told = joined(f"{shifts[key]} {word}" for key, word in words if shifts[key])
    return Neighbour(
        slug=draft.slug,
        sessions=joined(draft.transcript(side).id for side in SIDES),
        judges=joined(judge.spec for judge in draft.judges),
        state="signed" if other.sign_off is not None else "draft",
        shifts=told,
        same_condition=_same_condition(other),
    )


def _same_condition(other: Reviewed) -> bool:
    control, treatment = (other.draft.transcript(side).condition for side in SIDES)
    return control is not None and control == treatment


def _shift(card: Card, criterion: str) -> Shift | None:
    return next((row.shift for row in card.rows if row.criterion == criterion), None)
