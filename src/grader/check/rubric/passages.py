"""The texts of a rubric with their places, as the single checks walk through them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from grader.check.findings import Finding, Place, Severity
from grader.files.yaml import Location, YamlDocument
from grader.rubric import Criterion, Rubric


@dataclass(frozen=True)
class Passage:
    """One text of a rubric."""

    location: Location
    text: str


@dataclass(frozen=True)
class RubricFile:
    """A rubric with the file it was read from."""

    document: YamlDocument
    rubric: Rubric

    def finding(
        self,
        code: str,
        severity: Severity,
        location: Location,
        message: str,
        mend: str,
        quote: str | None = None,
        against: tuple[Place, ...] = (),
    ) -> Finding:
        """A finding at a field of this rubric."""
        return Finding(
            code=code,
            severity=severity,
            message=f"{self.document.field(self._written(location))}: {message}",
            mend=mend,
            place=self.place(location, quote),
            against=against,
        )

    def place(self, location: Location, quote: str | None = None) -> Place:
        """The place of a field."""
        line = self.document.line(self._written(location))
        return Place(file=str(self.document.path), line=line, quote=quote)

    def _written(self, location: Location) -> Location:
        """Where a field is in the file: the levels of a criterion may be those of the rubric."""
        match location:
            case ("criteria", int(number), "levels", *rest):
                if "levels" not in self.document.data["criteria"][number]:
                    return ("levels", *rest)
        return location


def seen_by_judge(number: int, criterion: Criterion) -> Iterator[Passage]:
    """The texts of a criterion that a judge reads."""
    base: Location = ("criteria", number)
    yield Passage((*base, "title"), criterion.title)
    yield Passage((*base, "question"), criterion.question)
    for level, definition in criterion.scale.root.items():
        yield Passage((*base, "levels", level), definition)
    if criterion.not_applicable is not None:
        yield Passage((*base, "not_applicable"), criterion.not_applicable)
    for position, hint in enumerate(criterion.look_for):
        yield Passage((*base, "look_for", position), hint)


def seen_of_signatures(rubric: Rubric) -> Iterator[Passage]:
    """The texts of the signatures, all of which a judge reads."""
    for number, signature in enumerate(rubric.signatures):
        base: Location = ("signatures", number)
        yield Passage((*base, "title"), signature.title)
        yield Passage((*base, "description"), signature.description)
        for position, marker in enumerate(signature.markers):
            yield Passage((*base, "markers", position), marker)
