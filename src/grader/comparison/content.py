"""What an item of review says: the judge's words or a reviewer's, in one form for all items."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from grader.records import Record
from grader.rubric.scale import Level, Presence
from grader.text.quotation import Evidence


class Content(Record):
    """What an item says. Each kind of item uses the fields that its `fields` name."""

    level: Level | None = None
    rationale: str | None = None
    note: str | None = None
    presences: tuple[Presence | None, ...] = Field((), description="Of a signature's markers.")
    evidence: tuple[Evidence, ...] = ()
    shows_more: Literal["control", "treatment", "neither"] | None = Field(
        None, description="Of a contrast; None: no side is named."
    )
    text: str | None = Field(None, description="Of a narrative point or the title.")
