"""The sections that say what was found: cells, criteria, floor, other contrasts, hypotheses."""

from __future__ import annotations

import shlex
from collections.abc import Mapping

from grader.study.report.blocks import (
    Block,
    Command,
    Para,
    Table,
)
from grader.study.report.material import (
    Material,
    picture,
)
from grader.study.report.wording import bare_share, level_text, p_text, percent, points, share
from grader.study.sentence import signed_points


def cells_section(material: Material) -> list[Block]:
    """The net shift of each cell, and the two pooled figures."""
    primary = material.primary
    rows = tuple(
        (
            cell.task,
            cell.model,
            signed_points(cell.value) if cell.value is not None else "–",
            str(cell.pairs),
        )
        for cell in primary.cells
    )
    return [
        *picture(
            material,
            "shift",
            "Net shift by task. Marks are models, diamonds the two pooled "
            f"figures with their {level_text(primary.these.level)} intervals.",
        ),
        Table(
            f"Net shift of {primary.after} against {primary.before}, points",
            ("task", "model", "net shift", "pairs"),
            rows,
        ),
        Para(
            f"These tasks: {primary.these.method}; p {p_text(primary.these.p)}. Tasks like these: "
            f"{primary.like.method}; p {p_text(primary.like.p)}.",
            "note",
        ),
    ]


def criteria_section(material: Material) -> list[Block]:
    """Each criterion by itself, and the pairs worth reading."""
    primary, names = material.primary, material.names
    rows = []
    for each in primary.criteria:
        rows.append(
            (
                f"{names.get(each.criterion, each.criterion)} ({each.task})",
                _tally(each.before),
                _tally(each.after),
                points(each.shift),
                p_text(each.p_holm),
                "yes" if each.borne else "no",
            )
        )
    shares = tuple(
        (
            f"levels at {met.what}" if met.what.startswith("the") else f"levels {met.what}",
            percent(met.before),
            percent(met.after),
            points(met.difference),
        )
        for met in primary.met
    )
    blocks: list[Block] = [
        *picture(
            material,
            "criteria",
            "Shares of the levels of each criterion; ◆ marks criteria "
            "that may be spoken of by themselves.",
        ),
        Table(
            "Shares of levels, means over cells",
            ("", primary.before, primary.after, "difference, points"),
            shares,
        ),
        Table(
            "Each criterion: runs at each level, lowest first; net shift in points",
            ("criterion", primary.before, primary.after, "net shift", "p (Holm)", "borne"),
            tuple(rows),
            numbers=False,
        ),
        Para(
            "Only a criterion that is borne may be spoken of by itself: its p, corrected by Holm "
            f"over all {len(primary.criteria)} criteria, is below {primary.alpha:g} and its own "
            f"{level_text(1 - primary.alpha)} interval lies on one side of 0.",
            "note",
        ),
    ]
    if primary.telling:
        blocks.append(Para("To see what stands behind the figures, read these pairs:"))
        blocks += [Command(_compare(material, number)) for number in range(len(primary.telling))]
    return blocks


def _tally(counts: Mapping[str, int]) -> str:
    ranks = " / ".join(str(count) for name, count in counts.items() if name.isdigit())
    rest = [
        f"{counts[name]} {words}"
        for name, words in (("missing", "missing"), ("not_applicable", "not applicable"))
        if counts.get(name)
    ]
    return f"{ranks} ({', '.join(rest)})" if rest else ranks


def _compare(material: Material, number: int) -> str:
    pair = material.primary.telling[number]
    rubrics = material.design.plan.rubrics
    return shlex.join(
        [
            "grader",
            "compare",
            pair.before_file,
            pair.after_file,
            "--rubric",
            rubrics,
            "--study",
            material.design.study_file,
        ]
    )


def floor_section(material: Material) -> list[Block]:
    """How much two runs differ within a condition, and across."""
    primary = material.primary
    before, after, floor = primary.before, primary.after, primary.floor
    rows = tuple(
        (
            cell.task,
            cell.model,
            percent(cell.before),
            percent(cell.after),
            percent(cell.difference),
            percent(cell.excess),
        )
        for cell in floor.cells
    )
    return [
        Para(
            f"Two runs of one condition differ in {share(floor.floor)} of levels, conditions "
            f"averaged. A {before} and a {after} run differ in {share(floor.difference)}. The "
            f"excess, {bare_share(floor.excess)}, is half the squared distance of the two "
            "distributions of levels; it is 0 only where they are alike, and its estimate can "
            "fall below 0 by chance."
        ),
        *picture(
            material,
            "floor",
            "Levels that differ between two runs of a cell: thin lines "
            "are cells, the thick one their mean.",
        ),
        Table(
            "Levels that differ",
            ("task", "model", f"two {before}", f"two {after}", f"{before} and {after}", "excess"),
            rows,
        ),
        Para(
            f"{floor.floor.method}. Excess: {floor.excess.method}; it is skewed: no interval.",
            "note",
        ),
    ]


def others_section(material: Material) -> list[Block]:
    """Secondary contrasts, further judges, lengths and the judge's own noise."""
    result, primary = material.result, material.primary
    blocks: list[Block] = []
    rest = [each for each in result.contrasts if each is not primary]
    if rest:
        blocks.append(
            Table(
                "Other contrasts and judges, each for itself; p of secondary contrasts by Holm",
                ("contrast", "judge", "what may be said", "p (Holm)"),
                tuple(
                    (
                        f"{each.before} to {each.after}",
                        each.judge,
                        each.sentence.text,
                        p_text(each.p_holm),
                    )
                    for each in rest
                ),
                numbers=False,
            )
        )
    words = _words(material)
    if words:
        blocks.append(
            Table(
                "Length, words a run: median (least to most). Described, not adjusted "
                "for: length comes after the treatment",
                ("condition", "words", "runs"),
                words,
            )
        )
    for noise in result.noise:
        blocks.append(
            Para(
                f"{noise.judge}, asked again, gave another level in {noise.differed} of "
                f"{noise.repeated} verdicts."
            )
        )
    return blocks


def _words(material: Material) -> tuple[tuple[str, ...], ...]:
    rows = []
    for name in material.design.plan.conditions:
        counts = sorted(run.words for run in material.design.counting if run.condition == name)
        if counts and counts[-1]:
            middle = counts[(len(counts) - 1) // 2]
            rows.append((name, f"{middle:,} ({counts[0]:,} to {counts[-1]:,})", str(len(counts))))
    return tuple(rows)


def hypotheses_section(material: Material) -> list[Block]:
    """Which contrast speaks to which hypothesis."""
    plan = material.design.plan
    if not plan.hypotheses:
        return []
    rows = []
    for hypothesis in plan.hypotheses:
        about = [
            each
            for each in material.result.contrasts
            if each.hypothesis == hypothesis.id and each.judge == material.primary.judge
        ]
        said = " ".join(each.sentence.text for each in about)
        rows.append(
            (hypothesis.id, hypothesis.text, said or "No contrast of this study speaks to it.")
        )
    return [
        Table(
            "Which contrast speaks to which hypothesis",
            ("", "hypothesis", "contrast"),
            tuple(rows),
            numbers=False,
        )
    ]
