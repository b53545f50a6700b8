"""The study file: conditions, contrasts, and what is decided before results are known.

A file without contrasts is a description for `--study` and nothing more: there is nothing to
compute.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

from pydantic import ConfigDict, Field, ValidationError, model_validator

from grader.comparison.comparison import Hypothesis
from grader.errors import InputError
from grader.files.problems import first_problem
from grader.files.yaml import read_yaml
from grader.records import Record, content_hash
from grader.rubric.criteria import Id, Text
from grader.rubric.scale import Shift

FORM = "docs/study.md shows the form; `grader study init` writes one from folders."


class PlannedCondition(Record):
    """One condition: what it is and where its runs lie."""

    text: Text
    runs: Text = Field(description="A folder, from the study file's own folder.")


class Contrast(Record):
    """Two conditions that are held against each other."""

    id: Id
    before: Text = Field(alias="from")
    after: Text = Field(alias="to")
    primary: bool = False
    expects: Shift | None = Field(None, description="Reported; tests stay two-sided.")
    hypothesis: str | None = Field(None, description="Id of the hypothesis it speaks to.")

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


class PlannedGold(Record):
    """The blind human subset."""

    pairs: int = Field(ge=1, description="Matched pairs that people give levels to.")
    shared: int = Field(0, ge=0, description="Pairs given to two people.")


class StudyPlan(Record):
    """A study as its file describes it."""

    id: Id
    title: Text
    description: str = ""
    conditions: dict[str, PlannedCondition]
    rubrics: Text = Field(description="A folder with <task>.yaml, or one file for all tasks.")
    contrasts: Annotated[tuple[Contrast, ...], Field(min_length=1)]
    smallest: float | None = Field(None, gt=0, lt=1, description="A net shift that matters.")
    alpha: float = Field(0.05, gt=0, le=0.2)
    runs: int | None = Field(None, ge=1, description="Planned a cell and condition.")
    looks: tuple[Annotated[int, Field(ge=1)], ...] = ()
    judges: tuple[str, ...] = ()
    repeats: float = Field(0.0, ge=0, le=1, description="Share of verdicts asked twice.")
    gold: PlannedGold | None = None
    allow: tuple[str, ...] = Field(
        (), description="What may differ between the runs of a cell: 'version', 'temperature' …"
    )
    hypotheses: tuple[Hypothesis, ...] = ()

    @model_validator(mode="before")
    @classmethod
    def _one_contrast_is_primary(cls, data: Any) -> Any:
        contrasts = data.get("contrasts") if isinstance(data, dict) else None
        if isinstance(contrasts, list | tuple) and len(contrasts) == 1:
            only = contrasts[0]
            if isinstance(only, dict) and "primary" not in only:
                data = {**data, "contrasts": [{**only, "primary": True}]}
        return data

    @model_validator(mode="after")
    def _hangs_together(self) -> StudyPlan:
        for contrast in self.contrasts:
            for name in (contrast.before, contrast.after):
                if name not in self.conditions:
                    raise ValueError(
                        f"contrast '{contrast.id}' names the condition {name!r}, "
                        "which is not among `conditions`"
                    )
            if contrast.before == contrast.after:
                raise ValueError(f"contrast '{contrast.id}' compares {contrast.before} with itself")
        ids = [contrast.id for contrast in self.contrasts]
        if len(set(ids)) != len(ids):
            raise ValueError("two contrasts have the same id")
        if sum(contrast.primary for contrast in self.contrasts) != 1:
            raise ValueError("exactly one contrast is `primary: true`")
        if self.gold and self.gold.shared > self.gold.pairs:
            raise ValueError("`gold.shared` is more than `gold.pairs`")
        return self

    @property
    def hash(self) -> str:
        """sha256 over everything the file says, whatever its layout."""
        return content_hash(self.model_dump(mode="json", by_alias=True, exclude_defaults=True))

    @property
    def primary(self) -> Contrast:
        """The contrast that the study is about."""
        return next(contrast for contrast in self.contrasts if contrast.primary)

    def planned_looks(self, runs: int) -> tuple[int, ...]:
        """Runs a cell at which results may be read; `runs` where nothing was planned."""
        return self.looks or (self.runs or runs,)


def read_plan(path: Path) -> StudyPlan:
    """Read a study file. Raises InputError with file, line and field."""
    document = read_yaml(path)
    if isinstance(document.data, dict) and "contrasts" not in document.data:
        raise InputError(
            "this file describes a study and names no contrasts, so there is nothing to compute",
            place=path,
            mend=FORM,
        )
    try:
        return StudyPlan.model_validate(document.data)
    except ValidationError as error:
        line = document.line(error.errors()[0]["loc"])
        raise InputError(first_problem(error), place=f"{path}:{line}", mend=FORM) from None
