"""Statements of the judge about the pair, each an item of review with names put back."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from grader.comparison.content import Content
from grader.comparison.items import Details, Field, Option, ReviewItem, side_names, with_names
from grader.comparison.parts import Absence
from grader.questions.names import quoted_ranges
from grader.text.quotation import Evidence

if TYPE_CHECKING:
    from grader.comparison.comparison import Comparison

_LABEL = re.compile(
    r"\b(?P<noun>criteri(?:on|a)|caveats?)?(?P<gap>\s*)(?P<letter>[KL])(?P<number>\d{1,2})\b"
)


def without_labels(text: str) -> str:
    """The last question's labels of criteria and caveats, as people call them.

    What stands in a quotation is the transcript's own: a school class 'K12' stays one.
    """
    quoted = quoted_ranges(text)

    def name(match: re.Match[str]) -> str:
        if any(start <= match.start() < end for start, end in quoted):
            return match.group()
        if match["noun"]:
            return f"{match['noun']}{match['gap']}{match['number']}"
        noun = {"K": "criterion", "L": "caveat"}[match["letter"]]
        return f"{match['gap']}{noun} {match['number']}"

    return _LABEL.sub(name, text)


@dataclass(frozen=True)
class Statement:
    """One statement, wherever it stands in the draft."""

    section: str
    """'orientation', 'difference', 'change' or 'implications'."""
    part: str
    place: int | str
    """Its number in the part, or the key it stands under."""
    title: str
    """How its part is called before a reviewer."""
    text: str
    """In the judge's blind words."""
    evidence: tuple[Evidence, ...] = ()
    findings: tuple[str, ...] = ()
    absences: tuple[Absence, ...] = ()
    options: tuple[str, ...] = ()
    """The words it may be; none: any."""
    introduction: str | None = None
    """What a reviewer reads before what it rests on."""
    needs_basis: bool = False
    """Whether a statement that rests on nothing deserves a look."""
    card: str = ""
    """What it is decided with; '': it is evidence and needs no decision."""
    card_title: str = ""
    """How that is called, where all of it is one decision."""

    @property
    def item(self) -> str:
        """Its name in review events."""
        return f"point:{self.section}:{self.part}:{self.place}"


def statement_item(draft: Comparison, statement: Statement) -> ReviewItem:
    """The item of review of one statement. Its key is its number among all statements."""
    noun = "text"
    if statement.options:
        *most, last = (repr(option) for option in statement.options)
        noun = f"word {', '.join(most)} or {last}"
    return ReviewItem(
        id=statement.item,
        kind="point",
        title=statement.title,
        fields=(
            Field(
                "text",
                "Words",
                noun,
                options=tuple(Option(option, option) for option in statement.options),
            ),
        ),
        drafted=Content(text=statement.text, evidence=statement.evidence),
        attention=_attention(statement),
        named=True,
        required=bool(statement.card),
        card=statement.card,
        card_title=statement.card_title,
        quotable=False,
        findings=statement.findings,
        details=partial(_details, draft, statement),
    )


def _attention(statement: Statement) -> tuple[str, ...]:
    found = []
    if missing := sum(1 for each in statement.evidence if each.span is None):
        noun = "quotation" if missing == 1 else "quotations"
        found.append(f"{missing} {noun} of this statement not found in the transcripts")
    found += [
        f"the statement calls this missing, and it is there: {each.what}"
        for each in statement.absences
        if each.found
    ]
    if statement.needs_basis and not (
        statement.evidence or statement.findings or statement.absences
    ):
        found.append("the statement rests on nothing that it names")
    return tuple(found)


def _details(draft: Comparison, statement: Statement, whole: bool) -> Details:
    texts = {finding.label: finding.text for finding in draft.findings}
    rests_on = (
        with_names(draft, texts[label], blind=False)
        for label in statement.findings
        if label in texts
    )
    first = (statement.introduction,) if statement.introduction else ()
    names = side_names(draft, blind=False)
    missing = (f"not in {names[each.side]}: {each.what}" for each in statement.absences)
    return Details(
        findings=(*first, *rests_on, *missing),
        text=without_labels(with_names(draft, statement.text, blind=False)),
    )
