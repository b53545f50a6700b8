"""Placeholder contract."""

from __future__ import annotations
from typing import Literal
from pydantic import Field
from grader.records import Record

Side = Literal["control", "treatment"]
SIDES: tuple[Side, ...] = ("control", "treatment")


class Span(Record):
    """Where a quotation stands."""

    transcript: Side
    turn: int = Field(ge=1)
    start: int = Field(ge=0, description="First character, counted in the turn's text from 0.")
    end: int = Field(description="One past the last character.")


class Evidence(Record):
    """A quotation as the judge or reviewer gave it, and where it was found, if it was."""

    quote: str
    side: Side = Field(description="The transcript it is attributed to.")
    span: Span | None = Field(None, description="None: not found; kept and counted, not used.")
    match: Literal["exact", "folded"] | None = None
