"""The sections of a report, as blocks. Every figure stands with its n and its method."""

from __future__ import annotations

from grader.study.report.blocks import (
    Block,
    Command,
    Items,
    Para,
    Section,
    Table,
)
from grader.study.report.evidence import levels_section
from grader.study.report.findings import (
    cells_section,
    criteria_section,
    floor_section,
    hypotheses_section,
    others_section,
)
from grader.study.report.material import (
    Material,
    corrected_of,
    missing_line,
)
from grader.study.report.people import missing_section, people_section
from grader.study.report.wording import bare_share, level_text, points, share
from grader.study.results import ContrastResult, StudyResult
from grader.writeup.words import counted, joined, moment


def sections_of(material: Material) -> tuple[Section, ...]:
    """All sections; those that have nothing to say are left out."""
    found = [Section("answer", "The answer", tuple(_answer(material)))]
    rest = (
        ("setup", "How it was set up", _setup(material)),
        ("cells", "By task and model", cells_section(material)),
        ("criteria", "By criterion", criteria_section(material)),
        ("floor", "How much two runs differ anyhow", floor_section(material)),
        ("people", "Judge and people", people_section(material)),
        ("missing", "What is missing", missing_section(material)),
        ("others", "Other contrasts, judges and counts", others_section(material)),
        ("hypotheses", "Hypotheses", hypotheses_section(material)),
    )
    if material.primary.sentence.kind != "nothing":
        found += [Section(id, title, tuple(blocks)) for id, title, blocks in rest if blocks]
    else:
        found.append(Section("setup", "How it was set up", tuple(_setup(material))))
    evidence = levels_section(material.design, material.levels)
    if evidence:
        found.append(evidence)
    found.append(Section("methods", "Methods", tuple(_methods(material))))
    return tuple(found)


def _answer(material: Material) -> list[Block]:
    result, primary = material.result, material.primary
    blocks: list[Block] = [Para(primary.sentence.text, "lead")]
    if result.simulated:
        blocks.append(
            Para(
                "This study is simulated: no model was asked, no person gave a level. "
                "It shows what a report contains.",
                "alarm",
            )
        )
    if result.partial:
        blocks.append(
            Para(
                f"Not everything was asked yet: {result.open:,} of {result.asked:,} "
                "verdicts are open. What stands here can change.",
                "alarm",
            )
        )
    if primary.sentence.exploratory:
        blocks.append(Para(f"Why “found afterwards”: {joined(result.afterwards)}.", "alarm"))
    if primary.missing.alarming and primary.sentence.kind != "nothing":
        blocks.append(Para(missing_line(primary), "alarm"))
    if primary.sentence.kind == "nothing":
        blocks += [
            Items(
                tuple(
                    f"{out.id} ({out.condition}, {out.task}): {out.reason}"
                    for out in result.left_out
                )
            ),
            Para(
                "Make new runs of the same tasks, which no criterion was drawn from, or "
                "split the runs before criteria are written (`grader study split`)."
            ),
        ]
        return blocks
    blocks.append(_four_figures(primary))
    blocks.append(Para(_who(material), "note"))
    return blocks


def _four_figures(primary: ContrastResult) -> Table:
    before, after = primary.before, primary.after
    corrected = corrected_of(primary)
    these, like = (
        (corrected.these_tasks, corrected.tasks_like_these)
        if corrected
        else (primary.these, primary.like)
    )
    floor = primary.floor
    rows = (
        (f"floor: two {before} runs differ in", share(floor.before)),
        (f"floor: two {after} runs differ in", share(floor.after)),
        (f"difference: a {before} and a {after} run differ in", share(floor.difference)),
        (
            "excess: difference less the mean floor",
            bare_share(floor.excess),
        ),
        (f"net shift, points ({after} higher less {after} lower), in these tasks", points(these)),
        ("net shift, points, in tasks like these", points(like)),
    )
    return Table(
        f"Four figures, with {level_text(these.level)} intervals", ("", ""), rows, numbers=False
    )


def _who(material: Material) -> str:
    result, primary = material.result, material.primary
    corrected = corrected_of(primary)
    people = (
        f"corrected by people's levels on {counted(corrected.labelled, 'pair')}"
        if corrected
        else "not corrected by people"
    )
    return (
        f"Levels by {primary.judge}, {people}. {result.answered:,} of {result.asked:,} verdicts "
        "answered. Floor, difference and excess are the judge's."
    )


def _setup(material: Material) -> list[Block]:
    result, design = material.result, material.design
    conditions = tuple(design.plan.conditions)
    rows = tuple(
        (
            cell.task,
            cell.model,
            *(
                f"{cell.counting[name]}"
                + (f" (+{cell.left_out[name]} left out)" if cell.left_out[name] else "")
                for name in conditions
            ),
        )
        for cell in result.cells
    )
    blocks: list[Block] = [
        Items(tuple(f"{name}: {planned.text}" for name, planned in design.plan.conditions.items())),
        Table("Runs that count", ("task", "model", *conditions), rows),
        Para(_lock_line(result)),
        Para(_looks_line(result)),
    ]
    if result.left_out:
        blocks += [
            Para("Left out of every figure:"),
            Items(
                tuple(
                    f"{out.id} ({out.condition}, {out.task}): {out.reason}"
                    for out in result.left_out
                )
            ),
        ]
    if result.notes:
        blocks.append(Items(result.notes))
    expected = material.primary.expects
    if expected:
        blocks.append(
            Para(
                f"Expected beforehand for {material.primary.after}: {expected}. Tests "
                "are two-sided all the same."
            )
        )
    return blocks


def _lock_line(result: StudyResult) -> str:
    lock = result.lock
    if not lock.get("locked_at"):
        return (
            "The study was not locked: nothing shows that contrasts and criteria were fixed before "
            "results were known."
        )
    proof = (
        f"in commit {str(lock['commit'])[:12]}"
        if lock.get("commit")
        else "by the lock's own account; no commit stands behind it"
    )
    signed = f", signed by {lock['signer']}" if lock.get("signature") == "valid" else ""
    wrong = "; its signature is NOT valid" if lock.get("signature") == "invalid" else ""
    return (
        f"Locked on {moment(str(lock['locked_at']))} by {lock['author']} ({proof}{signed}{wrong})."
    )


def _looks_line(result: StudyResult) -> str:
    planned = joined(str(look) for look in result.looks_planned)
    return (
        f"Results were to be read at {planned} runs a cell. There {_was(result.looks)} so far, "
        f"{result.looks_unplanned} of them not planned."
    )


def _was(count: int) -> str:
    return f"was {count} look" if count == 1 else f"were {count} looks"


def _methods(material: Material) -> list[Block]:
    result, primary = material.result, material.primary
    versions = ", ".join(f"{name} {number}" for name, number in result.versions.items())
    return [
        Para(
            "The unit is the run: each was judged alone, one criterion at a time. Runs of a cell "
            "(one model on one task) are paired once, in an order drawn by the lock's seed. A "
            "pair's difference is the mean over criteria of the sign of the second level less the "
            "first. Cells count alike. “These tasks”: cell means with the spread pooled within "
            "cells. “Tasks like these”: Student's t over task means. Floor, difference and excess: "
            "all pairs of runs, t over task means."
        ),
        Para(
            f"Of the {100 * primary.alpha:g}% that this look may be wrong, four fifths go to a "
            "claim of a direction and one fifth to a change without one. docs/study.md gives each "
            "formula, its source and its limits."
        ),
        Items(
            (
                f"computed with {versions}",
                f"design sha256 {result.inputs['design']}",
                f"levels sha256 {result.inputs['seen']}",
            )
        ),
        Para("The same results again, from the folder alone:"),
        Command(f"grader check outputs/studies/{result.id}"),
    ]
