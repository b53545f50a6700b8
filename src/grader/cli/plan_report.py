"""What `grader compare` prints before it asks: confounds, and with `--dry-run` the plan."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING

from grader.cli.output import err, out, print_json

if TYPE_CHECKING:
    from grader.comparing.folders import PlannedFolders
    from grader.comparing.plan import Planned
    from grader.comparison.estimate import Estimate
    from grader.judge.options import JudgeOptions


def show_pairs(pairs: PlannedFolders) -> None:
    """Print before anything is paid for: the pairs, the rubrics' locks, and what else differs."""
    console = err()
    if len(pairs.planned) > 1:
        for each in pairs.planned:
            pair = each.plan.pair
            console.print(
                f"{pair.control.id} with {pair.treatment.id}, by {each.plan.rubric.id}",
                markup=False,
                soft_wrap=True,
            )
    for path in pairs.unmatched:
        console.print(
            f"{path} has no counterpart in the other folder; left out.",
            markup=False,
            soft_wrap=True,
        )
    for line in _locks(pairs.planned):
        console.print(line, markup=False, soft_wrap=True)
    _show_confounds(pairs.planned)


def _locks(planned: Sequence[Planned]) -> list[str]:
    """The state of each rubric's lock, and where this run departs from the plan in it."""
    from grader.rubric.registration import lock_summary

    found = []
    for each in planned:
        registration = each.plan.registration
        about = (lock_summary(registration), *registration.plan_deviations)
        found += [f"Rubric {each.plan.rubric.id}: {line}" for line in about]
    return list(dict.fromkeys(found))


def _show_confounds(planned: Sequence[Planned]) -> None:
    """Print what else differs between the sides, and sides that look swapped."""
    from grader.transcripts import check_pair

    console = err()
    for each in planned:
        for found in check_pair(each.plan.pair.control, each.plan.pair.treatment):
            if found.kind == "confound" or found.code == "sides_swapped":
                where = f"{each.plan.slug}: " if len(planned) > 1 else ""
                console.print(f"! {where}{found.message}", markup=False, soft_wrap=True)


def show_plan(planned: Sequence[Planned], asking: JudgeOptions, as_json: bool) -> None:
    """Print what would be asked and what it would cost."""
    from grader.comparing.cost import planned_cost

    kinds = planned_cost(planned, asking)
    known = all(kind.usd is not None for kind in kinds)
    usd = sum(kind.usd or 0.0 for kind in kinds) if known else None
    if as_json:
        print_json(
            {
                "folder": str(planned[0].folder),
                "folders": [str(each.folder) for each in planned],
                "judges": planned[0].judges,
                "questions": {kind.kind: kind.questions for kind in kinds},
                "total": sum(kind.questions for kind in kinds),
                "estimate": [asdict(kind) for kind in kinds],
                "pairs": [
                    {
                        "control": each.plan.pair.control.id,
                        "treatment": each.plan.pair.treatment.id,
                        "rubric": each.plan.rubric.id,
                        "lock": each.plan.registration.state,
                        "samples": each.plan.samples,
                    }
                    for each in planned
                ],
                "usd": usd,
            }
        )
        return
    console = out()
    folder = (
        str(planned[0].folder)
        if len(planned) == 1
        else f"{len(planned)} comparisons in {planned[0].folder.parent}"
    )
    console.print(f"Folder    {folder}", markup=False, soft_wrap=True)
    console.print(f"Judge     {', '.join(planned[0].judges)}", markup=False, soft_wrap=True)
    console.print(f"Samples   {planned[0].plan.samples} of each verdict")
    if kinds:
        _show_estimate(kinds, usd)
    else:
        console.print("Questions none: without a judge, passages are retrieved for the reviewer.")


def _show_estimate(kinds: Sequence[Estimate], usd: float | None) -> None:
    from grader.comparison.estimate import METHOD

    console = out()
    total = sum(kind.questions for kind in kinds)
    console.print(f"Questions {total}, and one more for each answer that must be asked again")
    console.print("          questions  prompt tokens  a question  reply tokens        cost")
    for kind in kinds:
        console.print(
            f"  {kind.kind:<13}{kind.questions:4}  {kind.prompt_tokens:13,}  "
            f"{kind.prompt_tokens // max(kind.questions, 1):10,}  "
            f"{kind.reply_tokens:12,}  {_usd(kind.usd):>10}"
        )
    console.print(f"Estimated as {METHOD}. Nothing taken off for the provider's cache.")
    if usd is None:
        console.print("Cost      not known: there is no price for this judge (see --prices)")
    else:
        console.print(f"Cost      about {_usd(usd)}")
    console.print("Nothing was asked.")


def _usd(usd: float | None) -> str:
    return "unknown" if usd is None else f"${usd:.4f}"
