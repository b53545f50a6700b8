"""What a report is written from, and the words that several sections share."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from grader.study.calibration import Calibration
from grader.study.design import Design
from grader.study.levels import LevelLine
from grader.study.report.blocks import (
    Block,
    Picture,
)
from grader.study.report.wording import p_text, percent, points
from grader.study.results import ContrastResult, StudyResult
from grader.study.sentence import signed_points
from grader.writeup.words import counted, joined


@dataclass(frozen=True)
class Material:
    """What a report is written from."""

    result: StudyResult
    design: Design
    levels: Sequence[LevelLine]
    figures: Mapping[str, object]
    """Names of the figures that there are."""

    @property
    def names(self) -> dict[str, str]:
        """Titles of criteria by id."""
        return {c.id: c.title for rubric in self.design.rubrics.values() for c in rubric.criteria}

    @property
    def primary(self) -> ContrastResult:
        """The contrast that the study is about, by the first judge."""
        return self.result.primary()


def corrected_of(contrast: ContrastResult) -> Calibration | None:
    """What corrects a contrast; None where nothing does."""
    calibration = contrast.calibration
    return calibration if calibration is not None and calibration.refused is None else None


def missing_line(contrast: ContrastResult) -> str:
    """How many levels are missing under each condition."""
    before, after = contrast.missing.before, contrast.missing.after
    return (
        f"Levels are missing: {before.missing} of {before.asked} under {contrast.before}, "
        f"{after.missing} of {after.asked} under {contrast.after} (Fisher's exact test: p "
        f"{p_text(contrast.missing.p_missing)})."
    )


def alt_text(result: StudyResult, name: str) -> str:
    """The sentence that stands for a figure."""
    primary = result.primary()
    if name == "shift":
        cells = "; ".join(
            f"{cell.task}, {cell.model}: {signed_points(cell.value)}"
            for cell in primary.cells[:12]
            if cell.value is not None
        )
        more = "; and so on" if len(primary.cells) > 12 else ""
        return (
            f"Net shift in points. These tasks: {points(primary.these)}. Tasks like these: "
            f"{points(primary.like)}. By cell: {cells}{more}."
        )
    if name == "criteria":
        borne = [each.criterion for each in primary.criteria if each.borne]
        return (
            f"Shares of levels for {counted(len(primary.criteria), 'criterion', 'criteria')} under "
            f"{primary.before} and {primary.after}. Borne by themselves: {joined(borne) or 'none'}."
        )
    if name == "floor":
        floor = primary.floor
        return (
            f"Levels that differ: two {primary.before} runs {percent(floor.before.value)}, two "
            f"{primary.after} runs {percent(floor.after.value)}, one of each "
            f"{percent(floor.difference.value)}."
        )
    calibration = primary.calibration
    corrected = points(calibration.these_tasks) if calibration else "none"
    return f"Net shift in points. Judge alone: {points(primary.these)}. Corrected: {corrected}."


def picture(material: Material, name: str, caption: str) -> list[Block]:
    """A figure, where there is one."""
    if name not in material.figures:
        return []
    return [Picture(name, alt_text(material.result, name), caption)]


def level_words(name: str) -> str:
    """A level as a person reads it."""
    return name.replace("_", " ")
