"""Records that several kinds of question share."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Literal

from pydantic import Field

from grader.judge.reply import Outcome
from grader.records import Record
from grader.text.quotation import Evidence, Side, Span

ASKED_AGAIN = (
    "How asking once more for quotations that were not found ended; None: nothing was asked again."
)

AGAINST_SHIFT: Literal["contrast_against_shift"] = "contrast_against_shift"
"""The code of a contrast that went the other way round than the levels."""


class Attention(Record):
    """A reason why a reviewer should look here first."""

    code: Literal[
        "unlocated_evidence",
        "missing_level",
        "not_applicable",
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


class Absence(Record):
    """Something that a statement says is not in a transcript."""

    side: Side
    what: str
    found: Span | None = Field(
        None, description="Where the very words stand after all; None: they stand nowhere."
    )


class NarrativePoint(Record):
    """One statement of the narrative, in blind words, and what it rests on."""

    text: str
    evidence: tuple[Evidence, ...] = ()
    findings: tuple[str, ...] = Field((), description="Labels in the comparison's `findings`.")
    absences: tuple[Absence, ...] = Field((), exclude_if=lambda absences: not absences)


class WrittenSentence(Record):
    """One sentence of the short text, in blind words, and what it rests on."""

    text: str
    findings: tuple[str, ...] = Field((), description="Labels in the comparison's `findings`.")
    evidence: tuple[Evidence, ...] = Field((), description="What it quotes, where that stands.")
    doubts: tuple[str, ...] = Field(
        (),
        description="What its findings don't carry, in a few words each.",
        exclude_if=lambda doubts: not doubts,
    )


class LeftOut(Record):
    """A sentence that the judge wrote and that no reader gets."""

    text: str
    why: str = Field(description="What is wrong with it, after 'since it'.")


class Finding(Record):
    """A labelled fact that narrative and implications may rest on."""

    label: str = Field(description="'V1', 'S2', 'X1' (contrast), 'M3' (measurement), 'N4'.")
    text: str = Field(description="In blind words.")
    about: str | None = Field(
        None,
        description="The record it states: 'verdict:<criterion>:<side>', "
        "'signature:<id>:<side>', 'contrast:<criterion>' or 'measurement:<name>'.",
    )


class OtherAnswer(Record):
    """An answer to a question of a kind that has no record of its own in a comparison."""

    about: str = Field(description="What was asked about, such as a criterion's id; may be ''.")
    side: Side | None = Field(None, description="None: both transcripts were shown, or none.")
    judge: str
    outcome: Outcome
    values: dict[str, Any] = Field(
        default_factory=dict, description="The answer's fields; empty without an answer."
    )
    evidence: tuple[Evidence, ...] = ()
    detail: str | None = Field(None, description="What failed, for people.")
    questions: tuple[str, ...] = Field((), description="Hashes of the questions asked, in order.")
    asked_again: Outcome | None = Field(None, description=ASKED_AGAIN)


FINDING_CHARACTERS = 160
"""Assumed length of a finding that a later question is shown."""


def assumed_findings(count: int) -> list[tuple[str, str]]:
    """Findings that are not known yet, for an estimate."""
    return [(f"V{number}", "x" * FINDING_CHARACTERS) for number in range(1, count + 1)]


def unlocated(evidence: Iterable[Evidence], asked_again: Outcome | None) -> list[Attention]:
    """One reason for attention where quotations were not found, none otherwise.

    Args:
        evidence: of one answer.
        asked_again: how asking once more for what was not found ended.
    """
    missing = sum(1 for each in evidence if each.span is None)
    if not missing:
        return []
    noun = "quotation was" if missing == 1 else "quotations were"
    message = f"{missing} {noun} not found in the transcript"
    if asked_again not in (None, "answered"):
        message += f", and asking again failed: {asked_again.replace('_', ' ')}"
    return [Attention(code="unlocated_evidence", message=message)]
