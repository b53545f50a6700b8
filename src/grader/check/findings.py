"""One thing that is wrong: what, how bad, where, against what, and how to mend it.

False alarms are worse than misses. What only may be wrong is a `note`: it is told, and fails
nothing.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from pydantic import Field

from grader.records import Record

Severity = Literal["error", "warning", "note"]
SEVERITIES: tuple[Severity, ...] = ("error", "warning", "note")


class Place(Record):
    """Where something stands."""

    file: str
    line: int | None = Field(None, ge=1, description="From 1; None: the file as a whole.")
    quote: str | None = Field(None, description="The words that stand there.")

    def __str__(self) -> str:
        return f"{self.file}:{self.line}" if self.line else self.file


class Finding(Record):
    """Something found by a check."""

    code: str = Field(description="Short and stable, such as 'quotation-altered'.")
    severity: Severity
    message: str = Field(description="What was found and what was expected, in a sentence.")
    mend: str = Field("", description="What to do about it.")
    place: Place
    against: tuple[Place, ...] = Field((), description="The places that it was held against.")
    opinion: bool = Field(False, description="A judge's opinion; rules alone didn't find it.")


def failing(findings: Iterable[Finding]) -> bool:
    """Whether any of these makes a check fail. Notes don't."""
    return any(finding.severity != "note" for finding in findings)


def in_order(findings: Iterable[Finding]) -> list[Finding]:
    """By file and line, the worse first at one place; each once."""
    return sorted(
        dict.fromkeys(findings),
        key=lambda f: (f.place.file, f.place.line or 0, SEVERITIES.index(f.severity), f.code),
    )
