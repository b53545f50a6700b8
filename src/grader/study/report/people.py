"""The sections on people's levels and on missing ones."""

from __future__ import annotations

from grader.study.calibration import Calibration
from grader.study.estimate import Estimate
from grader.study.judge_against_people import PeopleResult
from grader.study.report.blocks import (
    Block,
    Para,
    Table,
)
from grader.study.report.material import (
    Material,
    level_words,
    missing_line,
    picture,
)
from grader.study.report.wording import decimal, p_text, points
from grader.study.results import ContrastResult, StudyResult
from grader.study.sentence import signed_points
from grader.writeup.words import joined


def people_section(material: Material) -> list[Block]:
    """What people gave, and what it says of the judge."""
    result, primary = material.result, material.primary
    people, calibration = result.people, primary.calibration
    if people is None:
        return [
            *_elsewhere(result, primary.judge),
            Para(
                "No person gave levels. Whether the judge's levels are what people would say, "
                "and whether the judge is kinder to one condition, is not known."
            ),
        ]
    between = (
        f"Where two gave levels to the same criterion of a run, {people.between_same} of "
        f"{people.between} are equal. "
        if people.between
        else "No run was given levels by two people, so how firm people are is not known. "
    )
    blocks: list[Block] = [
        Para(
            f"{joined(people.people)} gave {people.levels} levels on {people.runs} drawn runs, "
            f"one run at a time, without the judge's levels or the condition in sight. {between}"
        )
    ]
    blocks += _less_firm(result)
    if calibration is not None:
        blocks += picture(
            material, "people", "The net shift by the judge, by people and corrected."
        )
        blocks.append(_corrections(primary, calibration))
        blocks.append(
            Para(
                "Corrected: the judge's mean over all pairs, plus people less judge on the "
                "labelled ones (prediction-powered inference). With people's levels the corrected "
                "figure is the result."
                if calibration.refused is None
                else f"Nothing is corrected: {calibration.refused}. The tables describe.",
                "note",
            )
        )
    blocks += _tables(people, primary.judge)
    p = people.p_kinder.get(primary.judge)
    if p is not None:
        blocks.append(
            Para(
                "Does the judge give the levels as often as people do? Bhapkar's test "
                f"of marginal homogeneity: p {p_text(p)}.",
                "note",
            )
        )
    blocks += _elsewhere(result, primary.judge)
    return blocks


def _less_firm(result: StudyResult) -> list[Block]:
    """Where people agree less with one another than the judge with them."""
    people = result.people
    if people is None or not people.between:
        return []
    own = [each for each in people.confusions if each.judge == result.judges[0]]
    n, same = sum(each.n for each in own), sum(each.same for each in own)
    if n and people.between_same / people.between < same / n:
        return [
            Para(
                "People agree less with one another than the judge does with them: they are "
                "no firmer a measure than the judge.",
                "alarm",
            )
        ]
    return []


def _corrections(primary: ContrastResult, calibration: Calibration) -> Table:
    rows: list[tuple[str, ...]] = [
        ("the judge alone, these tasks", points(primary.these)),
        ("people alone, on the labelled pairs", points(calibration.people)),
        ("corrected, these tasks", points(calibration.these_tasks)),
        ("corrected, tasks like these", points(calibration.tasks_like_these)),
        (f"judge less people: kinder to {primary.after} above 0", points(calibration.lean)),
    ]
    if primary.corrected_bounds is not None:
        low, high = (signed_points(end) for end in primary.corrected_bounds)
        rows.append(("corrected, missing levels at their worst", f"between {low} and {high}"))
    return Table(
        f"Net shift, points; {calibration.labelled} labelled and {calibration.unlabelled} other "
        "pairs",
        ("", "net shift"),
        tuple(rows),
        numbers=False,
    )


def missing_section(material: Material) -> list[Block]:
    """What the judge did not give, and how far it could reach."""
    primary = material.primary
    missing = primary.missing
    inapplicable = missing.before.not_applicable + missing.after.not_applicable
    if not missing.count and not inapplicable:
        return [Para("Nothing: the judge gave every level.")]
    blocks: list[Block] = []
    if missing.count:
        blocks.append(Para(missing_line(primary)))
    if missing.bounds is not None:
        blocks.append(_bounds("missing levels", missing.bounds.low, missing.bounds.high))
    if inapplicable:
        blocks.append(
            Para(
                f"“Does not apply”: {missing.before.not_applicable} under {primary.before}, "
                f"{missing.after.not_applicable} under {primary.after} (Fisher's exact test: p "
                f"{p_text(missing.p_not_applicable)}). It is no level and in no shift; where it is "
                "more frequent under one condition, that is a finding of its own."
            )
        )
    if missing.bounds_not_applicable is not None:
        both = missing.bounds_not_applicable
        blocks.append(_bounds("missing levels and those that don't apply", both.low, both.high))
    return blocks


def _bounds(what: str, low: Estimate, high: Estimate) -> Table:
    return Table(
        f"Net shift in these tasks, points, with {what} at either extreme (Manski's bounds)",
        ("", "net shift"),
        (("all against the shift", points(low)), ("all for it", points(high))),
        numbers=False,
    )


def _tables(people: PeopleResult, judge: str) -> list[Block]:
    """The judge's levels by people's, condition by condition, with agreement beyond chance."""
    blocks: list[Block] = []
    for each in people.confusions:
        if each.judge != judge:
            continue
        rows = tuple(
            (f"judge: {level_words(each.scale[at])}", *(str(count) for count in row))
            for at, row in enumerate(each.counts)
        )
        blocks.append(
            Table(
                f"{each.condition}: {each.same} of {each.n} levels are the same; the judge is the "
                f"higher in {each.higher}",
                ("", *(f"people: {level_words(level)}" for level in each.scale)),
                rows,
            )
        )
        blocks.append(
            Para(
                f"Agreement beyond chance under {each.condition}: weighted kappa "
                f"{decimal(each.weighted)}; Krippendorff's alpha (ordinal) {decimal(each.alpha)}.",
                "note",
            )
        )
    return blocks


def _elsewhere(result: StudyResult, judge: str) -> list[Block]:
    """Levels by people from elsewhere: described."""
    if result.elsewhere is None:
        return []
    return [
        Para(
            f"Levels given elsewhere by {joined(result.elsewhere.people)} "
            f"({result.elsewhere.levels} levels on {result.elsewhere.runs} runs) are described "
            "and correct nothing: whether they were given blind, and how the runs were chosen, is "
            "not known."
        ),
        *_tables(result.elsewhere, judge),
    ]
